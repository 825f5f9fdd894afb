//! Phases: from parameters to a row without gaps.

use serde_json::{Value, json};

use crate::calendar::Interval;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::Object;
use crate::params::{Args, merge_metadata};
use crate::resources::price;
use crate::tx::Tx;

/// An item of a phase.
pub(super) fn item(price: &Value, quantity: &Value) -> Value {
    json!({
        "billing_thresholds": null,
        "discounts": [],
        "metadata": {},
        "plan": price,
        "price": price,
        "quantity": quantity,
        "tax_rates": [],
    })
}

/// A phase with every field.
pub(super) fn phase(
    (start, end): (i64, i64),
    items: Vec<Value>,
    currency: &Value,
    proration: &str,
) -> Value {
    let mut phase = json!({
        "add_invoice_items": [],
        "application_fee_percent": null,
        "billing_cycle_anchor": null,
        "billing_thresholds": null,
        "collection_method": null,
        "currency": currency,
        "default_payment_method": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "end_date": end,
        "invoice_settings": null,
        "items": null,
        "metadata": {},
        "on_behalf_of": null,
        "proration_behavior": proration,
        "start_date": start,
        "transfer_data": null,
        "trial_end": null,
    });
    phase["items"] = Value::Array(items);
    phase
}

/// Phases in a row: each begins where the one before ends, and every one has an end.
pub(super) fn of(tx: &Tx<'_>, args: &Args, schedule: &Object) -> Result<Vec<Value>, ApiError> {
    let refuse = |at: usize, name: &str, message: &str| {
        Err(ApiError::invalid(message).param(format!("phases[{at}][{name}]")))
    };
    let currency = schedule
        .get("phases")
        .map(|phases| phases[0]["currency"].clone());
    let currency = currency.unwrap_or_default();
    let mut made = Vec::new();
    let mut start = None;
    for (at, given) in args.hashes("phases").iter().enumerate() {
        let own = match given.text("start_date") {
            Some("now") => Some(tx.now()),
            Some(text) => text.parse::<i64>().ok(),
            None => start,
        };
        let Some(from) = own else {
            return refuse(
                at,
                "start_date",
                "The first phase must have a `start_date`.",
            );
        };
        if start.is_some_and(|start| start != from) {
            return refuse(
                at,
                "start_date",
                "A phase must start when the one before it ends.",
            );
        }
        let mut items = Vec::new();
        let mut rhythm = Interval::parse("month", 1);
        for (place, line) in given.hashes("items").iter().enumerate() {
            let id = line.text("price").unwrap_or_default();
            let path = format!("phases[{at}][items][{place}][price]");
            let found = tx.refer(Kind::Price, id, &path)?;
            rhythm = price::interval(&found.object).unwrap_or(rhythm);
            items.push(item(
                &json!(id),
                &json!(line.integer("quantity").unwrap_or(1)),
            ));
        }
        let duration = given.hash("duration").map(|duration| {
            let count = duration.integer("interval_count").unwrap_or(1);
            Interval::parse(duration.text("interval").unwrap_or_default(), count).after(from, 1)
        });
        let iterations = given
            .integer("iterations")
            .map(|times| rhythm.after(from, times));
        let last = at + 1 == args.list("phases").len();
        let end = given.integer("end_date").or(duration).or(iterations);
        let end = end.or(last.then(|| rhythm.after(from, 1)));
        let Some(end) = end.filter(|end| *end > from) else {
            return refuse(
                at,
                "end_date",
                "A phase must end after it starts; only the last may leave its end open.",
            );
        };
        let proration = given
            .text("proration_behavior")
            .unwrap_or("create_prorations");
        let mut phase = phase((from, end), items, &currency, proration);
        phase["metadata"] = merge_metadata(None, given.value("metadata").unwrap_or(&json!({})))?;
        made.push(phase);
        start = Some(end);
    }
    if start.is_none_or(|end| end <= tx.now()) {
        return refuse(0, "end_date", "At least one phase must end in the future.");
    }
    Ok(made)
}
