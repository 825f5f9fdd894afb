//! What API versions before and after basil (2025-03-31) say in different places.

use serde_json::{Map, Value};

use super::{InvoiceLineKind, InvoiceStatus};
use crate::id::{
    ChargeId, Id, InvoiceItemId, PaymentIntentId, PriceId, ProductId, SubscriptionId,
    SubscriptionItemId,
};
use crate::object::{
    Expandable, Expanded, Field, FieldError, FieldProblem, FromField, Object, View,
};
use crate::payment_intent::PaymentIntent;
use crate::subscription::Subscription;

/// `old` where it has a value, else what is at `path`.
fn either<'a, T: FromField<'a>>(
    object: &'a Object,
    path: &[&str],
    old: &str,
) -> Result<T, FieldError> {
    if object.has(&[old]) {
        object.get(old)
    } else {
        object.get_at(path)
    }
}

const PARENT: [&str; 3] = ["parent", "subscription_details", "subscription"];

/// Of invoices and of invoice items.
pub(crate) fn parent_subscription(invoice: &Object) -> Result<Option<SubscriptionId>, FieldError> {
    either(invoice, &PARENT, "subscription")
}

pub(super) fn parent_subscription_object(
    invoice: &Object,
) -> Result<Option<Subscription>, FieldError> {
    either(invoice, &PARENT, "subscription").map(|Expanded(subscription)| subscription)
}

pub(super) fn subscription_metadata(
    invoice: &Object,
) -> Result<Option<&Map<String, Value>>, FieldError> {
    if invoice.has(&["subscription_details"]) {
        return invoice.get_in("subscription_details", "metadata");
    }
    invoice.get_at(&["parent", "subscription_details", "metadata"])
}

/// `paid` is gone since basil; the status has always said it, too.
pub(super) fn is_paid(invoice: &Object) -> Result<bool, FieldError> {
    if invoice.has(&["paid"]) {
        return invoice.get("paid");
    }
    let status: InvoiceStatus = invoice.get("status")?;
    Ok(status == InvoiceStatus::Paid)
}

/// What the payments were made with: the values of `payments.data[].payment.<with>`.
fn payments<'a, T>(
    invoice: &'a Object,
    with: &'static str,
    read: impl Fn(&'a Value) -> Result<Option<T>, FieldProblem>,
) -> Result<Vec<T>, FieldError> {
    let payments: Vec<&Map<String, Value>> = invoice.get_at(&["payments", "data"])?;
    let made_with = payments
        .into_iter()
        .filter_map(|payment| payment.get("payment")?.get(with));
    let read = |value| {
        read(value)
            .map_err(|problem| invoice.error_at(&["payments", "data", "payment", with], problem))
    };
    made_with
        .filter_map(|value| read(value).transpose())
        .collect()
}

fn ids<T: Id>(invoice: &Object, with: &'static str) -> Result<Vec<T>, FieldError> {
    // Before basil the key is there, if only as null.
    if invoice.json().contains_key(with) {
        let one: Option<Expandable<T>> = invoice.get(with)?;
        return Ok(one.into_iter().map(|Expandable(id)| id).collect());
    }
    payments(invoice, with, |value| {
        let id = Option::<Expandable<T>>::from_field(Some(value))?;
        Ok(id.map(|Expandable(id)| id))
    })
}

fn objects<T: View>(invoice: &Object, with: &'static str) -> Result<Vec<T>, FieldError> {
    if invoice.json().contains_key(with) {
        let Expanded(one) = invoice.get(with)?;
        return Ok(one.into_iter().collect());
    }
    payments(invoice, with, |value| {
        Expanded::from_field(Some(value)).map(|Expanded(object)| object)
    })
}

pub(super) fn payment_intents(invoice: &Object) -> Result<Vec<PaymentIntentId>, FieldError> {
    ids(invoice, "payment_intent")
}

pub(super) fn payment_intent_objects(invoice: &Object) -> Result<Vec<PaymentIntent>, FieldError> {
    objects(invoice, "payment_intent")
}

pub(super) fn charges(invoice: &Object) -> Result<Vec<ChargeId>, FieldError> {
    ids(invoice, "charge")
}

pub(super) fn client_secret(invoice: &Object) -> Result<Field<&str>, FieldError> {
    let path = match invoice.json().get("payment_intent") {
        Some(Value::Object(_)) => ["payment_intent", "client_secret"],
        Some(Value::String(_)) => return Ok(Field::Absent), // not expanded
        Some(Value::Null) => return Ok(Field::Null),
        Some(_) => return invoice.get("payment_intent"),
        None if invoice.json().get("confirmation_secret") == Some(&Value::Null) => {
            return Ok(Field::Null);
        }
        None => ["confirmation_secret", "client_secret"],
    };
    invoice.get_at(&path)
}

pub(super) fn tax_total(invoice: &Object) -> Result<i64, FieldError> {
    if invoice.has(&["tax"]) {
        return invoice.get("tax");
    }
    sum(invoice, "total_taxes", "total_tax_amounts")
}

pub(super) fn line_tax_total(line: &Object) -> Result<i64, FieldError> {
    sum(line, "taxes", "tax_amounts")
}

/// Of the amounts in the list that the newer versions have, or the older ones.
fn sum(object: &Object, new: &str, old: &str) -> Result<i64, FieldError> {
    let field = if object.has(&[new]) { new } else { old };
    let taxes: Option<Vec<&Map<String, Value>>> = object.get(field)?;
    let mut total = 0_i64;
    for tax in taxes.unwrap_or_default() {
        let at = |problem| object.error_at(&[field, "amount"], problem);
        let amount = i64::from_field(tax.get("amount")).map_err(at)?;
        let expected = "a sum of 64 bits";
        total = total
            .checked_add(amount)
            .ok_or_else(|| at(FieldProblem::Type { expected }))?;
    }
    Ok(total)
}

pub(super) fn line_kind(line: &Object) -> Result<Option<InvoiceLineKind>, FieldError> {
    either(line, &["parent", "type"], "type")
}

/// Of invoice lines and of invoice items: an id, or the expanded price.
pub(crate) fn line_price(line: &Object) -> Result<Option<PriceId>, FieldError> {
    let old = ["price", "plan"].into_iter().find(|old| line.has(&[*old]));
    match old {
        Some(old) => line.get(old),
        None => line.get_at(&["pricing", "price_details", "price"]),
    }
}

pub(super) fn line_product(line: &Object) -> Result<Option<ProductId>, FieldError> {
    let old = ["price", "plan"].into_iter().find(|old| line.has(&[*old]));
    match old {
        Some(old) => line.get_in(old, "product"),
        None => line.get_at(&["pricing", "price_details", "product"]),
    }
}

/// The details of whatever the line came from.
fn details(line: &Object) -> &'static str {
    let item = "subscription_item_details";
    if line.has(&["parent", item]) {
        item
    } else {
        "invoice_item_details"
    }
}

pub(super) fn line_is_proration(line: &Object) -> Result<bool, FieldError> {
    let told: Option<bool> = either(line, &["parent", details(line), "proration"], "proration")?;
    Ok(told.unwrap_or(false))
}

pub(super) fn line_invoice_item(line: &Object) -> Result<Option<InvoiceItemId>, FieldError> {
    either(
        line,
        &["parent", details(line), "invoice_item"],
        "invoice_item",
    )
}

pub(super) fn line_subscription(line: &Object) -> Result<Option<SubscriptionId>, FieldError> {
    either(
        line,
        &["parent", details(line), "subscription"],
        "subscription",
    )
}

pub(super) fn line_subscription_item(
    line: &Object,
) -> Result<Option<SubscriptionItemId>, FieldError> {
    let path = ["parent", "subscription_item_details", "subscription_item"];
    either(line, &path, "subscription_item")
}
