//! One purchase from the API call to the signed webhook.

use http::StatusCode;
use serde_json::Value;
use stripegym_sandbox::{PayError, Sandbox};

use crate::receiver::{Received, Receiver, kinds};
use crate::wire::{Wire, card, id, tea_session, types};

const PAID: [&str; 5] = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "payment_intent.created",
    "checkout.session.completed",
    "charge.updated",
];

#[tokio::test]
async fn a_customer_pays_and_the_merchant_hears_of_it_before_the_redirect() {
    let receiver = Receiver::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    let secret = sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    let session = tea_session(
        &wire,
        "&client_reference_id=order-1&metadata[cart]=7&payment_intent_data[metadata][cart]=7",
    )
    .await;
    assert_eq!(session["payment_intent"], Value::Null);
    assert_eq!(session["amount_total"], 2000);

    let page = wire.get(session["url"].as_str().unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Tea") && page.body.contains("¥2,000"),
        "{}",
        page.body
    );

    let paid = wire
        .post(session["url"].as_str().unwrap(), &card("4242424242424242"))
        .await;
    assert_eq!(paid.status, StatusCode::SEE_OTHER);
    let thanks = format!("http://shop.test/thanks?session={}", id(&session));
    assert_eq!(paid.header("location"), thanks);
    // No waiting here: the redirect itself waited for this one.
    let completed = receiver
        .received()
        .into_iter()
        .find(|r| r.kind() == PAID[3])
        .unwrap();
    completed.verify(&secret);
    assert_eq!(
        completed.event()["data"]["object"]["client_reference_id"],
        "order-1"
    );

    let received = receiver
        .until(|all| all.iter().any(|r| r.kind() == PAID[4]))
        .await;
    assert!(
        kinds(&received).ends_with(&PAID.map(str::to_owned)),
        "{:?}",
        kinds(&received)
    );
    for request in &received {
        request.verify(&secret);
        assert_eq!(
            request.headers["content-type"],
            "application/json; charset=utf-8"
        );
    }
    assert_money(&wire, &id(&session)).await;
}

async fn assert_money(wire: &Wire, session: &str) {
    let path = format!(
        "/v1/checkout/sessions/{session}?expand[]=payment_intent.latest_charge.balance_transaction"
    );
    let session = wire.get(&path).await.ok();
    assert_eq!(session["status"], "complete");
    assert_eq!(session["payment_status"], "paid");
    assert_eq!(session["url"], Value::Null);
    assert_eq!(session["customer"], Value::Null);
    assert_eq!(session["customer_details"]["email"], "ann@example.com");
    let intent = &session["payment_intent"];
    assert_eq!(
        (&intent["status"], &intent["amount_received"]),
        (&"succeeded".into(), &2000.into())
    );
    assert_eq!(intent["metadata"]["cart"], "7");
    let charge = &intent["latest_charge"];
    assert_eq!(charge["payment_method_details"]["card"]["last4"], "4242");
    assert_eq!(
        charge["id"].as_str().unwrap()[3..19],
        intent["id"].as_str().unwrap()[3..19]
    );
    let transaction = &charge["balance_transaction"];
    assert_eq!(
        (&transaction["fee"], &transaction["net"]),
        (&72.into(), &1928.into())
    );
    assert_eq!(transaction["status"], "pending");
}

#[tokio::test]
async fn a_declined_card_can_be_replaced_and_the_intent_is_the_same() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let session = tea_session(&wire, "").await;
    let url = session["url"].as_str().unwrap();

    let declined = wire.post(url, &card("4000000000009995")).await;
    assert_eq!(declined.status, StatusCode::PAYMENT_REQUIRED);
    assert!(declined.body.contains("role=\"alert\""));
    assert!(
        declined.body.contains("Your card has insufficient funds."),
        "{}",
        declined.body
    );
    assert!(declined.body.contains("value=\"ann@example.com\""));
    assert!(
        !declined.body.contains("4000000000009995"),
        "a card number must not come back"
    );
    let events = sandbox.events();
    let failed = [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ];
    assert!(types(&events).ends_with(&failed), "{:?}", types(&events));
    let intent = &events.last().unwrap()["data"]["object"];
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(
        intent["last_payment_error"]["decline_code"],
        "insufficient_funds"
    );
    let open = sandbox.object(&id(&session)).unwrap();
    assert_eq!(
        (&open["status"], &open["payment_intent"]),
        (&"open".into(), &Value::Null)
    );

    wire.post(url, &card("4242424242424242")).await;
    let paid = sandbox.object(&id(&session)).unwrap();
    assert_eq!(paid["payment_intent"], intent["id"]);
    let created = types(&sandbox.events())
        .iter()
        .filter(|kind| **kind == "payment_intent.created")
        .count();
    assert_eq!(created, 1);
}

#[tokio::test]
async fn two_clicks_pay_once() {
    let receiver = Receiver::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    let session = tea_session(&wire, "").await;
    let url = session["url"].as_str().unwrap();
    let form = card("4242424242424242");
    let (first, second, third) = tokio::join!(
        wire.post(url, &form),
        wire.post(url, &form),
        wire.post(url, &form)
    );
    for answer in [first, second, third] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let charges = wire.get("/v1/charges").await.ok();
    assert_eq!(charges["data"].as_array().unwrap().len(), 1);
    let page = wire.get(url).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Payment complete"));
}

#[tokio::test]
async fn every_decline_card_says_its_own_reason() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let session = tea_session(&wire, "").await;
    let cases = [
        ("4000000000000002", "card_declined", Some("generic_decline")),
        ("4000000000009987", "card_declined", Some("lost_card")),
        ("4000000000009979", "card_declined", Some("stolen_card")),
        ("4000000000000069", "expired_card", Some("expired_card")),
        ("4000000000000127", "incorrect_cvc", Some("incorrect_cvc")),
        (
            "4000000000000119",
            "processing_error",
            Some("processing_error"),
        ),
        (
            "4000000000006975",
            "card_declined",
            Some("card_velocity_exceeded"),
        ),
        ("4000000000000341", "card_declined", Some("generic_decline")),
        ("4100000000000019", "card_declined", Some("fraudulent")),
        ("4242424242424241", "incorrect_number", None),
    ];
    for (number, expected, reason) in cases {
        let refused = sandbox.pay(&id(&session), number).await.unwrap_err();
        let PayError::Declined {
            code, decline_code, ..
        } = refused
        else {
            panic!("{number}: {refused}")
        };
        assert_eq!(
            (code.as_str(), decline_code.as_deref()),
            (expected, reason),
            "{number}"
        );
    }
    let paid = sandbox
        .pay(&id(&session), "4242 4242 4242 4242")
        .await
        .unwrap();
    assert_eq!(paid["payment_status"], "paid");
    let again = sandbox
        .pay(&id(&session), "4242424242424242")
        .await
        .unwrap_err();
    assert!(matches!(again, PayError::NotOpen { status } if status == "complete"));
    assert!(matches!(
        sandbox.pay("cs_test_no", "4242424242424242").await,
        Err(PayError::NotFound)
    ));
}

#[tokio::test]
async fn customers_are_made_when_asked_for_and_known_ones_are_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let always = tea_session(&wire, "&customer_creation=always").await;
    wire.post(always["url"].as_str().unwrap(), &card("4242424242424242"))
        .await;
    let paid = sandbox.object(&id(&always)).unwrap();
    let made = sandbox.object(paid["customer"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&made["email"], &made["name"]),
        (&"ann@example.com".into(), &"Ann Lee".into())
    );

    let known = wire
        .post("/v1/customers", "email=bea@example.com")
        .await
        .ok();
    let session = tea_session(&wire, &format!("&customer={}", id(&known))).await;
    let page = wire.get(session["url"].as_str().unwrap()).await;
    assert!(
        page.body.contains("value=\"bea@example.com\" readonly"),
        "{}",
        page.body
    );
    // What is typed over a locked email does not count.
    wire.post(session["url"].as_str().unwrap(), &card("4242424242424242"))
        .await;
    let paid = sandbox.object(&id(&session)).unwrap();
    assert_eq!(paid["customer"], known["id"]);
    assert_eq!(paid["customer_details"]["email"], "bea@example.com");
}

#[tokio::test]
async fn nothing_due_needs_no_card() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let free = "mode=payment&line_items[0][price_data][currency]=usd\
                &line_items[0][price_data][unit_amount]=0\
                &line_items[0][price_data][product_data][name]=Sample&line_items[0][quantity]=1\
                &success_url=http://shop.test/thanks";
    let session = wire.post("/v1/checkout/sessions", free).await.ok();
    assert_eq!(session["payment_status"], "no_payment_required");
    let page = wire.get(session["url"].as_str().unwrap()).await;
    assert!(!page.body.contains("name=\"number\""));
    let form = "email=ann%40example.com&name=Ann";
    let done = wire.post(session["url"].as_str().unwrap(), form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let done = sandbox.object(&id(&session)).unwrap();
    assert_eq!(
        (&done["status"], &done["payment_intent"]),
        (&"complete".into(), &Value::Null)
    );
    assert_eq!(
        *types(&sandbox.events()).last().unwrap(),
        "checkout.session.completed"
    );
}

#[tokio::test]
async fn an_event_in_the_api_is_the_event_that_was_sent() {
    let receiver = Receiver::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    let answer = wire
        .keyed("/v1/customers", "key-1", "email=ann@example.com")
        .await;
    let sent: Vec<Received> = receiver.until_count(1).await;
    let sent = sent[0].event();
    assert_eq!(sent["request"]["id"], answer.header("request-id"));
    assert_eq!(sent["request"]["idempotency_key"], "key-1");
    assert_eq!(sent["pending_webhooks"], 1);
    assert_eq!(sent["api_version"], "2026-10-28.endive");
    let mut kept = wire.get(&format!("/v1/events/{}", id(&sent))).await.ok();
    kept["pending_webhooks"] = 1.into();
    assert_eq!(kept, sent);
}
