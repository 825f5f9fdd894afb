//! A shop with a monthly price, a customer with a card, and a test clock between them.

use serde_json::Value;
use stripegym_sandbox::{Builder, Sandbox};

use crate::wire::{Wire, id, types};

/// 1 January 2026.
pub(crate) const NEW_YEAR: i64 = 1_767_225_600;
pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) struct Billing {
    pub(crate) sandbox: Sandbox,
    pub(crate) wire: Wire,
    pub(crate) clock: String,
    pub(crate) customer: String,
    /// 1,000 yen a month.
    pub(crate) basic: String,
    /// 2,000 yen a month.
    pub(crate) pro: String,
}

impl Billing {
    pub(crate) async fn start() -> Self {
        Self::with(Sandbox::builder(), "pm_card_visa").await
    }

    pub(crate) async fn with(builder: Builder, card: &str) -> Self {
        let sandbox = builder.start().await.unwrap();
        let wire = Wire::to(&sandbox);
        let clock = format!("frozen_time={NEW_YEAR}&name=story");
        let clock = id(&wire.post("/v1/test_helpers/test_clocks", &clock).await.ok());
        let body = format!("email=ann@example.com&test_clock={clock}");
        let customer = id(&wire.post("/v1/customers", &body).await.ok());
        let billing = Self {
            basic: price(&wire, "Basic", 1000, "month").await,
            pro: price(&wire, "Pro", 2000, "month").await,
            sandbox,
            wire,
            clock,
            customer,
        };
        if !card.is_empty() {
            billing.card(card).await;
        }
        billing
    }

    /// Makes this the card that invoices are collected from.
    pub(crate) async fn card(&self, token: &str) {
        let body = format!("customer={}", self.customer);
        let path = format!("/v1/payment_methods/{token}/attach");
        let method = id(&self.wire.post(&path, &body).await.ok());
        let body = format!("invoice_settings[default_payment_method]={method}");
        let path = format!("/v1/customers/{}", self.customer);
        self.wire.post(&path, &body).await.ok();
    }

    pub(crate) async fn subscribe(&self, price: &str, more: &str) -> Value {
        let body = format!("customer={}&items[0][price]={price}{more}", self.customer);
        self.wire.post("/v1/subscriptions", &body).await.ok()
    }

    pub(crate) async fn get(&self, id: &str) -> Value {
        // Asking through the API lets what is due happen first.
        self.wire.get("/v1/balance").await.ok();
        self.sandbox.object(id).unwrap()
    }

    pub(crate) async fn latest_invoice(&self, subscription: &str) -> Value {
        let subscription = self.get(subscription).await;
        let invoice = subscription["latest_invoice"].as_str().unwrap().to_owned();
        self.sandbox.object(&invoice).unwrap()
    }

    pub(crate) async fn advance_to(&self, time: i64) {
        let path = format!("/v1/test_helpers/test_clocks/{}/advance", self.clock);
        let advancing = self
            .wire
            .post(&path, &format!("frozen_time={time}"))
            .await
            .ok();
        assert_eq!(advancing["status"], "advancing");
        let ready = self.get(&self.clock).await;
        assert_eq!(
            (&ready["status"], &ready["frozen_time"]),
            (&"ready".into(), &time.into())
        );
    }

    /// The types of the events since `from`.
    pub(crate) fn told(&self, from: usize) -> Vec<String> {
        let events = self.sandbox.events();
        types(&events[from..])
            .into_iter()
            .map(ToOwned::to_owned)
            .collect()
    }
}

pub(crate) async fn price(wire: &Wire, name: &str, amount: u32, interval: &str) -> String {
    let body = format!(
        "product_data[name]={name}&currency=jpy&unit_amount={amount}&recurring[interval]={interval}"
    );
    id(&wire.post("/v1/prices", &body).await.ok())
}
