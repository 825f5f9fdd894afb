//! Calls that must take effect once, whatever happens in between.
//!
//! An idempotency key protects a retry for 24 hours; a crash, a lost answer or
//! a long outage can outlast that. So a call is written down, with its key and
//! its exact body, before it is sent, and every answer is written down after.
//! While the key is young, the very same call is sent again. Once it is old, or
//! Stripe's stored answer is a failure of Stripe's own, the journal first looks
//! whether the call had its effect and only then plans it anew.
//! <https://docs.stripe.com/api/idempotent_requests>

mod customer;
mod decide;
mod look_up;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tracing::{info, warn};

use crate::client::{ApiError, Call, Client, IdempotencyKey, Request};
use crate::clock::Clock;
use crate::form::Form;
use crate::id::AccountId;
use crate::store::{FrozenCall, JournalEntry, Settlement, Store, StoreError};
use decide::{Step, Verdict, next_step, verdict};

pub use crate::store::{CallKey, CallKeyError, CallState};
pub use look_up::{ByMetadata, LookUp};

/// The metadata key under which every journalled call leaves its idempotency key.
pub const METADATA_KEY: &str = "stripegym_call";
/// Up to this age of a call its idempotency key is trusted: an hour less than
/// Stripe promises.
pub const KEY_TRUSTED_FOR: Duration = Duration::from_secs(23 * 3600);
/// Sends, look-ups and new plans in one go, before the caller is told to come back.
const ROUNDS_MAX: u32 = 8;
/// Between two rounds when somebody else is making the same call.
const CONFLICT_WAIT: Duration = Duration::from_millis(250);

/// Makes journalled calls. Cloning is cheap.
#[derive(Clone)]
pub struct Journal {
    store: Arc<dyn Store>,
    stripe: Client,
    clock: Arc<dyn Clock>,
}

/// Why a journalled call is not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Stripe refused, and nothing happened. The call may be made again,
    /// mended; it gets a key of its own.
    #[error("the call was refused")]
    Refused(#[source] ApiError),
    /// Whether it happened is not known yet. Make the same call again later:
    /// it will take effect once.
    #[error("the outcome of the call is not known yet; make it again later")]
    Unknown(#[source] ApiError),
    /// Others were making the same call all the while.
    #[error("the call is being made elsewhere; make it again later")]
    Busy,
    /// The journal could not be read or written.
    #[error("the journal failed")]
    Store(#[from] StoreError),
    /// The operating system has no randomness for a key.
    #[error("no idempotency key could be made")]
    NoEntropy(#[source] getrandom::Error),
    /// What the call made has no id, or a stored call does not read back.
    #[error("{0}")]
    Unreadable(&'static str),
}

impl Journal {
    /// A journal in this store, for calls through this client.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, stripe: Client, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            stripe,
            clock,
        }
    }

    /// Makes a call under a key of yours, once, and answers with the id of what
    /// it made. Made again under the same key, it answers the same.
    ///
    /// `look_up` tells, once the idempotency key is too old to be trusted,
    /// whether the call had its effect.
    ///
    /// # Errors
    /// See [`JournalError`]. After every error the call may be made again.
    pub async fn perform(
        &self,
        key: &CallKey,
        call: impl Call,
        look_up: &dyn LookUp,
    ) -> Result<String, JournalError> {
        let request = call.into_request();
        let mut entry = self.plan(&self.freeze(key, &request, 1)?).await?;
        for _ in 0..ROUNDS_MAX {
            match next_step(&entry, self.clock.now()) {
                Step::Done(object_id) => return Ok(object_id),
                Step::Send => match self.send(&entry).await? {
                    Verdict::Done(object_id) => return Ok(object_id),
                    Verdict::Refused(why) => return Err(JournalError::Refused(why)),
                    Verdict::Unknown(why) => return Err(JournalError::Unknown(why)),
                    Verdict::FinalForItsKey => {
                        entry = self.look_up_or_replan(&entry, &request, look_up).await?;
                    }
                    Verdict::Elsewhere => {
                        self.clock.sleep(CONFLICT_WAIT).await;
                        entry = self.plan(&entry.call).await?;
                    }
                },
                Step::LookUp => {
                    entry = self.look_up_or_replan(&entry, &request, look_up).await?;
                }
                Step::Replan => entry = self.replan(&entry, &request).await?,
            }
        }
        Err(JournalError::Busy)
    }

    fn freeze(
        &self,
        key: &CallKey,
        request: &Request,
        generation: u32,
    ) -> Result<FrozenCall, JournalError> {
        let mut form = request.form().clone();
        let idempotency_key = IdempotencyKey::random().map_err(JournalError::NoEntropy)?;
        // Random, so that no other installation on the same account has it.
        form.set(
            format!("metadata[{METADATA_KEY}]"),
            idempotency_key.as_str(),
        );
        let api_version = request.api_version().unwrap_or(self.stripe.api_version());
        Ok(FrozenCall {
            key: key.clone(),
            generation,
            idempotency_key: idempotency_key.as_str().to_owned(),
            method: request.method().as_str().to_owned(),
            path: request.path().to_owned(),
            body: form.encode(),
            api_version: api_version.to_owned(),
            account: request.account_id().map(|id| id.as_str().to_owned()),
        })
    }

    /// Sends the frozen call, and writes down that it will and how it went.
    async fn send(&self, entry: &JournalEntry) -> Result<Verdict, JournalError> {
        let request = thaw(&entry.call)?;
        let mut tx = self.store.begin().await?;
        tx.note_call_sent(&entry.call, self.clock.now()).await?;
        tx.commit().await?;
        let answer = self.stripe.execute(request).await;
        let verdict = verdict(answer.map(|answer| made_object(answer.body())));
        if let Some(settlement) = verdict.settlement() {
            self.settle(&entry.call, &settlement).await?;
        }
        Ok(verdict)
    }

    async fn look_up_or_replan(
        &self,
        entry: &JournalEntry,
        request: &Request,
        look_up: &dyn LookUp,
    ) -> Result<JournalEntry, JournalError> {
        info!(call.key = %entry.call.key, look_up = look_up.name(), "looking for the call's effect");
        match look_up
            .find(&self.stripe, entry)
            .await
            .map_err(JournalError::Unknown)?
        {
            Some(object_id) => {
                self.settle(&entry.call, &Settlement::Ok { object_id })
                    .await?;
                self.plan(&entry.call).await
            }
            None => self.replan(entry, request).await,
        }
    }

    async fn plan(&self, call: &FrozenCall) -> Result<JournalEntry, JournalError> {
        let mut tx = self.store.begin().await?;
        let entry = tx.plan_call(call, self.clock.now()).await?;
        tx.commit().await?;
        Ok(entry)
    }

    async fn replan(
        &self,
        entry: &JournalEntry,
        request: &Request,
    ) -> Result<JournalEntry, JournalError> {
        let next = entry.call.generation.saturating_add(1);
        let call = self.freeze(&entry.call.key, request, next)?;
        warn!(call.key = %call.key, call.generation = next, "planned anew");
        let mut tx = self.store.begin().await?;
        let entry = tx.replan_call(&call, self.clock.now()).await?;
        tx.commit().await?;
        Ok(entry)
    }

    async fn settle(&self, call: &FrozenCall, settlement: &Settlement) -> Result<(), JournalError> {
        let mut tx = self.store.begin().await?;
        tx.settle_call(call, settlement, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({:?}, {:?})", self.store, self.stripe)
    }
}

/// The request as it was frozen.
fn thaw(call: &FrozenCall) -> Result<Request, JournalError> {
    let unreadable = JournalError::Unreadable("the stored call does not read back");
    let (Some(form), Ok(key)) = (
        Form::decode(&call.body),
        IdempotencyKey::parse(&call.idempotency_key),
    ) else {
        return Err(unreadable);
    };
    let request = match call.method.as_str() {
        "POST" => Request::post(&call.path),
        "DELETE" => Request::delete(&call.path),
        _ => return Err(unreadable),
    };
    let request = request
        .with_form(form)
        .with_idempotency_key(key)
        .with_api_version(&call.api_version);
    match &call.account {
        None => Ok(request),
        Some(account) => match AccountId::parse(account) {
            Ok(account) => Ok(request.with_account(account)),
            Err(_) => Err(unreadable),
        },
    }
}

fn made_object(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    Some(json.get("id")?.as_str()?.to_owned())
}
