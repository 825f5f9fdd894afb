//! Saved cards: which can be saved, whose they are, and how they go.

use serde_json::Value;

use crate::payments::{customer_with, start};
use crate::wire::{id, types};

#[tokio::test]
async fn cards_that_decline_cannot_be_saved_but_for_the_one_that_can() {
    let (sandbox, wire) = start().await;
    let customer = id(&wire.post("/v1/customers", "").await.ok());
    let path = "/v1/payment_methods/pm_card_chargeDeclinedInsufficientFunds/attach";
    let refused = wire.post(path, &format!("customer={customer}")).await;
    assert_eq!(refused.status.as_u16(), 402);
    assert_eq!(
        refused.json()["error"]["decline_code"],
        "insufficient_funds"
    );
    let body =
        format!("customer={customer}&payment_method=pm_card_visa_chargeDeclined&confirm=true");
    let failed = wire.post("/v1/setup_intents", &body).await;
    let error = &failed.json()["error"];
    assert_eq!(
        error["setup_intent"]["last_setup_error"]["code"],
        "card_declined"
    );
    assert!(
        types(&sandbox.events()).ends_with(&["setup_intent.created", "setup_intent.setup_failed"])
    );

    let (customer, method) = customer_with(&wire, "pm_card_chargeCustomerFail").await;
    let body =
        format!("amount=100&currency=usd&customer={customer}&payment_method={method}&confirm=true");
    assert_eq!(
        wire.post("/v1/payment_intents", &body).await.error().1,
        "card_declined"
    );
}

#[tokio::test]
async fn saved_cards_belong_to_their_customer_until_they_are_taken_away() {
    let (sandbox, wire) = start().await;
    let number = "type=card&card[number]=4242424242424242&card[exp_month]=8&card[exp_year]=2040\
                  &card[cvc]=314&billing_details[name]=Ann";
    let method = wire.post("/v1/payment_methods", number).await.ok();
    assert_eq!(
        (&method["card"]["last4"], &method["card"]["exp_month"]),
        (&"4242".into(), &8.into())
    );
    assert!(!method.to_string().contains("4242424242424242"));
    let body = format!(
        "email=a@b.c&payment_method={0}&invoice_settings[default_payment_method]={0}",
        id(&method)
    );
    let customer = wire.post("/v1/customers", &body).await.ok();
    assert_eq!(
        customer["invoice_settings"]["default_payment_method"],
        method["id"]
    );
    let list = format!("/v1/customers/{}/payment_methods", id(&customer));
    assert_eq!(wire.get(&list).await.ok()["data"][0]["id"], method["id"]);
    let pay = format!(
        "amount=100&currency=usd&payment_method={}&confirm=true",
        id(&method)
    );
    let stranger = wire.post("/v1/payment_intents", &pay).await.error();
    assert!(
        stranger.3.contains("belongs to the Customer"),
        "{}",
        stranger.3
    );
    let path = format!("/v1/payment_methods/{}", id(&method));
    let renamed = wire.post(&path, "billing_details[name]=Bea").await.ok();
    assert_eq!(renamed["billing_details"]["name"], "Bea");
    let detached = wire.post(&format!("{path}/detach"), "").await.ok();
    assert_eq!(detached["customer"], Value::Null);
    let customer = sandbox.object(&id(&customer)).unwrap();
    assert_eq!(
        customer["invoice_settings"]["default_payment_method"],
        Value::Null
    );
    let owner = format!("customer={}", id(&customer));
    let gone = wire.post(&format!("{path}/attach"), &owner).await.error();
    assert!(gone.3.contains("may not be used again"), "{}", gone.3);
    let wrong = number.replace("4242424242424242", "4242424242424241");
    let wrong = wire.post("/v1/payment_methods", &wrong).await.error();
    assert_eq!(
        (wrong.0, wrong.1.as_str(), wrong.2.as_str()),
        (402, "incorrect_number", "number")
    );
}
