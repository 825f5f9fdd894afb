//! Subscriptions that change: prorations, other rhythms, cancellations, trials and pauses.

use serde_json::Value;
use stripegym_sandbox::Sandbox;

use crate::billing::{Billing, DAY, HOUR, NEW_YEAR, price};
use crate::wire::id;

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY;
const MARCH: i64 = FEBRUARY + 28 * DAY;

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

    let paused = billing
        .wire
        .post(&format!("{path}/pause"), "type=subscription")
        .await
        .ok();
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

#[tokio::test]
async fn the_end_of_time_is_no_trial() {
    let billing = Billing::start().await;
    let body = format!(
        "customer={}&items[0][price]={}&trial_end={}",
        billing.customer,
        billing.basic,
        i64::MAX
    );
    let refused = billing.wire.post("/v1/subscriptions", &body).await.error();
    assert_eq!((refused.0, refused.2.as_str()), (400, "trial_end"));
}
