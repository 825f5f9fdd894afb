-- The inbox: every event that Stripe delivered, stored before it is acted on.
--
-- Times named *_at and *_until are milliseconds since the Unix epoch and come
-- from the application's clock. `created` is Stripe's own and counts seconds.

-- Numbers that are handed out once and only ever grow. A claim carries one, so
-- that a worker which slept past its lease can be told from its successor.
-- SQLite has no sequences; it has one writer, so one row will do.
CREATE TABLE stripegym_fence (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    value     INTEGER NOT NULL
) STRICT;
INSERT INTO stripegym_fence (only_row, value) VALUES (1, 0);

CREATE TABLE stripegym_inbox_events (
    -- The connected account; empty for our own. Event ids are unique within
    -- account and mode only, so all three make the key.
    account      TEXT NOT NULL,
    livemode     INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    event_id     TEXT NOT NULL,
    type         TEXT NOT NULL,
    -- The object that the event is about; NULL where it has none.
    object_id    TEXT,
    api_version  TEXT,
    created      INTEGER NOT NULL,
    -- The bytes as received: the signature was over these and no others.
    payload      BLOB NOT NULL,
    state        TEXT NOT NULL DEFAULT 'received'
                 CHECK (state IN ('received', 'processing', 'done', 'retry', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    received_at  INTEGER NOT NULL,
    next_at      INTEGER NOT NULL,
    lease_until  INTEGER,
    lease_token  INTEGER,
    done_at      INTEGER,
    last_error   TEXT,
    PRIMARY KEY (account, livemode, event_id),
    -- Whoever works on an event holds a lease, and nobody else does.
    CHECK ((state = 'processing') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL))
) STRICT;

-- Two events of one object are never worked on at once. An index and not a
-- check before the write: between a check and a write there is always a gap.
CREATE UNIQUE INDEX stripegym_inbox_one_in_flight
    ON stripegym_inbox_events (account, livemode, object_id)
    WHERE state = 'processing';

-- What a worker looks for. Done events, nearly all of them, are in neither.
CREATE INDEX stripegym_inbox_waiting
    ON stripegym_inbox_events (next_at)
    WHERE state IN ('received', 'retry');
CREATE INDEX stripegym_inbox_leased
    ON stripegym_inbox_events (lease_until)
    WHERE state = 'processing';
