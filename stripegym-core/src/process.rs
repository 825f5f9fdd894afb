//! From a verified delivery to committed effects.
//!
//! [`Processor::receive`] commits the receipt first, alone; from then on the
//! event cannot be lost. Then it claims the event and runs the handlers in one
//! transaction, together with the mark `done`. Whatever fails after the
//! receipt, the answer to Stripe stays 2xx and the worker tries again.

mod backoff;
mod checkout;
mod handler;
mod intake;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tracing::{Instrument, error, info, warn};

use crate::clock::{Clock, SystemClock};
use crate::event::{Event, EventError};
use crate::store::{
    Claimed, InboxKey, InboxState, Lease, Receipt, Store, StoreError, StoreErrorKind, Verdict,
    Wanted,
};
use crate::webhook::Verified;
use intake::Intake;

pub use backoff::Backoff;
pub use checkout::CheckoutHandler;
pub use handler::{Handler, HandlerError, HandlerErrorKind};
pub use worker::Worker;

/// Longest error text that is kept with an event, in bytes.
const REASON_BYTES_MAX: usize = 1000;

/// Who processes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The request that delivers it, at once; a worker if that fails.
    #[default]
    Inline,
    /// Workers only, here or in other processes: the request ends with the receipt.
    Queued,
}

/// How the processor works, and the times that it keeps to.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ProcessorConfig {
    /// Who processes an event.
    pub mode: Mode,
    /// How long a claim holds; a crashed worker's event is taken over after that.
    pub lease: Duration,
    /// How long a request waits for its own event before the worker gets it.
    pub inline_wait: Duration,
    /// How often the worker looks without being woken.
    pub poll: Duration,
    /// When a failed event is tried again, and how often at most.
    pub backoff: Backoff,
    /// Whose sales are booked: those in real money (`true`), those in test mode
    /// (`false`), or, unless set, both. Events of the other mode are stored and
    /// come to your own handlers, but change nothing of the library's.
    pub livemode: Option<bool>,
}

impl Default for ProcessorConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Inline,
            lease: Duration::from_secs(60),
            inline_wait: Duration::from_secs(5),
            poll: Duration::from_secs(1),
            backoff: Backoff::default(),
            livemode: None,
        }
    }
}

/// Receives, orders and processes events. Cloning is cheap.
#[derive(Clone)]
pub struct Processor(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: ProcessorConfig,
    handlers: Vec<(Box<str>, Arc<dyn Handler>)>,
    wake: Notify,
    intake: Intake,
}

/// Puts a [`Processor`] together.
pub struct ProcessorBuilder(Inner);

/// Why a verified delivery was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Signed, but not an event: answer 4xx.
    #[error("the delivery is not an event")]
    NotAnEvent(#[from] EventError),
    /// It could not be stored: answer 5xx, and Stripe delivers it again.
    #[error("the event could not be stored")]
    Store(#[from] StoreError),
}

/// What became of a delivery that is now durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Whether it was the first of its event.
    pub receipt: Receipt,
    /// True when all effects of the event are committed.
    pub done: bool,
}

impl ProcessorBuilder {
    /// Takes time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// Sets the times to keep to.
    #[must_use]
    pub fn config(mut self, config: ProcessorConfig) -> Self {
        self.0.config = config;
        self
    }

    /// Runs `handler` for events of one type (`invoice.paid`), of a family
    /// (`invoice.*`) or of every type (`*`), in the transaction of the
    /// library's own handlers and after them.
    #[must_use]
    pub fn on(mut self, kind: &str, handler: impl Handler + 'static) -> Self {
        self.0.handlers.push((kind.into(), Arc::new(handler)));
        self
    }

    /// The processor.
    #[must_use]
    pub fn build(mut self) -> Processor {
        let config = self.0.config;
        self.0.intake.announces = config.mode == Mode::Queued;
        let own = CheckoutHandler::new(Arc::clone(&self.0.clock), config.livemode);
        self.0
            .handlers
            .insert(0, ("checkout.session.*".into(), Arc::new(own)));
        Processor(Arc::new(self.0))
    }
}

impl fmt::Debug for ProcessorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcessorBuilder({} handlers)", self.0.handlers.len())
    }
}

impl Processor {
    /// A processor with the library's own handlers, defaults and the machine's clock.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::builder(store).build()
    }

    /// A processor to be configured.
    #[must_use]
    pub fn builder(store: Arc<dyn Store>) -> ProcessorBuilder {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        ProcessorBuilder(Inner {
            store,
            clock,
            config: ProcessorConfig::default(),
            handlers: Vec::new(),
            wake: Notify::new(),
            intake: Intake::default(),
        })
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// Takes a verified delivery: once this returns `Ok`, the event is durable
    /// and may be acknowledged. The event is then processed at once, unless
    /// that is done or under way already; what does not finish in time is left
    /// to the [`Worker`].
    ///
    /// Dropping the returned future cancels nothing: a client that hangs up
    /// does not interrupt the work.
    ///
    /// # Errors
    /// When the bytes are not an event, or the receipt could not be committed.
    pub async fn receive(&self, delivery: Verified) -> Result<Delivery, ReceiveError> {
        let event = delivery.parse()?;
        let this = self.clone();
        let span = tracing::info_span!(
            "webhook.receive", event.id = %event.id(), event.type = event.kind()
        );
        let work = tokio::spawn(async move { this.receive_event(event).await }.instrument(span));
        match work.await {
            Ok(outcome) => outcome,
            // A panic below, which unwound into a rollback.
            Err(lost) => Err(StoreError::with_source(StoreErrorKind::Failed, lost).into()),
        }
    }

    async fn receive_event(&self, event: Event) -> Result<Delivery, ReceiveError> {
        let key = InboxKey::of(&event);
        let receipt = self
            .0
            .intake
            .receive(self.0.store.as_ref(), event, self.0.clock.as_ref())
            .await?;
        let done = match receipt {
            Receipt::Known(InboxState::Done) => true,
            Receipt::Known(InboxState::Dead) => false,
            // A redelivery of what is not done is processed, not waved through.
            _ if self.0.config.mode == Mode::Queued => {
                self.0.wake.notify_one();
                false
            }
            _ => self.process_inline(&key).await,
        };
        Ok(Delivery { receipt, done })
    }

    async fn process_inline(&self, key: &InboxKey) -> bool {
        match self
            .process_one(Wanted::Event(key), self.0.config.inline_wait)
            .await
        {
            Ok(Some(true)) => return true,
            // Claimed elsewhere, or failed and given back.
            Ok(_) => {}
            Err(problem) => warn!(error = %Chain(&problem), "the event stays with the worker"),
        }
        self.0.wake.notify_one();
        false
    }

    /// Claims one event and processes it within `limit`. `None`: there was
    /// nothing to claim; otherwise whether it is done.
    async fn process_one(
        &self,
        wanted: Wanted<'_>,
        limit: Duration,
    ) -> Result<Option<bool>, StoreError> {
        let now = self.0.clock.now();
        let lease = Lease {
            now,
            until: now.after(self.0.config.lease),
        };
        let mut tx = self.0.store.begin().await?;
        let Some(claimed) = tx.claim(wanted, lease).await? else {
            return Ok(None);
        };
        tx.commit().await?;
        let tried = if claimed.claim.attempt > self.0.config.backoff.attempts_max {
            // Nobody lived to give it back. Tried again, it may kill this process, too.
            Err(HandlerError::permanent("every attempt was cut short"))
        } else {
            self.attempt(&claimed, limit).await
        };
        match tried {
            Ok(()) => Ok(Some(true)),
            Err(problem) => self
                .give_back(&claimed, problem)
                .await
                .map(|()| Some(false)),
        }
    }

    /// Runs the handlers in a task of their own, so that a panic in one is a
    /// failed attempt like any other: its transaction rolls back as it unwinds.
    async fn attempt(&self, claimed: &Claimed, limit: Duration) -> Result<(), HandlerError> {
        let (this, work) = (self.clone(), claimed.clone());
        let claim = &claimed.claim;
        let span = tracing::info_span!(
            "webhook.process", event.id = %claim.key.event_id, attempt = claim.attempt
        );
        let mut task = tokio::spawn(async move { this.apply(&work).await }.instrument(span));
        tokio::select! {
            biased;
            ended = &mut task => ended.unwrap_or_else(|panic| Err(HandlerError::transient(panic))),
            () = self.0.clock.sleep(limit) => {
                task.abort();
                // Until it is gone, nobody knows whether it has committed.
                match task.await {
                    Ok(ended) => ended,
                    Err(_) => Err(HandlerError::transient("it took too long")),
                }
            }
        }
    }

    /// All effects of one event and its mark, in one transaction.
    async fn apply(&self, claimed: &Claimed) -> Result<(), HandlerError> {
        let event = Event::parse(&claimed.payload).map_err(HandlerError::permanent)?;
        let mut tx = self.0.store.begin().await?;
        for (kind, handler) in &self.0.handlers {
            if handler::applies(kind, event.kind()) {
                handler.handle(&event, tx.as_mut()).await?;
            }
        }
        tx.complete(&claimed.claim, self.0.clock.now()).await?;
        tx.commit().await?;
        info!(event.type = event.kind(), "done");
        Ok(())
    }

    async fn give_back(&self, claimed: &Claimed, problem: HandlerError) -> Result<(), StoreError> {
        let claim = &claimed.claim;
        if problem.kind() == HandlerErrorKind::ClaimLost {
            info!(event.id = %claim.key.event_id, "somebody else took the event over");
            return Ok(());
        }
        let now = self.0.clock.now();
        let next = self
            .0
            .config
            .backoff
            .wait(&claim.key.event_id, claim.attempt);
        let verdict = match (problem.kind(), next) {
            (HandlerErrorKind::Permanent, _) | (_, None) => Verdict::Dead,
            (_, Some(wait)) => Verdict::RetryAt(now.after(wait)),
        };
        // PostgreSQL takes no NUL in a text, and a failure may quote the payload.
        let reason = Chain(&problem).to_string().replace('\0', "");
        match verdict {
            Verdict::Dead => {
                error!(event.id = %claim.key.event_id, attempt = claim.attempt, error = %reason, "dead letter");
            }
            Verdict::RetryAt(_) => {
                warn!(event.id = %claim.key.event_id, attempt = claim.attempt, error = %reason, "will try again");
            }
        }
        let mut end = reason.len().min(REASON_BYTES_MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let mut tx = self.0.store.begin().await?;
        tx.give_back(claim, verdict, &reason[..end]).await?;
        tx.commit().await
    }
}

impl fmt::Debug for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Processor({:?}, {} handlers)",
            self.0.store,
            self.0.handlers.len()
        )
    }
}

/// Prints an error with all its causes, once each: some drivers repeat a cause
/// in their own words.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}
