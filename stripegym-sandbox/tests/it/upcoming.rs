//! What is told ahead: the next renewal, and the end of a schedule.

use serde_json::Value;
use stripegym_sandbox::Sandbox;

use crate::billing::{Billing, DAY, HOUR, NEW_YEAR, price};
use crate::wire::id;

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY;
const MARCH: i64 = FEBRUARY + 28 * DAY;

/// The events of one type, oldest first.
fn told(billing: &Billing, kind: &str) -> Vec<Value> {
    let events = billing.sandbox.events().into_iter();
    events.filter(|event| event["type"] == kind).collect()
}

#[tokio::test]
async fn a_renewal_is_told_a_week_ahead_as_an_invoice_without_an_id() {
    let billing = Billing::start().await;
    let subscription = id(&billing
        .subscribe(&billing.basic, "&items[0][quantity]=3")
        .await);
    billing.advance_to(FEBRUARY - 7 * DAY - 1).await;
    assert!(told(&billing, "invoice.upcoming").is_empty());
    let invoices = billing.wire.get("/v1/invoices").await.ok()["data"].clone();
    billing.advance_to(FEBRUARY - 7 * DAY).await;
    let upcoming = told(&billing, "invoice.upcoming");
    assert_eq!(upcoming.len(), 1);
    let invoice = &upcoming[0]["data"]["object"];
    assert_eq!(upcoming[0]["created"], FEBRUARY - 7 * DAY);
    assert!(invoice.get("id").is_none());
    assert_eq!(
        (&invoice["status"], &invoice["total"]),
        (&"draft".into(), &3000.into())
    );
    assert_eq!(
        invoice["parent"]["subscription_details"]["subscription"],
        subscription
    );
    // Told, not done: there is no new invoice, and nothing was charged.
    assert_eq!(
        billing.wire.get("/v1/invoices").await.ok()["data"],
        invoices
    );
    let now = billing.get(&subscription).await;
    assert_eq!(now["items"]["data"][0]["current_period_end"], FEBRUARY);

    billing.advance_to(FEBRUARY + 2 * HOUR).await;
    assert_eq!(
        told(&billing, "invoice.upcoming").len(),
        1,
        "once for each period"
    );
    assert_eq!(
        billing.latest_invoice(&subscription).await["status"],
        "paid"
    );
    billing.advance_to(MARCH - HOUR).await;
    assert_eq!(told(&billing, "invoice.upcoming").len(), 2);
}

#[tokio::test]
async fn nothing_is_told_of_what_does_not_renew_or_is_too_short() {
    let billing = Billing::start().await;
    billing
        .subscribe(&billing.basic, "&cancel_at_period_end=true")
        .await;
    let weekly = price(&billing.wire, "Weekly", 300, "week").await;
    billing.subscribe(&weekly, "").await;
    billing.advance_to(NEW_YEAR + 13 * DAY).await;
    billing.advance_to(NEW_YEAR + 26 * DAY).await;
    assert!(told(&billing, "invoice.upcoming").is_empty());

    let silent = Billing::with(Sandbox::builder().upcoming_days(0), "pm_card_visa").await;
    silent.subscribe(&silent.basic, "").await;
    silent.advance_to(FEBRUARY + HOUR).await;
    assert!(told(&silent, "invoice.upcoming").is_empty());
}

#[tokio::test]
async fn the_end_of_a_trial_is_told_like_any_other_renewal() {
    let billing = Billing::start().await;
    billing
        .subscribe(&billing.basic, "&trial_period_days=14")
        .await;
    billing.advance_to(NEW_YEAR + 10 * DAY).await;
    let upcoming = told(&billing, "invoice.upcoming");
    assert_eq!(upcoming[0]["created"], NEW_YEAR + 7 * DAY);
    assert_eq!(upcoming[0]["data"]["object"]["total"], 1000);
    billing.advance_to(NEW_YEAR + 12 * DAY).await;
    assert_eq!(
        told(&billing, "customer.subscription.trial_will_end").len(),
        1
    );
}

#[tokio::test]
async fn a_schedule_says_a_week_ahead_that_it_will_end() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let from = format!("from_subscription={made}");
    let schedule = billing
        .wire
        .post("/v1/subscription_schedules", &from)
        .await
        .ok();
    let schedule = id(&schedule);
    let phases = format!(
        "phases[0][start_date]={NEW_YEAR}&phases[0][end_date]={FEBRUARY}&phases[0][items][0][price]={}\
         &phases[1][items][0][price]={}&phases[1][duration][interval]=month",
        billing.basic, billing.pro
    );
    let path = format!("/v1/subscription_schedules/{schedule}");
    billing.wire.post(&path, &phases).await.ok();
    billing.advance_to(FEBRUARY + DAY).await;
    assert!(told(&billing, "subscription_schedule.expiring").is_empty());
    assert_eq!(
        billing.get(&made).await["items"]["data"][0]["price"]["id"],
        billing.pro
    );
    billing.advance_to(MARCH - 7 * DAY).await;
    let expiring = told(&billing, "subscription_schedule.expiring");
    assert_eq!(expiring.len(), 1);
    assert_eq!(expiring[0]["data"]["object"]["id"], schedule);
    assert_eq!(billing.get(&schedule).await["status"], "active");
    billing.advance_to(MARCH + HOUR).await;
    assert_eq!(billing.get(&schedule).await["status"], "released");
    assert_eq!(told(&billing, "subscription_schedule.expiring").len(), 1);
}
