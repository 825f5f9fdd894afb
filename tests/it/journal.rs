//! One effect at Stripe per journalled call: lost requests, lost answers,
//! crashes, concurrency, and idempotency keys that Stripe has forgotten.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use stripegym_core::client::{Transport, TransportError, TransportErrorKind};
use stripegym_core::customer::CreateCustomer;
use stripegym_core::journal::JournalError;
use stripegym_core::store::{StoreError, StoreErrorKind};
use stripegym_core::{ApiKey, Client, Journal, ManualClock, Owner, Store, Timestamp};
use stripegym_sandbox::{ManualClock as SandboxClock, Sandbox, SandboxService};
use stripegym_tests::{Boundaries, Boundary, Crossing, stores};

const START_S: i64 = 1_760_000_000;
const HOUR: Duration = Duration::from_secs(3600);

/// What becomes of one request on its way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It never arrives.
    RequestLost,
    /// It arrives when nobody waits for it any more.
    RequestLate,
    /// It arrives and acts; nobody hears of it.
    AnswerLost,
    /// It arrives and acts; a proxy answers for Stripe.
    BadGateway,
    /// Stripe fails, and remembers that it failed.
    ReplayedFailure,
}

/// The way to the sandbox, with accidents.
#[derive(Clone)]
struct Road {
    sandbox: SandboxService,
    fates: Arc<Mutex<VecDeque<Fate>>>,
    late: Arc<Mutex<Vec<Request<Bytes>>>>,
}

#[async_trait]
impl Transport for Road {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let fate = self.fates.lock().unwrap().pop_front();
        let lost = || TransportError::new(TransportErrorKind::Interrupted, "an accident");
        let answer = |status: u16, replayed| {
            let built = Response::builder()
                .status(status)
                .header("idempotent-replayed", replayed);
            Ok(built.body(Bytes::new()).unwrap())
        };
        match fate {
            Some(Fate::RequestLost) => Err(lost()),
            Some(Fate::RequestLate) => {
                self.late.lock().unwrap().push(request);
                Err(lost())
            }
            Some(Fate::ReplayedFailure) => answer(500, "true"),
            Some(Fate::AnswerLost) => {
                self.sandbox.send(request).await?;
                Err(lost())
            }
            Some(Fate::BadGateway) => {
                self.sandbox.send(request).await?;
                answer(502, "false")
            }
            None => self.sandbox.send(request).await,
        }
    }
}

/// A Stripe and a clock that go together.
struct World {
    sandbox: Sandbox,
    sandbox_clock: Arc<SandboxClock>,
    clock: ManualClock,
    road: Road,
}

impl World {
    async fn new() -> Self {
        let sandbox_clock = Arc::new(SandboxClock::new(START_S));
        let sandbox = Sandbox::builder()
            .clock(sandbox_clock.clone())
            .start()
            .await
            .unwrap();
        let road = Road {
            sandbox: sandbox.service(),
            fates: Arc::default(),
            late: Arc::default(),
        };
        let clock = ManualClock::at(Timestamp::from_unix_s(START_S));
        Self {
            sandbox,
            sandbox_clock,
            clock,
            road,
        }
    }

    fn journal(&self, store: Arc<dyn Store>) -> Journal {
        let stripe = Client::builder(ApiKey::parse(self.sandbox.secret_key()).unwrap())
            .transport(self.road.clone())
            .retries(0)
            .build()
            .unwrap();
        Journal::new(store, stripe, Arc::new(self.clock.clone()))
    }

    fn accidents(&self, fates: &[Fate]) {
        self.road.fates.lock().unwrap().extend(fates);
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.sandbox_clock.advance(time);
    }

    /// What was late arrives.
    async fn late_requests_arrive(&self) {
        let late = std::mem::take(&mut *self.road.late.lock().unwrap());
        for request in late {
            self.sandbox.service().send(request).await.unwrap();
        }
    }

    /// How many customers Stripe has ever made.
    fn customers(&self) -> usize {
        let events = self.sandbox.events();
        events
            .iter()
            .filter(|event| event["type"] == "customer.created")
            .count()
    }
}

fn owner() -> Owner {
    Owner::new("41").unwrap()
}

fn hanako() -> CreateCustomer {
    CreateCustomer::new()
        .email("hanako@example.com")
        .name("花子")
}

stores! {
    async fn with_the_outcome_unknown_at_any_age_the_customer_is_one(store: TestStore) {
        // The memory of one store serves all: each world has a Stripe and an owner of its own.
        let ages = [0, 22, 23, 25, 40 * 24];
        let fates = [Fate::RequestLost, Fate::AnswerLost, Fate::BadGateway, Fate::ReplayedFailure];
        for (number, (age, fate)) in
            ages.iter().flat_map(|age| fates.map(|fate| (*age, fate))).enumerate()
        {
            let world = World::new().await;
            let journal = world.journal(store.shared());
            let owner = Owner::new(format!("{number}")).unwrap();
            world.accidents(&[fate]);
            let first = journal.customer_of(&owner, hanako()).await;
            if !matches!(fate, Fate::ReplayedFailure) {
                assert!(matches!(first, Err(JournalError::Unknown(_))), "{fate:?}: {first:?}");
            }
            world.pass(HOUR * age);
            let made = journal.customer_of(&owner, hanako()).await.unwrap();
            assert_eq!(world.customers(), 1, "{fate:?} after {age} h");
            let again = journal.customer_of(&owner, hanako()).await.unwrap();
            assert_eq!((made, world.customers()), (again, 1), "{fate:?} after {age} h");
        }
    }

    async fn unknown_again_and_again_over_weeks_it_is_still_one(store: TestStore) {
        let world = World::new().await;
        let journal = world.journal(store.shared());
        world.accidents(&[Fate::RequestLost]);
        journal.customer_of(&owner(), hanako()).await.unwrap_err();
        world.pass(HOUR * 25);
        // A look-up finds nothing, and the new plan's request is lost, too; a
        // day later the look-up itself is.
        for lost in [&[Fate::BadGateway][..], &[Fate::RequestLost]] {
            world.accidents(lost);
            journal.customer_of(&owner(), hanako()).await.unwrap_err();
            world.pass(HOUR * 25);
        }
        journal.customer_of(&owner(), hanako()).await.unwrap();
        assert_eq!(world.customers(), 1);
    }

    async fn a_hundred_at_once_make_one(store: TestStore) {
        let world = World::new().await;
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..100 {
            // A journal each, as processes have.
            let journal = world.journal(store.shared());
            callers.spawn(async move { journal.customer_of(&owner(), hanako()).await.unwrap() });
        }
        let mut made = callers.join_all().await;
        made.sort();
        made.dedup();
        assert_eq!((made.len(), world.customers()), (1, 1));
    }

    async fn machines_whose_clocks_differ_a_little_make_one(store: TestStore) {
        let world = World::new().await;
        let journal = world.journal(store.shared());
        world.accidents(&[Fate::RequestLate]);
        journal.customer_of(&owner(), hanako()).await.unwrap_err();
        // The other machine's clock is behind.
        world.clock.set(Timestamp::from_unix_ms(START_S * 1000 - 200));
        let made = journal.customer_of(&owner(), hanako()).await.unwrap();
        world.late_requests_arrive().await;
        let again = journal.customer_of(&owner(), hanako()).await.unwrap();
        assert_eq!((made, world.customers()), (again, 1));
    }

    async fn a_crash_at_any_statement_leaves_one(store: TestStore) {
        let mut nth = 0;
        loop {
            nth += 1;
            let world = World::new().await;
            let crash = Arc::new(CrashAt { nth, crossed: AtomicU32::new(0) });
            let failing = Boundaries::around(store.shared(), crash.clone());
            let owner = Owner::new(format!("{nth}")).unwrap();
            let died = world.journal(Arc::new(failing)).customer_of(&owner, hanako()).await.is_err();
            // A new process, an hour and then days later.
            world.pass(if nth % 2 == 0 { HOUR } else { HOUR * 72 });
            let journal = world.journal(store.shared());
            let made = journal.customer_of(&owner, hanako()).await.unwrap();
            assert_eq!(world.customers(), 1, "boundary {nth}");
            let known = store.read().await.unwrap().customer_of(&owner).await.unwrap();
            assert_eq!(known, Some(made));
            if !died {
                break;
            }
        }
        assert!(nth > 15, "only {nth} boundaries");
    }

    async fn two_installations_on_one_account_never_take_each_others_customer(store: TestStore) {
        let world = World::new().await;
        let neighbour = world.journal(Arc::new(stripegym_core::MemoryStore::new()));
        world.accidents(&[Fate::RequestLost]);
        let journal = world.journal(store.shared());
        journal.customer_of(&owner(), hanako()).await.unwrap_err();
        let theirs = neighbour.customer_of(&owner(), hanako()).await.unwrap();
        world.pass(HOUR * 25);
        let ours = journal.customer_of(&owner(), hanako()).await.unwrap();
        assert_ne!(ours, theirs);
    }

    async fn what_stripe_refuses_may_be_mended_and_made(store: TestStore) {
        let world = World::new().await;
        let journal = world.journal(store.shared());
        let bad = CreateCustomer::new().email("not an address");
        let refused = journal.customer_of(&owner(), bad).await;
        assert!(matches!(refused, Err(JournalError::Refused(_))), "{refused:?}");
        journal.customer_of(&owner(), hanako()).await.unwrap();
        assert_eq!(world.customers(), 1);
    }
}

/// Fails at the nth statement boundary and ever after: the process is gone.
struct CrashAt {
    nth: u32,
    crossed: AtomicU32,
}

impl Boundary for CrashAt {
    fn cross(&self, _crossing: Crossing) -> Result<(), StoreError> {
        if self.crossed.fetch_add(1, Ordering::SeqCst) + 1 >= self.nth {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}
