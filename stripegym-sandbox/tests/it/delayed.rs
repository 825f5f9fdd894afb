//! Payment methods whose money comes later: konbini and SEPA debit at the checkout.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use stripegym_sandbox::{ManualClock, Sandbox};

use crate::wire::{Wire, id, tea_session, types};

const NOON: i64 = 1_760_000_000;

async fn start() -> (Sandbox, ManualClock, Wire) {
    let clock = ManualClock::new(NOON);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .start()
        .await
        .unwrap();
    let wire = Wire::to(&sandbox);
    (sandbox, clock, wire)
}

/// A session for ten euros.
async fn euro_session(wire: &Wire) -> String {
    let body = "mode=payment&line_items[0][price_data][currency]=eur\
                &line_items[0][price_data][unit_amount]=1000\
                &line_items[0][price_data][product_data][name]=Tea&line_items[0][quantity]=1\
                &success_url=http://shop.test/thanks";
    id(&wire.post("/v1/checkout/sessions", body).await.ok())
}

fn intent_of(sandbox: &Sandbox, session: &str) -> Value {
    let session = sandbox.object(session).unwrap();
    let intent = session["payment_intent"].as_str().unwrap();
    sandbox.object(intent).unwrap()
}

/// The types of the events after the first `count`.
fn news(sandbox: &Sandbox, count: usize) -> Vec<String> {
    let events = sandbox.events();
    types(&events[count..])
        .into_iter()
        .map(ToOwned::to_owned)
        .collect()
}

#[tokio::test]
async fn a_voucher_completes_the_session_and_is_paid_minutes_later() {
    let (sandbox, clock, wire) = start().await;
    let session = tea_session(&wire, "").await;
    assert_eq!(session["payment_method_types"], json!(["card", "konbini"]));
    let session = id(&session);
    let before = sandbox.events().len();
    let form = "method=konbini&email=ann%40example.com&name=Ann&phone=11111111110";
    let page = wire.post(&format!("/c/pay/{session}"), form).await;
    assert_eq!(page.status.as_u16(), 303, "{}", page.body);
    assert!(
        page.header("location")
            .starts_with("http://shop.test/thanks")
    );

    let shown = sandbox.object(&session).unwrap();
    assert_eq!(
        (&shown["status"], &shown["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    let intent = intent_of(&sandbox, &session);
    assert_eq!(intent["status"], "requires_action");
    let voucher = &intent["next_action"]["konbini_display_details"];
    assert_eq!(voucher["expires_at"], NOON + 3 * 86_400);
    assert!(voucher["stores"]["lawson"]["payment_code"].is_string());
    let completed = [
        "payment_intent.created",
        "payment_intent.requires_action",
        "checkout.session.completed",
    ];
    assert_eq!(news(&sandbox, before), completed);

    let before = sandbox.events().len();
    clock.advance(Duration::from_secs(180));
    assert_eq!(
        wire.get(&format!("/v1/checkout/sessions/{session}"))
            .await
            .ok()["payment_status"],
        "paid"
    );
    let paid = [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ];
    assert_eq!(news(&sandbox, before), paid);
    let event = &sandbox.events()[before + 2];
    assert_eq!(event["data"]["object"]["payment_status"], "paid");
    let charge = intent_of(&sandbox, &session)["latest_charge"].clone();
    let charge = sandbox.object(charge.as_str().unwrap()).unwrap();
    assert!(id(&charge).starts_with("py_"));
    assert_eq!(charge["payment_method_details"]["type"], "konbini");
    let booked = sandbox
        .object(charge["balance_transaction"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        (&booked["type"], &booked["amount"]),
        (&json!("payment"), &json!(2000))
    );
    let refund = format!("payment_intent={}&amount=500", id(&intent));
    assert_eq!(wire.post("/v1/refunds", &refund).await.ok()["amount"], 500);
}

#[tokio::test]
async fn a_voucher_that_nobody_pays_fails_the_session_for_good() {
    let (sandbox, clock, wire) = start().await;
    let session = id(&tea_session(&wire, "").await);
    let form = "method=konbini&email=ann%40example.com&name=Ann&phone=444-4444-4440";
    wire.post(&format!("/c/pay/{session}"), form).await;
    let before = sandbox.events().len();
    clock.advance(Duration::from_secs(2));
    wire.get("/v1/balance").await.ok();
    let failed = [
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ];
    assert_eq!(news(&sandbox, before), failed);
    let shown = sandbox.object(&session).unwrap();
    assert_eq!(
        (&shown["status"], &shown["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    let intent = intent_of(&sandbox, &session);
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(
        intent["last_payment_error"]["code"],
        "payment_intent_payment_attempt_expired"
    );
    assert!(sandbox.settle(&session, true).is_err(), "it ends once");
}

#[tokio::test]
async fn a_debit_is_under_way_until_its_bank_has_decided() {
    let (sandbox, clock, wire) = start().await;
    for (iban, paid) in [
        ("DE89370400440532013000", true),
        ("DE62+3704+0044+0532+0130+01", false),
    ] {
        let session = euro_session(&wire).await;
        let before = sandbox.events().len();
        let form = format!("method=sepa_debit&email=ann%40example.com&name=Ann&iban={iban}");
        wire.post(&format!("/c/pay/{session}"), &form).await;
        let intent = intent_of(&sandbox, &session);
        assert_eq!(intent["status"], "processing");
        let begun = [
            "payment_intent.created",
            "charge.pending",
            "payment_intent.processing",
            "checkout.session.completed",
        ];
        assert_eq!(news(&sandbox, before), begun);
        let charge = intent["latest_charge"].as_str().unwrap().to_owned();
        assert_eq!(sandbox.object(&charge).unwrap()["status"], "pending");

        let before = sandbox.events().len();
        clock.advance(Duration::from_secs(2));
        wire.get("/v1/balance").await.ok();
        let charge = sandbox.object(&charge).unwrap();
        let told = news(&sandbox, before);
        if paid {
            assert_eq!(charge["status"], "succeeded");
            assert_eq!(told[2], "checkout.session.async_payment_succeeded");
        } else {
            assert_eq!(
                (&charge["status"], &charge["paid"]),
                (&json!("failed"), &json!(false))
            );
            assert_eq!(charge["balance_transaction"], Value::Null);
            let failed = [
                "charge.failed",
                "payment_intent.payment_failed",
                "checkout.session.async_payment_failed",
            ];
            assert_eq!(told, failed);
        }
    }
}

#[tokio::test]
async fn a_wrong_iban_is_said_at_its_field_and_nothing_happens() {
    let (sandbox, _clock, wire) = start().await;
    let session = euro_session(&wire).await;
    let before = sandbox.events().len();
    let form = "method=sepa_debit&email=ann%40example.com&name=Ann&iban=DE00";
    let page = wire.post(&format!("/c/pay/{session}"), form).await;
    assert_eq!(page.status.as_u16(), 422);
    let field = page.body.split("id=\"iban\"").nth(1).unwrap();
    assert!(
        field
            .split('>')
            .next()
            .unwrap()
            .contains("aria-invalid=\"true\"")
    );
    assert_eq!(sandbox.events().len(), before);
}

#[tokio::test]
async fn the_result_is_decided_by_a_call_by_a_page_or_from_a_test() {
    let (sandbox, _clock, wire) = start().await;
    let start = async || {
        let session = id(&tea_session(&wire, "").await);
        let shown = sandbox.pay_later(&session, "konbini").await.unwrap();
        assert_eq!(shown["payment_status"], "unpaid");
        session
    };
    let status = |session: &str| sandbox.object(session).unwrap()["payment_status"].clone();

    let called = start().await;
    let path = format!("/_sandbox/checkout/sessions/{called}/settle");
    assert_eq!(wire.post(&path, "result=maybe").await.error().2, "result");
    assert_eq!(
        wire.post(&path, "result=paid").await.ok()["payment_status"],
        "paid"
    );
    assert_eq!(wire.post(&path, "result=paid").await.status.as_u16(), 400);

    let pressed = start().await;
    let intent = intent_of(&sandbox, &pressed);
    let voucher = &intent["next_action"]["konbini_display_details"]["hosted_voucher_url"];
    let voucher = voucher.as_str().unwrap();
    let dashboard = wire
        .get(&format!("/dashboard/objects/{}", id(&intent)))
        .await;
    assert!(dashboard.body.contains("Answer for the store or the bank"));
    let japanese = [("accept-language", "ja")];
    let page = wire
        .send(Method::GET, voucher, &japanese, "")
        .await
        .unwrap();
    assert!(page.body.contains("お支払い待ち") && page.body.contains("¥2,000"));
    assert_eq!(wire.post(voucher, "answer=yes").await.status.as_u16(), 303);
    assert_eq!(status(&pressed), "paid");
    assert!(!wire.get(voucher).await.body.contains("<form"));

    let tested = start().await;
    sandbox.settle(&tested, false).unwrap();
    assert_eq!(status(&tested), "unpaid");
    // The page of the customer's bank has nothing to do with any of this.
    let bank = wire
        .get(&format!(
            "/c/3ds/{}",
            id(&intent_of(&sandbox, &start().await))
        ))
        .await;
    assert_eq!(bank.status.as_u16(), 404);
}

#[tokio::test]
async fn each_session_offers_what_fits_it() {
    let (sandbox, _clock, wire) = start().await;
    let offered = async |more: &str| tea_session(&wire, more).await["payment_method_types"].clone();
    assert_eq!(
        offered("&payment_intent_data[capture_method]=manual").await,
        json!(["card"])
    );
    assert_eq!(
        offered("&payment_intent_data[setup_future_usage]=off_session").await,
        json!(["card"])
    );
    assert_eq!(
        offered("&excluded_payment_method_types[]=konbini").await,
        json!(["card"])
    );
    let only = id(&tea_session(&wire, "&excluded_payment_method_types[]=card").await);
    assert!(sandbox.pay(&only, "4242424242424242").await.is_err());
    let page = wire.get(&format!("/c/pay/{only}")).await;
    assert!(!page.body.contains("id=\"number\"") && page.body.contains("id=\"phone\""));
    let none = "mode=payment&line_items[0][price_data][currency]=usd\
                &line_items[0][price_data][unit_amount]=1000\
                &line_items[0][price_data][product_data][name]=Tea&line_items[0][quantity]=1\
                &success_url=http://shop.test/&excluded_payment_method_types[]=card";
    let refused = wire.post("/v1/checkout/sessions", none).await.error();
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (400, "excluded_payment_method_types")
    );
    let old = [("stripe-version", "2025-07-30.basil")];
    let body = none.replace(
        "&excluded_payment_method_types[]=card",
        "&payment_method_types[]=konbini",
    );
    let refused = wire
        .send(Method::POST, "/v1/checkout/sessions", &old, &body)
        .await
        .unwrap();
    assert_eq!(
        refused.error().2,
        "payment_method_types",
        "konbini takes yen"
    );
}
