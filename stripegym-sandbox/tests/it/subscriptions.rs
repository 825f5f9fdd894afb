//! Subscriptions: from the first payment over renewals and trouble to the end.

use stripegym_sandbox::{AfterRetries, Sandbox};

use crate::billing::{Billing, DAY, HOUR, NEW_YEAR};
use crate::wire::id;

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY;
const MARCH: i64 = FEBRUARY + 28 * DAY;

#[tokio::test]
async fn the_first_payment_makes_a_subscription_active() {
    let billing = Billing::start().await;
    let before = billing.sandbox.events().len();
    let made = billing
        .subscribe(&billing.basic, "&items[0][quantity]=2&metadata[plan]=team&expand[]=latest_invoice.payments&expand[]=customer")
        .await;
    assert_eq!(
        (&made["status"], &made["currency"]),
        (&"active".into(), &"jpy".into())
    );
    assert_eq!(made["customer"]["currency"], "jpy");
    let item = &made["items"]["data"][0];
    assert_eq!(
        (&item["current_period_start"], &item["current_period_end"]),
        (&NEW_YEAR.into(), &FEBRUARY.into())
    );
    assert_eq!(
        (&made["created"], &made["test_clock"]),
        (&NEW_YEAR.into(), &billing.clock.clone().into())
    );
    let invoice = &made["latest_invoice"];
    assert_eq!(
        (&invoice["status"], &invoice["amount_paid"]),
        (&"paid".into(), &2000.into())
    );
    assert_eq!(invoice["billing_reason"], "subscription_create");
    assert!(invoice["number"].as_str().unwrap().ends_with("-0001"));
    let parent = &invoice["parent"]["subscription_details"];
    assert_eq!(
        (&parent["subscription"], &parent["metadata"]["plan"]),
        (&made["id"], &"team".into())
    );
    let line = &invoice["lines"]["data"][0];
    assert_eq!(line["description"], "2 × Basic (at ¥1,000 / month)");
    assert_eq!(line["pricing"]["price_details"]["price"], billing.basic);
    assert_eq!(
        line["parent"]["subscription_item_details"]["subscription_item"],
        item["id"]
    );
    let payment = &invoice["payments"]["data"][0];
    assert_eq!(
        (&payment["status"], &payment["amount_paid"]),
        (&"paid".into(), &2000.into())
    );
    let told = [
        "charge.succeeded",
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
    assert_eq!(billing.told(before), told);
    let intent = payment["payment"]["payment_intent"].as_str().unwrap();
    let path = format!(
        "/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={intent}"
    );
    assert_eq!(
        billing.wire.get(&path).await.ok()["data"][0]["invoice"],
        invoice["id"]
    );
}

#[tokio::test]
async fn a_renewal_is_drafted_for_an_hour_and_then_collected() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    billing.advance_to(FEBRUARY).await;
    let draft = billing.latest_invoice(&made).await;
    assert_eq!(
        (&draft["status"], &draft["billing_reason"]),
        (&"draft".into(), &"subscription_cycle".into())
    );
    assert_eq!(draft["automatically_finalizes_at"], FEBRUARY + HOUR);
    assert_eq!(draft["created"], FEBRUARY);
    assert_eq!(
        (&draft["period_start"], &draft["period_end"]),
        (&NEW_YEAR.into(), &FEBRUARY.into())
    );
    assert_eq!(draft["lines"]["data"][0]["period"]["end"], MARCH);
    let events = billing.sandbox.events();
    let updated = events
        .iter()
        .rev()
        .find(|e| e["type"] == "customer.subscription.updated")
        .unwrap();
    let old = &updated["data"]["previous_attributes"]["items"]["data"][0];
    assert_eq!(old["current_period_end"], FEBRUARY);
    let before = events.len();
    billing.advance_to(FEBRUARY + HOUR).await;
    let paid = billing.latest_invoice(&made).await;
    assert_eq!(
        (&paid["status"], &paid["attempt_count"]),
        (&"paid".into(), &0.into())
    );
    assert!(paid["number"].as_str().unwrap().ends_with("-0002"));
    let told = billing.told(before);
    let paid_at = told.iter().position(|kind| kind == "invoice.paid").unwrap();
    let charged = told
        .iter()
        .position(|kind| kind == "charge.succeeded")
        .unwrap();
    assert!(paid_at < charged, "{told:?}");
    assert_eq!(told.last().unwrap(), "test_helpers.test_clock.ready");
}

#[tokio::test]
async fn a_year_of_months_is_billed_from_the_anchor() {
    let billing = Billing::start().await;
    let path = format!("/v1/test_helpers/test_clocks/{}/advance", billing.clock);
    billing.advance_to(NEW_YEAR + 30 * DAY).await; // 31 January
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let far = format!("frozen_time={}", NEW_YEAR + 30 * DAY + 63 * DAY);
    let refused = billing.wire.post(&path, &far).await.error();
    assert!(refused.3.contains("two intervals"), "{}", refused.3);
    for month in 1..=12 {
        billing
            .advance_to(NEW_YEAR + 30 * DAY + month * 30 * DAY + 6 * DAY)
            .await;
    }
    let list = format!("/v1/invoices?subscription={made}&limit=100");
    let invoices = billing.wire.get(&list).await.ok();
    let invoices = invoices["data"].as_array().unwrap();
    assert_eq!(invoices.len(), 13);
    assert!(invoices.iter().all(|invoice| invoice["status"] == "paid"));
    let ends: Vec<i64> = invoices
        .iter()
        .rev()
        .map(|i| i["lines"]["data"][0]["period"]["end"].as_i64().unwrap())
        .collect();
    // 28 February, 31 March.
    assert_eq!(ends[..2], [NEW_YEAR + 58 * DAY, NEW_YEAR + 89 * DAY]);
    let back = billing
        .wire
        .post(&path, &format!("frozen_time={NEW_YEAR}"))
        .await;
    assert_eq!(back.status.as_u16(), 400);
}

#[tokio::test]
async fn a_failed_renewal_is_retried_and_ends_the_subscription() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    billing.card("pm_card_chargeCustomerFail").await;
    billing.advance_to(FEBRUARY + HOUR).await;
    let late = billing.get(&made).await;
    assert_eq!(late["status"], "past_due");
    let invoice = billing.latest_invoice(&made).await;
    assert_eq!(
        (&invoice["status"], &invoice["attempt_count"]),
        (&"open".into(), &1.into())
    );
    assert_eq!(invoice["next_payment_attempt"], FEBRUARY + HOUR + 3 * DAY);
    assert_eq!(billing.get(&billing.customer).await["delinquent"], true);
    billing.advance_to(FEBRUARY + HOUR + 8 * DAY).await;
    let invoice = billing.latest_invoice(&made).await;
    assert_eq!(invoice["attempt_count"], 3);
    billing.advance_to(FEBRUARY + HOUR + 15 * DAY).await;
    let ended = billing.get(&made).await;
    assert_eq!(
        (&ended["status"], &ended["cancellation_details"]["reason"]),
        (&"canceled".into(), &"payment_failed".into())
    );
    let told = billing.told(0);
    let failures = told
        .iter()
        .filter(|kind| *kind == "invoice.payment_failed")
        .count();
    assert_eq!(failures, 4);
    assert!(told.contains(&"customer.subscription.deleted".to_owned()));
}

#[tokio::test]
async fn a_new_card_saves_a_late_subscription_and_settings_decide_what_follows() {
    let builder = Sandbox::builder()
        .retry_days([1])
        .after_retries(AfterRetries::MarkUnpaid);
    let billing = Billing::with(builder, "pm_card_visa").await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    billing.card("pm_card_chargeCustomerFail").await;
    billing.advance_to(FEBRUARY + 2 * DAY).await;
    assert_eq!(billing.get(&made).await["status"], "unpaid");
    let invoice = id(&billing.latest_invoice(&made).await);
    let path = format!("/v1/invoices/{invoice}/pay");
    let refused = billing.wire.post(&path, "").await;
    assert_eq!(
        (refused.status.as_u16(), refused.error().1.as_str()),
        (402, "card_declined")
    );
    billing.card("pm_card_visa").await;
    let paid = billing.wire.post(&path, "").await.ok();
    assert_eq!(paid["status"], "paid");
    assert_eq!(billing.get(&made).await["status"], "active");
    assert_eq!(billing.get(&billing.customer).await["delinquent"], false);
    let again = billing.wire.post(&path, "").await.error();
    assert_eq!(again.3, "Invoice is already paid");
}

#[tokio::test]
async fn a_first_payment_may_wait_for_the_bank_or_never_come() {
    let billing = Billing::with(Sandbox::builder(), "pm_card_threeDSecure2Required").await;
    let made = billing
        .subscribe(
            &billing.basic,
            "&expand[]=latest_invoice.confirmation_secret",
        )
        .await;
    assert_eq!(made["status"], "incomplete");
    let secret = made["latest_invoice"]["confirmation_secret"]["client_secret"]
        .as_str()
        .unwrap();
    let intent = secret.split("_secret_").next().unwrap();
    assert_eq!(billing.get(intent).await["status"], "requires_action");
    let before = billing.sandbox.events().len();
    billing.sandbox.authenticate(intent, true).await.unwrap();
    assert_eq!(billing.get(&id(&made)).await["status"], "active");
    let told = billing.told(before);
    assert!(told.contains(&"invoice.paid".to_owned()), "{told:?}");
    assert!(
        told.contains(&"customer.subscription.updated".to_owned()),
        "{told:?}"
    );

    let other = billing
        .subscribe(&billing.basic, "&payment_behavior=default_incomplete")
        .await;
    assert_eq!(other["status"], "incomplete");
    billing.advance_to(NEW_YEAR + DAY).await;
    let expired = billing.get(&id(&other)).await;
    assert_eq!(expired["status"], "incomplete_expired");
    assert_eq!(billing.latest_invoice(&id(&other)).await["status"], "void");

    billing.card("pm_card_chargeCustomerFail").await;
    let body = format!(
        "customer={}&items[0][price]={}&payment_behavior=error_if_incomplete",
        billing.customer, billing.basic
    );
    let all = "/v1/subscriptions?status=all";
    let count = billing.wire.get(all).await.ok()["data"]
        .as_array()
        .unwrap()
        .len();
    let refused = billing.wire.post("/v1/subscriptions", &body).await;
    assert_eq!(refused.status.as_u16(), 402);
    assert_eq!(
        billing.wire.get(all).await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        count
    );
}
