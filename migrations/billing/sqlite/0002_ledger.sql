-- The double-entry ledger. Append-only: what was posted stays posted, and a
-- mistake is put right by another transaction, never by a change.

CREATE TABLE stripegym_ledger_transactions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Rule and object make the key: the same fact, told twice, posts once.
    rule         TEXT NOT NULL,
    object_id    TEXT NOT NULL,
    customer     TEXT,
    -- When it happened at Stripe, in seconds since the Unix epoch.
    occurred_at  INTEGER NOT NULL,
    -- When it was posted here, in milliseconds since the Unix epoch.
    posted_at    INTEGER NOT NULL,
    UNIQUE (rule, object_id)
) STRICT;

CREATE TABLE stripegym_ledger_postings (
    transaction_id  INTEGER NOT NULL REFERENCES stripegym_ledger_transactions (id),
    line            INTEGER NOT NULL,
    account         TEXT NOT NULL,
    currency        TEXT NOT NULL CHECK (currency GLOB '[a-z][a-z][a-z]'),
    -- Minor units. Debits are positive, credits negative.
    amount          INTEGER NOT NULL CHECK (amount <> 0),
    -- What this line will be matched with, such as a payment intent.
    match_ref       TEXT,
    PRIMARY KEY (transaction_id, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX stripegym_ledger_postings_match
    ON stripegym_ledger_postings (match_ref) WHERE match_ref IS NOT NULL;

-- The database itself refuses to change history, whoever asks. SQLite has no
-- deferred triggers, so that a transaction balances is left to the library,
-- which cannot build one that does not, and to `ledger check`.
CREATE TRIGGER stripegym_transactions_no_update BEFORE UPDATE ON stripegym_ledger_transactions
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE refused'); END;
CREATE TRIGGER stripegym_transactions_no_delete BEFORE DELETE ON stripegym_ledger_transactions
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: DELETE refused'); END;
CREATE TRIGGER stripegym_postings_no_update BEFORE UPDATE ON stripegym_ledger_postings
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE refused'); END;
CREATE TRIGGER stripegym_postings_no_delete BEFORE DELETE ON stripegym_ledger_postings
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: DELETE refused'); END;
