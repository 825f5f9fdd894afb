//! What happened to Stripe's balance.

use super::events::{seconds, since};
use super::{DriftReport, OVERLAP, ReconcileError, Reconciler, Run, Unbooked};
use crate::balance_transaction::BalanceTransaction;
use crate::client::Request;
use crate::ledger::{self, BalanceSource, RuleError, Transaction};
use crate::object::Object;

const WATERMARK: &str = "balance_transactions";
const PATH: &str = "/v1/balance_transactions";

impl Reconciler {
    /// Posts every balance transaction since the last time.
    pub(super) async fn read_balance(
        &self,
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<(), ReconcileError> {
        let known = self.watermark(WATERMARK).await?;
        let from = known.map(|read| read.saturating_sub(seconds(OVERLAP)));
        let request = from.map_or_else(|| Request::get(PATH), |from| since(PATH, from));
        let mut next = Some(request.with_expanded("data.source"));
        let mut began = None;
        while let Some(request) = next {
            let page = self.page(request).await?;
            began.get_or_insert(page.at);
            report.balance_read += page.objects.len();
            let mut facts = Vec::new();
            for object in &page.objects {
                match fact(object) {
                    Ok(fact) => facts.extend(fact),
                    // The others are booked all the same; a person must look at this one.
                    Err(why) => report.unbooked.push(Unbooked::of(object, &why)),
                }
            }
            self.book(facts, run, report).await?;
            next = page.next;
        }
        if let Some(began) = began.filter(|_| !run.dry_run) {
            self.put_watermark(WATERMARK, began).await?;
        }
        Ok(())
    }

    /// Posts facts, those that stand already excepted.
    pub(super) async fn book(
        &self,
        mut facts: Vec<Transaction>,
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<(), ReconcileError> {
        if facts.is_empty() {
            return Ok(());
        }
        // In one order everywhere, so that two processes cannot lock crosswise.
        facts.sort_by(|a, b| a.key().cmp(b.key()));
        let now = self.processor.clock().now();
        let mut tx = self.processor.store().begin().await?;
        for fact in &facts {
            let key = fact.key();
            if !tx.is_posted(key.rule, &key.object_id).await? {
                report.posted += 1;
            }
            tx.post(fact, now).await?;
        }
        if !run.dry_run {
            tx.commit().await?;
        }
        Ok(())
    }
}

fn fact(object: &Object) -> Result<Option<Transaction>, RuleError> {
    let transaction: BalanceTransaction = object.view();
    let source = BalanceSource::of(&transaction)?;
    ledger::balance_transaction(&transaction, &source)
}
