//! What one event does to our rows and books, within one transaction: the row
//! by order, the books by fact.

use std::collections::BTreeMap;

use super::facts;
use super::handler::HandlerError;
use super::order::{Step, Telling};
use super::rows::{Answer, ObjectKey, Rows};
use crate::clock::Timestamp;
use crate::event::Event;
use crate::ledger::{RuleError, Transaction};
use crate::object::Object;
use crate::projection;
use crate::store::{Claim, ObjectKind, ObjectRow, Tx};

/// What was fetched for one event so far.
pub(super) type Answers = BTreeMap<ObjectKey, Answer>;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Absorbed {
    /// All of it is in the transaction.
    Yes,
    /// First this object has to be fetched, outside any transaction.
    Wants(ObjectKey),
}

/// One event in hand.
pub(super) struct Work<'a> {
    pub(super) event: &'a Event,
    pub(super) claim: &'a Claim,
    pub(super) answers: &'a Answers,
    /// Whether there is anybody to fetch from.
    pub(super) can_fetch: bool,
    pub(super) now: Timestamp,
}

impl Work<'_> {
    /// Brings rows and books up to what the event and the answers say.
    pub(super) async fn absorb(&self, tx: &mut dyn Tx) -> Result<Absorbed, HandlerError> {
        let Some((object, name)) = told_of(self.event)? else {
            return Ok(Absorbed::Yes);
        };
        let Some(kind) = ObjectKind::from_stripe(&name) else {
            // Of an object without a row there may still be facts to book.
            let facts = facts(self.event, self.answers).map_err(facts::verdict)?;
            facts::book(tx, &facts, self.now).await?;
            return Ok(Absorbed::Yes);
        };
        // A preview is nobody's state.
        if self.event.kind() == "invoice.upcoming" {
            return Ok(Absorbed::Yes);
        }
        let id = self.event.object_id();
        let id = id.ok_or_else(|| HandlerError::permanent(NoId))?;
        let key = (kind, id);
        if let Absorbed::Wants(other) = self.write(tx, &key, &object).await? {
            return Ok(Absorbed::Wants(other));
        }
        self.book(tx, &key, &object).await
    }

    /// Brings the rows up to date: the event's own, and those fetched for it.
    async fn write(
        &self,
        tx: &mut dyn Tx,
        key: &ObjectKey,
        object: &Object,
    ) -> Result<Absorbed, HandlerError> {
        let told = projection::project(key.0, object, self.event.livemode())
            .map_err(HandlerError::permanent)?;
        let told = with_outcome(told, self.event.kind());
        let parent = parent_of(&told).filter(|_| self.can_fetch);
        let others = self.answers.iter().filter(|(other, _)| *other != key);
        let locked = others.clone().map(|(other, _)| other);
        let locked = locked.chain(&parent).chain([key]);
        let mut rows = Rows::lock(tx, locked, self.event.livemode(), self.now).await?;

        // Its parent, or what a handler missed.
        for (other, answer) in others {
            rows.write_answer(other, answer, None).await?;
        }
        if let Some(parent) = parent.filter(|parent| rows.is_new(parent)) {
            return Ok(Absorbed::Wants(parent));
        }
        let (created, fence) = (self.event.created(), self.claim.token);
        match (rows.step(key, self.telling()), self.answers.get(key)) {
            (Step::Remove, _) => rows.remove(key, created, fence).await?,
            (_, Some(answer)) => drop(rows.write_answer(key, answer, Some(created)).await?),
            // Whichever of the two is newer, they say the same.
            (Step::Fetch, None) if rows.says_already(&told).await? => {}
            (Step::Fetch, None) if self.can_fetch => return Ok(Absorbed::Wants(key.clone())),
            // With nobody to ask, of two that are equally new the later one counts.
            (Step::Fetch | Step::Payload, None) => {
                rows.write_payload(told, object, created, fence).await?;
            }
            (Step::Nothing, None) => {}
        }
        Ok(Absorbed::Yes)
    }

    /// The books follow facts and not states: an old payload tells them as well
    /// as a new one.
    async fn book(
        &self,
        tx: &mut dyn Tx,
        key: &ObjectKey,
        object: &Object,
    ) -> Result<Absorbed, HandlerError> {
        let answer = self.answers.get(key);
        if facts::payload_lacks(tx, key.0, object).await?
            && answer.is_none_or(|answer| answer.object.is_none())
        {
            return if self.can_fetch && answer.is_none() {
                Ok(Absorbed::Wants(key.clone()))
            } else {
                Err(HandlerError::transient(facts::NobodyToAsk))
            };
        }
        let facts = facts(self.event, self.answers).map_err(facts::verdict)?;
        facts::book(tx, &facts, self.now).await?;
        Ok(Absorbed::Yes)
    }

    fn telling(&self) -> Telling {
        Telling {
            created: self.event.created(),
            receipt: self.claim.receipt,
            deletes: matches!(self.event.kind(), "customer.deleted" | "invoice.deleted"),
        }
    }
}

/// An object of ours that cannot be told from others.
#[derive(Debug, thiserror::Error)]
#[error("the event's object has no id, or two, or one that is none")]
struct NoId;

/// Types of events that always carry an object of ours. Of others we do not
/// know what they carry, if anything.
const OURS: [&str; 8] = [
    "charge.dispute.",
    "charge.refund.",
    "checkout.session.",
    "customer.",
    "invoice.",
    "payment_intent.",
    "refund.",
    "subscription_schedule.",
];

/// The object that an event is about, and its kind in Stripe's words; none for
/// an event about nothing in particular. One that is ours and cannot be read
/// must not pass for that: a person has to look.
fn told_of(event: &Event) -> Result<Option<(Object, String)>, HandlerError> {
    let is_ours = OURS.iter().any(|family| event.kind().starts_with(family));
    let object = match event.any_object() {
        Ok(object) => object,
        Err(unreadable) if is_ours => return Err(HandlerError::permanent(unreadable)),
        Err(_) => return Ok(None),
    };
    let name = object.get::<&str>("object").map(str::to_owned);
    match name {
        Ok(name) => Ok(Some((object, name))),
        Err(unreadable) if is_ours => Err(HandlerError::permanent(unreadable)),
        Err(_) => Ok(None),
    }
}

/// Everything that an event and the answers about its object say is to be booked.
pub(super) fn facts(event: &Event, answers: &Answers) -> Result<Vec<Transaction>, RuleError> {
    let Ok(object) = event.any_object() else {
        return Ok(Vec::new());
    };
    let mut facts = facts::of_payload(event, &object)?;
    let id = event.object_id();
    for ((kind, _), answer) in answers
        .iter()
        .filter(|((_, of), _)| Some(of) == id.as_ref())
    {
        if let Some(fetched) = &answer.object {
            facts.extend(facts::of_object(*kind, fetched, event.created())?);
        }
    }
    Ok(facts)
}

/// A session does not say that its delayed payment has failed; the event does.
fn with_outcome(mut told: ObjectRow, event_kind: &str) -> ObjectRow {
    if let ObjectRow::CheckoutSession(row) = &mut told {
        row.payment_failed |= event_kind == "checkout.session.async_payment_failed";
    }
    told
}

/// What an object belongs to. An invoice whose subscription nobody told us of
/// is paid for something that the customer cannot use yet.
fn parent_of(row: &ObjectRow) -> Option<ObjectKey> {
    match row {
        ObjectRow::Invoice(row) => {
            let id = row.subscription.as_ref()?.as_str().to_owned();
            Some((ObjectKind::Subscription, id))
        }
        _ => None,
    }
}
