//! What happens at Stripe: a few months of a small shop, in the sandbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
use stripegym_core::customer::{CreateCustomer, DeleteCustomer};
use stripegym_core::id::{CustomerId, PriceId, SubscriptionId};
use stripegym_core::price::{CreatePrice, Recurring};
use stripegym_core::product::CreateProduct;
use stripegym_core::refund::CreateRefund;
use stripegym_core::store::Owner;
use stripegym_core::subscription::{
    CancelSubscription, CreateSubscription, ItemParam, UpdateSubscription,
};
use stripegym_core::{Amount, ApiKey, Client, Clock, Currency, SystemClock, Timestamp};
use stripegym_sandbox::Sandbox;

/// When every story begins, in seconds since the Unix epoch.
const START_S: i64 = 1_760_000_000;
const DAY_MS: i64 = 86_400_000;

/// The machine's clock, put to the time of the story.
#[derive(Debug, Clone)]
pub(crate) struct StoryClock(Arc<AtomicI64>);

impl StoryClock {
    fn new() -> Self {
        let ahead = START_S * 1000 - SystemClock.now().unix_ms();
        Self(Arc::new(AtomicI64::new(ahead)))
    }

    /// Jumps ahead: every claim that is not done by then has run out.
    pub(crate) fn jump(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        let ahead = self.0.load(Ordering::SeqCst);
        Timestamp::from_unix_ms(SystemClock.now().unix_ms() + ahead)
    }

    async fn sleep(&self, wait: Duration) {
        SystemClock.sleep(wait).await;
    }
}

pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: StoryClock,
    pub(crate) stripe: Client,
    monthly: PriceId,
    once: PriceId,
    /// How many events have been handed out.
    told: AtomicUsize,
}

impl Shop {
    pub(crate) async fn open(seed: u64) -> Self {
        let clock = StoryClock::new();
        let sandbox = Sandbox::builder()
            .clock(Arc::new(stripegym_sandbox::ManualClock::new(START_S)))
            .seed(seed)
            .start()
            .await
            .unwrap();
        let stripe = Client::builder(ApiKey::parse(sandbox.secret_key()).unwrap())
            .transport(sandbox.service())
            .build()
            .unwrap();
        let product = CreateProduct::new("プレミアム")
            .send(&stripe)
            .await
            .unwrap();
        let product = product.product_id().unwrap();
        let yen = |minor| Amount::new(minor, Currency::JPY);
        let monthly = CreatePrice::recurring(&product, yen(1980), &Recurring::MONTHLY);
        let monthly = monthly.send(&stripe).await.unwrap().price_id().unwrap();
        let once = CreatePrice::one_time(&product, yen(4980));
        let once = once.send(&stripe).await.unwrap().price_id().unwrap();
        Self {
            sandbox,
            clock,
            stripe,
            monthly,
            once,
            told: AtomicUsize::new(0),
        }
    }

    /// Plays one act and answers the events that nobody was told of yet.
    pub(crate) async fn act(&self, number: u32) -> Vec<Value> {
        match number {
            0 => self.people_come().await,
            1 => self.people_change_their_minds().await,
            2 => self.people_go().await,
            _ => {}
        }
        let events = self.sandbox.events();
        let told = self.told.swap(events.len(), Ordering::SeqCst);
        events[told..].to_vec()
    }

    async fn people_come(&self) {
        for (owner, card) in [
            ("41", "pm_card_visa"),
            ("42", "pm_card_visa"),
            ("43", "pm_card_mastercard"),
        ] {
            let customer = self.customer(card).await;
            self.subscribe(&customer, owner).await;
        }
        self.buy("51", "4242424242424242").await;
        self.buy("52", "4242424242424242").await;
        // One who looks and does not buy.
        self.session("53").await;
        self.pass(31);
    }

    async fn people_change_their_minds(&self) {
        let ids = self.subscriptions();
        UpdateSubscription::new(&ids[0])
            .cancel_at_period_end(true)
            .send(&self.stripe)
            .await
            .unwrap();
        UpdateSubscription::new(&ids[1])
            .default_payment_method(&self.method(&ids[1]))
            .metadata("note", "stays")
            .send(&self.stripe)
            .await
            .unwrap();
        // A bank takes a charge back.
        self.buy("54", "4000000000000259").await;
        let paid = self.payments();
        let of = |index: usize| CreateRefund::of_payment_intent(&paid[index].parse().unwrap());
        of(0).amount(500).send(&self.stripe).await.unwrap();
        of(1).send(&self.stripe).await.unwrap();
        self.pass(31);
    }

    async fn people_go(&self) {
        let ids = self.subscriptions();
        CancelSubscription::new(&ids[2])
            .send(&self.stripe)
            .await
            .unwrap();
        let customer = self.customer("pm_card_visa").await;
        self.subscribe(&customer, "44").await;
        let gone = self.customer("pm_card_visa").await;
        self.subscribe(&gone, "45").await;
        DeleteCustomer::new(&gone).send(&self.stripe).await.unwrap();
        self.pass(31);
        self.buy("55", "4242424242424242").await;
        self.pass(7);
    }

    /// Somebody stays for a month; what was told of its beginning is listed no more.
    pub(crate) async fn one_month_only(&self) {
        let customer = self.customer("pm_card_visa").await;
        self.subscribe(&customer, "41").await;
        UpdateSubscription::new(&self.subscriptions()[0])
            .cancel_at_period_end(true)
            .send(&self.stripe)
            .await
            .unwrap();
        self.pass(45);
    }

    /// The time of the story, in seconds since the Unix epoch.
    pub(crate) fn now_s(&self) -> i64 {
        self.clock.now().unix_s()
    }

    fn pass(&self, days: u16) {
        self.sandbox.advance(days).unwrap();
        let ms = DAY_MS * i64::from(days);
        self.clock.jump(Duration::from_millis(ms.unsigned_abs()));
    }

    async fn customer(&self, card: &str) -> CustomerId {
        let card = card.parse().unwrap();
        let customer = CreateCustomer::new()
            .payment_method(&card)
            .default_payment_method(&card)
            .send(&self.stripe)
            .await
            .unwrap();
        customer.customer_id().unwrap()
    }

    async fn subscribe(&self, customer: &CustomerId, owner: &str) {
        CreateSubscription::new(customer, &[ItemParam::new(&self.monthly).quantity(2)])
            .metadata(Owner::METADATA_KEY, owner)
            .send(&self.stripe)
            .await
            .unwrap();
    }

    async fn session(&self, owner: &str) -> String {
        let items = [LineItem {
            price: self.once.clone(),
            quantity: 1,
        }];
        let urls = ReturnUrls {
            success: "http://127.0.0.1/ok".to_owned(),
            cancel: "http://127.0.0.1/no".to_owned(),
        };
        let session = CreateSession::payment(&items, &urls)
            .client_reference_id(owner)
            .send(&self.stripe)
            .await
            .unwrap();
        session.session_id().unwrap().as_str().to_owned()
    }

    async fn buy(&self, owner: &str, card: &str) {
        let session = self.session(owner).await;
        self.sandbox.pay(&session, card).await.unwrap();
    }

    /// Ids of the objects that events of this type tell of, oldest first.
    pub(crate) fn told_of(&self, kind: &str) -> Vec<String> {
        let events = self.sandbox.events();
        let ids = events.iter().filter(|event| event["type"] == kind);
        ids.map(|event| event["data"]["object"]["id"].as_str().unwrap().to_owned())
            .collect()
    }

    fn subscriptions(&self) -> Vec<SubscriptionId> {
        let ids = self.told_of("customer.subscription.created");
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    fn payments(&self) -> Vec<String> {
        self.told_of("payment_intent.succeeded")
    }

    fn method(&self, subscription: &SubscriptionId) -> stripegym_core::id::PaymentMethodId {
        let subscription = self.sandbox.object(subscription.as_str()).unwrap();
        let customer = subscription["customer"].as_str().unwrap();
        let customer = self.sandbox.object(customer).unwrap();
        let method = &customer["invoice_settings"]["default_payment_method"];
        method.as_str().unwrap().parse().unwrap()
    }
}
