//! Schedules: a change that is agreed now and happens later.

use serde_json::Value;

use crate::billing::{Billing, DAY, HOUR, NEW_YEAR};
use crate::wire::id;

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY;
const MARCH: i64 = FEBRUARY + 28 * DAY;

/// A subscription to the small plan, with the large one from February on.
async fn planned(billing: &Billing, more: &str) -> (String, String) {
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let from = format!("from_subscription={made}");
    let schedule = billing
        .wire
        .post("/v1/subscription_schedules", &from)
        .await
        .ok();
    assert_eq!(
        (&schedule["status"], &schedule["current_phase"]["end_date"]),
        (&"active".into(), &FEBRUARY.into())
    );
    assert_eq!(schedule["phases"][0]["items"][0]["price"], billing.basic);
    let phases = format!(
        "phases[0][start_date]={NEW_YEAR}&phases[0][end_date]={FEBRUARY}&phases[0][items][0][price]={}\
         &phases[1][items][0][price]={}&phases[1][proration_behavior]=none\
         &phases[1][duration][interval]=month&phases[1][metadata][plan]=pro{more}",
        billing.basic, billing.pro
    );
    let path = format!("/v1/subscription_schedules/{}", id(&schedule));
    let updated = billing.wire.post(&path, &phases).await.ok();
    assert_eq!(updated["phases"][1]["start_date"], FEBRUARY);
    assert_eq!(updated["phases"][1]["end_date"], MARCH);
    (made, id(&schedule))
}

#[tokio::test]
async fn a_plan_changes_at_the_end_of_its_period_without_a_proration() {
    let billing = Billing::start().await;
    let (made, schedule) = planned(&billing, "").await;
    let owner = billing.get(&made).await;
    assert_eq!(
        (
            &owner["schedule"],
            &owner["items"]["data"][0]["price"]["id"]
        ),
        (&schedule.clone().into(), &billing.basic.clone().into())
    );
    let path = format!("/v1/subscriptions/{made}");
    let refused = billing
        .wire
        .post(&path, "cancel_at_period_end=true")
        .await
        .error();
    assert!(
        refused.3.contains("managed by the subscription schedule"),
        "{}",
        refused.3
    );
    assert_eq!(
        billing
            .wire
            .post(&format!("{path}/pause"), "")
            .await
            .status
            .as_u16(),
        400
    );
    billing.advance_to(FEBRUARY + HOUR).await;
    let switched = billing.get(&made).await;
    assert_eq!(switched["items"]["data"][0]["price"]["id"], billing.pro);
    assert_eq!(switched["metadata"]["plan"], "pro");
    let invoice = billing.latest_invoice(&made).await;
    assert_eq!(
        (&invoice["status"], &invoice["total"]),
        (&"paid".into(), &2000.into())
    );
    assert_eq!(invoice["lines"]["data"].as_array().unwrap().len(), 1);
    billing.advance_to(MARCH + HOUR).await;
    let over = billing.get(&schedule).await;
    assert_eq!(
        (&over["status"], &over["released_subscription"]),
        (&"released".into(), &made.clone().into())
    );
    let free = billing.get(&made).await;
    assert_eq!(
        (&free["status"], &free["schedule"]),
        (&"active".into(), &Value::Null)
    );
    assert_eq!(billing.latest_invoice(&made).await["total"], 2000);
}

#[tokio::test]
async fn a_schedule_can_end_its_subscription_be_let_go_or_be_canceled() {
    let billing = Billing::start().await;
    let (made, schedule) = planned(&billing, "&end_behavior=cancel").await;
    let (freed, other) = planned(&billing, "").await;
    let (stopped, third) = planned(&billing, "").await;
    let path = |id: &str, action: &str| format!("/v1/subscription_schedules/{id}/{action}");
    let released = billing.wire.post(&path(&other, "release"), "").await.ok();
    assert_eq!(
        (&released["status"], &released["subscription"]),
        (&"released".into(), &Value::Null)
    );
    assert_eq!(billing.get(&freed).await["schedule"], Value::Null);
    let again = billing.wire.post(&path(&other, "release"), "").await;
    assert_eq!(again.status.as_u16(), 400);
    let canceled = billing.wire.post(&path(&third, "cancel"), "").await.ok();
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(billing.get(&stopped).await["status"], "canceled");
    billing.advance_to(FEBRUARY + DAY).await;
    assert_eq!(billing.latest_invoice(&freed).await["total"], 1000);
    billing.advance_to(MARCH + DAY).await;
    assert_eq!(billing.get(&schedule).await["status"], "completed");
    assert_eq!(billing.get(&made).await["status"], "canceled");
    assert!(
        billing
            .told(0)
            .contains(&"subscription_schedule.completed".to_owned())
    );
    let gap = format!(
        "phases[0][items][0][price]={}&phases[0][end_date]={}",
        billing.basic,
        MARCH + 90 * DAY
    );
    let from = format!("from_subscription={freed}");
    let fresh = id(&billing
        .wire
        .post("/v1/subscription_schedules", &from)
        .await
        .ok());
    let path = format!("/v1/subscription_schedules/{fresh}");
    let refused = billing.wire.post(&path, &gap).await.error();
    assert_eq!(refused.2, "phases[0][start_date]");
}
