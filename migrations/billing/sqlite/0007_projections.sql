-- Order and projections: what Stripe's objects look like now, as far as we know.

-- Receipts and claims draw from one sequence of numbers, so that for any fetch
-- we can tell which events had come in before it began.
ALTER TABLE stripegym_inbox_events ADD COLUMN receipt INTEGER NOT NULL DEFAULT 0;

-- How far our knowledge of each object reaches.
CREATE TABLE stripegym_object_heads (
    object_id    TEXT PRIMARY KEY,
    -- When the newest event was made whose state we have. Stripe counts seconds.
    created      INTEGER NOT NULL,
    -- The number under which the last write began; work that began earlier
    -- writes no more, however late its answer comes.
    fence        INTEGER NOT NULL,
    -- The last fetch: the number taken before it, and when Stripe answered.
    fetch_fence  INTEGER,
    fetched_at   INTEGER,
    -- Deleted objects leave a tombstone, or a late event would revive them.
    gone         INTEGER NOT NULL CHECK (gone IN (0, 1)),
    CHECK ((fetch_fence IS NULL) = (fetched_at IS NULL))
) STRICT;

-- How far something was read, such as the list of events.
CREATE TABLE stripegym_watermarks (
    name   TEXT PRIMARY KEY,
    value  INTEGER NOT NULL
) STRICT;

-- Times are Stripe's, in seconds since the Unix epoch, amounts are minor units.
-- Words are Stripe's, too, and have no CHECK: Stripe may add to them, and an
-- event that uses a new one must not be lost.

ALTER TABLE stripegym_checkout_sessions
    ADD COLUMN payment_failed INTEGER NOT NULL DEFAULT 0 CHECK (payment_failed IN (0, 1));
ALTER TABLE stripegym_checkout_sessions ADD COLUMN subscription TEXT;

CREATE TABLE stripegym_customer_objects (
    id                      TEXT PRIMARY KEY,
    default_payment_method  TEXT,
    -- Negative is credit.
    balance                 INTEGER NOT NULL,
    currency                TEXT,
    delinquent              INTEGER NOT NULL CHECK (delinquent IN (0, 1)),
    created                 INTEGER NOT NULL,
    livemode                INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at              INTEGER NOT NULL
) STRICT;

CREATE TABLE stripegym_subscriptions (
    id                      TEXT PRIMARY KEY,
    customer                TEXT NOT NULL,
    status                  TEXT NOT NULL,
    current_period_start    INTEGER,
    current_period_end      INTEGER,
    cancel_at               INTEGER,
    cancel_at_period_end    INTEGER NOT NULL CHECK (cancel_at_period_end IN (0, 1)),
    canceled_at             INTEGER,
    ended_at                INTEGER,
    trial_start             INTEGER,
    trial_end               INTEGER,
    pause_collection        TEXT,
    pause_resumes_at        INTEGER,
    schedule                TEXT,
    collection_method       TEXT NOT NULL,
    default_payment_method  TEXT,
    latest_invoice          TEXT,
    created                 INTEGER NOT NULL,
    livemode                INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at              INTEGER NOT NULL
) STRICT;
CREATE INDEX stripegym_subscriptions_customer
    ON stripegym_subscriptions (customer, created DESC, id DESC);

CREATE TABLE stripegym_subscription_items (
    id                    TEXT PRIMARY KEY,
    subscription          TEXT NOT NULL REFERENCES stripegym_subscriptions (id) ON DELETE CASCADE,
    price                 TEXT NOT NULL,
    product               TEXT,
    -- NULL where a meter counts.
    quantity              INTEGER,
    current_period_start  INTEGER,
    current_period_end    INTEGER
) STRICT;
CREATE INDEX stripegym_subscription_items_of
    ON stripegym_subscription_items (subscription);

CREATE TABLE stripegym_subscription_schedules (
    id                   TEXT PRIMARY KEY,
    customer             TEXT NOT NULL,
    subscription         TEXT,
    status               TEXT NOT NULL,
    end_behavior         TEXT NOT NULL,
    current_phase_start  INTEGER,
    current_phase_end    INTEGER,
    -- JSON: [{"start":1,"end":2,"items":[{"price":"price_1","quantity":1}]}]
    phases               TEXT NOT NULL,
    created              INTEGER NOT NULL,
    livemode             INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at           INTEGER NOT NULL
) STRICT;
CREATE INDEX stripegym_subscription_schedules_of
    ON stripegym_subscription_schedules (subscription);

CREATE TABLE stripegym_invoices (
    id                    TEXT PRIMARY KEY,
    customer              TEXT,
    subscription          TEXT,
    status                TEXT NOT NULL,
    number                TEXT,
    currency              TEXT NOT NULL,
    total                 INTEGER NOT NULL,
    amount_due            INTEGER NOT NULL,
    amount_paid           INTEGER NOT NULL,
    billing_reason        TEXT,
    attempt_count         INTEGER NOT NULL,
    next_payment_attempt  INTEGER,
    due_date              INTEGER,
    paid_at               INTEGER,
    hosted_invoice_url    TEXT,
    invoice_pdf           TEXT,
    created               INTEGER NOT NULL,
    livemode              INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at            INTEGER NOT NULL
) STRICT;
-- A customer's invoices, newest first, page by page. Nobody sees drafts.
CREATE INDEX stripegym_invoices_history
    ON stripegym_invoices (customer, created DESC, id DESC) WHERE status <> 'draft';

CREATE TABLE stripegym_refunds (
    id              TEXT PRIMARY KEY,
    payment_intent  TEXT,
    charge          TEXT,
    amount          INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    status          TEXT,
    reason          TEXT,
    failure_reason  TEXT,
    created         INTEGER NOT NULL,
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX stripegym_refunds_of ON stripegym_refunds (payment_intent);

CREATE TABLE stripegym_disputes (
    id               TEXT PRIMARY KEY,
    payment_intent   TEXT,
    charge           TEXT NOT NULL,
    amount           INTEGER NOT NULL,
    currency         TEXT NOT NULL,
    status           TEXT NOT NULL,
    reason           TEXT NOT NULL,
    evidence_due_by  INTEGER,
    created          INTEGER NOT NULL,
    livemode         INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX stripegym_disputes_of ON stripegym_disputes (payment_intent);
