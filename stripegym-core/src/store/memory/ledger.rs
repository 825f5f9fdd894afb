//! The ledger in memory.

use async_trait::async_trait;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MemoryRead, MemoryTx, State};
use crate::clock::Timestamp;
use crate::id::CustomerId;
use crate::ledger::{Account, Posting, PostingKey, Transaction};
use crate::money::{Amount, Currency};
use crate::store::{
    AccountBalance, LedgerRead, LedgerTx, OPEN_CLEARING_MAX, OpenClearing, PostedTransaction,
    StatementCursor, StatementLine, StoreError, StoreErrorKind, TransactionCursor,
};

#[async_trait]
impl LedgerTx for MemoryTx {
    async fn post(&mut self, entry: &Transaction, _now: Timestamp) -> Result<(), StoreError> {
        match self.work.ledger.get(entry.key()) {
            Some(posted) if posted.postings() != entry.postings() => {
                Err(StoreError::new(StoreErrorKind::PostingConflict))
            }
            Some(_) => Ok(()),
            None => {
                let key = Arc::new(entry.key().clone());
                self.work.posted.push(Arc::clone(&key));
                self.work.ledger.insert(key, Arc::new(entry.clone()));
                Ok(())
            }
        }
    }

    async fn is_posted(&mut self, rule: &str, object_id: &str) -> Result<bool, StoreError> {
        let is_it = |key: &Arc<PostingKey>| key.rule == rule && key.object_id == object_id;
        Ok(self.work.ledger.keys().any(is_it))
    }
}

impl State {
    /// Every transaction with its number, the last posted first.
    fn newest_first(&self) -> impl Iterator<Item = (i64, &Transaction)> {
        let numbered = (1_i64..).zip(self.posted.iter());
        let mut numbered: Vec<_> = numbered
            .filter_map(|(number, key)| Some((number, self.ledger.get(key)?.as_ref())))
            .collect();
        numbered.reverse();
        numbered.into_iter()
    }

    pub(super) fn trial_balance(&self) -> Result<Vec<AccountBalance>, StoreError> {
        let postings = self.ledger.values().flat_map(|entry| entry.postings());
        let line = |posting: &Posting| {
            let key = (posting.account, posting.amount.currency());
            (key, i128::from(posting.amount.minor()))
        };
        sums(postings.map(line))
            .into_iter()
            .map(|((account, currency), sum)| {
                let balance = Amount::new(narrow(sum)?, currency);
                Ok(AccountBalance { account, balance })
            })
            .collect()
    }
}

#[async_trait]
impl LedgerRead for MemoryRead {
    async fn statement(
        &mut self,
        account: Account,
        currency: Currency,
        cursor: Option<StatementCursor>,
        limit: u32,
    ) -> Result<Vec<StatementLine>, StoreError> {
        let mut lines = Vec::new();
        for (number, entry) in self.0.newest_first() {
            let postings: Vec<_> = (0_i32..).zip(entry.postings()).collect();
            for (line, posting) in postings.into_iter().rev() {
                if posting.account == account && posting.amount.currency() == currency {
                    lines.push(statement_line(number, line, entry, posting));
                }
            }
        }
        lines.retain(|line| cursor.is_none_or(|cursor| line.cursor < cursor));
        lines.truncate(at_most(limit));
        Ok(lines)
    }

    async fn customer_statement(
        &mut self,
        customer: &CustomerId,
        cursor: Option<TransactionCursor>,
        limit: u32,
    ) -> Result<Vec<PostedTransaction>, StoreError> {
        let transactions = self.0.newest_first();
        let theirs = transactions.filter(|(number, entry)| {
            entry.customer() == Some(customer) && cursor.is_none_or(|c| *number < c.0)
        });
        let posted = |(number, entry): (i64, &Transaction)| PostedTransaction {
            cursor: TransactionCursor(number),
            rule: entry.key().rule.to_owned(),
            object_id: entry.key().object_id.clone(),
            occurred_at: entry.occurred_at(),
            postings: entry.postings().to_vec(),
        };
        Ok(theirs.map(posted).take(at_most(limit)).collect())
    }

    async fn open_clearing(&mut self, limit: u32) -> Result<Vec<OpenClearing>, StoreError> {
        let mut payments: BTreeMap<(Option<&str>, Currency), Payment> = BTreeMap::new();
        for (number, key) in (1_i64..).zip(self.0.posted.iter()) {
            let Some(entry) = self.0.ledger.get(key) else {
                continue;
            };
            let on_clearing = |posting: &&Posting| posting.account == Account::StripeClearing;
            for posting in entry.postings().iter().filter(on_clearing) {
                let key = (posting.match_ref.as_deref(), posting.amount.currency());
                let movement = (entry.occurred_at(), i128::from(posting.amount.minor()));
                let payment = payments.entry(key).or_insert_with(|| (number, Vec::new()));
                payment.1.push(movement);
            }
        }
        let mut open = Vec::new();
        for ((match_ref, currency), (first, movements)) in payments {
            let (sum, since) = open_since(&movements);
            if sum != 0 {
                let amount = Amount::new(narrow(sum)?, currency);
                let told_first = movements.first().map_or(since, |(at, _)| *at);
                let since = match_ref.map_or(told_first, |_| since);
                let match_ref = match_ref.map(ToOwned::to_owned);
                open.push((
                    first,
                    OpenClearing {
                        match_ref,
                        amount,
                        since,
                    },
                ));
            }
        }
        open.sort_by_key(|(first, _)| *first);
        open.truncate(at_most(OPEN_CLEARING_MAX));
        let mut open: Vec<_> = open.into_iter().map(|(_, item)| item).collect();
        let order = |item: &OpenClearing| {
            let OpenClearing {
                match_ref,
                amount,
                since,
            } = item.clone();
            (since, match_ref, amount.currency())
        };
        open.sort_by_cached_key(order);
        open.truncate(at_most(limit));
        Ok(open)
    }
}

/// The number of its first transaction, and when how much moved.
type Payment = (i64, Vec<(i64, i128)>);

/// What is left of the movements, and the time of the first one since nothing was.
fn open_since(movements: &[(i64, i128)]) -> (i128, i64) {
    let by_time = sums(movements.iter().map(|(at, amount)| (Reverse(*at), *amount)));
    let open: i128 = by_time.values().sum();
    let mut moved = 0;
    // Backwards in time, until all that is open has moved.
    for (Reverse(at), amount) in by_time {
        moved += amount;
        if moved == open {
            return (open, at);
        }
    }
    (open, 0)
}

fn statement_line(
    transaction: i64,
    line: i32,
    entry: &Transaction,
    posting: &Posting,
) -> StatementLine {
    StatementLine {
        cursor: StatementCursor { transaction, line },
        rule: entry.key().rule.to_owned(),
        object_id: entry.key().object_id.clone(),
        customer: entry.customer().cloned(),
        occurred_at: entry.occurred_at(),
        amount: posting.amount,
        match_ref: posting.match_ref.clone(),
    }
}

/// Sums by key. No number of 64-bit amounts that fits a memory overflows 128.
fn sums<K: Ord>(amounts: impl Iterator<Item = (K, i128)>) -> BTreeMap<K, i128> {
    let mut sums = BTreeMap::new();
    for (key, amount) in amounts {
        *sums.entry(key).or_default() += amount;
    }
    sums
}

fn narrow(sum: i128) -> Result<i64, StoreError> {
    i64::try_from(sum).map_err(|e| StoreError::with_source(StoreErrorKind::Overflow, e))
}

fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
