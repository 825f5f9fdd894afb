//! Input that no honest Stripe sends, signed all the same: each is refused, or
//! becomes a dead letter with its reason. Nothing panics, nothing is lost
//! without a word, and no sum is wrong.

mod cases;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;
use stripegym_axum::webhook;
use stripegym_core::store::{EventSelection, InboxState, StoredEvent};
use stripegym_core::webhook::Verifier;
use stripegym_core::{ManualClock, Processor, Timestamp, WebhookSecret};
use stripegym_tests::{Sender, TestStore, stores};
use tower::ServiceExt;

use crate::chaos::stripe::Shop;
use crate::chaos::truth;

use cases::End::{self, Dead, Done, Refused};
use cases::cases;

const SECRET: &str = "whsec_bad_input_fake";

struct House<'a> {
    route: Router,
    processor: Processor,
    store: &'a TestStore,
    clock: ManualClock,
}

impl<'a> House<'a> {
    fn open(store: &'a TestStore, shop: &Shop) -> Self {
        let verifier = Verifier::new(WebhookSecret::parse(SECRET).unwrap());
        let clock = ManualClock::at(Timestamp::from_unix_s(shop.now_s()));
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .source(shop.stripe.clone())
            .build();
        let route = Router::new().route("/webhook", webhook(verifier, processor.clone()));
        Self {
            route,
            processor,
            store,
            clock,
        }
    }

    async fn deliver(&self, body: impl Into<Vec<u8>>) -> StatusCode {
        let body = body.into();
        let request = Request::post("/webhook")
            .header("stripe-signature", Sender::new(SECRET).sign(&body))
            .body(Body::from(body))
            .unwrap();
        self.route.clone().oneshot(request).await.unwrap().status()
    }

    async fn stored(&self) -> Vec<StoredEvent> {
        let mut read = self.store.read().await.unwrap();
        read.events(&EventSelection::default(), 10_000)
            .await
            .unwrap()
    }

    /// Delivers it, and tells how it differs from what should become of it.
    async fn try_out(&self, what: &str, body: Vec<u8>, end: End) -> Option<String> {
        let before = self.stored().await;
        let booked = self
            .store
            .read()
            .await
            .unwrap()
            .trial_balance()
            .await
            .unwrap();
        let status = self.deliver(body).await;
        let after = self.stored().await;
        let new = after
            .iter()
            .find(|one| before.iter().all(|old| old.key != one.key));
        let why = new
            .and_then(|one| one.last_error.clone())
            .unwrap_or_default();
        let is_right = match (end, new) {
            (Refused(code), None) => status.as_u16() == code,
            (Dead(reason), Some(new)) => {
                new.state == InboxState::Dead && why.contains(reason) && status == StatusCode::OK
            }
            (Done, Some(new)) => new.state == InboxState::Done && status == StatusCode::OK,
            _ => false,
        };
        let now = self
            .store
            .read()
            .await
            .unwrap()
            .trial_balance()
            .await
            .unwrap();
        if is_right && (now == booked || end == Done) && !why.contains("panic") {
            return None;
        }
        let state = new.map(|new| new.state);
        Some(format!(
            "{what}: {status}, {state:?}, {why:?}; should be {end:?}"
        ))
    }
}

/// An event of this type, under an id of its own.
fn event(events: &[Value], kind: &str, number: usize) -> Value {
    let kind = if kind.is_empty() {
        "customer.created"
    } else {
        kind
    };
    let mut event = events
        .iter()
        .find(|event| event["type"] == kind)
        .unwrap()
        .clone();
    event["id"] = format!("evt_bad{number}").into();
    event
}

async fn shop() -> (Shop, Vec<Value>) {
    let shop = Shop::open(9).await;
    shop.act(0).await;
    shop.act(1).await;
    let events = shop.sandbox.events();
    (shop, events)
}

/// Then what is right comes, and the end is right.
async fn assert_mended(house: &House<'_>, shop: &Shop, events: &[Value]) {
    for event in events {
        assert_eq!(house.deliver(event.to_string()).await, StatusCode::OK);
    }
    house.processor.drain().await.unwrap();
    truth::reconciled(&house.processor, &shop.stripe).await;
    truth::rows(&**house.store, &shop.sandbox).await;
    truth::books(&**house.store, shop).await;
}

stores! {
    async fn one_odd_field_is_refused_or_a_dead_letter_with_its_reason(store: TestStore) {
        let (shop, events) = shop().await;
        let house = House::open(&store, &shop);
        let mut findings = Vec::new();
        for (number, (kind, place, odd, end)) in cases().into_iter().enumerate() {
            let mut event = event(&events, kind, number);
            let what = format!("{kind} {place} = {:.40}", odd.to_string());
            let (parent, field) = place.rsplit_once('/').unwrap();
            let parent = event.pointer_mut(parent).unwrap_or_else(|| panic!("{what}"));
            match parent {
                Value::Array(list) => list[field.parse::<usize>().unwrap()] = odd,
                other => other[field] = odd,
            }
            findings.extend(house.try_out(&what, event.to_string().into(), end).await);
        }
        assert!(findings.is_empty(), "{}", findings.join("\n"));
        assert_mended(&house, &shop, &events).await;
    }

    async fn bytes_that_are_no_event_are_refused_and_what_is_deep_is_not(store: TestStore) {
        let (shop, events) = shop().await;
        let house = House::open(&store, &shop);
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let with = |number: usize, field: &str, raw: &str| {
            let event = event(&events, "invoice.paid", number).to_string();
            event.replacen("\"object\":{", &format!("\"object\":{{\"{field}\":{raw},"), 1)
        };
        let mut invalid = with(1, "new", "\"?\"").into_bytes();
        let at = invalid.iter().position(|byte| *byte == b'?').unwrap();
        invalid[at] = 0xff;
        let twice = with(2, "new", "1").replacen('{', "{\"id\":\"evt_other\",", 1);
        let table: [(&str, Vec<u8>, End); 9] = [
            ("2 MiB", with(3, "new", &format!("\"{}\"", "x".repeat(2 << 20))).into(), Refused(413)),
            ("invalid UTF-8", invalid, Refused(400)),
            ("an id twice", twice.into(), Refused(400)),
            ("the object's id twice", with(4, "id", "\"in_1\"").into(), Dead("id")),
            ("the object's amount twice", with(5, "amount_paid", "1").into(), Done),
            ("100 levels", with(6, "new", &nested(100)).into(), Done),
            ("1000 levels", with(7, "new", &nested(1000)).into(), Dead("not readable")),
            ("half a surrogate pair", with(8, "new", "\"\\ud800\"").into(), Dead("readable")),
            ("cut short", with(9, "new", "1")[..500].into(), Refused(400)),
        ];
        let mut findings = Vec::new();
        for (what, body, end) in table {
            findings.extend(house.try_out(what, body, end).await);
        }
        assert!(findings.is_empty(), "{}", findings.join("\n"));
        assert_mended(&house, &shop, &events).await;
    }

    async fn a_clock_that_is_set_back_loses_nothing(store: TestStore) {
        let (shop, events) = shop().await;
        let house = House::open(&store, &shop);
        let (first, rest) = events.split_at(events.len() / 2);
        for event in first {
            assert_eq!(house.deliver(event.to_string()).await, StatusCode::OK);
        }
        // By a year: before everything that was ever received.
        house.clock.set(Timestamp::from_unix_s(shop.now_s() - 365 * 86_400));
        for event in rest {
            assert_eq!(house.deliver(event.to_string()).await, StatusCode::OK);
        }
        house.processor.drain().await.unwrap();
        let open = house.stored().await;
        let open: Vec<_> = open.iter().filter(|one| one.state != InboxState::Done).collect();
        assert!(open.is_empty(), "{open:?}");
        house.clock.set(Timestamp::from_unix_s(shop.now_s()));
        assert_mended(&house, &shop, &events).await;
    }
}
