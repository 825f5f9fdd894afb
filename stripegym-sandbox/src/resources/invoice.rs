//! Invoices: drafts, numbers, collection, and what becomes of those that nobody pays.

mod collect;
mod draft;
mod endpoints;
mod preview;
mod tables;

use serde_json::{Value, json};

use super::{
    Call, Endpoint, Includable, Reply, Resource, invoice_item, payment_intent, show, subscription,
};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, set, text};
use crate::params::{Args, PAGE, merge_metadata};
use crate::state::{Entry, State};
use crate::tx::{Tx, assign};

pub(crate) use collect::{
    COLLECTING, Presence, collect, finalize, finalize_paid, intent_moved, method_of,
    remember_method, subscription_of,
};
pub(crate) use draft::{Draft, Line, Source, item_line, open, pricing, product_name};
pub(crate) use preview::as_preview;

const PATH: &str = "/v1/invoices";

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Invoice,
    expandable: &[
        "customer",
        "default_payment_method",
        "discounts",
        "parent.subscription_details.subscription",
        "test_clock",
    ],
    includable: &[
        Includable {
            name: "payments",
            make: included_payments,
        },
        Includable {
            name: "confirmation_secret",
            make: included_secret,
        },
    ],
    wake: Some(advance),
    endpoints: &[
        Endpoint::post(PATH, tables::CREATE, create),
        Endpoint::get(PATH, &[PAGE, tables::LIST], list),
        Endpoint::post(
            "/v1/invoices/create_preview",
            &[tables::PREVIEW],
            preview::create,
        ),
        Endpoint::get("/v1/invoices/{id}", &[], |tx, call| {
            show(tx, Kind::Invoice, &call.id)
        }),
        Endpoint::post("/v1/invoices/{id}", tables::UPDATE, update),
        Endpoint::delete("/v1/invoices/{id}", &[], delete),
        Endpoint::post(
            "/v1/invoices/{id}/finalize",
            &[tables::FINALIZE],
            endpoints::finalize,
        ),
        Endpoint::post("/v1/invoices/{id}/pay", &[tables::PAY], endpoints::pay),
        Endpoint::post("/v1/invoices/{id}/send", &[], endpoints::send),
        Endpoint::post("/v1/invoices/{id}/void", &[], |tx, call| {
            let entry = endpoints::in_status(tx, call, &["open", "uncollectible"], "voided")?;
            Reply::ok(void(tx, entry)?)
        }),
        Endpoint::post("/v1/invoices/{id}/mark_uncollectible", &[], |tx, call| {
            let entry = endpoints::in_status(tx, call, &["open"], "marked uncollectible")?;
            Reply::ok(give_up(tx, entry))
        }),
        Endpoint::get("/v1/invoices/{id}/lines", &[PAGE], |tx, call| {
            let entry = tx.retrieve(Kind::Invoice, &call.id)?;
            let lines = dig(&entry.object, "lines.data").as_array();
            let url = format!("/v1/invoices/{}/lines", call.id);
            let lines = lines.map_or(&[][..], Vec::as_slice);
            list::embedded(lines, &call.args, "line_item", &url)
        }),
    ],
};

fn included_payments(state: &State, entry: &Entry) -> Value {
    let payment = text(&entry.hidden, "payment");
    let payment = payment.and_then(|id| state.entries.of(Kind::InvoicePayment, id));
    let data = payment.map(|entry| Value::Object(entry.object.clone()));
    let url = format!("/v1/invoice_payments?invoice={}", entry.id);
    list::envelope(&url, data.into_iter().collect(), false)
}

fn included_secret(_state: &State, entry: &Entry) -> Value {
    match entry.hidden.get("client_secret") {
        Some(secret) if text(&entry.object, "status") == Some("open") => {
            json!({ "client_secret": secret, "type": "payment_intent" })
        }
        _ => Value::Null,
    }
}

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let customer = args.text("customer").unwrap_or_default();
    let customer = tx.refer(Kind::Customer, customer, "customer")?.clone();
    tx.enter_clock(customer.clock.as_deref());
    let currency = args.text("currency").or(text(&customer.object, "currency"));
    let currency = currency.unwrap_or("usd").to_owned();
    let now = tx.now();
    let draft = Draft {
        customer: &customer,
        subscription: None,
        reason: "manual",
        currency: &currency,
        lines: Vec::new(),
        period: (now, now),
        auto_advance: args.boolean("auto_advance") == Some(true),
        discounts: Vec::new(),
    };
    let mut entry = open(tx, &draft)?;
    if args.text("pending_invoice_items_behavior") == Some("include") {
        let id = entry.id.clone();
        for line in invoice_item::take(tx, &customer, None, &id) {
            add_line(tx, &mut entry, &line);
        }
    }
    apply(tx, &mut entry, args)?;
    draft::total_up(tx, &mut entry);
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

/// Adds a line to a draft; its totals are due afterwards.
pub(crate) fn add_line(tx: &mut Tx<'_>, entry: &mut Entry, line: &Line) {
    let currency = text(&entry.object, "currency")
        .unwrap_or_default()
        .to_owned();
    let line = draft::show_line(tx, line, &entry.id, &currency);
    let lines = entry
        .object
        .get_mut("lines")
        .and_then(|lines| lines.get_mut("data"));
    if let Some(lines) = lines.and_then(Value::as_array_mut) {
        lines.push(line);
    }
}

/// Adds a line to a stored draft.
pub(crate) fn append(tx: &mut Tx<'_>, id: &str, line: &Line) -> Result<(), ApiError> {
    let mut entry = tx.refer(Kind::Invoice, id, "invoice")?.clone();
    if text(&entry.object, "status") != Some("draft") {
        return Err(not_editable());
    }
    add_line(tx, &mut entry, line);
    draft::total_up(tx, &mut entry);
    tx.put(entry);
    Ok(())
}

fn not_editable() -> ApiError {
    ApiError::invalid("Finalized invoices can't be updated in this way")
        .code("invoice_not_editable")
        .while_executing()
}

const ALWAYS: &[&str] = &[
    "auto_advance",
    "default_payment_method",
    "description",
    "footer",
];
const DRAFT_ONLY: &[&str] = &["collection_method", "due_date", "statement_descriptor"];

fn apply(tx: &mut Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    assign(&mut entry.object, args, ALWAYS);
    assign(&mut entry.object, args, DRAFT_ONLY);
    if let Some(method) = args.text("default_payment_method") {
        tx.refer(Kind::PaymentMethod, method, "default_payment_method")?;
    }
    if let Some(days) = args.integer("days_until_due") {
        set(&mut entry.hidden, "days_until_due", days);
    }
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    if args.has("discounts") {
        let customer = text(&entry.object, "customer")
            .unwrap_or_default()
            .to_owned();
        let holder = super::discount::Holder {
            field: "invoice",
            id: &entry.id.clone(),
            customer: &customer,
        };
        let ids = super::discount::make_all(tx, &args.hashes("discounts"), holder)?;
        set(&mut entry.object, "discounts", ids);
    }
    Ok(())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.open(Kind::Invoice, &call.id)?;
    let before = entry.object.clone();
    let is_draft = text(&before, "status") == Some("draft");
    let fixed = |name: &String| !ALWAYS.contains(&name.as_str()) && name != "metadata";
    if !is_draft && call.args.0.keys().any(fixed) {
        return Err(not_editable());
    }
    apply(tx, &mut entry, &call.args)?;
    if is_draft {
        draft::total_up(tx, &mut entry);
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "invoice.updated");
    Reply::ok(after)
}

fn delete(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.open(Kind::Invoice, &call.id)?;
    let is_draft = text(&entry.object, "status") == Some("draft");
    if !is_draft || subscription_of(&entry.object).is_some() {
        let message = "You can only delete draft invoices that no subscription made.";
        return Err(ApiError::invalid(message).while_executing());
    }
    tx.remove(&call.id);
    tx.emit("invoice.deleted", &entry.object, None);
    Reply::ok(json!({ "id": call.id, "object": "invoice", "deleted": true }))
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let subscription = args.text("subscription");
    list::page(tx, call, Kind::Invoice, PATH, |invoice| {
        let fields = ["collection_method", "customer", "status"];
        fields.iter().all(|name| {
            args.value(name)
                .is_none_or(|w| invoice.get(*name) == Some(w))
        }) && subscription.is_none_or(|id| subscription_of(invoice) == Some(id))
    })
}

/// Makes it as if it had never been due.
pub(crate) fn void(tx: &mut Tx<'_>, mut entry: Entry) -> Result<Object, ApiError> {
    close_payment(tx, &entry)?;
    let now = tx.now();
    collect::stamp(&mut entry.object, "voided_at", now);
    Ok(end(tx, entry, "void", "invoice.voided"))
}

/// Gives it up, but keeps it due.
pub(crate) fn give_up(tx: &mut Tx<'_>, mut entry: Entry) -> Object {
    let now = tx.now();
    collect::stamp(&mut entry.object, "marked_uncollectible_at", now);
    end(tx, entry, "uncollectible", "invoice.marked_uncollectible")
}

fn close_payment(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), ApiError> {
    if let Some(intent) = text(&entry.hidden, "payment_intent") {
        let intent = tx.known(Kind::PaymentIntent, intent)?;
        payment_intent::cancel_entry(tx, intent, Some("void_invoice"))?;
    }
    match text(&entry.hidden, "payment") {
        Some(payment) => super::invoice_payment::canceled(tx, payment),
        None => Ok(()),
    }
}

fn end(tx: &mut Tx<'_>, mut entry: Entry, status: &str, event: &str) -> Object {
    set(&mut entry.object, "status", status);
    set(&mut entry.object, "auto_advance", false);
    set(&mut entry.object, "next_payment_attempt", Value::Null);
    entry.wake_at = None;
    let ended = entry.object.clone();
    tx.create(entry, event);
    ended
}

/// Drafts finalize, open ones are collected again, sent ones become overdue.
fn advance(tx: &mut Tx<'_>, entry: &Entry) {
    let mut entry = entry.clone();
    entry.wake_at = None;
    tx.put(entry.clone());
    let id = entry.id.clone();
    let done = tx.in_order(&COLLECTING, |tx| {
        let sent = text(&entry.object, "collection_method") == Some("send_invoice");
        match text(&entry.object, "status") {
            Some("draft") => subscription::finalize_cycle(tx, entry),
            Some("open") if sent => {
                tx.emit("invoice.overdue", &entry.object, None);
                match subscription_of(&entry.object) {
                    Some(id) => subscription::overdue(tx, id),
                    None => Ok(()),
                }
            }
            Some("open") => collect::retry(tx, entry),
            _ => Ok(()),
        }
    });
    if let Err(error) = done {
        tracing::error!("the invoice {id} did not go on: {}", error.message());
    }
}
