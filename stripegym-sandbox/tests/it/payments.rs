//! Payments through the API: cards saved and charged, held, refused, and asked about.

use serde_json::Value;
use stripegym_sandbox::{PayError, Sandbox};

use crate::wire::{Wire, card, id, tea_session, types};

pub(crate) async fn start() -> (Sandbox, Wire) {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    (sandbox, wire)
}

pub(crate) async fn customer_with(wire: &Wire, token: &str) -> (String, String) {
    let customer = id(&wire
        .post("/v1/customers", "email=ann@example.com")
        .await
        .ok());
    let path = format!("/v1/payment_methods/{token}/attach");
    let method = wire.post(&path, &format!("customer={customer}")).await.ok();
    assert_eq!(method["customer"], customer);
    (customer, id(&method))
}

#[tokio::test]
async fn a_payment_goes_from_amount_to_money_step_by_step() {
    let (sandbox, wire) = start().await;
    let intent = wire
        .post(
            "/v1/payment_intents",
            "amount=1000&currency=usd&metadata[order]=7",
        )
        .await
        .ok();
    assert_eq!(intent["status"], "requires_payment_method");
    let secret = intent["client_secret"].as_str().unwrap();
    assert!(secret.starts_with(&format!("{}_secret_", id(&intent))));
    let path = format!("/v1/payment_intents/{}", id(&intent));
    let ready = wire.post(&path, "payment_method=pm_card_visa").await.ok();
    assert_eq!(ready["status"], "requires_confirmation");
    let confirm = format!("{path}/confirm");
    let expand = "expand[]=latest_charge.balance_transaction";
    let paid = wire.post(&confirm, expand).await.ok();
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["amount_received"], 1000);
    let charge = &paid["latest_charge"];
    assert_eq!(charge["captured"], true);
    assert_eq!(charge["balance_transaction"]["fee"], 59);
    assert_eq!(charge["metadata"]["order"], "7");
    let told = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ];
    assert_eq!(types(&sandbox.events()), told);
    let again = wire.post(&format!("{path}/confirm"), "").await.error();
    assert_eq!(
        (again.0, again.1.as_str()),
        (400, "payment_intent_unexpected_state")
    );
    let balance = wire.get("/v1/balance").await.ok();
    assert_eq!(balance["pending"][0]["amount"], 941);
}

#[tokio::test]
async fn a_declined_card_answers_402_and_leaves_its_traces() {
    let (sandbox, wire) = start().await;
    let body = "amount=1000&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined";
    let declined = wire.keyed("/v1/payment_intents", "order-7", body).await;
    assert_eq!(declined.status.as_u16(), 402);
    let error = &declined.json()["error"];
    assert_eq!(error["type"], "card_error");
    assert_eq!(error["code"], "card_declined");
    assert_eq!(error["decline_code"], "generic_decline");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    let intent = sandbox
        .object(error["payment_intent"]["id"].as_str().unwrap())
        .unwrap();
    assert_eq!(intent["last_payment_error"]["code"], "card_declined");
    assert_eq!(error["charge"], intent["latest_charge"]);
    let told = [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ];
    assert_eq!(types(&sandbox.events()), told);
    // The same key gets the same refusal, and charges nobody twice.
    let replay = wire.keyed("/v1/payment_intents", "order-7", body).await;
    assert_eq!(
        (replay.status.as_u16(), &replay.body),
        (402, &declined.body)
    );
    assert_eq!(sandbox.events().len(), told.len());
    // Another card saves it.
    let path = format!("/v1/payment_intents/{}/confirm", id(&intent));
    let paid = wire.post(&path, "payment_method=pm_card_visa").await.ok();
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["last_payment_error"], Value::Null);
}

#[tokio::test]
async fn money_is_held_captured_in_part_or_let_go() {
    let (sandbox, wire) = start().await;
    let held = "amount=1000&currency=jpy&capture_method=manual&confirm=true\
                &payment_method=pm_card_visa";
    let intent = wire.post("/v1/payment_intents", held).await.ok();
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!(intent["amount_capturable"], 1000);
    let charge = sandbox
        .object(intent["latest_charge"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        (&charge["captured"], &charge["balance_transaction"]),
        (&false.into(), &Value::Null)
    );
    let path = format!("/v1/payment_intents/{}", id(&intent));
    let much = wire
        .post(&format!("{path}/capture"), "amount_to_capture=1001")
        .await
        .error();
    assert_eq!(much.1, "amount_too_large");
    let taken = wire
        .post(&format!("{path}/capture"), "amount_to_capture=700")
        .await
        .ok();
    assert_eq!(
        (&taken["status"], &taken["amount_received"]),
        (&"succeeded".into(), &700.into())
    );
    let charge = sandbox.object(&id(&charge)).unwrap();
    assert_eq!(
        (&charge["amount_captured"], &charge["amount_refunded"]),
        (&700.into(), &300.into())
    );
    assert!(types(&sandbox.events()).ends_with(&["charge.captured", "payment_intent.succeeded"]));

    let other = wire.post("/v1/payment_intents", held).await.ok();
    let path = format!("/v1/payment_intents/{}", id(&other));
    let gone = wire
        .post(&format!("{path}/cancel"), "cancellation_reason=abandoned")
        .await
        .ok();
    assert_eq!(
        (&gone["status"], &gone["cancellation_reason"]),
        (&"canceled".into(), &"abandoned".into())
    );
    assert!(types(&sandbox.events()).ends_with(&["charge.refunded", "payment_intent.canceled"]));
    let late = wire.post(&format!("{path}/capture"), "").await.error();
    assert_eq!(late.1, "payment_intent_unexpected_state");
    let transactions = wire.get("/v1/balance_transactions").await.ok();
    assert_eq!(transactions["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_bank_asks_on_its_page_and_the_answer_counts() {
    let (sandbox, wire) = start().await;
    let body = "amount=1000&currency=usd&confirm=true&payment_method=pm_card_threeDSecure2Required\
                &return_url=http://shop.test/back?cart=7";
    let intent = wire.post("/v1/payment_intents", body).await.ok();
    assert_eq!(intent["status"], "requires_action");
    let url = intent["next_action"]["redirect_to_url"]["url"]
        .as_str()
        .unwrap();
    let page = wire.get(url).await;
    assert!(
        page.body.contains("is it you?") && page.body.contains("$10.00"),
        "{}",
        page.body
    );
    let refused = wire.post(url, "answer=no").await;
    assert!(
        refused
            .header("location")
            .ends_with("redirect_status=failed")
    );
    let failed = sandbox.object(&id(&intent)).unwrap();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(
        failed["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );
    let path = format!("/v1/payment_intents/{}/confirm", id(&intent));
    let again = "payment_method=pm_card_threeDSecure2Required&return_url=http://shop.test/back";
    wire.post(&path, again).await.ok();
    let approved = wire.post(url, "answer=yes").await;
    let back = format!("http://shop.test/back?payment_intent={}", id(&intent));
    assert!(
        approved.header("location").starts_with(&back),
        "{}",
        approved.header("location")
    );
    let paid = sandbox.object(&id(&intent)).unwrap();
    assert_eq!(paid["status"], "succeeded");
    let charge = sandbox
        .object(paid["latest_charge"].as_str().unwrap())
        .unwrap();
    let details = &charge["payment_method_details"]["card"];
    assert_eq!(details["three_d_secure"]["result"], "authenticated");
    assert!(wire.get(url).await.body.contains("Approved"));
}

#[tokio::test]
async fn a_card_set_up_once_pays_alone_and_one_that_was_not_does_not() {
    let (sandbox, wire) = start().await;
    let (customer, method) = customer_with(&wire, "pm_card_authenticationRequiredOnSetup").await;
    let off_session = format!(
        "amount=1000&currency=usd&customer={customer}&payment_method={method}&confirm=true\
         &off_session=true"
    );
    let alone = wire.post("/v1/payment_intents", &off_session).await;
    assert_eq!(alone.error().1, "authentication_required");
    let setup = format!("customer={customer}&payment_method={method}&confirm=true");
    let setup = wire.post("/v1/setup_intents", &setup).await.ok();
    assert_eq!(setup["status"], "requires_action");
    let approved = sandbox.authenticate(&id(&setup), true).await.unwrap();
    assert_eq!(approved["status"], "succeeded");
    let told = ["setup_intent.requires_action", "setup_intent.succeeded"];
    assert!(
        types(&sandbox.events()).ends_with(&told),
        "{:?}",
        types(&sandbox.events())
    );
    let paid = wire.post("/v1/payment_intents", &off_session).await.ok();
    assert_eq!(paid["status"], "succeeded");
}

#[tokio::test]
async fn checkout_goes_by_way_of_the_bank_when_the_card_wants_it() {
    let (sandbox, wire) = start().await;
    let session = tea_session(&wire, "").await;
    let url = session["url"].as_str().unwrap();
    let asked = wire.post(url, &card("4000000000003220")).await;
    assert!(
        asked.header("location").contains("/c/3ds/pi_3"),
        "{}",
        asked.header("location")
    );
    assert_eq!(sandbox.object(&id(&session)).unwrap()["status"], "open");
    let refused = wire.post(asked.header("location"), "answer=no").await;
    assert_eq!(refused.header("location"), url);
    let asked = wire.post(url, &card("4000000000003220")).await;
    let approved = wire.post(asked.header("location"), "answer=yes").await;
    assert!(
        approved
            .header("location")
            .starts_with("http://shop.test/thanks?session=cs_test_")
    );
    let paid = sandbox.object(&id(&session)).unwrap();
    assert_eq!(
        (&paid["status"], &paid["payment_status"]),
        (&"complete".into(), &"paid".into())
    );
    assert_eq!(paid["customer_details"]["email"], "ann@example.com");
    assert_eq!(
        wire.get("/v1/charges").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let other = tea_session(&wire, "").await;
    let refused = sandbox
        .pay(&id(&other), "4000002760003184")
        .await
        .unwrap_err();
    let PayError::ActionRequired { url } = refused else {
        panic!("{refused}")
    };
    let intent = url.rsplit('/').next().unwrap();
    sandbox.authenticate(intent, true).await.unwrap();
    assert_eq!(sandbox.object(&id(&other)).unwrap()["status"], "complete");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_stripes_words() {
    let (_sandbox, wire) = start().await;
    let cases = [
        ("amount=10&currency=usd", "amount_too_small", "amount"),
        ("currency=usd", "parameter_missing", "amount"),
        (
            "amount=1.5&currency=usd",
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=100&currency=usd&customer=cus_no",
            "resource_missing",
            "customer",
        ),
        (
            "amount=100&currency=usd&payment_method=pm_no",
            "resource_missing",
            "payment_method",
        ),
        (
            "amount=100&currency=usd&off_session=true",
            "-",
            "off_session",
        ),
        (
            "amount=100&currency=usd&payment_method_types[]=card",
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        (
            "amount=100&currency=usd&confirm=true",
            "payment_intent_unexpected_state",
            "-",
        ),
        (
            "amount=100&currency=usd&nonsense=1",
            "parameter_unknown",
            "nonsense",
        ),
    ];
    for (body, code, param) in cases {
        let error = wire.post("/v1/payment_intents", body).await.error();
        assert_eq!(
            (error.0, error.1.as_str(), error.2.as_str()),
            (400, code, param),
            "{body}"
        );
    }
}
