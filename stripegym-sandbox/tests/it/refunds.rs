//! Money that goes back: refunds, disputes and payouts.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use stripegym_sandbox::{ManualClock, Sandbox};

use crate::wire::{Wire, id, types};

async fn start() -> (Sandbox, ManualClock, Wire) {
    let clock = ManualClock::new(1_760_000_000);
    let builder = Sandbox::builder().clock(Arc::new(clock.clone()));
    let sandbox = builder.start().await.unwrap();
    let wire = Wire::to(&sandbox);
    (sandbox, clock, wire)
}

/// A payment of 1,000 yen; answers intent and charge.
async fn paid(wire: &Wire, token: &str) -> (String, String) {
    let body = format!("amount=1000&currency=jpy&confirm=true&payment_method={token}");
    let intent = wire.post("/v1/payment_intents", &body).await.ok();
    (
        id(&intent),
        intent["latest_charge"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn a_charge_is_given_back_in_parts_and_never_twice() {
    let (sandbox, _clock, wire) = start().await;
    let (intent, charge) = paid(&wire, "pm_card_visa").await;
    let before = sandbox.events().len();
    let part = format!("payment_intent={intent}&amount=300&reason=requested_by_customer");
    let refund = wire.post("/v1/refunds", &part).await.ok();
    assert_eq!(
        (&refund["status"], &refund["charge"]),
        (&"succeeded".into(), &charge.clone().into())
    );
    let told = [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ];
    assert_eq!(types(&sandbox.events()[before..]), told);
    let transaction = sandbox
        .object(refund["balance_transaction"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        (&transaction["amount"], &transaction["fee"]),
        (&(-300).into(), &0.into())
    );
    let much = wire
        .post("/v1/refunds", &format!("charge={charge}&amount=701"))
        .await
        .error();
    assert_eq!(
        much.3,
        "Refund amount (¥701) is greater than unrefunded amount on charge (¥700)"
    );
    let rest = wire
        .post("/v1/refunds", &format!("charge={charge}"))
        .await
        .ok();
    assert_eq!(rest["amount"], 700);
    let whole = sandbox.object(&charge).unwrap();
    assert_eq!(
        (&whole["refunded"], &whole["amount_refunded"]),
        (&true.into(), &1000.into())
    );
    let again = wire
        .post("/v1/refunds", &format!("charge={charge}"))
        .await
        .error();
    assert_eq!(again.1, "charge_already_refunded");
    let list = wire.get(&format!("/v1/refunds?charge={charge}")).await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    let noted = wire
        .post(
            &format!("/v1/refunds/{}", id(&refund)),
            "metadata[why]=late",
        )
        .await
        .ok();
    assert_eq!(noted["metadata"]["why"], "late");
    let late = wire
        .post(&format!("/v1/refunds/{}/cancel", id(&refund)), "")
        .await;
    assert_eq!(late.status.as_u16(), 400);
}

#[tokio::test]
async fn some_refunds_take_their_time_and_some_fail_in_the_end() {
    let (sandbox, clock, wire) = start().await;
    let (slow, _) = paid(&wire, "pm_card_pendingRefund").await;
    let refund = wire
        .post("/v1/refunds", &format!("payment_intent={slow}"))
        .await
        .ok();
    assert_eq!(refund["status"], "pending");
    let (failing, charge) = paid(&wire, "pm_card_refundFail").await;
    let lost = wire
        .post("/v1/refunds", &format!("payment_intent={failing}"))
        .await
        .ok();
    assert_eq!(lost["status"], "succeeded");
    clock.advance(Duration::from_secs(11));
    let path = |refund: &Value| format!("/v1/refunds/{}", id(refund));
    assert_eq!(wire.get(&path(&refund)).await.ok()["status"], "succeeded");
    let lost = wire.get(&path(&lost)).await.ok();
    assert_eq!(
        (&lost["status"], &lost["failure_reason"]),
        (&"failed".into(), &"expired_or_canceled_card".into())
    );
    let back = sandbox
        .object(lost["failure_balance_transaction"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        (&back["type"], &back["amount"]),
        (&"refund_failure".into(), &1000.into())
    );
    assert_eq!(sandbox.object(&charge).unwrap()["amount_refunded"], 0);
    assert!(types(&sandbox.events()).ends_with(&["refund.failed", "charge.refund.updated"]));
}

#[tokio::test]
async fn evidence_decides_a_dispute() {
    let (sandbox, _clock, wire) = start().await;
    let (_, charge) = paid(&wire, "pm_card_createDispute").await;
    let told = [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.updated",
    ];
    assert!(
        types(&sandbox.events()).ends_with(&told),
        "{:?}",
        types(&sandbox.events())
    );
    let dispute = wire
        .get(&format!("/v1/disputes?charge={charge}"))
        .await
        .ok()["data"][0]
        .clone();
    assert_eq!(
        (&dispute["status"], &dispute["reason"]),
        (&"needs_response".into(), &"fraudulent".into())
    );
    assert_eq!(dispute["balance_transactions"][0]["amount"], -1000);
    assert_eq!(dispute["balance_transactions"][0]["net"], -2500);
    assert_eq!(sandbox.object(&charge).unwrap()["disputed"], true);
    let refund = wire
        .post("/v1/refunds", &format!("charge={charge}"))
        .await
        .error();
    assert_eq!(refund.1, "charge_disputed");
    let path = format!("/v1/disputes/{}", id(&dispute));
    let draft = wire
        .post(&path, "evidence[customer_name]=Ann&submit=false")
        .await
        .ok();
    assert_eq!(
        (&draft["status"], &draft["evidence_details"]["has_evidence"]),
        (&"needs_response".into(), &true.into())
    );
    let won = wire
        .post(&path, "evidence[uncategorized_text]=winning_evidence")
        .await
        .ok();
    assert_eq!(won["status"], "won");
    assert_eq!(won["balance_transactions"][1]["amount"], 1000);
    let told = [
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ];
    assert!(
        types(&sandbox.events()).ends_with(&told),
        "{:?}",
        types(&sandbox.events())
    );
    let late = wire
        .post(&path, "evidence[uncategorized_text]=losing_evidence")
        .await;
    assert_eq!(late.status.as_u16(), 400);
}

#[tokio::test]
async fn an_unanswered_dispute_is_lost_and_an_inquiry_only_closes() {
    let (sandbox, clock, wire) = start().await;
    paid(&wire, "pm_card_createDisputeProductNotReceived").await;
    paid(&wire, "pm_card_createDisputeInquiry").await;
    clock.advance(Duration::from_secs(10 * 86_400));
    let disputes = wire.get("/v1/disputes").await.ok();
    assert_eq!(disputes["data"][0]["status"], "warning_closed");
    assert_eq!(
        disputes["data"][0]["balance_transactions"],
        Value::Array(vec![])
    );
    assert_eq!(disputes["data"][1]["status"], "lost");
    assert_eq!(disputes["data"][1]["evidence_details"]["past_due"], true);
    paid(&wire, "pm_card_createMultipleDisputes").await;
    let newest = wire.get("/v1/disputes").await.ok();
    assert_eq!(newest["data"].as_array().unwrap().len(), 4);
    let path = format!("/v1/disputes/{}/close", id(&newest["data"][0]));
    assert_eq!(wire.post(&path, "").await.ok()["status"], "lost");
    assert_eq!(
        *types(&sandbox.events()).last().unwrap(),
        "charge.dispute.closed"
    );
}

#[tokio::test]
async fn what_is_available_can_be_paid_out() {
    let (sandbox, clock, wire) = start().await;
    paid(&wire, "pm_card_bypassPending").await;
    let balance = wire.get("/v1/balance").await.ok();
    assert_eq!(balance["available"][0]["amount"], 964);
    let much = wire
        .post("/v1/payouts", "amount=965&currency=jpy")
        .await
        .error();
    assert_eq!(much.1, "balance_insufficient");
    let payout = wire
        .post("/v1/payouts", "amount=900&currency=jpy")
        .await
        .ok();
    assert_eq!(payout["status"], "pending");
    assert_eq!(
        wire.get("/v1/balance").await.ok()["available"][0]["amount"],
        64
    );
    let small = wire
        .post("/v1/payouts", "amount=64&currency=jpy")
        .await
        .ok();
    let canceled = wire
        .post(&format!("/v1/payouts/{}/cancel", id(&small)), "")
        .await
        .ok();
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(
        wire.get("/v1/balance").await.ok()["available"][0]["amount"],
        64
    );
    clock.advance(Duration::from_secs(7 * 86_400));
    let arrived = wire.get(&format!("/v1/payouts/{}", id(&payout))).await.ok();
    assert_eq!(arrived["status"], "paid");
    assert_eq!(*types(&sandbox.events()).last().unwrap(), "payout.paid");
}
