-- Projections: what we know of Stripe's objects, and whose they are.

-- An owner (a user of the application) and a Stripe customer belong to each
-- other, one to one.
CREATE TABLE stripegym_customers (
    owner      TEXT NOT NULL PRIMARY KEY,
    customer   TEXT NOT NULL UNIQUE,
    linked_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stripegym_checkout_sessions (
    id              TEXT NOT NULL PRIMARY KEY,
    owner           TEXT,
    customer        TEXT,
    -- Stripe's words. No CHECK: Stripe may add to them, and an event that
    -- uses a new one must not be lost.
    mode            TEXT NOT NULL,
    status          TEXT NOT NULL,
    payment_status  TEXT NOT NULL,
    -- Minor units; both are NULL for sessions without a price.
    amount_total    INTEGER,
    currency        TEXT,
    payment_intent  TEXT,
    product_name    TEXT,
    -- Seconds since the Unix epoch.
    created         INTEGER NOT NULL,
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at      INTEGER NOT NULL,
    CHECK ((amount_total IS NULL) = (currency IS NULL))
) STRICT, WITHOUT ROWID;

-- An owner's purchases, newest first, page by page.
CREATE INDEX stripegym_checkout_sessions_history
    ON stripegym_checkout_sessions (owner, created DESC, id DESC)
    WHERE status = 'complete' AND mode = 'payment';
