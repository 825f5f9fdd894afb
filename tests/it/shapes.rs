//! One accessor for every API version: each breaking change from basil
//! (2025-03-31) to endive (2026-09-30), with the shape before and after it.

mod basil;
mod later;

use serde_json::{Value, json};
use stripegym_core::event_record::EventRecord;
use stripegym_core::id::Id;
use stripegym_core::invoice::Invoice;
use stripegym_core::object::View;
use stripegym_core::subscription::Subscription;

fn view<T: View>(json: Value) -> T {
    match json {
        Value::Object(json) => T::from_object(json),
        other => panic!("not an object: {other}"),
    }
}

fn texts<T: Id>(ids: &[T]) -> Vec<&str> {
    ids.iter().map(Id::as_str).collect()
}

#[test]
fn an_end_may_be_a_date_or_the_end_of_the_period() {
    let items = json!({ "data": [{ "current_period_end": 60 }] });
    for (json, expected) in [
        (
            json!({ "cancel_at": 50, "cancel_at_period_end": false, "items": items }),
            Some(50),
        ),
        (
            json!({ "cancel_at": null, "cancel_at_period_end": true, "items": items }),
            Some(60),
        ),
        (
            json!({ "cancel_at_period_end": true, "current_period_end": 70 }),
            Some(70),
        ),
        (
            json!({ "cancel_at": null, "cancel_at_period_end": false, "items": items }),
            None,
        ),
    ] {
        assert_eq!(view::<Subscription>(json).ends_at(), Ok(expected));
    }
}

#[test]
fn an_expanded_object_is_a_view_of_its_own() {
    let json = json!({ "customer": { "id": "cus_1", "object": "customer", "name": "花子" },
        "latest_invoice": "in_1" });
    let subscription: Subscription = view(json);
    assert_eq!(subscription.customer().unwrap().0.as_str(), "cus_1");
    let customer = subscription.customer_object().unwrap().unwrap();
    assert_eq!(customer.name(), Ok(Some("花子")));
    assert!(subscription.latest_invoice_object().unwrap().is_none());
    let odd: Subscription = view(json!({ "latest_invoice": 7 }));
    assert!(odd.latest_invoice_object().is_err());
}

#[test]
fn an_event_of_the_api_holds_its_object_as_it_was() {
    let event: EventRecord = view(json!({
        "id": "evt_1", "type": "invoice.paid", "request": { "id": "req_1", "idempotency_key": "k" },
        "data": { "object": { "id": "in_1", "object": "invoice", "status": "paid" } },
    }));
    let invoice: Invoice = event.object_as().unwrap().unwrap();
    assert_eq!(invoice.is_paid(), Ok(true));
    assert!(event.object_as::<Subscription>().unwrap().is_none());
    assert_eq!(
        (event.request_id(), event.idempotency_key()),
        (Ok(Some("req_1")), Ok(Some("k")))
    );
    let old: EventRecord = view(json!({ "request": "req_1" }));
    assert_eq!(
        (old.request_id(), old.idempotency_key()),
        (Ok(Some("req_1")), Ok(None))
    );
}
