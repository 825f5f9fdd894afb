//! Checkout in subscription and setup mode.

use http::StatusCode;
use serde_json::Value;
use stripegym_sandbox::{PayError, Sandbox};

use crate::billing::price;
use crate::wire::{Wire, card, id, types};

async fn start() -> (Sandbox, Wire, String) {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let basic = price(&wire, "Basic", 1000, "month").await;
    (sandbox, wire, basic)
}

async fn session(wire: &Wire, price: &str, more: &str) -> Value {
    let body = format!(
        "mode=subscription&success_url=http://shop.test/thanks&line_items[0][price]={price}\
         &line_items[0][quantity]=1{more}"
    );
    wire.post("/v1/checkout/sessions", &body).await.ok()
}

#[tokio::test]
async fn a_stranger_subscribes_on_the_page() {
    let (sandbox, wire, basic) = start().await;
    let made = session(&wire, &basic, "&subscription_data[metadata][plan]=basic").await;
    assert!(id(&made).starts_with("cs_test_b1"));
    assert_eq!(
        (&made["subscription"], &made["amount_total"]),
        (&Value::Null, &1000.into())
    );
    let url = made["url"].as_str().unwrap();
    let page = wire.get(url).await;
    assert!(
        page.body.contains("Subscribe") && page.body.contains("¥1,000"),
        "{}",
        page.body
    );
    let before = sandbox.events().len();
    let paid = wire.post(url, &card("4242424242424242")).await;
    assert_eq!(paid.status, StatusCode::SEE_OTHER);
    assert_eq!(paid.header("location"), "http://shop.test/thanks");
    let told = [
        "charge.succeeded",
        "payment_method.attached",
        "customer.created",
        "checkout.session.completed",
        "customer.updated",
        "customer.subscription.created",
        "payment_intent.succeeded",
        "payment_intent.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "charge.updated",
    ];
    assert_eq!(types(&sandbox.events()[before..]), told);
    let path = format!(
        "/v1/checkout/sessions/{}?expand[]=subscription&expand[]=invoice.payments",
        id(&made)
    );
    let done = wire.get(&path).await.ok();
    assert_eq!(
        (&done["status"], &done["payment_status"]),
        (&"complete".into(), &"paid".into())
    );
    assert_eq!(done["payment_intent"], Value::Null);
    let subscription = &done["subscription"];
    assert_eq!(
        (&subscription["status"], &subscription["metadata"]["plan"]),
        (&"active".into(), &"basic".into())
    );
    assert!(subscription["default_payment_method"].is_string());
    assert_eq!(done["invoice"]["status"], "paid");
    assert_eq!(done["invoice"]["payments"]["data"][0]["amount_paid"], 1000);
    assert_eq!(subscription["customer"], done["customer"]);
    assert_eq!(
        wire.get("/v1/charges").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_declined_or_questioned_card_leaves_no_half_subscription() {
    let (sandbox, wire, basic) = start().await;
    let made = session(&wire, &basic, "").await;
    let url = made["url"].as_str().unwrap();
    let declined = wire.post(url, &card("4000000000000002")).await;
    assert_eq!(declined.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(
        wire.get("/v1/subscriptions?status=all").await.ok()["data"],
        Value::Array(vec![])
    );
    let asked = wire.post(url, &card("4000000000003220")).await;
    assert!(asked.header("location").contains("/c/3ds/pi_"));
    assert_eq!(
        wire.get("/v1/invoices").await.ok()["data"],
        Value::Array(vec![])
    );
    wire.post(asked.header("location"), "answer=yes").await;
    let done = sandbox.object(&id(&made)).unwrap();
    let subscription = sandbox
        .object(done["subscription"].as_str().unwrap())
        .unwrap();
    assert_eq!(subscription["status"], "active");
}

#[tokio::test]
async fn a_trial_saves_the_card_and_charges_nothing() {
    let (sandbox, wire, basic) = start().await;
    let made = session(&wire, &basic, "&subscription_data[trial_period_days]=7").await;
    assert_eq!(made["amount_total"], 0);
    let done = sandbox.pay(&id(&made), "4242424242424242").await.unwrap();
    assert_eq!(done["payment_status"], "no_payment_required");
    let subscription = sandbox
        .object(done["subscription"].as_str().unwrap())
        .unwrap();
    assert_eq!(subscription["status"], "trialing");
    assert!(subscription["default_payment_method"].is_string());
    assert!(types(&sandbox.events()).contains(&"setup_intent.succeeded"));
    assert_eq!(
        wire.get("/v1/charges").await.ok()["data"],
        Value::Array(vec![])
    );

    let free = "&subscription_data[trial_period_days]=7&payment_method_collection=if_required";
    let made = session(&wire, &basic, free).await;
    let url = made["url"].as_str().unwrap();
    assert!(!wire.get(url).await.body.contains("name=\"number\""));
    wire.post(url, "email=bea%40example.com&name=Bea").await;
    let done = sandbox.object(&id(&made)).unwrap();
    let subscription = sandbox
        .object(done["subscription"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        (
            &subscription["status"],
            &subscription["default_payment_method"]
        ),
        (&"trialing".into(), &Value::Null)
    );
}

#[tokio::test]
async fn a_card_is_saved_without_a_purchase() {
    let (sandbox, wire, _) = start().await;
    let customer = id(&wire
        .post("/v1/customers", "email=ann@example.com")
        .await
        .ok());
    let body =
        format!("mode=setup&currency=jpy&customer={customer}&success_url=http://shop.test/ok");
    let made = wire.post("/v1/checkout/sessions", &body).await.ok();
    assert!(id(&made).starts_with("cs_test_c1"));
    assert_eq!(
        (&made["payment_status"], &made["amount_total"]),
        (&"no_payment_required".into(), &Value::Null)
    );
    let intent = made["setup_intent"].as_str().unwrap();
    assert!(
        wire.get(made["url"].as_str().unwrap())
            .await
            .body
            .contains("Save card")
    );
    let refused = sandbox
        .pay(&id(&made), "4000000000000002")
        .await
        .unwrap_err();
    assert!(matches!(refused, PayError::Declined { .. }), "{refused}");
    let asked = sandbox
        .pay(&id(&made), "4000002500003155")
        .await
        .unwrap_err();
    assert!(matches!(asked, PayError::ActionRequired { .. }), "{asked}");
    let saved = sandbox.authenticate(intent, true).await.unwrap();
    assert_eq!(
        (&saved["status"], &saved["customer"]),
        (&"succeeded".into(), &customer.clone().into())
    );
    assert_eq!(sandbox.object(&id(&made)).unwrap()["status"], "complete");
    let list = wire
        .get(&format!("/v1/customers/{customer}/payment_methods"))
        .await
        .ok();
    assert_eq!(list["data"][0]["card"]["last4"], "3155");
}
