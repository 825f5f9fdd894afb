//! Events that were made and not delivered.

use bytes::Bytes;

use super::pages::unreadable;
use super::{DriftReport, EVENTS_REACH, OVERLAP, ReconcileError, Reconciler, Run};
use crate::client::Request;
use crate::event::Event;
use crate::object::Object;
use crate::store::Receipt;

const WATERMARK: &str = "events";

impl Reconciler {
    /// Puts every event since the last time into the inbox. Answers whether
    /// the list reached back that far.
    pub(super) async fn read_events(
        &self,
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<bool, ReconcileError> {
        let now = self.processor.clock().now().unix_s();
        let known = self.watermark(WATERMARK).await?;
        let from = known.map(|read| read.saturating_sub(seconds(OVERLAP)));
        let reach = now.saturating_sub(seconds(EVENTS_REACH));
        let mut next = Some(since("/v1/events", from.unwrap_or(reach)));
        let mut began = None;
        while let Some(request) = next {
            let page = self.page(request).await?;
            // What is made from now on is for the next time.
            began.get_or_insert(page.at);
            self.take(&page.objects, run, report).await?;
            next = page.next;
        }
        // Only now is the whole range read; cut short, it is read again.
        if let Some(began) = began.filter(|_| !run.dry_run) {
            self.put_watermark(WATERMARK, began).await?;
        }
        Ok(from.is_some_and(|from| from > reach))
    }

    async fn take(
        &self,
        objects: &[Object],
        run: &Run,
        report: &mut DriftReport,
    ) -> Result<(), ReconcileError> {
        let mut events = Vec::with_capacity(objects.len());
        for object in objects {
            let bytes = serde_json::to_vec(object.json()).map_err(unreadable)?;
            events.push(Event::parse(&Bytes::from(bytes)).map_err(unreadable)?);
        }
        // In one order everywhere, so that two processes cannot lock crosswise.
        events.sort_by_cached_key(crate::store::InboxKey::of);
        let mut tx = self.processor.store().begin().await?;
        let receipts = tx
            .receive_all(&events, self.processor.clock().now())
            .await?;
        if !run.dry_run {
            tx.commit().await?;
        }
        report.events_read += events.len();
        let new = receipts.iter().zip(&events);
        let new = new.filter(|(receipt, _)| **receipt == Receipt::New);
        for (_, event) in new {
            report.events_new += 1;
            report.note_event(event);
        }
        Ok(())
    }

    pub(super) async fn watermark(&self, name: &str) -> Result<Option<i64>, ReconcileError> {
        let mut tx = self.processor.store().begin().await?;
        Ok(tx.watermark(name).await?)
    }

    pub(super) async fn put_watermark(&self, name: &str, at: i64) -> Result<(), ReconcileError> {
        let mut tx = self.processor.store().begin().await?;
        let stands = tx.watermark(name).await?;
        // Another reconciliation may have come further.
        if stands.is_none_or(|stands| stands < at) {
            tx.put_watermark(name, at).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

pub(super) fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A list of what was made then or later.
pub(super) fn since(path: &str, from: i64) -> Request {
    Request::get(path).param("created[gte]", &from.to_string())
}
