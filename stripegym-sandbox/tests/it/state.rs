//! What survives: restarts, crashes at any moment, seeds.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stripegym_sandbox::{Sandbox, StartError};

use crate::receiver::{Receiver, kinds};
use crate::wire::{Wire, id, tea_session, types};

async fn open(path: &Path) -> Sandbox {
    Sandbox::builder()
        .seed(1)
        .state_file(path)
        .start()
        .await
        .unwrap()
}

fn file(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("sandbox.state")
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory);
    let sandbox = open(&path).await;
    let wire = Wire::to(&sandbox);
    let secret = sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/a");
    let customer = wire.keyed("/v1/customers", "key", "name=Ann").await;
    let unpaid = tea_session(&wire, "").await;
    let paid = tea_session(&wire, "").await;
    let paid = sandbox.pay(&id(&paid), "4242424242424242").await.unwrap();
    let events = sandbox.events();
    sandbox.shutdown().await;

    let sandbox = open(&path).await;
    let wire = Wire::to(&sandbox);
    assert_eq!(sandbox.events(), events);
    assert_eq!(sandbox.object(&id(&paid)).unwrap(), paid);
    assert_eq!(
        sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/b"),
        secret
    );
    let replayed = wire.keyed("/v1/customers", "key", "name=Ann").await;
    assert_eq!(replayed.body, customer.body);
    assert_eq!(replayed.header("idempotent-replayed"), "true");
    // The page moved with the port, and still takes money.
    let unpaid = wire
        .get(&format!("/v1/checkout/sessions/{}", id(&unpaid)))
        .await
        .ok();
    assert!(unpaid["url"].as_str().unwrap().starts_with(&sandbox.url()));
    sandbox.pay(&id(&unpaid), "4242424242424242").await.unwrap();
    let fresh = wire.post("/v1/customers", "").await.ok();
    assert_ne!(
        fresh["id"],
        customer.json()["id"],
        "a seeded sandbox goes on, it does not repeat"
    );
}

#[tokio::test]
async fn a_crash_at_any_line_leaves_whole_requests_and_deliveries_resume() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory);
    let sandbox = open(&path).await;
    let wire = Wire::to(&sandbox);
    // Nobody answers there, so that deliveries are still due whenever the crash comes.
    sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/nobody");
    let session = id(&tea_session(&wire, "").await);
    sandbox.pay(&session, "4000000000000002").await.unwrap_err();
    sandbox.pay(&session, "4242424242424242").await.unwrap();
    drop(sandbox);

    let whole = fs::read(&path).unwrap();
    let ends: Vec<usize> = whole
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at + 1)
        .collect();
    assert!(ends.len() > 4);
    let mut outcomes = Vec::new();
    for end in &ends {
        for torn in [0, 40] {
            fs::write(&path, &whole[..(end + torn).min(whole.len())]).unwrap();
            let sandbox = open(&path).await;
            outcomes.push(assert_whole(&sandbox, &session));
            drop(sandbox);
        }
    }
    outcomes.dedup();
    assert_eq!(outcomes, ["nothing", "open", "declined", "paid"]);

    // The last of them lives again, and the merchant hears of everything.
    let receiver = Receiver::start().await;
    let sandbox = open(&path).await;
    let secret = sandbox.webhook_endpoint("shop", &receiver.url);
    let expected = sandbox.events().len();
    let received = receiver.until_count(expected).await;
    assert!(kinds(&received).contains(&"checkout.session.completed".to_owned()));
    for request in received {
        request.verify(&secret);
    }
}

/// All of a request or nothing of it.
fn assert_whole(sandbox: &Sandbox, session: &str) -> &'static str {
    let events = sandbox.events();
    let kinds = types(&events);
    let count = |kind: &str| kinds.iter().filter(|found| **found == kind).count();
    let Some(session) = sandbox.object(session) else {
        assert!(!kinds.iter().any(|kind| kind.starts_with("charge")));
        return "nothing";
    };
    let declined = count("charge.failed");
    assert_eq!(count("payment_intent.payment_failed"), declined);
    let paid = usize::from(session["status"] == "complete");
    for kind in [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ] {
        assert_eq!(count(kind), paid, "{kind}");
    }
    for event in &events {
        let object = &event["data"]["object"]["id"];
        assert!(
            sandbox.object(object.as_str().unwrap()).is_some(),
            "{event}"
        );
    }
    if paid == 1 {
        let intent = sandbox
            .object(session["payment_intent"].as_str().unwrap())
            .unwrap();
        let charge = sandbox
            .object(intent["latest_charge"].as_str().unwrap())
            .unwrap();
        assert!(
            sandbox
                .object(charge["balance_transaction"].as_str().unwrap())
                .is_some()
        );
        return "paid";
    }
    if declined == 1 { "declined" } else { "open" }
}

#[tokio::test]
async fn files_that_are_not_ours_or_in_use_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    fs::write(&path, "milk\nbread\n").unwrap();
    let refused = Sandbox::builder().state_file(&path).start().await;
    assert!(matches!(refused, Err(StartError::StateForeign { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "milk\nbread\n");

    let path = file(&directory);
    let first = open(&path).await;
    let second = Sandbox::builder().state_file(&path).start().await;
    assert!(matches!(second, Err(StartError::StateLocked { .. })));
    let service = first.service();
    drop(first);
    // A service that outlives its sandbox does not keep the file.
    let third = open(&path).await;
    drop((service, third));

    let missing = directory.path().join("no/such/directory/state");
    let refused = Sandbox::builder().state_file(&missing).start().await;
    assert!(matches!(refused, Err(StartError::StateUnreadable { .. })));
    let in_use = Sandbox::start().await.unwrap();
    let refused = Sandbox::builder().listen(in_use.addr()).start().await;
    assert!(
        matches!(refused, Err(StartError::AddressInUse { address }) if address == in_use.addr())
    );
    let tls = Sandbox::builder()
        .forward_to("https://shop.test", "whsec_x")
        .start()
        .await;
    assert!(matches!(tls, Err(StartError::ForwardUrl { .. })));
}

/// The ids of everything that a short story makes.
async fn story(sandbox: Sandbox) -> (Vec<Value>, Vec<String>) {
    let wire = Wire::to(&sandbox);
    let mut requests = Vec::new();
    for body in ["name=Ann", "name=Bea", "nonsense=1"] {
        let answer = wire.post("/v1/customers", body).await;
        requests.push(answer.header("request-id").to_owned());
    }
    let session = tea_session(&wire, "").await;
    let secret = sandbox.webhook_endpoint("shop", "http://127.0.0.1:1/nobody");
    sandbox
        .pay(&id(&session), "4242424242424242")
        .await
        .unwrap();
    requests.push(secret);
    let ids = sandbox
        .events()
        .into_iter()
        .flat_map(|event| [event["id"].clone(), event["data"]["object"]["id"].clone()])
        .collect();
    (ids, requests)
}

#[tokio::test]
async fn a_seed_repeats_every_id_and_no_seed_repeats_none() {
    let first = story(Sandbox::builder().seed(42).start().await.unwrap()).await;
    let second = story(Sandbox::builder().seed(42).start().await.unwrap()).await;
    assert_eq!(first, second);
    let other = story(Sandbox::builder().seed(43).start().await.unwrap()).await;
    let unseeded = story(Sandbox::start().await.unwrap()).await;
    for different in [other, unseeded] {
        assert!(different.0.iter().all(|id| !first.0.contains(id)));
        assert!(different.1.iter().all(|id| !first.1.contains(id)));
    }
}

#[tokio::test]
async fn no_card_number_and_no_code_is_ever_written_down() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory);
    let sandbox = open(&path).await;
    let session = tea_session(&Wire::to(&sandbox), "").await;
    sandbox
        .pay(&id(&session), "4000000000000002")
        .await
        .unwrap_err();
    sandbox
        .pay(&id(&session), "5555555555554444")
        .await
        .unwrap();
    sandbox.shutdown().await;
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("4444"));
    assert!(!text.contains("4000000000000002") && !text.contains("5555555555554444"));
}
