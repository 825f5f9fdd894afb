//! Handlers and boundaries that make trouble.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use stripegym_core::dispatch::Delivery;
use stripegym_core::store::{Lease, StoreError, StoreErrorKind};
use stripegym_core::{EffectHandler, HandlerError, Store, Timestamp};
use stripegym_tests::{Boundary, Crossing};
use tokio::sync::Notify;

use super::Mailbox;

/// Hangs at the first try, delivers at the next.
pub(super) struct HangsOnce {
    pub(super) begun: Arc<Notify>,
    pub(super) hung: AtomicU32,
    pub(super) then: Mailbox,
}

#[async_trait]
impl EffectHandler for HangsOnce {
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
        if self.hung.fetch_add(1, Ordering::SeqCst) == 0 {
            self.begun.notify_one();
            std::future::pending::<()>().await;
        }
        self.then.deliver(effect).await
    }
}

/// Tells that it has begun, and goes on when it may.
pub(super) struct Waits {
    pub(super) begun: Arc<Notify>,
    pub(super) go_on: Arc<Notify>,
    pub(super) then: Mailbox,
}

#[async_trait]
impl EffectHandler for Waits {
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
        self.begun.notify_one();
        self.go_on.notified().await;
        self.then.deliver(effect).await
    }
}

/// While delivering, tries to take the same effect over at a later time.
pub(super) struct Rival {
    pub(super) store: Arc<dyn Store>,
    pub(super) at: Timestamp,
}

#[async_trait]
impl EffectHandler for Rival {
    async fn deliver(&self, _effect: &Delivery) -> Result<(), HandlerError> {
        let lease = Lease {
            now: self.at,
            until: self.at.after(Duration::from_secs(60)),
        };
        let mut tx = self.store.begin().await?;
        match tx.claim_effect(lease, &["*".to_owned()]).await? {
            None => Ok(()),
            Some(_) => Err(HandlerError::permanent("it could be taken over")),
        }
    }
}

/// Fails before one kind of statement, so many times.
pub(super) struct FailsAt {
    pub(super) statement: &'static str,
    pub(super) left: AtomicU32,
}

impl Boundary for FailsAt {
    fn cross(&self, crossing: Crossing) -> Result<(), StoreError> {
        let fail = || {
            self.left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
        };
        if crossing == Crossing::Before(self.statement) && fail().is_ok() {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}

/// Something happens between the first commit and whoever waits for it.
pub(super) struct AfterTheFirstCommit<F> {
    pub(super) is_due: AtomicBool,
    pub(super) then: F,
}

impl<F: Fn() + Send + Sync> AfterTheFirstCommit<F> {
    pub(super) fn then(then: F) -> Self {
        Self {
            is_due: AtomicBool::new(true),
            then,
        }
    }
}

impl<F: Fn() + Send + Sync> Boundary for AfterTheFirstCommit<F> {
    fn cross(&self, crossing: Crossing) -> Result<(), StoreError> {
        let is_commit = crossing == Crossing::After("commit");
        if is_commit && self.is_due.swap(false, Ordering::SeqCst) {
            (self.then)();
        }
        Ok(())
    }
}
