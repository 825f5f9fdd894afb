-- The double-entry ledger. Append-only: what was posted stays posted, and a
-- mistake is put right by another transaction, never by a change.

CREATE TABLE stripegym_ledger_transactions (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Rule and object make the key: the same fact, told twice, posts once.
    rule         TEXT COLLATE "C" NOT NULL,
    object_id    TEXT COLLATE "C" NOT NULL,
    customer     TEXT COLLATE "C",
    -- When it happened at Stripe, in seconds since the Unix epoch.
    occurred_at  BIGINT NOT NULL,
    -- When it was posted here, in milliseconds since the Unix epoch.
    posted_at    BIGINT NOT NULL,
    UNIQUE (rule, object_id)
);

CREATE TABLE stripegym_ledger_postings (
    transaction_id  BIGINT NOT NULL REFERENCES stripegym_ledger_transactions (id),
    line            INTEGER NOT NULL,
    account         TEXT COLLATE "C" NOT NULL,
    currency        TEXT COLLATE "C" NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
    -- Minor units. Debits are positive, credits negative.
    amount          BIGINT NOT NULL CHECK (amount <> 0),
    -- What this line will be matched with, such as a payment intent.
    match_ref       TEXT COLLATE "C",
    PRIMARY KEY (transaction_id, line)
);

CREATE INDEX stripegym_ledger_postings_match
    ON stripegym_ledger_postings (match_ref) WHERE match_ref IS NOT NULL;

-- The database itself refuses to change history, whoever asks.
CREATE FUNCTION stripegym_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME;
END $$;

CREATE TRIGGER stripegym_append_only BEFORE UPDATE OR DELETE ON stripegym_ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION stripegym_refuse_change();
CREATE TRIGGER stripegym_append_only BEFORE UPDATE OR DELETE ON stripegym_ledger_postings
    FOR EACH ROW EXECUTE FUNCTION stripegym_refuse_change();
CREATE TRIGGER stripegym_no_truncate BEFORE TRUNCATE ON stripegym_ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION stripegym_refuse_change();
CREATE TRIGGER stripegym_no_truncate BEFORE TRUNCATE ON stripegym_ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION stripegym_refuse_change();

-- And it refuses to commit what does not balance. Deferred, because a
-- transaction's lines come one after the other.
CREATE FUNCTION stripegym_require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM stripegym_ledger_postings
        WHERE transaction_id = NEW.transaction_id
        GROUP BY currency HAVING SUM(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER stripegym_balanced AFTER INSERT ON stripegym_ledger_postings
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION stripegym_require_balance();
