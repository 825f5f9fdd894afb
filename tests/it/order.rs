//! Events in any order, some of them lost: in the end our rows and books are
//! what Stripe's are. The sandbox stands for Stripe, in this process.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use stripegym_core::customer::{CreateCustomer, DeleteCustomer};
use stripegym_core::id::{CustomerId, PriceId};
use stripegym_core::ledger::Account;
use stripegym_core::price::{CreatePrice, Recurring};
use stripegym_core::process::ProcessorConfig;
use stripegym_core::product::CreateProduct;
use stripegym_core::reconcile::{Reconciler, Run, Sweep};
use stripegym_core::refund::CreateRefund;
use stripegym_core::store::{DriftKind, EventSelection, InboxState, ObjectKind, ObjectRow, Owner};
use stripegym_core::subscription::{
    CancelSubscription, CreateSubscription, ItemParam, Subscription, UpdateSubscription,
};
use stripegym_core::{
    Amount, ApiKey, Client, Clock, Currency, ManualClock, MemoryStore, Processor, Store, Timestamp,
};
use stripegym_sandbox::Sandbox;
use stripegym_tests::{Sender, stores};

const SECRET: &str = "whsec_ordering";
const OWNER: &str = "41";

/// A Stripe with one customer, and somebody who listens to it.
struct Shop {
    sandbox: Sandbox,
    clock: ManualClock,
    stripe: Client,
    customer: CustomerId,
    price: PriceId,
}

impl Shop {
    async fn open() -> Self {
        let clock = ManualClock::at(Timestamp::from_unix_s(1_760_000_000));
        let sandbox = Sandbox::builder()
            .clock(Arc::new(stripegym_sandbox::ManualClock::new(1_760_000_000)))
            .seed(7)
            .start()
            .await
            .unwrap();
        let stripe = Client::builder(ApiKey::parse(sandbox.secret_key()).unwrap())
            .transport(sandbox.service())
            .clock(Arc::new(clock.clone()))
            .build()
            .unwrap();
        let customer = CreateCustomer::new()
            .payment_method(&"pm_card_visa".parse().unwrap())
            .default_payment_method(&"pm_card_visa".parse().unwrap())
            .send(&stripe)
            .await
            .unwrap();
        let product = CreateProduct::new("プレミアム")
            .send(&stripe)
            .await
            .unwrap();
        let monthly = Amount::new(1980, Currency::JPY);
        let product = product.product_id().unwrap();
        let price = CreatePrice::recurring(&product, monthly, &Recurring::MONTHLY)
            .send(&stripe)
            .await
            .unwrap();
        Self {
            customer: customer.customer_id().unwrap(),
            price: price.price_id().unwrap(),
            sandbox,
            clock,
            stripe,
        }
    }

    async fn subscribe(&self) -> Subscription {
        CreateSubscription::new(&self.customer, &[ItemParam::new(&self.price).quantity(2)])
            .metadata(Owner::METADATA_KEY, OWNER)
            .send(&self.stripe)
            .await
            .unwrap()
    }

    /// Three months of a subscription, a refund and the end.
    async fn three_months(&self) -> Vec<Value> {
        let subscription = self.subscribe().await.subscription_id().unwrap();
        self.pass(31);
        UpdateSubscription::new(&subscription)
            .cancel_at_period_end(true)
            .send(&self.stripe)
            .await
            .unwrap();
        UpdateSubscription::new(&subscription)
            .cancel_at_period_end(false)
            .send(&self.stripe)
            .await
            .unwrap();
        self.pass(31);
        let events = self.sandbox.events();
        let paid = of_type(&events, "payment_intent.succeeded").next().unwrap();
        CreateRefund::of_payment_intent(&object_id(paid).parse().unwrap())
            .amount(500)
            .send(&self.stripe)
            .await
            .unwrap();
        self.pass(1);
        CancelSubscription::new(&subscription)
            .send(&self.stripe)
            .await
            .unwrap();
        let mut events = self.sandbox.events();
        events.sort_by_key(|event| event["created"].as_i64());
        events
    }

    fn pass(&self, days: u16) {
        self.sandbox.advance(days).unwrap();
        self.clock
            .advance(Duration::from_secs(u64::from(days) * 86_400));
    }

    fn processor(&self, store: Arc<dyn Store>) -> Processor {
        let mut config = ProcessorConfig::default();
        config.livemode = Some(false);
        Processor::builder(store)
            .clock(Arc::new(self.clock.clone()))
            .config(config)
            .source(self.stripe.clone())
            .build()
    }

    /// Every row is what the object of its id says, and no object is without.
    async fn assert_same(&self, store: &dyn Store, events: &[Value]) {
        // A preview of an invoice has none.
        let with_id = events
            .iter()
            .filter(|event| event["type"] != "invoice.upcoming");
        let ids: BTreeSet<_> = with_id.map(object_id).collect();
        let mut read = store.read().await.unwrap();
        let mut compared = 0;
        for id in ids {
            let Some(object) = self.sandbox.object(id) else {
                continue;
            };
            let Some(kind) = object["object"].as_str().and_then(ObjectKind::from_stripe) else {
                continue;
            };
            let row = read.row(kind, id).await.unwrap();
            let row = row.unwrap_or_else(|| panic!("no row of {id}"));
            assert_row(&row, &object);
            compared += 1;
        }
        assert!(compared > 4, "{compared} rows compared");
    }
}

fn of_type<'a>(events: &'a [Value], kind: &str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["type"] == kind)
}

fn object_id(event: &Value) -> &str {
    event["data"]["object"]["id"].as_str().unwrap()
}

fn assert_row(row: &ObjectRow, object: &Value) {
    let id = object["id"].as_str().unwrap();
    match row {
        ObjectRow::Subscription(row) => {
            assert_eq!(row.fields.status.as_str(), object["status"], "{id}");
            assert_eq!(row.fields.ended_at, object["ended_at"].as_i64(), "{id}");
            let ends = object["cancel_at_period_end"].as_bool();
            assert_eq!(Some(row.fields.cancel_at_period_end), ends, "{id}");
            assert_eq!(
                row.fields.latest_invoice.as_ref().map(|id| id.as_str()),
                object["latest_invoice"].as_str()
            );
            let items = object["items"]["data"].as_array().unwrap();
            assert_eq!(row.items.len(), items.len(), "{id}");
            assert_eq!(row.items[0].quantity, items[0]["quantity"].as_i64(), "{id}");
            let until = items[0]["current_period_end"].as_i64();
            assert_eq!(row.items[0].current_period_end, until, "{id}");
        }
        ObjectRow::Invoice(row) => {
            assert_eq!(row.status.as_str(), object["status"], "{id}");
            assert_eq!(
                Some(row.amount_paid),
                object["amount_paid"].as_i64(),
                "{id}"
            );
            assert_eq!(row.number.as_deref(), object["number"].as_str(), "{id}");
        }
        ObjectRow::Customer(row) => {
            assert_eq!(Some(row.delinquent), object["delinquent"].as_bool(), "{id}");
            assert_eq!(Some(row.balance), object["balance"].as_i64(), "{id}");
        }
        ObjectRow::Refund(row) => {
            assert_eq!(
                row.status.as_ref().unwrap().as_str(),
                object["status"],
                "{id}"
            );
            assert_eq!(Some(row.amount), object["amount"].as_i64(), "{id}");
        }
        other => panic!("{other:?} was not expected here"),
    }
}

async fn deliver(processor: &Processor, event: &Value) {
    let delivery = Sender::new(SECRET).verified(event);
    let taken = processor.receive(delivery).await.unwrap();
    assert!(taken.done, "{} {}", event["type"], event["id"]);
}

async fn balance(store: &dyn Store, account: Account) -> i64 {
    let mut read = store.read().await.unwrap();
    let balances = read.trial_balance().await.unwrap();
    let of = balances.iter().filter(|one| one.account == account);
    of.map(|one| one.balance.minor()).sum()
}

/// A shuffle that is the same every time.
fn shuffled(events: &[Value], seed: u64) -> Vec<&Value> {
    let mut random = seed;
    let mut keyed: Vec<_> = events
        .iter()
        .map(|event| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (random >> 33, event)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, event)| event).collect()
}

#[tokio::test]
async fn in_whatever_order_events_come_rows_and_books_end_the_same() {
    let shop = Shop::open().await;
    let events = shop.three_months().await;
    let orders = (0..20).map(|seed| shuffled(&events, seed));
    let orders = orders.chain([events.iter().collect(), events.iter().rev().collect()]);
    for order in orders {
        let store = Arc::new(MemoryStore::new());
        let processor = shop.processor(store.clone());
        for event in order {
            deliver(&processor, event).await;
        }
        shop.assert_same(store.as_ref(), &events).await;
        let (sold, given_back) = (3 * 2 * 1980, 500);
        assert_eq!(balance(store.as_ref(), Account::Sales).await, -sold);
        assert_eq!(balance(store.as_ref(), Account::Refunds).await, given_back);
        assert_eq!(
            balance(store.as_ref(), Account::StripeClearing).await,
            sold - given_back
        );
    }
}

stores! {
    async fn the_last_comes_first_and_nothing_is_undone(store: TestStore) {
        let shop = Shop::open().await;
        let events = shop.three_months().await;
        let processor = shop.processor(store.shared());
        for event in events.iter().rev().chain(&events) {
            deliver(&processor, event).await;
        }
        shop.assert_same(&*store, &events).await;
        let mut read = store.read().await.unwrap();
        let theirs = read.subscriptions(&Owner::new(OWNER).unwrap()).await.unwrap();
        assert_eq!(theirs.len(), 1);
        assert!(!theirs[0].grants_access());
        let invoices = read.invoices(&Owner::new(OWNER).unwrap(), None, 2).await.unwrap();
        assert_eq!(invoices.len(), 2);
        let cursor = invoices.last().unwrap().cursor();
        let rest = read.invoices(&Owner::new(OWNER).unwrap(), Some(&cursor), 9).await.unwrap();
        assert_eq!(rest.len(), 1);
    }

    async fn when_nothing_was_delivered_for_a_month_reconciliation_finds_it_all(store: TestStore) {
        let shop = Shop::open().await;
        let events = shop.three_months().await;
        let processor = shop.processor(store.shared());
        let reconciler = Reconciler::new(&processor, shop.stripe.clone());

        let dry = Run { dry_run: true, ..Run::default() };
        let told = reconciler.run(dry).await.unwrap();
        assert!(told.swept, "the list of events does not reach back to the beginning");
        assert!(told.drifts.iter().all(|drift| drift.what == DriftKind::Missing));
        assert!(told.events_new > 0 && told.posted > 0, "{told}");
        assert!(store.read().await.unwrap().trial_balance().await.unwrap().is_empty());

        let done = reconciler.run(Run::default()).await.unwrap();
        assert!(done.unbooked.is_empty(), "{done}");
        shop.assert_same(&*store, &events).await;
        assert_eq!(balance(&*store, Account::StripeClearing).await, 0, "all of it has drained");
        let fees = balance(&*store, Account::Fees).await;
        assert!(fees > 0);
        let at_stripe = balance(&*store, Account::StripeBalance).await;
        assert_eq!(at_stripe, 3 * 2 * 1980 - 500 - fees);

        let again = Run { sweep: Sweep::Always, ..Run::default() };
        let again = reconciler.run(again).await.unwrap();
        assert!(again.is_clean(), "{again}");
    }

    async fn an_invoice_brings_the_subscription_that_nobody_told_us_of(store: TestStore) {
        let shop = Shop::open().await;
        shop.subscribe().await;
        let events = shop.sandbox.events();
        let processor = shop.processor(store.shared());
        deliver(&processor, of_type(&events, "invoice.paid").next().unwrap()).await;
        let mut read = store.read().await.unwrap();
        let theirs = read.subscriptions(&Owner::new(OWNER).unwrap()).await.unwrap();
        assert!(theirs[0].grants_access(), "paid, and so they may use it");
    }

    async fn a_deleted_customer_never_comes_back(store: TestStore) {
        let shop = Shop::open().await;
        DeleteCustomer::new(&shop.customer).send(&shop.stripe).await.unwrap();
        let events = shop.sandbox.events();
        let processor = shop.processor(store.shared());
        for event in of_type(&events, "customer.deleted")
            .chain(of_type(&events, "customer.created"))
            .chain(of_type(&events, "customer.updated"))
        {
            deliver(&processor, event).await;
        }
        Reconciler::new(&processor, shop.stripe.clone())
            .run(Run { sweep: Sweep::Always, ..Run::default() })
            .await
            .unwrap();
        let mut read = store.read().await.unwrap();
        let row = read.row(ObjectKind::Customer, shop.customer.as_str()).await.unwrap();
        assert_eq!(row, None);
    }

    async fn while_stripe_does_not_answer_an_event_waits_and_holds_nobody_up(store: TestStore) {
        let shop = Shop::open().await;
        shop.subscribe().await;
        let events = shop.sandbox.events();
        // A client of a Stripe that is down.
        let down = Client::builder(ApiKey::parse("sk_test_down").unwrap())
            .base("http://127.0.0.1:1")
            .retries(0)
            .build()
            .unwrap();
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(shop.clock.clone()))
            .source(down)
            .build();
        let paid = of_type(&events, "invoice.paid").next().unwrap();
        let taken = processor.receive(Sender::new(SECRET).verified(paid)).await.unwrap();
        assert!(!taken.done);
        let created = of_type(&events, "customer.subscription.created").next().unwrap();
        deliver(&processor, created).await;

        shop.clock.advance(Duration::from_secs(60));
        shop.processor(store.shared()).drain().await.unwrap();
        let summary = store.read().await.unwrap().inbox_summary().await.unwrap();
        assert_eq!(summary.count(InboxState::Done), 2);
        assert_eq!(balance(&*store, Account::Sales).await, -2 * 1980);
    }

    async fn a_dry_replay_tells_what_it_would_change_and_changes_nothing(store: TestStore) {
        let shop = Shop::open().await;
        shop.subscribe().await;
        let events = shop.sandbox.events();
        let processor = shop.processor(store.shared());
        let created = of_type(&events, "customer.subscription.created").next().unwrap();
        deliver(&processor, created).await;
        // Somebody wrote past the library.
        let id = object_id(created).to_owned();
        let mut tx = store.begin().await.unwrap();
        let row = tx.row(ObjectKind::Subscription, &id).await.unwrap();
        let Some(ObjectRow::Subscription(mut row)) = row else { panic!() };
        row.fields.cancel_at_period_end = true;
        tx.put_row(&row.into(), shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();

        let previews = processor.preview(&EventSelection::default(), 10).await.unwrap();
        assert_eq!(previews.len(), 1);
        let text = previews[0].to_string();
        assert!(text.contains("cancel_at_period_end: true -> false"), "{text}");
        let mut read = store.read().await.unwrap();
        let row = read.row(ObjectKind::Subscription, &id).await.unwrap();
        let Some(ObjectRow::Subscription(row)) = row else { panic!() };
        assert!(row.fields.cancel_at_period_end, "a preview changes nothing");
        drop(read);

        processor.replay(&EventSelection::default()).await.unwrap();
        processor.drain().await.unwrap();
        let previews = processor.preview(&EventSelection::default(), 10).await.unwrap();
        assert!(previews[0].is_empty(), "{}", previews[0]);
    }
}
