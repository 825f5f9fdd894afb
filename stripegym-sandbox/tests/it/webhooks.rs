//! Delivery: retries, signatures, endpoints that fail, are slow, disabled or gone.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stripegym_sandbox::{ManualClock, Sandbox};
use tokio::sync::Notify;

use crate::receiver::{Receiver, kinds};
use crate::wire::{PATIENCE, Wire, id};

const NOON: i64 = 1_760_000_000;

/// Waits until the deliveries of an event satisfy `condition`.
async fn until(wire: &Wire, event: &str, condition: impl Fn(&Value) -> bool) -> Value {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let shown = wire
                .get(&format!("/_sandbox/events/{event}/deliveries"))
                .await
                .ok();
            if condition(&shown["deliveries"]) {
                return shown["deliveries"].clone();
            }
            tokio::task::yield_now().await;
        }
    });
    waited.await.expect("the deliveries never came to this")
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_with_a_fresh_signature() {
    let receiver = Receiver::answering(&[500, 302, 200]).await;
    let clock = ManualClock::new(NOON);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .start()
        .await
        .unwrap();
    let secret = sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    wire.post("/v1/customers", "").await.ok();
    let event = id(&sandbox.events()[0]);

    until(&wire, &event, |all| all[0]["next_attempt_at"] == NOON + 1).await;
    clock.advance(Duration::from_secs(1));
    until(&wire, &event, |all| all[0]["next_attempt_at"] == NOON + 6).await;
    clock.advance(Duration::from_secs(5));
    let deliveries = until(&wire, &event, |all| all[0]["acknowledged"] == true).await;

    let attempts: Vec<(i64, i64)> = deliveries[0]["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| {
            (
                attempt["at"].as_i64().unwrap() - NOON,
                attempt["status"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(attempts, [(0, 500), (1, 302), (6, 200)]);
    assert_eq!(deliveries[0]["next_attempt_at"], Value::Null);
    let received = receiver.received();
    let times: Vec<i64> = received
        .iter()
        .map(|request| request.verify(&secret) - NOON)
        .collect();
    assert_eq!(times, [0, 1, 6]);
    assert_eq!(received[0].event()["id"], received[2].event()["id"]);
    assert_eq!(sandbox.object(&event).unwrap()["pending_webhooks"], 0);
}

#[tokio::test]
async fn a_slow_endpoint_holds_up_nobody_else() {
    let release = Arc::new(Notify::new());
    let slow = Receiver::held(Arc::clone(&release)).await;
    let quick = Receiver::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhook_endpoint("slow", &slow.url);
    sandbox.webhook_endpoint("quick", &quick.url);
    let wire = Wire::to(&sandbox);
    for _ in 0..20 {
        wire.post("/v1/customers", "").await.ok();
    }
    quick.until_count(20).await;
    // The slow one gets several at once, but not all.
    let open = slow.until_count(8).await.len();
    assert_eq!(open, 8);
    release.notify_one();
    slow.until_count(9).await;
}

#[tokio::test]
async fn a_quick_receiver_sees_events_in_their_order() {
    let receiver = Receiver::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    for at in 0..30 {
        wire.post("/v1/customers", &format!("name=c{at}"))
            .await
            .ok();
    }
    let received = receiver.until_count(30).await;
    let names: Vec<Value> = received
        .iter()
        .map(|r| r.event()["data"]["object"]["name"].clone())
        .collect();
    assert_eq!(
        names,
        (0..30)
            .map(|at| json!(format!("c{at}")))
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn endpoints_select_their_events_and_can_be_disabled_and_deleted() {
    let receiver = Receiver::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let body = format!(
        "url={}&enabled_events[]=product.created&description=products",
        receiver.url
    );
    let endpoint = wire.post("/v1/webhook_endpoints", &body).await.ok();
    let secret = endpoint["secret"].as_str().unwrap().to_owned();
    let path = format!("/v1/webhook_endpoints/{}", id(&endpoint));
    let shown = wire.get(&path).await.ok();
    assert_eq!(
        (&shown["secret"], &shown["status"]),
        (&Value::Null, &"enabled".into())
    );

    wire.post("/v1/customers", "").await.ok();
    wire.post("/v1/products", "name=Tea").await.ok();
    let received = receiver.until_count(1).await;
    assert_eq!(kinds(&received), ["product.created"]);
    received[0].verify(&secret);

    assert_eq!(
        wire.post(&path, "disabled=true").await.ok()["status"],
        "disabled"
    );
    wire.post("/v1/products", "name=Coffee").await.ok();
    wire.post(&path, "disabled=false&enabled_events[]=*")
        .await
        .ok();
    wire.post("/v1/products", "name=Water").await.ok();
    let received = receiver.until_count(2).await;
    assert_eq!(received[1].event()["data"]["object"]["name"], "Water");

    assert_eq!(wire.delete(&path).await.ok()["deleted"], true);
    assert_eq!(wire.get(&path).await.error().1, "resource_missing");
}

#[tokio::test]
async fn an_endpoint_keeps_its_secret_when_it_moves() {
    let sandbox = Sandbox::start().await.unwrap();
    let first = sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/a");
    let second = sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/b");
    assert_eq!(first, second);
    let listed = Wire::to(&sandbox).get("/v1/webhook_endpoints").await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["url"], "http://127.0.0.1:1/b");
}

#[tokio::test]
async fn resending_delivers_again_even_to_endpoints_that_came_later() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    wire.post("/v1/customers", "").await.ok();
    let event = id(&sandbox.events()[0]);
    let receiver = Receiver::start().await;
    sandbox.webhook_endpoint("late", &receiver.url);
    let answer = wire
        .post(&format!("/_sandbox/events/{event}/resend"), "")
        .await
        .ok();
    assert_eq!(answer["endpoints"], 1);
    receiver.until_count(1).await;
    assert_eq!(sandbox.resend(&event).unwrap(), 1);
    let received = receiver.until_count(2).await;
    assert_eq!(received[0].event()["id"], received[1].event()["id"]);
    until(&wire, &event, |all| all[0]["attempts"][1]["manual"] == true).await;
    assert!(sandbox.resend("evt_none").is_err());
    let missing = wire
        .post("/_sandbox/events/evt_none/resend", "")
        .await
        .error();
    assert_eq!((missing.0, missing.1.as_str()), (404, "resource_missing"));
}

#[tokio::test]
async fn an_https_endpoint_fails_and_says_why() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhook_endpoint("shop", "https://shop.test/webhook");
    let wire = Wire::to(&sandbox);
    wire.post("/v1/customers", "").await.ok();
    let event = id(&sandbox.events()[0]);
    let deliveries = until(&wire, &event, |all| all[0]["attempts"][0].is_object()).await;
    let error = deliveries[0]["attempts"][0]["error"].as_str().unwrap();
    assert!(error.contains("plain http"), "{error}");
}

#[tokio::test]
async fn a_dead_endpoint_does_not_hold_the_customer() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/nobody");
    let session = crate::wire::tea_session(&Wire::to(&sandbox), "").await;
    let session = id(&session);
    let paid = sandbox.pay(&session, "4242424242424242");
    let paid = tokio::time::timeout(Duration::from_secs(5), paid)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(paid["status"], "complete");
}
