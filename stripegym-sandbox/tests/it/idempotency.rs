//! Idempotency keys.

use std::sync::Arc;
use std::time::Duration;

use stripegym_sandbox::{ManualClock, Sandbox};

use crate::wire::Wire;

#[tokio::test]
async fn the_same_key_gets_the_same_answer_to_the_byte() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let body = "email=ann@example.com&metadata[a]=1&metadata[b]=2";
    let first = wire.keyed("/v1/customers", "key", body).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(first.header("original-request"), first.header("request-id"));
    // The order of parameters does not matter.
    let other_order = "metadata[b]=2&email=ann@example.com&metadata[a]=1";
    for body in [body, other_order] {
        let again = wire.keyed("/v1/customers", "key", body).await;
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("original-request"), first.header("request-id"));
        assert_ne!(again.header("request-id"), first.header("request-id"));
        assert_eq!(again.header("idempotency-key"), "key");
    }
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn concurrent_copies_act_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let copies: Vec<_> = (0..20)
        .map(|_| {
            let wire = wire.clone();
            tokio::spawn(async move { wire.keyed("/v1/customers", "key", "name=Ann").await.ok() })
        })
        .collect();
    let mut ids = Vec::new();
    for copy in copies {
        ids.push(crate::wire::id(&copy.await.unwrap()));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    wire.keyed("/v1/customers", "key", "name=Ann").await.ok();
    for (path, body) in [("/v1/customers", "name=Bea"), ("/v1/products", "name=Ann")] {
        let refused = wire.keyed(path, "key", body).await;
        assert_eq!(refused.status.as_u16(), 400);
        let error = &refused.json()["error"];
        assert_eq!(error["type"], "idempotency_error");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("Keys for idempotent requests can only be used with"));
        assert!(message.contains("'key'"));
    }
}

#[tokio::test]
async fn failed_validation_frees_the_key_and_failed_execution_does_not() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let wrong = wire
        .keyed("/v1/products", "key", "name=Tea&nonsense=1")
        .await;
    assert_eq!(wrong.error().1, "parameter_unknown");
    wire.keyed("/v1/products", "key", "name=Tea").await.ok();

    let price = "product=prod_later&currency=jpy&unit_amount=100";
    let missing = wire.keyed("/v1/prices", "other", price).await;
    assert_eq!(missing.error().1, "resource_missing");
    wire.post("/v1/products", "name=Later&id=prod_later")
        .await
        .ok();
    let replayed = wire.keyed("/v1/prices", "other", price).await;
    assert_eq!(replayed.body, missing.body);
    assert_eq!(replayed.header("idempotent-replayed"), "true");
    wire.keyed("/v1/prices", "fresh", price).await.ok();
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day_and_ignored_on_get() {
    let clock = ManualClock::new(1_760_000_000);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .start()
        .await
        .unwrap();
    let wire = Wire::to(&sandbox);
    let first = wire.keyed("/v1/customers", "key", "").await.ok();
    clock.advance(Duration::from_secs(24 * 60 * 60));
    let second = wire.keyed("/v1/customers", "key", "").await.ok();
    assert_ne!(first["id"], second["id"]);
    let headers = [("idempotency-key", "key")];
    let read = wire
        .send(http::Method::GET, "/v1/customers", &headers, "")
        .await
        .unwrap();
    assert_eq!(read.header("original-request"), "");
    assert_eq!(read.ok()["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_that_is_too_long_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let refused = wire.keyed("/v1/customers", &"k".repeat(256), "").await;
    assert_eq!(refused.status.as_u16(), 400);
    wire.keyed("/v1/customers", &"k".repeat(255), "").await.ok();
}
