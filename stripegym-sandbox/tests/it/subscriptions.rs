//! Subscriptions: from the first payment over renewals and trouble to the end.

use serde_json::Value;
use stripegym_sandbox::{AfterRetries, Sandbox};

use crate::billing::{Billing, DAY, HOUR, NEW_YEAR, price};
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

#[tokio::test]
async fn an_upgrade_in_the_middle_is_prorated_now_later_or_not_at_all() {
    let billing = Billing::start().await;
    let made = billing.subscribe(&billing.basic, "").await;
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/subscriptions/{}", id(&made));
    billing.advance_to(NEW_YEAR + 31 * DAY / 2).await;
    let preview = format!(
        "subscription={}&subscription_details[items][0][id]={item}&subscription_details[items][0][price]={}\
         &subscription_details[proration_behavior]=always_invoice",
        id(&made),
        billing.pro
    );
    let count = billing.sandbox.events().len();
    let preview = billing
        .wire
        .post("/v1/invoices/create_preview", &preview)
        .await
        .ok();
    assert_eq!(
        (
            &preview["amount_due"],
            &preview["lines"]["data"][0]["amount"]
        ),
        (&500.into(), &(-500).into())
    );
    assert!(id(&preview).starts_with("upcoming_in_"));
    assert_eq!(
        billing.sandbox.events().len(),
        count,
        "a preview leaves no trace"
    );

    let later = format!("items[0][id]={item}&items[0][price]={}", billing.pro);
    let changed = billing.wire.post(&path, &later).await.ok();
    assert_eq!(changed["items"]["data"][0]["price"]["id"], billing.pro);
    assert_eq!(
        billing.told(count),
        [
            "customer.subscription.updated",
            "invoiceitem.created",
            "invoiceitem.created"
        ]
    );
    let next = billing
        .wire
        .post(
            "/v1/invoices/create_preview",
            &format!("subscription={}", id(&made)),
        )
        .await
        .ok();
    assert_eq!(next["total"], 2500);
    let now = format!("items[0][id]={item}&items[0][quantity]=2&proration_behavior=always_invoice");
    billing.wire.post(&path, &now).await.ok();
    let invoice = billing.latest_invoice(&id(&made)).await;
    assert_eq!(invoice["billing_reason"], "subscription_update");
    // What pended comes along: 500 for the upgrade, 1,000 for the second seat.
    assert_eq!(
        (&invoice["status"], &invoice["total"]),
        (&"paid".into(), &1500.into())
    );
    let never = format!("items[0][id]={item}&items[0][quantity]=1&proration_behavior=none");
    billing.wire.post(&path, &never).await.ok();
    billing.advance_to(FEBRUARY + HOUR).await;
    assert_eq!(billing.latest_invoice(&id(&made)).await["total"], 2000);
}

#[tokio::test]
async fn another_rhythm_begins_at_once() {
    let billing = Billing::start().await;
    let yearly = price(&billing.wire, "Yearly", 10_000, "year").await;
    let made = billing.subscribe(&billing.basic, "").await;
    billing.advance_to(NEW_YEAR + 31 * DAY / 2).await;
    let item = made["items"]["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/subscription_items/{item}");
    let changed = billing
        .wire
        .post(&path, &format!("price={yearly}"))
        .await
        .ok();
    assert_eq!(changed["current_period_start"], NEW_YEAR + 31 * DAY / 2);
    let invoice = billing.latest_invoice(&id(&made)).await;
    assert_eq!(
        (&invoice["status"], &invoice["total"]),
        (&"paid".into(), &9500.into())
    );
    let refused = billing.wire.delete(&path).await;
    assert!(refused.error().3.contains("at least one active item"));
    assert_eq!(billing.wire.get(&path).await.ok()["price"]["id"], yearly);
}

#[tokio::test]
async fn cancelling_can_wait_be_undone_or_happen_now() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let path = format!("/v1/subscriptions/{made}");
    let leaving = billing
        .wire
        .post(&path, "cancel_at_period_end=true")
        .await
        .ok();
    assert_eq!(
        (&leaving["status"], &leaving["cancel_at"]),
        (&"active".into(), &FEBRUARY.into())
    );
    assert_eq!(leaving["canceled_at"], NEW_YEAR);
    let none = billing
        .wire
        .post(
            "/v1/invoices/create_preview",
            &format!("subscription={made}"),
        )
        .await;
    assert_eq!(none.error().1, "invoice_upcoming_none");
    let staying = billing
        .wire
        .post(&path, "cancel_at_period_end=false")
        .await
        .ok();
    assert_eq!(staying["cancel_at"], Value::Null);
    billing
        .wire
        .post(&path, "cancel_at_period_end=true")
        .await
        .ok();
    billing.advance_to(FEBRUARY + DAY).await;
    let gone = billing.get(&made).await;
    assert_eq!(
        (&gone["status"], &gone["ended_at"]),
        (&"canceled".into(), &FEBRUARY.into())
    );
    assert_eq!(
        billing
            .wire
            .post(&path, "cancel_at_period_end=false")
            .await
            .status
            .as_u16(),
        400
    );

    let other = id(&billing.subscribe(&billing.basic, "").await);
    let path = format!("/v1/subscriptions/{other}?prorate=true&invoice_now=true");
    let ended = billing.wire.delete(&path).await.ok();
    assert_eq!(ended["status"], "canceled");
    // What was paid and not used becomes credit.
    assert_eq!(billing.get(&billing.customer).await["balance"], -1000);
    let listed = billing.wire.get("/v1/subscriptions").await.ok();
    assert_eq!(listed["data"], Value::Array(vec![]));
}

#[tokio::test]
async fn trials_cost_nothing_until_they_end() {
    let billing = Billing::start().await;
    let before = billing.sandbox.events().len();
    let made = billing
        .subscribe(&billing.basic, "&trial_period_days=14")
        .await;
    assert_eq!(
        (&made["status"], &made["trial_end"]),
        (&"trialing".into(), &(NEW_YEAR + 14 * DAY).into())
    );
    let first = billing.latest_invoice(&id(&made)).await;
    assert_eq!(
        (&first["status"], &first["total"]),
        (&"paid".into(), &0.into())
    );
    assert_eq!(
        first["lines"]["data"][0]["description"],
        "Trial period for Basic"
    );
    assert!(
        !billing
            .told(before)
            .contains(&"charge.succeeded".to_owned())
    );
    billing.advance_to(NEW_YEAR + 12 * DAY).await;
    assert!(
        billing
            .told(before)
            .contains(&"customer.subscription.trial_will_end".to_owned())
    );
    billing.advance_to(NEW_YEAR + 14 * DAY + HOUR).await;
    assert_eq!(billing.get(&id(&made)).await["status"], "active");
    assert_eq!(
        billing.latest_invoice(&id(&made)).await["amount_paid"],
        1000
    );

    let poor = Billing::with(Sandbox::builder(), "").await;
    let pause = "&trial_period_days=7&trial_settings[end_behavior][missing_payment_method]=pause\
                 &expand[]=pending_setup_intent";
    let made = poor.subscribe(&poor.basic, pause).await;
    assert_eq!(
        made["pending_setup_intent"]["status"],
        "requires_payment_method"
    );
    poor.advance_to(NEW_YEAR + 8 * DAY).await;
    assert_eq!(poor.get(&id(&made)).await["status"], "paused");
    poor.card("pm_card_visa").await;
    let path = format!("/v1/subscriptions/{}/resume", id(&made));
    let resumed = poor.wire.post(&path, "").await.ok();
    assert_eq!(resumed["status"], "active");
    assert!(
        poor.told(0)
            .contains(&"customer.subscription.resumed".to_owned())
    );
    let body = format!("customer={}&items[0][price]={}", poor.customer, poor.basic);
    let stranger = poor.wire.post("/v1/customers", "").await.ok();
    let body = body.replace(&poor.customer, &id(&stranger));
    let refused = poor.wire.post("/v1/subscriptions", &body).await.error();
    assert!(
        refused.3.contains("no attached payment source"),
        "{}",
        refused.3
    );
}

#[tokio::test]
async fn collection_can_pause_while_the_subscription_goes_on() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let path = format!("/v1/subscriptions/{made}");
    let until = format!(
        "pause_collection[behavior]=void&pause_collection[resumes_at]={}",
        FEBRUARY + DAY
    );
    billing.wire.post(&path, &until).await.ok();
    billing.advance_to(FEBRUARY + 2 * DAY).await;
    assert_eq!(billing.latest_invoice(&made).await["status"], "void");
    let on = billing.get(&made).await;
    assert_eq!(
        (&on["status"], &on["pause_collection"]),
        (&"active".into(), &Value::Null)
    );
    billing.advance_to(MARCH + HOUR).await;
    assert_eq!(billing.latest_invoice(&made).await["status"], "paid");

    let paused = billing.wire.post(&format!("{path}/pause"), "").await.ok();
    assert_eq!(
        paused["status_details"]["paused"]["subscription"]["type"],
        "pause_requested"
    );
    let invoice = id(&billing.latest_invoice(&made).await);
    billing.advance_to(MARCH + 60 * DAY).await;
    assert_eq!(
        id(&billing.latest_invoice(&made).await),
        invoice,
        "nothing is billed while paused"
    );
    let resumed = billing
        .wire
        .post(&format!("{path}/resume"), "billing_cycle_anchor[type]=now")
        .await
        .ok();
    assert_eq!(resumed["status"], "active");
    assert_eq!(resumed["billing_cycle_anchor"], MARCH + 60 * DAY);
}
