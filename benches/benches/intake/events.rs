//! Distinct events, as many as needed. All names in them are made up.

use serde::{Deserialize, Serialize};
use serde_json::json;
use stripegym_benches::inputs::SUBSCRIPTION_UPDATED;

/// The part of the event's id that is counted up.
const COUNTED: &str = "00000000000000001";

/// What the events tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// `customer.subscription.updated`, 5,916 bytes. Only the id differs.
    Subscription,
    /// `checkout.session.completed` of a sale: a session, a customer, a booking.
    Sale,
}

/// The subscription's event before and after the number in its id.
pub(crate) fn around_the_number() -> (&'static str, &'static str) {
    SUBSCRIPTION_UPDATED
        .split_once(COUNTED)
        .unwrap_or((SUBSCRIPTION_UPDATED, ""))
}

/// The body of one event.
pub(crate) fn body(kind: Kind, number: u64) -> String {
    match kind {
        Kind::Subscription => {
            let (head, tail) = around_the_number();
            format!("{head}{number:017}{tail}")
        }
        Kind::Sale => sale(number),
    }
}

/// The id of the event with that number, of either kind.
pub(crate) fn id(number: u64) -> String {
    format!("evt_1Sbench{number:017}")
}

fn sale(number: u64) -> String {
    json!({
        "id": id(number), "object": "event", "api_version": "2026-10-28.endive",
        "created": 1_793_000_000, "livemode": false, "pending_webhooks": 1,
        "type": "checkout.session.completed",
        "request": { "id": null, "idempotency_key": null },
        "data": { "object": {
            "id": format!("cs_test_{number:017}"), "object": "checkout.session",
            "mode": "payment", "status": "complete", "payment_status": "paid",
            "currency": "jpy", "amount_total": 4980, "amount_subtotal": 4980, "url": null,
            "payment_intent": format!("pi_{number:017}"),
            "customer": format!("cus_{number:017}"),
            "client_reference_id": number.to_string(),
            "metadata": { "product_name": "Protein" },
            "total_details": { "amount_tax": 0, "amount_discount": 0, "amount_shipping": 0 },
            "created": 1_792_999_000,
        }},
    })
    .to_string()
}
