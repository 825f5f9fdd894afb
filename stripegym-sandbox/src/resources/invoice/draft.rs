//! Drafts: from lines and customers to an invoice with its totals.

use serde_json::{Value, json};

use crate::calendar::HOUR;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::object::{Object, dig, integer, object, set, text};
use crate::resources::{discount, invoice_item, price};
use crate::state::Entry;
use crate::tx::Tx;

const ID: IdShape = IdShape::Modern("in_");
const LINE_ID: IdShape = IdShape::Modern("il_");

/// Where a line comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Item {
        subscription: String,
        item: String,
    },
    /// An invoice item, perhaps of a subscription.
    Pending {
        item: String,
        subscription: Option<String>,
    },
}

/// One line to be billed.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) amount: i64,
    pub(crate) description: String,
    pub(crate) quantity: i64,
    /// The price object, or null for an amount without one.
    pub(crate) price: Value,
    pub(crate) period: (i64, i64),
    pub(crate) source: Source,
    pub(crate) proration: bool,
    pub(crate) discountable: bool,
    pub(crate) metadata: Value,
}

/// What an invoice is made of.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) customer: &'a Entry,
    pub(crate) subscription: Option<&'a Entry>,
    pub(crate) reason: &'static str,
    pub(crate) currency: &'a str,
    pub(crate) lines: Vec<Line>,
    /// The window for pending items.
    pub(crate) period: (i64, i64),
    /// Whether it goes its way by itself.
    pub(crate) auto_advance: bool,
    pub(crate) discounts: Vec<Value>,
}

/// Makes the draft, with what pends for it, and tells the world.
pub(crate) fn open(tx: &mut Tx<'_>, draft: &Draft<'_>) -> Result<Entry, ApiError> {
    let id = tx.new_id(ID);
    let mut lines = draft.lines.clone();
    if let Some(subscription) = draft.subscription {
        let pending = invoice_item::take(tx, draft.customer, Some(&subscription.id), &id);
        lines.extend(pending);
    }
    let mut invoice = blank(tx, draft);
    let data: Vec<Value> = lines
        .into_iter()
        .map(|line| show_line(tx, &line, &id, draft.currency))
        .collect();
    set(&mut invoice, "lines", lines_of(&id, data));
    set(&mut invoice, "discounts", draft.discounts.clone());
    if draft.auto_advance {
        let at = tx.now().saturating_add(HOUR);
        set(&mut invoice, "automatically_finalizes_at", at);
        if text(&invoice, "collection_method") == Some("charge_automatically") {
            set(&mut invoice, "next_payment_attempt", at);
        }
    }
    let mut entry = tx.entry(Kind::Invoice, id, invoice);
    entry.wake_at = integer(&entry.object, "automatically_finalizes_at");
    total_up(tx, &mut entry);
    tx.create(entry.clone(), "invoice.created");
    Ok(entry)
}

fn lines_of(id: &str, data: Vec<Value>) -> Value {
    let url = format!("/v1/invoices/{id}/lines");
    let mut list = object(json!({ "object": "list", "has_more": false, "url": url }));
    set(&mut list, "total_count", data.len());
    set(&mut list, "data", data);
    Value::Object(list)
}

/// A line as the API shows it.
pub(crate) fn show_line(tx: &mut Tx<'_>, line: &Line, invoice: &str, currency: &str) -> Value {
    let id = tx.new_id(LINE_ID);
    let (kind, subscription) = match &line.source {
        Source::Item { subscription, .. } => ("subscription_item_details", Some(subscription)),
        Source::Pending { subscription, .. } => ("invoice_item_details", subscription.as_ref()),
    };
    let parent = match &line.source {
        Source::Item { subscription, item } => json!({
            "invoice_item": null,
            "proration": line.proration,
            "proration_details": null,
            "subscription": subscription,
            "subscription_item": item,
        }),
        Source::Pending { item, subscription } => json!({
            "invoice_item": item,
            "proration": line.proration,
            "proration_details": null,
            "subscription": subscription,
        }),
    };
    let is_item = kind == "subscription_item_details";
    let (item_details, pending_details) = if is_item {
        (parent, Value::Null)
    } else {
        (Value::Null, parent)
    };
    json!({
        "id": id,
        "object": "line_item",
        "amount": line.amount,
        "currency": currency,
        "description": line.description,
        "discount_amounts": [],
        "discountable": line.discountable,
        "discounts": [],
        "invoice": invoice,
        "livemode": false,
        "metadata": line.metadata,
        "parent": {
            "invoice_item_details": pending_details,
            "subscription_item_details": item_details,
            "type": kind,
        },
        "period": { "start": line.period.0, "end": line.period.1 },
        "pretax_credit_amounts": [],
        "pricing": pricing(&line.price),
        "quantity": line.quantity,
        "quantity_decimal": line.quantity.to_string(),
        "subscription": subscription,
        "subtotal": line.amount,
        "taxes": [],
    })
}

/// How a line or an invoice item names its price.
pub(crate) fn pricing(price: &Value) -> Value {
    if price.is_null() {
        return Value::Null;
    }
    json!({
        "price_details": { "price": price["id"], "product": price["product"] },
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    })
}

/// `2 × Tea (at ¥1,000 / month)`, as lines describe themselves.
pub(crate) fn describe(tx: &Tx<'_>, price: &Object, quantity: i64) -> String {
    let name = product_name(tx, price);
    let currency = text(price, "currency").unwrap_or_default();
    let unit = integer(price, "unit_amount").map_or_else(
        || {
            text(price, "unit_amount_decimal")
                .unwrap_or_default()
                .to_owned()
        },
        |amount| crate::money::format(currency, amount),
    );
    let count = dig(price, "recurring.interval_count").as_i64().unwrap_or(1);
    match dig(price, "recurring.interval").as_str() {
        None => name,
        Some(interval) if count == 1 => format!("{quantity} × {name} (at {unit} / {interval})"),
        Some(interval) => format!("{quantity} × {name} (at {unit} every {count} {interval}s)"),
    }
}

/// The name of a price's product.
pub(crate) fn product_name(tx: &Tx<'_>, price: &Object) -> String {
    let product = text(price, "product").and_then(|id| tx.state().entries.of(Kind::Product, id));
    let name = product.and_then(|entry| text(&entry.object, "name"));
    name.unwrap_or("Product").to_owned()
}

/// The line of one subscription item for one period.
pub(crate) fn item_line(
    tx: &Tx<'_>,
    subscription: &str,
    item: &Value,
    period: (i64, i64),
    amount: Option<i64>,
) -> Line {
    let price = item["price"].as_object().cloned().unwrap_or_default();
    let quantity = item["quantity"].as_i64().unwrap_or(1);
    let full = price::amount(&price, quantity).unwrap_or_default();
    let trial = amount == Some(0) && full != 0;
    let description = if trial {
        format!("Trial period for {}", product_name(tx, &price))
    } else {
        describe(tx, &price, quantity)
    };
    Line {
        amount: amount.unwrap_or(full),
        description,
        quantity,
        price: Value::Object(price),
        period,
        source: Source::Item {
            subscription: subscription.to_owned(),
            item: item["id"].as_str().unwrap_or_default().to_owned(),
        },
        proration: false,
        discountable: true,
        metadata: item["metadata"].clone(),
    }
}

/// Computes every total from the lines.
pub(crate) fn total_up(tx: &Tx<'_>, entry: &mut Entry) {
    let currency = text(&entry.object, "currency")
        .unwrap_or_default()
        .to_owned();
    let discounts = entry.object.get("discounts").and_then(Value::as_array);
    let discounts = discounts.cloned().unwrap_or_default();
    let mut lines = dig(&entry.object, "lines.data")
        .as_array()
        .cloned()
        .unwrap_or_default();
    for line in &mut lines {
        line["discount_amounts"] = json!([]);
    }
    let taken = discount::apply(tx, &discounts, &mut lines, &currency);
    let sum = |values: &[Value]| {
        values
            .iter()
            .filter_map(|v| v["amount"].as_i64())
            .sum::<i64>()
    };
    let subtotal = sum(&lines);
    let total = subtotal.saturating_sub(sum(&taken));
    let invoice = &mut entry.object;
    set(invoice, "lines", lines_of(&entry.id, lines));
    set(invoice, "total_discount_amounts", taken);
    set(invoice, "subtotal", subtotal);
    set(invoice, "subtotal_excluding_tax", subtotal);
    set(invoice, "total", total);
    set(invoice, "total_excluding_tax", total);
    let due = total.max(0);
    set(invoice, "amount_due", due);
    set(invoice, "amount_remaining", due);
}

fn blank(tx: &Tx<'_>, draft: &Draft<'_>) -> Object {
    let customer = &draft.customer.object;
    let own = |field: &str| customer.get(field).cloned().unwrap_or_default();
    let from = draft.subscription.map(|subscription| &subscription.object);
    let inherited = |field: &str| from.and_then(|s| s.get(field)).cloned().unwrap_or_default();
    let parent = draft.subscription.map(|subscription| {
        json!({
            "quote_details": null,
            "subscription_details": {
                "metadata": inherited("metadata"),
                "subscription": subscription.id,
            },
            "type": "subscription_details",
        })
    });
    let collection = match inherited("collection_method") {
        Value::Null => json!("charge_automatically"),
        method => method,
    };
    let mut invoice = fixed();
    let more = object(json!({
        "account_name": tx.settings.merchant_name,
        "auto_advance": draft.auto_advance,
        "billing_reason": draft.reason,
        "collection_method": collection,
        "currency": draft.currency,
        "customer": draft.customer.id,
        "customer_address": own("address"),
        "customer_email": own("email"),
        "customer_name": own("name"),
        "customer_phone": own("phone"),
        "customer_shipping": own("shipping"),
        "customer_tax_exempt": own("tax_exempt"),
        "description": inherited("description"),
        "parent": parent,
        "period_start": draft.period.0,
        "period_end": draft.period.1,
        "starting_balance": own("balance"),
        "test_clock": own("test_clock"),
    }));
    invoice.extend(more);
    invoice
}

fn fixed() -> Object {
    object(json!({
        "account_country": "US",
        "account_tax_ids": null,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_shipping": 0,
        "application": null,
        "attempt_count": 0,
        "attempted": false,
        "automatic_tax": {
            "disabled_reason": null, "enabled": false, "liability": null, "provider": null,
            "status": null,
        },
        "automatically_finalizes_at": null,
        "custom_fields": null,
        "customer_account": null,
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "due_date": null,
        "effective_at": null,
        "ending_balance": null,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "metadata": {},
        "next_payment_attempt": null,
        "number": null,
        "on_behalf_of": null,
        "payment_settings": {
            "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
        },
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "statement_descriptor": null,
        "status": "draft",
        "status_transitions": {
            "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null,
            "voided_at": null,
        },
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": null,
    }))
}
