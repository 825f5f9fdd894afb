//! Faults: what goes wrong with requests and webhooks, on request and repeatably.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use stripegym_sandbox::{FaultPlan, ManualClock, Sandbox};
use tower_service::Service;

use crate::receiver::{Received, Receiver, kinds};
use crate::wire::{Answer, Wire, id, types};

const NOON: i64 = 1_760_000_000;

async fn with(faults: &str) -> (Sandbox, Wire) {
    let plan: FaultPlan = faults.parse().unwrap();
    let sandbox = Sandbox::builder().faults(plan).start().await.unwrap();
    let wire = Wire::to(&sandbox);
    (sandbox, wire)
}

/// A sandbox whose time stands still, with a shop that listens.
async fn listening(faults: &str) -> (Sandbox, ManualClock, Receiver, Wire) {
    let receiver = Receiver::start().await;
    let clock = ManualClock::new(NOON);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .faults(faults.parse().unwrap())
        .start()
        .await
        .unwrap();
    sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    (sandbox, clock, receiver, wire)
}

fn names(received: &[Received]) -> Vec<String> {
    let name = |received: &Received| received.event()["data"]["object"]["name"].clone();
    received
        .iter()
        .map(|received| name(received).as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_limiter_refuses_before_anything_else_and_frees_the_key() {
    let (sandbox, wire) = with("rate-limit times=1; lock-timeout times=1").await;
    let limited = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!(limited.status.as_u16(), 429);
    assert_eq!(limited.error().1, "rate_limit");
    assert_eq!(limited.header("stripe-rate-limited-reason"), "global-rate");
    let locked = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!(
        (locked.error().0, locked.error().1),
        (429, "lock_timeout".to_owned())
    );
    assert_eq!(locked.header("stripe-should-retry"), "true");
    let made = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!(made.header("idempotent-replayed"), "");
    made.ok();
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn a_failure_before_the_effect_may_be_repeated_with_its_key() {
    let (sandbox, wire) = with("fail-before status=503 times=1").await;
    let failed = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!(failed.status.as_u16(), 503);
    assert_eq!(failed.json()["error"]["type"], "api_error");
    assert_eq!(failed.header("original-request"), "");
    assert!(sandbox.events().is_empty());
    wire.keyed("/v1/customers", "key", "name=Ann").await.ok();
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn a_failure_after_the_effect_is_final_for_its_key() {
    let (sandbox, wire) = with("fail-after times=1").await;
    let failed = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!(failed.status.as_u16(), 500);
    assert_eq!(
        failed.header("original-request"),
        failed.header("request-id")
    );
    assert_eq!(types(&sandbox.events()), ["customer.created"]);
    let again = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!((again.status.as_u16(), &again.body), (500, &failed.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    // The customer is there all the same: whoever looks, finds it.
    let found = wire.get("/v1/customers").await.ok();
    assert_eq!(found["data"][0]["name"], "Ann");
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn a_wrong_request_stays_wrong_where_a_fault_would_follow_its_effect() {
    let (_sandbox, wire) = with("fail-after times=1").await;
    let wrong = wire.keyed("/v1/customers", "key", "nonsense=1").await;
    assert_eq!(wrong.error().1, "parameter_unknown");
}

#[tokio::test]
async fn connections_break_without_an_answer_before_or_after_the_effect() {
    let (sandbox, wire) = with("hang-before seconds=0 times=1; hang-after seconds=0 times=1").await;
    let create = async || {
        let headers = [("idempotency-key", "key")];
        wire.send(Method::POST, "/v1/customers", &headers, "name=Ann")
            .await
    };
    create().await.unwrap_err();
    assert!(sandbox.events().is_empty(), "nothing happened yet");
    create().await.unwrap_err();
    assert_eq!(
        sandbox.events().len(),
        1,
        "it happened, and nobody was told"
    );
    let made = create().await.unwrap();
    assert_eq!(made.header("idempotent-replayed"), "true");
    assert_eq!(made.ok()["name"], "Ann");
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn a_request_that_hangs_does_not_hold_up_the_end() {
    let (sandbox, wire) = with("hang-after seconds=3600").await;
    let hanging = tokio::spawn(async move {
        wire.send(Method::POST, "/v1/customers", &[], "name=Ann")
            .await
    });
    while sandbox.events().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.shutdown().await;
    hanging.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn without_a_socket_a_time_out_is_an_answer_of_its_own() {
    let (sandbox, _wire) = with("hang-after seconds=0").await;
    let request = Request::post("/v1/customers")
        .header("authorization", "Bearer sk_test_x")
        .body(Bytes::new())
        .unwrap();
    let answer = sandbox.service().call(request).await.unwrap();
    assert_eq!(answer.status().as_u16(), 504);
    assert_eq!(sandbox.events().len(), 1);
}

#[tokio::test]
async fn an_outage_comes_and_goes_with_the_clock() {
    let (_sandbox, clock, _receiver, wire) = listening("outage after=10 for=5").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(wire.get("/v1/customers").await.status.as_u16());
        clock.advance(Duration::from_secs(5));
    }
    assert_eq!(seen, [200, 200, 503, 200]);
}

#[tokio::test]
async fn faults_keep_to_their_requests() {
    let (_sandbox, wire) =
        with("fail-before on POST /v1/products*; rate-limit on GET /v1/customers/*").await;
    wire.post("/v1/customers", "name=Ann").await.ok();
    wire.get("/v1/products").await.ok();
    assert_eq!(
        wire.post("/v1/products", "name=Tea").await.status.as_u16(),
        500
    );
    assert_eq!(wire.get("/v1/customers/cus_x").await.status.as_u16(), 429);
    // Pages and the control API are not the API.
    wire.get("/_sandbox/health").await.ok();
}

#[tokio::test]
async fn a_duplicate_arrives_once_more_with_the_same_event() {
    let (_sandbox, _clock, receiver, wire) =
        listening("duplicate copies=2 of customer.created").await;
    wire.post("/v1/customers", "name=Ann").await.ok();
    wire.post("/v1/products", "name=Tea").await.ok();
    let received = receiver
        .until(|all| all.len() >= 4 && kinds(all).contains(&"product.created".to_owned()))
        .await;
    let ann: Vec<Value> = received
        .iter()
        .filter(|received| received.kind() == "customer.created")
        .map(Received::event)
        .collect();
    assert_eq!(ann.len(), 3);
    assert!(ann.iter().all(|event| event["id"] == ann[0]["id"]));
}

#[tokio::test]
async fn a_reordered_event_comes_behind_the_next_one() {
    let (_sandbox, _clock, receiver, wire) = listening("reorder times=2").await;
    for name in ["a", "b", "c", "d"] {
        wire.post("/v1/customers", &format!("name={name}"))
            .await
            .ok();
    }
    let received = receiver.until_count(4).await;
    assert_eq!(names(&received), ["c", "a", "b", "d"]);
}

#[tokio::test]
async fn a_reordered_event_that_nothing_follows_comes_a_little_later() {
    let (_sandbox, clock, receiver, wire) = listening("reorder seconds=3").await;
    wire.post("/v1/customers", "name=Ann").await.ok();
    clock.advance(Duration::from_secs(2));
    wire.get("/_sandbox/health").await.ok();
    assert!(receiver.received().is_empty());
    clock.advance(Duration::from_secs(1));
    receiver.until_count(1).await;
}

#[tokio::test]
async fn a_delayed_event_is_overtaken_and_a_dropped_one_never_comes() {
    let faults = "delay seconds=1 skip=1 times=1; drop skip=2 times=1";
    let (sandbox, clock, receiver, wire) = listening(faults).await;
    for name in ["first", "late", "lost", "last"] {
        wire.post("/v1/customers", &format!("name={name}"))
            .await
            .ok();
    }
    receiver.until_count(2).await;
    clock.advance(Duration::from_secs(1));
    let received = receiver.until_count(3).await;
    assert_eq!(names(&received), ["first", "last", "late"]);

    let lost = id(&sandbox.events()[2]);
    assert_eq!(sandbox.events()[2]["pending_webhooks"], 1);
    let path = format!("/_sandbox/events/{lost}/deliveries");
    let shown = &wire.get(&path).await.ok()["deliveries"][0];
    assert_eq!(shown["next_attempt_at"], Value::Null);
    assert!(
        shown["attempts"][0]["error"]
            .as_str()
            .unwrap()
            .contains("dropped")
    );
    // Whoever asks for it still gets it.
    sandbox.resend(&lost).unwrap();
    assert_eq!(names(&receiver.until_count(4).await)[3], "lost");
}

#[tokio::test]
async fn faults_keep_to_their_endpoint_by_id_and_by_url() {
    let (sandbox, _clock, good, wire) = listening("none").await;
    let bad = Receiver::start().await;
    sandbox.webhook_endpoint("other", &bad.url);
    let endpoints = wire.get("/v1/webhook_endpoints").await.ok();
    let shop = id(&endpoints["data"][1]);
    let plan = format!("drop on {}; duplicate on {shop}", bad.url);
    sandbox.set_faults(plan.parse().unwrap());
    wire.post("/v1/customers", "name=Ann").await.ok();
    assert_eq!(names(&good.until_count(2).await), ["Ann", "Ann"]);
    assert!(bad.received().is_empty());
}

#[tokio::test]
async fn tied_events_share_a_second_that_was_not_theirs() {
    let (sandbox, clock, _receiver, wire) = listening("tie seconds=3 of customer.updated").await;
    let ann = id(&wire.post("/v1/customers", "name=Ann").await.ok());
    for (wait, name) in [(2, "Bea"), (3, "Cleo"), (4, "Dora")] {
        clock.advance(Duration::from_secs(wait));
        let path = format!("/v1/customers/{ann}");
        wire.post(&path, &format!("name={name}")).await.ok();
    }
    let events = sandbox.events();
    let created = events
        .iter()
        .map(|event| event["created"].as_i64().unwrap() - NOON);
    // Cleo came five seconds after what Bea's event pretends: too far for a tie.
    assert_eq!(created.collect::<Vec<_>>(), [0, 0, 5, 9]);
}

/// Everything a client sees of one run, and everything its webhooks saw.
async fn run(seed: u64) -> (Vec<String>, Vec<Bytes>, Value) {
    let receiver = Receiver::start().await;
    let clock = ManualClock::new(NOON);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .seed(seed)
        .faults(
            "duplicate 50%; reorder 50%; tie 50%; fail-after 30%; rate-limit 30%"
                .parse()
                .unwrap(),
        )
        .start()
        .await
        .unwrap();
    sandbox.webhook_endpoint("shop", &receiver.url);
    let wire = Wire::to(&sandbox);
    let mut answers = Vec::new();
    for number in 0..20 {
        let answer: Answer = wire
            .keyed("/v1/customers", &format!("k{number}"), "name=Ann")
            .await;
        answers.push(format!("{} {}", answer.status, answer.body));
    }
    clock.advance(Duration::from_secs(5));
    let copies = async || {
        let mut owed = 0;
        for event in sandbox.events() {
            let path = format!("/_sandbox/events/{}/deliveries", id(&event));
            let shown = wire.get(&path).await.ok();
            let delivery = &shown["deliveries"][0];
            owed += usize::from(delivery["next_attempt_at"] != Value::Null);
        }
        owed
    };
    while copies().await > 0 {
        tokio::task::yield_now().await;
    }
    let bodies = receiver.received().into_iter().map(|received| {
        // How many still wait for it depends on when the body was written, not on the seed.
        let mut event = received.event();
        event["pending_webhooks"] = json!(0);
        Bytes::from(event.to_string())
    });
    let mut bodies: Vec<Bytes> = bodies.collect();
    bodies.sort();
    (answers, bodies, sandbox.faults())
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_the_same_faults() {
    let (first, second) = (run(7).await, run(7).await);
    assert_eq!(first.0, second.0);
    assert_eq!(first.1, second.1);
    assert_eq!(first.2, second.2);
    let statuses: Vec<&str> = first.0.iter().map(|answer| &answer[..3]).collect();
    for status in ["200", "429", "500"] {
        assert!(statuses.contains(&status), "{statuses:?}");
    }
    assert_ne!(run(8).await.2, first.2);
}

#[tokio::test]
async fn the_control_api_sets_shows_and_clears() {
    let (sandbox, wire) = with("none").await;
    let shown = wire.get("/_sandbox/faults").await.ok();
    assert_eq!(
        (&shown["profile"], &shown["rules"]),
        (&json!("none"), &json!([]))
    );
    assert!(
        shown["profiles"]["hostile"]
            .as_str()
            .unwrap()
            .contains("drop")
    );

    let flaky = wire
        .post("/_sandbox/faults", "faults=flaky&seed=5")
        .await
        .ok();
    assert_eq!(
        (&flaky["profile"], &flaky["seed"]),
        (&json!("flaky"), &json!(5))
    );

    let rules = r#"{"faults": [{"fault": "rate-limit", "times": 1, "on": "POST /v1/customers"}]}"#;
    let set = wire.post("/_sandbox/faults", rules).await.ok();
    assert_eq!(set["seed"], 5, "a seed stays until there is another");
    assert_eq!(wire.post("/v1/customers", "").await.status.as_u16(), 429);
    wire.post("/v1/customers", "").await.ok();
    let rule = json!({ "rule": "rate-limit times=1 on POST /v1/customers", "asked": 2, "hit": 1 });
    assert_eq!(sandbox.faults()["rules"], json!([rule]));

    for (body, param) in [
        ("", "faults"),
        ("faults=explode", "faults"),
        ("faults=none&seed=x", "seed"),
    ] {
        let refused = wire.post("/_sandbox/faults", body).await;
        assert_eq!(
            (refused.error().0, refused.error().2),
            (400, param.to_owned()),
            "{body}"
        );
    }
    let cleared = wire.delete("/_sandbox/faults").await.ok();
    assert_eq!(cleared["rules"], json!([]));
}
