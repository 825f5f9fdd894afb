//! One state, many API versions: for answers, and for each webhook endpoint on its own.

use http::Method;
use serde_json::Value;
use stripegym_sandbox::Sandbox;

use crate::billing::{Billing, NEW_YEAR};
use crate::receiver::Receiver;
use crate::wire::{Wire, id};

const ACACIA: &str = "2024-12-18.acacia";
const BASIL: &str = "2025-07-30.basil";

async fn as_of(wire: &Wire, version: &str, path: &str) -> Value {
    let headers = [("stripe-version", version)];
    wire.send(Method::GET, path, &headers, "")
        .await
        .unwrap()
        .ok()
}

#[tokio::test]
async fn before_basil_periods_and_payments_are_where_they_were() {
    let billing = Billing::start().await;
    let made = billing.subscribe(&billing.basic, "").await;
    let path = format!("/v1/subscriptions/{}", id(&made));
    let old = as_of(&billing.wire, ACACIA, &path).await;
    assert_eq!(old["current_period_start"], NEW_YEAR);
    let item = &old["items"]["data"][0];
    assert!(item.get("current_period_start").is_none() && old.get("billing_mode").is_none());
    let basil = as_of(&billing.wire, BASIL, &path).await;
    assert_eq!(basil["items"]["data"][0]["current_period_start"], NEW_YEAR);
    assert_eq!(basil["billing_mode"]["type"], "flexible");
    assert!(basil.get("current_period_start").is_none() && basil.get("status_details").is_none());

    let path = format!("/v1/invoices/{}", made["latest_invoice"].as_str().unwrap());
    let old = as_of(&billing.wire, ACACIA, &path).await;
    assert_eq!(
        (&old["paid"], &old["subscription"]),
        (&true.into(), &made["id"])
    );
    assert!(old["charge"].as_str().unwrap().starts_with("ch_"));
    let line = &old["lines"]["data"][0];
    assert_eq!(
        (&line["type"], &line["price"]["id"]),
        (&"subscription".into(), &billing.basic.clone().into())
    );
    assert_eq!(
        (&line["plan"]["amount"], &line["proration"]),
        (&1000.into(), &false.into())
    );
    assert!(old.get("parent").is_none() && line.get("pricing").is_none());
    let path = format!(
        "/v1/payment_intents/{}",
        old["payment_intent"].as_str().unwrap()
    );
    assert_eq!(
        as_of(&billing.wire, ACACIA, &path).await["invoice"],
        old["id"]
    );
    assert!(
        as_of(&billing.wire, BASIL, &path)
            .await
            .get("invoice")
            .is_none()
    );
}

#[tokio::test]
async fn before_clover_codes_show_their_coupon() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    wire.post("/v1/coupons", "id=TEN&percent_off=10").await.ok();
    let headers = [("stripe-version", BASIL)];
    let code = wire
        .send(Method::POST, "/v1/promotion_codes", &headers, "coupon=TEN")
        .await
        .unwrap()
        .ok();
    assert_eq!(code["coupon"]["percent_off"], 10);
    assert!(code.get("promotion").is_none());
    let path = format!("/v1/promotion_codes/{}", id(&code));
    assert_eq!(wire.get(&path).await.ok()["promotion"]["coupon"], "TEN");
}

#[tokio::test]
async fn each_endpoint_hears_its_own_version() {
    let (old, new) = (Receiver::start().await, Receiver::start().await);
    let billing = Billing::start().await;
    let wanted = "enabled_events[]=customer.subscription.created";
    let body = format!("url={}&{wanted}&api_version={ACACIA}", old.url);
    billing.wire.post("/v1/webhook_endpoints", &body).await.ok();
    let body = format!("url={}&{wanted}", new.url);
    billing.wire.post("/v1/webhook_endpoints", &body).await.ok();
    let made = billing.subscribe(&billing.basic, "").await;
    let then = old.until_count(1).await[0].event();
    let now = new.until_count(1).await[0].event();
    assert_eq!(
        (&then["id"], &then["api_version"]),
        (&now["id"], &ACACIA.into())
    );
    assert_eq!(then["data"]["object"]["current_period_start"], NEW_YEAR);
    assert_eq!(now["api_version"], "2026-10-28.endive");
    assert!(now["data"]["object"].get("current_period_start").is_none());
    // What is stored stays as it was, whoever asks.
    let stored = as_of(&billing.wire, ACACIA, &format!("/v1/events/{}", id(&now))).await;
    assert_eq!(stored["data"]["object"]["id"], made["id"]);
    assert_eq!(stored["api_version"], "2026-10-28.endive");
}
