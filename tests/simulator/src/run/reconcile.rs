//! Reconciliations, now and then and at the end.

use std::sync::{Arc, Mutex, PoisonError};

use stripegym_core::reconcile::Sweep;

use super::{Item, Run};
use crate::oracle::missing;
use crate::world::START_MS;

/// Whether a reconciliation has ended, worked, and read every object.
pub(super) type Reconciled = Arc<Mutex<Option<Option<bool>>>>;

impl Run {
    /// At the very beginning, so that later ones know how far back to look,
    /// and while events still come.
    pub(super) fn reconciles_now_and_then(&mut self, end_ms: i64) {
        self.at(START_MS, Item::Reconcile(0));
        for _ in 0..self.rng.index(3) {
            let process = self.rng.index(self.processes.len());
            let share = i64::try_from(self.rng.index(100)).unwrap_or(0);
            let ms = START_MS + (end_ms - START_MS) / 100 * share;
            self.at(ms, Item::Reconcile(process));
        }
    }

    /// Before anybody asks Stripe for what is missing.
    pub(super) fn nothing_acknowledged_is_lost(&self) -> Result<(), String> {
        let (world, store) = (Arc::clone(&self.world), Arc::clone(self.shared.store()));
        let missing = crate::ask(async move { missing(&world, store.as_ref()).await });
        let missing = missing.map_err(|error| error.to_string())?;
        match self.acknowledged.intersection(&missing).next() {
            Some(event) => Err(format!("{event} was acknowledged, and is not there")),
            None => Ok(()),
        }
    }

    /// Starts a reconciliation in a process, if it is up.
    pub(super) fn reconcile(&mut self, process: usize, sweep: Sweep) -> Reconciled {
        let done = Reconciled::default();
        if let Some(running) = &self.processes[process] {
            let (consumer, done) = (running.consumer.clone(), Arc::clone(&done));
            running.spawn(async move {
                let swept = consumer.reconcile(sweep).await;
                *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(swept);
            });
            self.ready[process] = true;
            self.site.note(|| format!("p{process} reconciles"));
        }
        done
    }
}
