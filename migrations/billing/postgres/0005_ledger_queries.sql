-- What the ledger is asked, and the indexes that answer. An index costs a
-- little on every posting, so each has a question that needs it.

-- The statement of an account, newest first, page by page: where a page ends,
-- the next begins, so the last page costs what the first does. Every posting
-- is in it. With the other columns of the answer in it, too (INCLUDE), it is
-- the cheapest way whatever the account: without them a plan made for accounts
-- of average size walks the primary key, and for the statement of a small
-- account that is the whole ledger. The price: it is as large as the table.
CREATE INDEX stripegym_ledger_postings_statement
    ON stripegym_ledger_postings (account, currency, transaction_id, line)
    INCLUDE (amount, match_ref);

-- The statement of a customer.
CREATE INDEX stripegym_ledger_transactions_customer
    ON stripegym_ledger_transactions (customer, id) WHERE customer IS NOT NULL;

-- What has not drained from clearing. Nobody can know it without summing up
-- every payment, so the question reads this whole index; it holds one line in
-- three, in the order of the sums, with all that is summed (INCLUDE), so the
-- table itself is not read, nothing is sorted, and what drained is dropped on
-- the way. It grows with the ledger all the same: ask it every minute, not
-- with every request.
CREATE INDEX stripegym_ledger_postings_clearing
    ON stripegym_ledger_postings (match_ref, currency) INCLUDE (amount, transaction_id)
    WHERE account = 'stripe:clearing';
