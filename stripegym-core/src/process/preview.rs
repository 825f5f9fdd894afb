//! What a replay would do, without doing it.

use std::fmt;

use super::absorb::{Absorbed, Answers};
use super::rows::{Answer, ObjectKey};
use super::{Chain, HandlerError, Processor};
use crate::event::Event;
use crate::ledger::Transaction;
use crate::store::{
    Claim, Drift, EventSelection, InboxState, ObjectKind, ObjectRow, StoreError, StoredEvent, Tx,
};

/// What processing one event anew would change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The event's id.
    pub event_id: String,
    /// Its type.
    pub kind: String,
    /// The rows that would change.
    pub rows: Vec<Drift>,
    /// What would be posted.
    pub postings: Vec<Transaction>,
    /// Why it would fail, if it would.
    pub failure: Option<String>,
}

impl Preview {
    /// True if nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.postings.is_empty() && self.failure.is_none()
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  {}", self.event_id, self.kind)?;
        for drift in &self.rows {
            write!(f, "{drift}")?;
        }
        for entry in &self.postings {
            writeln!(
                f,
                "  post     {}  {}",
                entry.key().rule,
                entry.key().object_id
            )?;
            for line in entry.postings() {
                writeln!(
                    f,
                    "             {:<16} {}",
                    line.account.as_str(),
                    line.amount
                )?;
            }
        }
        match &self.failure {
            Some(why) => writeln!(f, "  fails    {why}"),
            None if self.is_empty() => writeln!(f, "  changes nothing"),
            None => Ok(()),
        }
    }
}

impl Processor {
    /// What [`Processor::replay`] of these events would change, each taken by
    /// itself. Objects are fetched and handlers run, your own included, in a
    /// transaction that is then rolled back.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn preview(
        &self,
        selection: &EventSelection,
        limit: u32,
    ) -> Result<Vec<Preview>, StoreError> {
        let mut read = self.0.store.read().await?;
        let stored = read.events(selection, limit).await?;
        drop(read);
        let at_rest =
            |event: &&StoredEvent| matches!(event.state, InboxState::Done | InboxState::Dead);
        let mut previews = Vec::new();
        for event in stored.iter().filter(at_rest) {
            let mut preview = Preview {
                event_id: event.key.event_id.clone(),
                kind: event.kind.clone(),
                rows: Vec::new(),
                postings: Vec::new(),
                failure: None,
            };
            if let Err(problem) = self.rehearse(event, &mut preview).await {
                preview.failure = Some(Chain(&problem).to_string());
            }
            previews.push(preview);
        }
        Ok(previews)
    }

    async fn rehearse(
        &self,
        stored: &StoredEvent,
        preview: &mut Preview,
    ) -> Result<(), HandlerError> {
        let event = Event::parse(&stored.payload).map_err(HandlerError::permanent)?;
        let claim = Claim {
            key: stored.key.clone(),
            token: self.fence().await?,
            attempt: stored.attempts,
            receipt: stored.receipt,
        };
        let mut answers = Answers::new();
        loop {
            // Dropped at the end of each turn: nothing of it happens.
            let mut tx = self.0.store.begin().await?;
            let before = Before::look(tx.as_mut(), &event, &answers).await?;
            match self.effects(&event, &claim, &answers, tx.as_mut()).await? {
                Absorbed::Yes => {
                    preview.rows = before.compare(tx.as_mut()).await?;
                    preview.postings = before.unposted;
                    return Ok(());
                }
                Absorbed::Wants(key) if answers.contains_key(&key) => {
                    return Err(HandlerError::transient(
                        "it wants one thing again and again",
                    ));
                }
                Absorbed::Wants(key) => {
                    drop(tx);
                    let answer = self.ask(&key).await?;
                    answers.insert(key, answer);
                }
            }
        }
    }

    async fn fence(&self) -> Result<i64, StoreError> {
        let mut tx = self.0.store.begin().await?;
        let fence = tx.next_fence().await?;
        tx.commit().await?;
        Ok(fence)
    }

    async fn ask(&self, key: &ObjectKey) -> Result<Answer, HandlerError> {
        let fence = self.fence().await?;
        let fetched = self.fetch_from_source(key).await?;
        Ok(Answer::new(fence, fetched, self.0.clock.now()))
    }
}

/// How things stood before.
struct Before {
    rows: Vec<(ObjectKey, Option<ObjectRow>)>,
    unposted: Vec<Transaction>,
}

impl Before {
    async fn look(tx: &mut dyn Tx, event: &Event, answers: &Answers) -> Result<Self, HandlerError> {
        let mut keys: Vec<ObjectKey> = answers.keys().cloned().collect();
        let object = event.any_object().ok();
        let kind = object
            .as_ref()
            .and_then(|object| object.get::<&str>("object").ok());
        let own = kind
            .and_then(ObjectKind::from_stripe)
            .zip(event.object_id());
        if let Some(own) = own.filter(|own| !answers.contains_key(own)) {
            keys.push(own);
        }
        let mut rows = Vec::new();
        for key in keys {
            let row = tx.row(key.0, &key.1).await?;
            rows.push((key, row));
        }
        let mut unposted = Vec::new();
        for fact in super::absorb::facts(event, answers).map_err(super::facts::verdict)? {
            let key = fact.key();
            let is_told_twice = unposted
                .iter()
                .any(|known: &Transaction| known.key() == key);
            if !is_told_twice && !tx.is_posted(key.rule, &key.object_id).await? {
                unposted.push(fact);
            }
        }
        Ok(Self { rows, unposted })
    }

    async fn compare(&self, tx: &mut dyn Tx) -> Result<Vec<Drift>, StoreError> {
        let mut drifts = Vec::new();
        for (key, stored) in &self.rows {
            let told = tx.row(key.0, &key.1).await?;
            drifts.extend(Drift::between(
                key.0,
                &key.1,
                stored.as_ref(),
                told.as_ref(),
            ));
        }
        Ok(drifts)
    }
}
