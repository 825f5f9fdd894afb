-- The outbox: what is to be done outside the database because of what was
-- committed in it: mails, messages, calls. A row is written in the transaction
-- of its cause, so it exists exactly if the cause does. It is delivered after
-- that, by whoever claims it.

CREATE TABLE stripegym_outbox (
    -- The object that it is about, and what is to be done: in_1, mail.receipt.
    -- Two events of one cause ask for the same, and the key makes it one.
    object_id    TEXT NOT NULL,
    name         TEXT NOT NULL,
    -- What the handler needs to know. Ours alone; nobody signed it.
    payload      BLOB NOT NULL,
    state        TEXT NOT NULL DEFAULT 'waiting'
                 CHECK (state IN ('waiting', 'processing', 'done', 'retry', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    enqueued_at  INTEGER NOT NULL,
    next_at      INTEGER NOT NULL,
    lease_until  INTEGER,
    lease_token  INTEGER,
    -- When it came to rest, done or dead.
    done_at      INTEGER,
    last_error   TEXT,
    PRIMARY KEY (object_id, name),
    -- Whoever delivers it holds a lease, and nobody else does.
    CHECK ((state = 'processing') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL)),
    CHECK ((state IN ('done', 'dead')) = (done_at IS NOT NULL))
) STRICT;

-- What a dispatcher looks for, name by name: it handles some names and leaves
-- the others alone, however many rows of theirs are waiting. What is done,
-- nearly everything, is in neither.
CREATE INDEX stripegym_outbox_waiting
    ON stripegym_outbox (name, next_at)
    WHERE state IN ('waiting', 'retry');
CREATE INDEX stripegym_outbox_leased
    ON stripegym_outbox (lease_until)
    WHERE state = 'processing';

-- What is old enough to be forgotten, oldest first: here, and in the inbox and
-- the journal of outgoing calls.
CREATE INDEX stripegym_outbox_over
    ON stripegym_outbox (done_at)
    WHERE state IN ('done', 'dead');
CREATE INDEX stripegym_inbox_over
    ON stripegym_inbox_events (done_at)
    WHERE state = 'done';
CREATE INDEX stripegym_outgoing_calls_over
    ON stripegym_outgoing_calls (settled_at)
    WHERE state IN ('ok', 'failed');
