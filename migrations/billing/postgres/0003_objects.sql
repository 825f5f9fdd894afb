-- Projections: what we know of Stripe's objects, and whose they are.

-- An owner (a user of the application) and a Stripe customer belong to each
-- other, one to one.
CREATE TABLE stripegym_customers (
    owner      TEXT COLLATE "C" PRIMARY KEY,
    customer   TEXT COLLATE "C" NOT NULL UNIQUE,
    linked_at  BIGINT NOT NULL
);

CREATE TABLE stripegym_checkout_sessions (
    id              TEXT COLLATE "C" PRIMARY KEY,
    owner           TEXT COLLATE "C",
    customer        TEXT COLLATE "C",
    -- Stripe's words. No CHECK: Stripe may add to them, and an event that
    -- uses a new one must not be lost.
    mode            TEXT COLLATE "C" NOT NULL,
    status          TEXT COLLATE "C" NOT NULL,
    payment_status  TEXT COLLATE "C" NOT NULL,
    -- Minor units; both are NULL for sessions without a price.
    amount_total    BIGINT,
    currency        TEXT COLLATE "C",
    payment_intent  TEXT COLLATE "C",
    product_name    TEXT,
    -- Seconds since the Unix epoch.
    created         BIGINT NOT NULL,
    livemode        BOOLEAN NOT NULL,
    updated_at      BIGINT NOT NULL,
    CHECK ((amount_total IS NULL) = (currency IS NULL))
);

-- An owner's purchases, newest first, page by page.
CREATE INDEX stripegym_checkout_sessions_history
    ON stripegym_checkout_sessions (owner, created DESC, id DESC)
    WHERE status = 'complete' AND mode = 'payment';
