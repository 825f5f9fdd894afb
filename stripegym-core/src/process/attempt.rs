//! One attempt at one event: fetch what is needed, then all effects in one
//! transaction.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::{Instrument, debug, info};

use super::absorb::{Absorbed, Answers, Work};
use super::rows::{Answer, ObjectKey};
use super::{Fetched, HandlerError, Processor, handler};
use crate::event::Event;
use crate::store::{Claim, Claimed, StoreError, Tx};

/// Fetches for one attempt at most. An event needs its object and that object's
/// parent; what wants more is going round in circles.
const FETCHES_MAX: usize = 4;

/// The claim in hand; renewing it changes its token.
type SharedClaim = Arc<Mutex<Claim>>;

impl Processor {
    /// Runs the handlers in a task of their own, so that a panic in one is a
    /// failed attempt like any other: its transaction rolls back as it unwinds.
    pub(super) async fn attempt(
        &self,
        claimed: &Claimed,
        claim: &SharedClaim,
        limit: Duration,
    ) -> Result<(), HandlerError> {
        let (this, work, shared) = (self.clone(), claimed.clone(), Arc::clone(claim));
        let span = tracing::info_span!(
            "webhook.process", event.id = %claimed.claim.key.event_id, attempt = claimed.claim.attempt
        );
        let mut task =
            tokio::spawn(async move { this.apply(&work, &shared).await }.instrument(span));
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

    /// All effects of one event and its mark, in one transaction. What has to be
    /// fetched for it is fetched in between, outside of any transaction.
    async fn apply(&self, claimed: &Claimed, shared: &SharedClaim) -> Result<(), HandlerError> {
        let event = Event::parse(&claimed.payload).map_err(HandlerError::permanent)?;
        let mut answers = Answers::new();
        loop {
            let claim = current(shared);
            match self
                .try_apply(&event, &claimed.claim, &claim, &answers)
                .await?
            {
                Absorbed::Yes => {
                    info!(event.type = event.kind(), fetches = answers.len(), "done");
                    return Ok(());
                }
                Absorbed::Wants(_) if answers.len() >= FETCHES_MAX => {
                    return Err(HandlerError::transient(
                        "it wants one thing after the other",
                    ));
                }
                Absorbed::Wants(key) => {
                    let answer = self.fetch(&key, &claim, shared).await?;
                    answers.insert(key, answer);
                }
            }
        }
    }

    async fn try_apply(
        &self,
        event: &Event,
        begun: &Claim,
        claim: &Claim,
        answers: &Answers,
    ) -> Result<Absorbed, HandlerError> {
        let mut tx = self.0.store.begin().await?;
        let absorbed = self.effects(event, begun, answers, tx.as_mut()).await?;
        if absorbed == Absorbed::Yes {
            tx.complete(claim, self.0.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(absorbed)
    }

    /// All that an event does, but for its mark.
    pub(super) async fn effects(
        &self,
        event: &Event,
        claim: &Claim,
        answers: &Answers,
        tx: &mut dyn Tx,
    ) -> Result<Absorbed, HandlerError> {
        if self.is_ours(event) {
            let work = Work {
                event,
                claim,
                answers,
                can_fetch: self.0.source.is_some(),
                now: self.0.clock.now(),
            };
            let absorbed = work.absorb(tx).await?;
            if absorbed != Absorbed::Yes {
                return Ok(absorbed);
            }
        }
        for (kind, handler) in &self.0.handlers {
            if handler::applies(kind, event.kind())
                && let Err(problem) = handler.handle(event, tx).await
            {
                return self.wanted_by(problem, answers);
            }
        }
        Ok(Absorbed::Yes)
    }

    /// A handler that misses an object gets it fetched, once.
    fn wanted_by(
        &self,
        problem: HandlerError,
        answers: &Answers,
    ) -> Result<Absorbed, HandlerError> {
        match problem.missing() {
            Some(key) if self.0.source.is_some() && !answers.contains_key(key) => {
                Ok(Absorbed::Wants(key.clone()))
            }
            _ => Err(problem),
        }
    }

    /// Fetches an object under a number taken before, with a lease that
    /// outlives the answer.
    async fn fetch(
        &self,
        key: &ObjectKey,
        claim: &Claim,
        shared: &SharedClaim,
    ) -> Result<Answer, HandlerError> {
        let renewed = self.renew(claim).await?;
        let fence = renewed.token;
        *shared.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
        debug!(stripe.object = %key.1, "fetching the object");
        let fetched = self.fetch_from_source(key).await?;
        Ok(Answer::new(fence, fetched, self.0.clock.now()))
    }

    pub(super) async fn fetch_from_source(
        &self,
        (kind, id): &ObjectKey,
    ) -> Result<Fetched, HandlerError> {
        let Some(source) = &self.0.source else {
            return Err(HandlerError::permanent("there is nobody to ask"));
        };
        source
            .fetch(*kind, id)
            .await
            .map_err(HandlerError::transient)
    }

    async fn renew(&self, claim: &Claim) -> Result<Claim, StoreError> {
        let until = self.0.clock.now().after(self.0.config.lease);
        let mut tx = self.0.store.begin().await?;
        let renewed = tx.renew(claim, until).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// A connected account's sales are not ours, and play money is no money.
    fn is_ours(&self, event: &Event) -> bool {
        let mode = self.0.config.livemode;
        event.account().is_none() && mode.is_none_or(|mode| mode == event.livemode())
    }
}

fn current(shared: &SharedClaim) -> Claim {
    shared
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}
