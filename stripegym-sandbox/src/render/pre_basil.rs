//! Shapes from before basil (2025-03-31): billing periods, invoices and their lines.

use serde_json::{Value, json};

use super::whole;
use crate::kind::Kind;
use crate::object::{Object, dig, set, text};
use crate::resources::price;
use crate::state::{Entry, State};

pub(super) fn rewrite(state: &State, fields: &mut Object, name: &str) {
    match name {
        "subscription" => subscription(state, fields),
        "subscription_item" => {
            fields.remove("current_period_start");
            fields.remove("current_period_end");
        }
        "invoice" => invoice(state, fields),
        "line_item" => line(state, fields),
        "invoiceitem" => {
            let subscription = dig(fields, "parent.subscription_details.subscription").clone();
            set(fields, "subscription", subscription);
            price_of(state, fields);
            fields.remove("parent");
        }
        "charge" | "payment_intent" => {
            let id = if name == "charge" {
                "payment_intent"
            } else {
                "id"
            };
            let intent = text(fields, id).and_then(|id| state.entries.of(Kind::PaymentIntent, id));
            let invoice = intent
                .and_then(|intent| intent.hidden.get("invoice"))
                .cloned();
            set(fields, "invoice", invoice.unwrap_or_default());
        }
        _ => {}
    }
}

fn subscription(state: &State, fields: &mut Object) {
    let stored = text(fields, "id").and_then(|id| state.entries.of(Kind::Subscription, id));
    let items = stored.map(|entry| dig(&entry.object, "items.data").clone());
    for name in ["current_period_start", "current_period_end"] {
        let bound = items.as_ref().map(|items| items[0][name].clone());
        set(fields, name, bound.unwrap_or_default());
    }
    let first = first_discount(state, fields);
    set(fields, "discount", first);
}

/// Only one discount, and it was shown whole.
fn first_discount(state: &State, fields: &Object) -> Value {
    match fields.get("discounts").map(|discounts| &discounts[0]) {
        Some(Value::Null) | None => Value::Null,
        Some(id @ Value::String(_)) => {
            let mut discount = whole(state, Kind::Discount, id);
            let coupon = discount["source"]["coupon"].clone();
            if let Some(fields) = discount.as_object_mut() {
                fields.remove("source");
                set(fields, "coupon", whole(state, Kind::Coupon, &coupon));
            }
            discount
        }
        Some(expanded) => expanded.clone(),
    }
}

fn invoice(state: &State, fields: &mut Object) {
    let stored = text(fields, "id").and_then(|id| state.entries.of(Kind::Invoice, id));
    let intent = stored.and_then(|entry: &Entry| text(&entry.hidden, "payment_intent"));
    let paying = intent.and_then(|id| state.entries.of(Kind::PaymentIntent, id));
    let charge = paying.map(|intent| dig(&intent.object, "latest_charge").clone());
    let details = dig(fields, "parent.subscription_details").clone();
    let paid = text(fields, "status") == Some("paid");
    let outside = paying.is_some_and(|intent| text(&intent.object, "status") == Some("canceled"));
    let first = first_discount(state, fields);
    for (name, value) in [
        ("subscription", details["subscription"].clone()),
        (
            "subscription_details",
            json!({ "metadata": details["metadata"] }),
        ),
        ("payment_intent", json!(intent)),
        ("charge", charge.unwrap_or_default()),
        ("paid", json!(paid)),
        ("paid_out_of_band", json!(paid && outside)),
        ("tax", Value::Null),
        ("total_tax_amounts", json!([])),
        ("discount", first),
    ] {
        set(fields, name, value);
    }
    for name in [
        "parent",
        "total_taxes",
        "amount_overpaid",
        "payments",
        "confirmation_secret",
    ] {
        fields.remove(name);
    }
}

fn line(state: &State, fields: &mut Object) {
    let item = dig(fields, "parent.subscription_item_details").clone();
    let pending = dig(fields, "parent.invoice_item_details").clone();
    let is_item = item.is_object();
    let details = if is_item { &item } else { &pending };
    for (name, value) in [
        (
            "type",
            json!(if is_item {
                "subscription"
            } else {
                "invoiceitem"
            }),
        ),
        ("proration", details["proration"].clone()),
        ("subscription", details["subscription"].clone()),
        ("tax_amounts", json!([])),
    ] {
        set(fields, name, value);
    }
    if is_item {
        set(
            fields,
            "subscription_item",
            item["subscription_item"].clone(),
        );
    } else {
        set(fields, "invoice_item", pending["invoice_item"].clone());
    }
    price_of(state, fields);
    for name in ["parent", "taxes"] {
        fields.remove(name);
    }
}

/// The price and the plan beside it, shown whole.
fn price_of(state: &State, fields: &mut Object) {
    let pricing = fields.remove("pricing").unwrap_or_default();
    let shown = whole(state, Kind::Price, &pricing["price_details"]["price"]);
    let recurring = shown
        .as_object()
        .filter(|shown| text(shown, "type") == Some("recurring"));
    let plan = recurring.map(price::plan);
    set(fields, "plan", plan.map_or(Value::Null, Value::Object));
    set(fields, "price", shown);
}
