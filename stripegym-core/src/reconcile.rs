//! Reconciliation: what Stripe has, and we may have missed.
//!
//! Webhooks are a best effort: after three days of trying Stripe gives up. So
//! from time to time we ask. The list of events, which reaches back 30 days,
//! brings what was not delivered; where it does not reach, every object is read
//! as it is now. Balance transactions are read the same way, and bring the
//! charges, fees, refunds, disputes and payouts that no event of ours tells.
//!
//! Nothing here is special: events go through the inbox, objects are written
//! by their heads, facts are posted under their keys. So a reconciliation may
//! run at any time, beside workers and other reconciliations, and be cut short
//! anywhere.
//!
//! ```no_run
//! use stripegym_core::reconcile::{Reconciler, Run};
//! # async fn run(processor: stripegym_core::Processor, stripe: stripegym_core::Client)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let report = Reconciler::new(&processor, stripe).run(Run::default()).await?;
//! println!("{report}");
//! # Ok(()) }
//! ```

mod balance;
mod events;
mod pages;
mod report;
mod sweep;

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use crate::client::{ApiError, Client};
use crate::process::{Chain, HandlerError, Processor, Worker};
use crate::store::{ObjectKind, StoreError};

pub use report::{DriftReport, Unbooked};

/// How far back Stripe lists events.
/// <https://docs.stripe.com/api/events>
const EVENTS_REACH: Duration = Duration::from_secs(30 * 24 * 3600);
/// Stripe may list a thing a little after its time; so much is read again.
const OVERLAP: Duration = Duration::from_secs(3600);

/// When every object is read, and not only what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sweep {
    /// When the list of events does not reach back to the last reconciliation.
    #[default]
    IfNeeded,
    /// Now.
    Always,
    /// Not now.
    Never,
}

/// What a reconciliation is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    /// Whether every object is read.
    pub sweep: Sweep,
    /// Only reports what it would write.
    pub dry_run: bool,
}

/// Why a reconciliation ended early. What it has written stays; run it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// Stripe did not answer, or refused.
    #[error("Stripe could not be read")]
    Stripe(#[from] ApiError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// Stripe's answer was not a list.
    #[error("Stripe's answer could not be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An object could not be written.
    #[error("{object} could not be written")]
    Object {
        /// Its id.
        object: String,
        /// Why.
        source: HandlerError,
    },
}

/// Asks Stripe for what we have missed.
#[derive(Debug, Clone)]
pub struct Reconciler {
    processor: Processor,
    client: Client,
}

impl Reconciler {
    /// For the store of this processor, from the account of this client.
    #[must_use]
    pub fn new(processor: &Processor, client: Client) -> Self {
        Self {
            processor: processor.clone(),
            client,
        }
    }

    /// Starts a worker that reconciles after every such time.
    #[must_use = "a dropped worker stops"]
    pub fn start_worker(&self, every: Duration) -> Worker {
        Worker::start(|stopped| self.clone().work(every, stopped))
    }

    async fn work(self, every: Duration, mut stopped: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                biased;
                // Also when the handle is gone.
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.processor.clock().sleep(every) => {}
            }
            let run = self.run(Run::default());
            tokio::select! {
                biased;
                // Whatever it has written stays; the rest is found next time.
                _ = stopped.wait_for(|stop| *stop) => return,
                done = run => if let Err(problem) = done {
                    warn!(error = %Chain(&problem), "could not reconcile; the next time will do");
                },
            }
        }
    }

    /// Reads events, then objects if need be, then balance transactions.
    ///
    /// # Errors
    /// See [`ReconcileError`].
    pub async fn run(&self, run: Run) -> Result<DriftReport, ReconcileError> {
        let mut report = DriftReport::new(run.dry_run);
        let was_in_reach = self.read_events(&run, &mut report).await?;
        let sweeps = match run.sweep {
            Sweep::Always => true,
            Sweep::IfNeeded => !was_in_reach,
            Sweep::Never => false,
        };
        if !run.dry_run {
            // What came by the list is no drift any more.
            self.processor.drain().await?;
        }
        if sweeps {
            for kind in ObjectKind::ALL {
                self.sweep(*kind, &run, &mut report).await?;
            }
            report.swept = true;
        }
        self.read_balance(&run, &mut report).await?;
        info!(
            events.new = report.events_new,
            objects.off = report.drifts.len(),
            postings.new = report.posted,
            dry_run = run.dry_run,
            "reconciled"
        );
        Ok(report)
    }
}
