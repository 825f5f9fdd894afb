-- The inbox: every event that Stripe delivered, stored before it is acted on.
--
-- Times named *_at and *_until are milliseconds since the Unix epoch and come
-- from the application's clock. `created` is Stripe's own and counts seconds.

-- Numbers that are handed out once and only ever grow. A claim carries one, so
-- that a worker which slept past its lease can be told from its successor.
CREATE SEQUENCE stripegym_fence;

CREATE TABLE stripegym_inbox_events (
    -- The connected account; empty for our own. Event ids are unique within
    -- account and mode only, so all three make the key.
    account      TEXT COLLATE "C" NOT NULL,
    livemode     BOOLEAN NOT NULL,
    event_id     TEXT COLLATE "C" NOT NULL,
    type         TEXT COLLATE "C" NOT NULL,
    -- The object that the event is about; NULL where it has none.
    object_id    TEXT COLLATE "C",
    api_version  TEXT,
    created      BIGINT NOT NULL,
    -- The bytes as received: the signature was over these and no others.
    payload      BYTEA NOT NULL,
    state        TEXT COLLATE "C" NOT NULL DEFAULT 'received'
                 CHECK (state IN ('received', 'processing', 'done', 'retry', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    received_at  BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    lease_until  BIGINT,
    lease_token  BIGINT,
    done_at      BIGINT,
    last_error   TEXT,
    PRIMARY KEY (account, livemode, event_id),
    -- Whoever works on an event holds a lease, and nobody else does.
    CHECK ((state = 'processing') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);

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
