//! No secret and no personal data in any `Debug`.

use std::sync::Arc;

use stripegym_core::checkout::{CreateSession, ReturnUrls};
use stripegym_core::client::{Call, Request};
use stripegym_core::customer::CreateCustomer;
use stripegym_core::dispatch::Delivery;
use stripegym_core::store::{Effect, EffectSelection, Lease, Wanted};
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{
    ApiKey, Client, Clock, MemoryStore, Processor, Store, SystemClock, WebhookSecret,
};
use stripegym_tests::{Sender, paid_session};

const HIDDEN: [&str; 4] = [
    "sk_test_hide_me",
    "whsec_hide_me",
    "hide@example.com",
    "cus_41",
];

#[tokio::test]
async fn debug_of_everything_public_hides_secrets_and_people() {
    let key = ApiKey::parse(HIDDEN[0]).unwrap();
    let secret = WebhookSecret::parse(HIDDEN[1]).unwrap();
    let verifier = Verifier::new(secret.clone());
    let verified = Sender::new(HIDDEN[1]).verified(&paid_session(1));
    let customer = CreateCustomer::new().email(HIDDEN[2]);
    let urls = ReturnUrls {
        success: "https://a.example".into(),
        cancel: String::new(),
    };
    let session = CreateSession::payment(&[], &urls).customer_email(HIDDEN[2]);
    let request: Request = customer.clone().into_request();
    // With a customer and an event within.
    let store = MemoryStore::new();
    let event = verified.parse().unwrap();
    let claimed = {
        let now = SystemClock.now();
        let lease = Lease { now, until: now };
        let mut tx = store.begin().await.unwrap();
        tx.receive(&event, now).await.unwrap();
        let claimed = tx.claim(Wanted::Next, lease).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        claimed
    };
    let effect = Effect::new("in_1", "mail.receipt", HIDDEN[2]).unwrap();
    let (claimed_effect, stored_effect) = {
        let now = SystemClock.now();
        let lease = Lease { now, until: now };
        let mut tx = store.begin().await.unwrap();
        tx.enqueue(&effect, now).await.unwrap();
        let claimed = tx.claim_effect(lease, &["*".to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let stored = read.effects(&EffectSelection::default(), 1).await.unwrap();
        (claimed.unwrap(), stored)
    };
    let processor = Processor::new(Arc::new(store.clone()));
    processor
        .receive(Sender::new(HIDDEN[1]).verified(&paid_session(2)))
        .await
        .unwrap();
    let shown = [
        format!("{key:?} {secret:?} {verifier:?}"),
        format!("{:?}", Client::new(key.clone())),
        format!("{:?}", Client::builder(key)),
        format!("{verified:?} {:?}", verified.parse().unwrap()),
        format!(
            "{:?}",
            Received::new(HIDDEN[2].into(), Some(b"t=1,v1=whsec_hide_me"))
        ),
        format!("{customer:?} {session:?} {request:?}"),
        format!("{claimed:?} {store:?} {processor:?}"),
        format!("{effect:?} {claimed_effect:?} {stored_effect:?}"),
        format!("{:?}", Delivery::first(&effect)),
    ];
    for text in shown {
        for hidden in HIDDEN {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
    }
}
