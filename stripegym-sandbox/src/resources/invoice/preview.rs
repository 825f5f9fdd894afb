//! Previews: what would be billed, tried out for real and taken back.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, set};
use crate::params::Args;
use crate::resources::{Call, Reply, subscription};
use crate::tx::Tx;

pub(super) fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let invoice = tx.try_out(|tx| invoice_of(tx, args))?;
    let id = format!("upcoming_{}", invoice["id"].as_str().unwrap_or_default());
    Reply::ok(as_preview(invoice, &id))
}

/// What a tried-out invoice looks like to others.
pub(crate) fn as_preview(mut invoice: Object, id: &str) -> Object {
    set(&mut invoice, "id", id);
    for field in [
        "automatically_finalizes_at",
        "next_payment_attempt",
        "number",
    ] {
        set(&mut invoice, field, Value::Null);
    }
    set(&mut invoice, "status", "draft");
    if let Some(lines) = invoice.get_mut("lines") {
        lines["url"] = json!(format!("/v1/invoices/{id}/lines"));
        for line in lines["data"].as_array_mut().into_iter().flatten() {
            line["invoice"] = json!(id);
        }
    }
    invoice
}

fn invoice_of(tx: &mut Tx<'_>, args: &Args) -> Result<Object, ApiError> {
    let details = args.hash("subscription_details").unwrap_or_default();
    let id = match args.text("subscription") {
        Some(id) => {
            tx.refer(Kind::Subscription, id, "subscription")?;
            id.to_owned()
        }
        None => {
            let customer = args.text("customer");
            let customer = customer.ok_or_else(|| ApiError::missing("customer"))?;
            subscription::create_for_preview(tx, customer, &details, args)?
        }
    };
    let is_new = !args.has("subscription");
    let before = tx.known(Kind::Subscription, &id)?.object;
    if !is_new && !details.0.is_empty() {
        subscription::change_for_preview(tx, &id, &details)?;
    }
    let after = tx.known(Kind::Subscription, &id)?.object;
    let made_now = is_new || before.get("latest_invoice") != after.get("latest_invoice");
    if made_now
        && args.text("preview_mode") != Some("recurring")
        && let Some(invoice) = after["latest_invoice"].as_str()
    {
        return Ok(tx.known(Kind::Invoice, invoice)?.object);
    }
    subscription::next_invoice(tx, &id)
}
