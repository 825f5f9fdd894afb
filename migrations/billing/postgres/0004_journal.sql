-- The journal of outgoing calls: what we asked Stripe to do, written down
-- before it was asked, so that a crash or a lost answer never makes us ask
-- twice for what should happen once.

CREATE TABLE stripegym_outgoing_calls (
    -- What is to happen, in the application's words: customer:41.
    call_key         TEXT COLLATE "C" PRIMARY KEY,
    -- Counts the idempotency keys that were used for it.
    generation       BIGINT NOT NULL,
    idempotency_key  TEXT COLLATE "C" NOT NULL UNIQUE,
    -- The frozen call: every try sends exactly this.
    method           TEXT NOT NULL,
    path             TEXT NOT NULL,
    body             TEXT NOT NULL,
    api_version      TEXT NOT NULL,
    account          TEXT,
    state            TEXT COLLATE "C" NOT NULL
                     CHECK (state IN ('planned', 'sent', 'ok', 'failed', 'unknown')),
    planned_at       BIGINT NOT NULL,
    -- From here the idempotency key's life at Stripe is counted.
    first_sent_at    BIGINT,
    settled_at       BIGINT,
    attempts         INTEGER NOT NULL DEFAULT 0,
    -- What it made.
    object_id        TEXT COLLATE "C",
    last_error       TEXT,
    CHECK ((state = 'ok') = (object_id IS NOT NULL)),
    CHECK ((state = 'planned') = (first_sent_at IS NULL))
);

-- What an operator asks for: calls whose outcome nobody knows.
CREATE INDEX stripegym_outgoing_calls_open
    ON stripegym_outgoing_calls (planned_at) WHERE state IN ('planned', 'sent', 'unknown');
