//! From an effect that a transaction asked for to the thing done.
//!
//! A [`Handler`](crate::Handler) does no HTTP and sends no mail: what left the
//! house cannot be rolled back. It asks for an [`Effect`](crate::store::Effect)
//! in the event's own transaction, so that the effect exists exactly if the
//! event is done. The [`Dispatcher`] claims it after that commit, hands it to
//! an [`EffectHandler`] outside any transaction, and marks it done.
//!
//! # What is promised
//! - **At least once.** An effect that was committed is delivered, or rests as
//!   a dead letter with its reason, whatever crashes.
//! - **At most one repeat per crash.** A success is repeated only if nobody
//!   could write it down: the process died between the handler's `Ok` and the
//!   commit that marks the effect done, stood still past its lease there, or
//!   lost the database for as long. Each such accident repeats one delivery
//!   once; without one there is no repeat.
//! - **A failed try may have arrived.** A handler that returns an error, panics
//!   or is cut off by the time limit is tried again, and nobody but the other
//!   side knows how far the failed try came.
//!
//! So everything a handler does should carry [`Delivery::message_id`], the same
//! on every try, by which the other side can tell a repeat: the local part of a
//! mail's `Message-ID`, or what a Stripe idempotency key is made from.
//!
//! Effects have no order among each other. One that is asked for again, by
//! another event of the same cause or by a replay, is not delivered again for
//! as long as the outbox remembers it: see [`retention`](crate::retention).
//!
//! ```
//! use std::sync::Arc;
//! use async_trait::async_trait;
//! use serde::{Deserialize, Serialize};
//! use stripegym_core::dispatch::Delivery;
//! use stripegym_core::store::Effect;
//! use stripegym_core::{Dispatcher, EffectHandler, Event, Handler, HandlerError, Processor};
//! use stripegym_core::{MemoryStore, Store, Tx};
//! use stripegym_core::{Clock, SystemClock};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Receipt { event_type: String }
//!
//! /// Asks for a mail, in the transaction of the event.
//! struct AskForReceipt;
//!
//! #[async_trait]
//! impl Handler for AskForReceipt {
//!     async fn handle(&self, event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError> {
//!         let Some(invoice) = event.object_id() else { return Ok(()) };
//!         let receipt = Receipt { event_type: event.kind().to_owned() };
//!         let mail = Effect::json(invoice, "mail.receipt", &receipt)?;
//!         tx.enqueue(&mail, SystemClock.now()).await?;
//!         Ok(())
//!     }
//! }
//!
//! /// Sends it, after the commit.
//! struct Mailer;
//!
//! #[async_trait]
//! impl EffectHandler for Mailer {
//!     async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
//!         let receipt: Receipt = effect.json()?;
//!         let message_id = format!("<{}@shop.example>", effect.message_id());
//!         # drop((receipt, message_id));
//!         // Here the mail goes out, under this Message-ID on every try.
//!         Ok(())
//!     }
//! }
//!
//! # async fn run() {
//! let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
//! let processor = Processor::builder(Arc::clone(&store))
//!     .on("invoice.paid", AskForReceipt)
//!     .build();
//! let dispatcher = Dispatcher::builder(store).on("mail.*", Mailer).build();
//! let workers = [processor.start_worker(), dispatcher.start_worker()];
//! # drop(workers); }
//! ```

mod delivery;
mod file;
mod worker;

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tracing::{Instrument, error, info, warn};

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::process::{Backoff, Chain, HandlerError, HandlerErrorKind};
use crate::store::outbox::means;
use crate::store::{
    EffectClaim, EffectSelection, Lease, Store, StoreError, StoreErrorKind, Verdict,
};

pub use delivery::Delivery;
pub use file::FileNotifier;

/// Longest error text that is kept with an effect, in bytes.
const REASON_BYTES_MAX: usize = 1000;
/// How often it is tried to write down how a delivery ended. What went out and
/// is not written down goes out again, so a failure that passes is sat out.
const SETTLE_TRIES_MAX: u32 = 2;

/// Does something outside the database. Open: write your own.
#[async_trait]
pub trait EffectHandler: Send + Sync {
    /// Delivers one effect. Nothing is locked meanwhile and no transaction is
    /// open. Success means that it need not be delivered again: return it
    /// after the other side has accepted, not before.
    ///
    /// # Errors
    /// Say with [`HandlerError`] whether trying again may help.
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError>;
}

/// The times that a dispatcher keeps to.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DispatcherConfig {
    /// How long a claim holds; a crashed dispatcher's effect is taken over
    /// after that. 60 seconds.
    pub lease: Duration,
    /// How long one delivery may take; it must be less than `lease`, or two
    /// would deliver at once. 30 seconds.
    pub limit: Duration,
    /// How often the worker looks without being woken. 1 second.
    pub poll: Duration,
    /// When a failed effect is tried again, and how often at most.
    pub backoff: Backoff,
}

impl Default for DispatcherConfig {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            limit: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            backoff: Backoff::default(),
        }
    }
}

/// Delivers effects. Cloning is cheap; any number, in any number of processes,
/// may share one database.
#[derive(Clone)]
pub struct Dispatcher(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: DispatcherConfig,
    /// What `handlers` are for, in their order.
    names: Vec<String>,
    handlers: Vec<Arc<dyn EffectHandler>>,
    wake: Notify,
}

/// Puts a [`Dispatcher`] together.
pub struct DispatcherBuilder(Inner);

impl DispatcherBuilder {
    /// Takes time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// Sets the times to keep to.
    #[must_use]
    pub fn config(mut self, config: DispatcherConfig) -> Self {
        self.0.config = config;
        self
    }

    /// Gives effects of one name (`mail.receipt`), of a family (`mail.*`) or of
    /// every name (`*`) to `handler`. Where several are meant, the first does
    /// it. Effects without a handler are left to other dispatchers.
    #[must_use]
    pub fn on(mut self, name: &str, handler: impl EffectHandler + 'static) -> Self {
        self.0.names.push(name.to_owned());
        self.0.handlers.push(Arc::new(handler));
        self
    }

    /// The dispatcher.
    ///
    /// # Panics
    /// When a delivery may take as long as its claim holds.
    #[must_use]
    pub fn build(self) -> Dispatcher {
        let DispatcherConfig { lease, limit, .. } = self.0.config;
        assert!(limit < lease, "a delivery must end before its claim does");
        Dispatcher(Arc::new(self.0))
    }
}

impl fmt::Debug for DispatcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DispatcherBuilder({:?})", self.0.names)
    }
}

impl Dispatcher {
    /// A dispatcher to be configured; without handlers it delivers nothing.
    #[must_use]
    pub fn builder(store: Arc<dyn Store>) -> DispatcherBuilder {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        DispatcherBuilder(Inner {
            store,
            clock,
            config: DispatcherConfig::default(),
            names: Vec::new(),
            handlers: Vec::new(),
            wake: Notify::new(),
        })
    }

    /// Has the worker look at once: call it when a transaction that asked for
    /// effects has committed. Without it the worker finds them at its next poll.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Makes dead effects due again; answers how many there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn replay(&self, selection: &EffectSelection) -> Result<u64, StoreError> {
        let mut tx = self.0.store.begin().await?;
        let revived = tx.revive_effects(selection, self.0.clock.now()).await?;
        tx.commit().await?;
        self.wake();
        Ok(revived)
    }

    /// Claims one effect and delivers it; false when there was nothing to claim.
    async fn dispatch_one(&self) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        let until = now.after(self.0.config.lease);
        let mut tx = self.0.store.begin().await?;
        let claimed = tx.claim_effect(Lease { now, until }, &self.0.names).await?;
        let Some(claimed) = claimed else {
            return Ok(false);
        };
        tx.commit().await?;
        // There may be more: whoever else waits here may look, too.
        self.wake();
        let delivery = Delivery::from(claimed);
        match self.dispatch(&delivery, until).await {
            Err(lost) if lost.kind() == StoreErrorKind::ClaimLost => {
                let (name, object_id) = (delivery.name(), delivery.object_id());
                info!(
                    effect.name = name,
                    effect.object_id = object_id,
                    "taken over"
                );
                Ok(true)
            }
            ended => ended.map(|()| true),
        }
    }

    /// Delivers what is claimed until `until`, and writes down how it ended.
    async fn dispatch(&self, delivery: &Delivery, until: Timestamp) -> Result<(), StoreError> {
        let DispatcherConfig { lease, limit, .. } = self.0.config;
        let now = self.0.clock.now();
        if now.after(limit) >= until {
            // The claim took so long to come that a delivery might outlive it.
            let mut tx = self.0.store.begin().await?;
            tx.renew_effect(delivery.claim(), now.after(lease)).await?;
            tx.commit().await?;
        }
        let tried = if delivery.attempt() > self.0.config.backoff.attempts_max {
            // Nobody lived to give it back. Tried again, it may kill this process, too.
            Err(HandlerError::permanent("every attempt was cut short"))
        } else {
            self.attempt(delivery).await
        };
        self.settle(delivery.claim(), tried).await
    }

    /// Runs the handler in a task of its own, so that a panic in it is a failed
    /// attempt like any other.
    async fn attempt(&self, delivery: &Delivery) -> Result<(), HandlerError> {
        let mut named = self.0.names.iter().zip(&self.0.handlers);
        let handler = named.find(|(name, _)| means(name, delivery.name()));
        let Some((_, handler)) = handler else {
            return Err(HandlerError::transient("there is no handler for it here"));
        };
        let (handler, work) = (Arc::clone(handler), delivery.clone());
        let span = tracing::info_span!(
            "outbox.dispatch",
            effect.name = delivery.name(),
            effect.object_id = delivery.object_id(),
            attempt = delivery.attempt()
        );
        let deliver = async move {
            handler.deliver(&work).await?;
            info!("delivered");
            Ok(())
        };
        let mut task = tokio::spawn(deliver.instrument(span));
        tokio::select! {
            biased;
            ended = &mut task => ended.unwrap_or_else(|panic| Err(HandlerError::transient(panic))),
            () = self.0.clock.sleep(self.0.config.limit) => {
                task.abort();
                // It may have ended in this very moment.
                match task.await {
                    Ok(ended) => ended,
                    Err(_) => Err(HandlerError::transient("it took too long")),
                }
            }
        }
    }

    /// Writes down how a delivery ended.
    async fn settle(
        &self,
        claim: &EffectClaim,
        tried: Result<(), HandlerError>,
    ) -> Result<(), StoreError> {
        let end = tried.err().map(|problem| self.judge(claim, &problem));
        let mut tries = 1;
        loop {
            match self.write_down(claim, end.as_ref()).await {
                Err(problem) if problem.is_retryable() && tries < SETTLE_TRIES_MAX => tries += 1,
                settled => return settled,
            }
        }
    }

    async fn write_down(
        &self,
        claim: &EffectClaim,
        failed: Option<&(Verdict, String)>,
    ) -> Result<(), StoreError> {
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        match failed {
            None => tx.complete_effect(claim, now).await?,
            Some((verdict, reason)) => tx.give_back_effect(claim, *verdict, reason, now).await?,
        }
        tx.commit().await
    }

    /// What becomes of an effect that failed, and the reason to keep with it.
    fn judge(&self, claim: &EffectClaim, problem: &HandlerError) -> (Verdict, String) {
        let EffectClaim {
            name,
            object_id,
            attempt,
            ..
        } = claim;
        let seed = delivery::message_id(object_id, name);
        let next = self.0.config.backoff.wait(&seed, *attempt);
        let verdict = match (problem.kind(), next) {
            (HandlerErrorKind::Permanent, _) | (_, None) => Verdict::Dead,
            (_, Some(wait)) => Verdict::RetryAt(self.0.clock.now().after(wait)),
        };
        let reason = reason(problem);
        match verdict {
            Verdict::Dead => {
                error!(effect.name = %name, effect.object_id = %object_id, attempt, error = %reason, "dead letter");
            }
            Verdict::RetryAt(_) => {
                warn!(effect.name = %name, effect.object_id = %object_id, attempt, error = %reason, "will try again");
            }
        }
        (verdict, reason)
    }
}

/// The causes of a failure, in a form that every database keeps.
fn reason(problem: &HandlerError) -> String {
    let text = match problem.source() {
        Some(cause) => Chain(cause).to_string(),
        None => problem.to_string(),
    };
    // PostgreSQL takes no NUL in a text, and a failure may quote the payload.
    let mut text = text.replace('\0', "");
    let mut end = text.len().min(REASON_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dispatcher({:?}, {:?})", self.0.store, self.0.names)
    }
}
