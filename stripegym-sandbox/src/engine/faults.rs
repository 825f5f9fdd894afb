//! Faults at the engine: set, looked at, asked for requests.

use std::time::Duration;

use serde_json::Value;

use super::Engine;
use crate::faults::{FaultPlan, Faults, RequestFault};

impl Engine {
    /// From here on, this goes wrong. Counting starts anew, so that the same seed and the same
    /// requests bring the same faults again; without a new seed, the old one goes on.
    pub(crate) fn set_faults(&self, plan: FaultPlan, seed: Option<u64>) {
        let now = self.now_ms().div_euclid(1000);
        let mut inner = self.lock();
        let seed = seed.unwrap_or_else(|| inner.faults.seed());
        inner.faults = Faults::new(plan, seed, now);
    }

    /// What goes wrong, and how often it did.
    pub(crate) fn faults(&self) -> Value {
        self.lock().faults.show()
    }

    /// What happens to this request.
    pub(crate) fn request_fault(&self, method: &str, path: &str) -> Option<RequestFault> {
        let now = self.now_ms().div_euclid(1000);
        let mut inner = self.lock();
        if inner.faults.is_quiet() {
            return None;
        }
        inner.faults.on_request(method, path, now)
    }

    /// Keeps a request waiting; an end of the sandbox ends it early.
    pub(crate) async fn hang(&self, time: Duration) {
        let mut stopping = self.stopping.subscribe();
        let stopped = stopping.wait_for(|stopping| *stopping);
        // Either way, the wait is over.
        drop(tokio::time::timeout(time, stopped).await);
    }

    /// Lets go of whoever hangs.
    pub(crate) fn stop_waiting(&self) {
        self.stopping.send_replace(true);
    }
}
