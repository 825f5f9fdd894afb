//! Every object of a kind as it is now, beside the row that we have.

use std::collections::BTreeSet;

use super::{DriftReport, ReconcileError, Reconciler, Run, Unbooked};
use crate::client::Request;
use crate::ledger::RuleError;
use crate::object::Object;
use crate::process::rows::{Answer, ObjectKey, Rows};
use crate::process::{HandlerError, Source, expanded, facts};
use crate::store::{Drift, ObjectKind};

const PAGE: u32 = 100;

impl Reconciler {
    pub(super) async fn sweep(
        &self,
        kind: ObjectKind,
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<(), ReconcileError> {
        let mut seen = BTreeSet::new();
        let mut next = Some(list(kind));
        while let Some(request) = next {
            let page = self.page(request).await?;
            let mut answers = Vec::with_capacity(page.objects.len());
            for object in page.objects {
                if let Ok(id) = object.get::<&str>("id") {
                    seen.insert(id.to_owned());
                    let key = (kind, id.to_owned());
                    answers.push((
                        key,
                        Answer {
                            fence: page.fence,
                            at: page.at,
                            object: Some(object),
                        },
                    ));
                }
            }
            report.objects_read += answers.len();
            self.compare(&answers, run, report).await?;
            next = page.next;
        }
        self.look_for_more(kind, &seen, run, report).await
    }

    /// Rows of objects that no list told of: deleted, or newer than the list.
    async fn look_for_more(
        &self,
        kind: ObjectKind,
        seen: &BTreeSet<String>,
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<(), ReconcileError> {
        let mut after: Option<String> = None;
        loop {
            let mut read = self.processor.store().read().await?;
            let rows = read.rows(kind, after.as_deref(), PAGE).await?;
            drop(read);
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.id().to_owned());
            for row in rows.iter().filter(|row| !seen.contains(row.id())) {
                let key = (kind, row.id().to_owned());
                let answer = self.ask(&key).await?;
                self.compare(&[(key, answer)], run, report).await?;
            }
        }
    }

    async fn ask(&self, key: &ObjectKey) -> Result<Answer, ReconcileError> {
        let mut tx = self.processor.store().begin().await?;
        let fence = tx.next_fence().await?;
        tx.commit().await?;
        let fetched = self.client.fetch(key.0, &key.1).await;
        let fetched = fetched.map_err(|error| ReconcileError::Object {
            object: key.1.clone(),
            source: HandlerError::transient(error),
        })?;
        Ok(Answer::new(fence, fetched, self.processor.clock().now()))
    }

    /// Writes answers down by their heads, and notes what was off.
    async fn compare(
        &self,
        answers: &[(ObjectKey, Answer)],
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<(), ReconcileError> {
        if answers.is_empty() {
            return Ok(());
        }
        let mut booked = Vec::new();
        let (livemode, now) = (self.processor.livemode(), self.processor.clock().now());
        let mut tx = self.processor.store().begin().await?;
        let keys = answers.iter().map(|(key, _)| key);
        let mut rows = Rows::lock(tx.as_mut(), keys, livemode, now).await?;
        for (key, answer) in answers {
            let drift = write(&mut rows, key, answer).await;
            let drift = drift.map_err(|source| ReconcileError::Object {
                object: key.1.clone(),
                source,
            })?;
            report.drifts.extend(drift);
            if let Some(object) = &answer.object {
                match facts_of(key.0, object) {
                    Ok(facts) => booked.extend(facts),
                    Err(why) => report.unbooked.push(Unbooked::of(object, &why)),
                }
            }
        }
        if run.dry_run {
            drop(tx);
        } else {
            tx.commit().await?;
        }
        self.book(booked, run, report).await
    }
}

async fn write(
    rows: &mut Rows<'_>,
    key: &ObjectKey,
    answer: &Answer,
) -> Result<Option<Drift>, HandlerError> {
    let (kind, id) = key;
    let stored = rows.tx.row(*kind, id).await?;
    if !rows.write_answer(key, answer, None).await? {
        return Ok(None);
    }
    let told = rows.tx.row(*kind, id).await?;
    Ok(Drift::between(*kind, id, stored.as_ref(), told.as_ref()))
}

fn facts_of(
    kind: ObjectKind,
    object: &Object,
) -> Result<Vec<crate::ledger::Transaction>, RuleError> {
    let created = object.get::<Option<i64>>("created")?.unwrap_or(0);
    facts::of_object(kind, object, created)
}

/// All of a kind, with what is expanded when one is fetched.
fn list(kind: ObjectKind) -> Request {
    let mut request = Request::get(kind.path());
    if kind == ObjectKind::Subscription {
        // Unless asked for, Stripe leaves out those that are canceled.
        request = request.param("status", "all");
    }
    match expanded(kind) {
        Some(path) => request.with_expanded(&format!("data.{path}")),
        None => request,
    }
}
