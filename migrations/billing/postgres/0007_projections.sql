-- Order and projections: what Stripe's objects look like now, as far as we know.

-- Receipts and claims draw from one sequence of numbers, so that for any fetch
-- we can tell which events had come in before it began.
ALTER TABLE stripegym_inbox_events
    ADD COLUMN receipt BIGINT NOT NULL DEFAULT nextval('stripegym_fence');

-- How far our knowledge of each object reaches.
CREATE TABLE stripegym_object_heads (
    object_id    TEXT COLLATE "C" PRIMARY KEY,
    -- When the newest event was made whose state we have. Stripe counts seconds.
    created      BIGINT NOT NULL,
    -- The number under which the last write began; work that began earlier
    -- writes no more, however late its answer comes.
    fence        BIGINT NOT NULL,
    -- The last fetch: the number taken before it, and when Stripe answered.
    fetch_fence  BIGINT,
    fetched_at   BIGINT,
    -- Deleted objects leave a tombstone, or a late event would revive them.
    gone         BOOLEAN NOT NULL,
    CHECK ((fetch_fence IS NULL) = (fetched_at IS NULL))
);

-- How far something was read, such as the list of events.
CREATE TABLE stripegym_watermarks (
    name   TEXT COLLATE "C" PRIMARY KEY,
    value  BIGINT NOT NULL
);

-- Times are Stripe's, in seconds since the Unix epoch, amounts are minor units.
-- Words are Stripe's, too, and have no CHECK: Stripe may add to them, and an
-- event that uses a new one must not be lost.

ALTER TABLE stripegym_checkout_sessions
    ADD COLUMN payment_failed BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN subscription TEXT COLLATE "C";

CREATE TABLE stripegym_customer_objects (
    id                      TEXT COLLATE "C" PRIMARY KEY,
    default_payment_method  TEXT COLLATE "C",
    -- Negative is credit.
    balance                 BIGINT NOT NULL,
    currency                TEXT COLLATE "C",
    delinquent              BOOLEAN NOT NULL,
    created                 BIGINT NOT NULL,
    livemode                BOOLEAN NOT NULL,
    updated_at              BIGINT NOT NULL
);

CREATE TABLE stripegym_subscriptions (
    id                      TEXT COLLATE "C" PRIMARY KEY,
    customer                TEXT COLLATE "C" NOT NULL,
    status                  TEXT COLLATE "C" NOT NULL,
    current_period_start    BIGINT,
    current_period_end      BIGINT,
    cancel_at               BIGINT,
    cancel_at_period_end    BOOLEAN NOT NULL,
    canceled_at             BIGINT,
    ended_at                BIGINT,
    trial_start             BIGINT,
    trial_end               BIGINT,
    pause_collection        TEXT COLLATE "C",
    pause_resumes_at        BIGINT,
    schedule                TEXT COLLATE "C",
    collection_method       TEXT COLLATE "C" NOT NULL,
    default_payment_method  TEXT COLLATE "C",
    latest_invoice          TEXT COLLATE "C",
    created                 BIGINT NOT NULL,
    livemode                BOOLEAN NOT NULL,
    updated_at              BIGINT NOT NULL
);
CREATE INDEX stripegym_subscriptions_customer
    ON stripegym_subscriptions (customer, created DESC, id DESC);

CREATE TABLE stripegym_subscription_items (
    id                    TEXT COLLATE "C" PRIMARY KEY,
    subscription          TEXT COLLATE "C" NOT NULL REFERENCES stripegym_subscriptions (id) ON DELETE CASCADE,
    price                 TEXT COLLATE "C" NOT NULL,
    product               TEXT COLLATE "C",
    -- NULL where a meter counts.
    quantity              BIGINT,
    current_period_start  BIGINT,
    current_period_end    BIGINT
);
CREATE INDEX stripegym_subscription_items_of
    ON stripegym_subscription_items (subscription);

CREATE TABLE stripegym_subscription_schedules (
    id                   TEXT COLLATE "C" PRIMARY KEY,
    customer             TEXT COLLATE "C" NOT NULL,
    subscription         TEXT COLLATE "C",
    status               TEXT COLLATE "C" NOT NULL,
    end_behavior         TEXT COLLATE "C" NOT NULL,
    current_phase_start  BIGINT,
    current_phase_end    BIGINT,
    -- JSON: [{"start":1,"end":2,"items":[{"price":"price_1","quantity":1}]}]
    phases               TEXT NOT NULL,
    created              BIGINT NOT NULL,
    livemode             BOOLEAN NOT NULL,
    updated_at           BIGINT NOT NULL
);
CREATE INDEX stripegym_subscription_schedules_of
    ON stripegym_subscription_schedules (subscription);

CREATE TABLE stripegym_invoices (
    id                    TEXT COLLATE "C" PRIMARY KEY,
    customer              TEXT COLLATE "C",
    subscription          TEXT COLLATE "C",
    status                TEXT COLLATE "C" NOT NULL,
    number                TEXT,
    currency              TEXT COLLATE "C" NOT NULL,
    total                 BIGINT NOT NULL,
    amount_due            BIGINT NOT NULL,
    amount_paid           BIGINT NOT NULL,
    billing_reason        TEXT COLLATE "C",
    attempt_count         BIGINT NOT NULL,
    next_payment_attempt  BIGINT,
    due_date              BIGINT,
    paid_at               BIGINT,
    hosted_invoice_url    TEXT,
    invoice_pdf           TEXT,
    created               BIGINT NOT NULL,
    livemode              BOOLEAN NOT NULL,
    updated_at            BIGINT NOT NULL
);
-- A customer's invoices, newest first, page by page. Nobody sees drafts.
CREATE INDEX stripegym_invoices_history
    ON stripegym_invoices (customer, created DESC, id DESC) WHERE status <> 'draft';

CREATE TABLE stripegym_refunds (
    id              TEXT COLLATE "C" PRIMARY KEY,
    payment_intent  TEXT COLLATE "C",
    charge          TEXT COLLATE "C",
    amount          BIGINT NOT NULL,
    currency        TEXT COLLATE "C" NOT NULL,
    status          TEXT COLLATE "C",
    reason          TEXT COLLATE "C",
    failure_reason  TEXT,
    created         BIGINT NOT NULL,
    livemode        BOOLEAN NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX stripegym_refunds_of ON stripegym_refunds (payment_intent);

CREATE TABLE stripegym_disputes (
    id               TEXT COLLATE "C" PRIMARY KEY,
    payment_intent   TEXT COLLATE "C",
    charge           TEXT COLLATE "C" NOT NULL,
    amount           BIGINT NOT NULL,
    currency         TEXT COLLATE "C" NOT NULL,
    status           TEXT COLLATE "C" NOT NULL,
    reason           TEXT NOT NULL,
    evidence_due_by  BIGINT,
    created          BIGINT NOT NULL,
    livemode         BOOLEAN NOT NULL,
    updated_at       BIGINT NOT NULL
);
CREATE INDEX stripegym_disputes_of ON stripegym_disputes (payment_intent);

-- Payloads are large enough to be compressed, and the older of PostgreSQL's two
-- ways to do that would be most of the work of storing an event. A server built
-- without the newer one stays with the older.
DO $$ BEGIN
    ALTER TABLE stripegym_inbox_events ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
