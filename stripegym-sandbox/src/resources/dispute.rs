//! Disputes: what the cards for them bring, and what evidence makes of it.

use serde_json::{Value, json};

use super::balance_transaction::{self, Booking};
use super::{Call, Endpoint, Reply, Resource, show};
use crate::calendar::DAY;
use crate::error::ApiError;
use crate::fees;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, integer, object, set, text};
use crate::params::{PAGE, Param, Shape, merge_metadata};
use crate::state::Entry;
use crate::tx::Tx;

const ID: IdShape = IdShape::Modern("dp_");
const PATH: &str = "/v1/disputes";
/// How long there is to answer.
const ANSWER_DAYS: i64 = 9;

const fn evidence_text(name: &'static str) -> Param {
    Param::new(name, Shape::Text { max: 20_000 }).clearable()
}

const EVIDENCE_FIELDS: &[&str] = &[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

const EVIDENCE: &[Param] = &{
    let mut params = [evidence_text(""); EVIDENCE_FIELDS.len()];
    let mut at = 0;
    while at < params.len() {
        params[at] = evidence_text(EVIDENCE_FIELDS[at]);
        at += 1;
    }
    params
};

const UPDATE: &[Param] = &[
    Param::hash("evidence", EVIDENCE),
    Param::metadata(),
    Param::boolean("submit"),
    Param::not_yet("intended_submission_method"),
];

const LIST: &[Param] = &[Param::text("charge"), Param::text("payment_intent")];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Dispute,
    expandable: &["charge", "payment_intent"],
    includable: &[],
    wake: Some(lose_in_time),
    endpoints: &[
        Endpoint::get(PATH, &[PAGE, LIST], |tx, call| {
            list::matching(tx, call, Kind::Dispute, PATH, &["charge", "payment_intent"])
        }),
        Endpoint::get("/v1/disputes/{id}", &[], |tx, call| {
            show(tx, Kind::Dispute, &call.id)
        }),
        Endpoint::post("/v1/disputes/{id}", &[UPDATE], update),
        Endpoint::post("/v1/disputes/{id}/close", &[], close),
    ],
};

/// The customer's bank takes a charge back, shared out among `count` disputes.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    charge: &Entry,
    reason: &str,
    count: i64,
) -> Result<(), ApiError> {
    let whole = integer(&charge.object, "amount_captured").unwrap_or_default();
    let share = whole.div_euclid(count.max(1));
    for index in 0..count {
        let rest = whole.saturating_sub(share.saturating_mul(count - 1));
        let amount = if index + 1 == count { rest } else { share };
        let mut entry = build(tx, charge, amount, reason, "needs_response");
        let created = entry.object.clone();
        tx.create(entry.clone(), "charge.dispute.created");
        withdraw(tx, &mut entry)?;
        let withdrawn = entry.object.clone();
        tx.put(entry);
        let previous = crate::object::previous_attributes(&created, &withdrawn);
        tx.emit("charge.dispute.funds_withdrawn", &withdrawn, Some(previous));
    }
    mark(tx, charge)
}

/// The customer's bank only asks; no money moves.
pub(crate) fn inquire(tx: &mut Tx<'_>, charge: &Entry) -> Result<(), ApiError> {
    let amount = integer(&charge.object, "amount_captured").unwrap_or_default();
    let entry = build(tx, charge, amount, "fraudulent", "warning_needs_response");
    tx.create(entry, "charge.dispute.created");
    mark(tx, charge)
}

fn mark(tx: &mut Tx<'_>, charge: &Entry) -> Result<(), ApiError> {
    let mut charge = tx.known(Kind::Charge, &charge.id)?;
    let before = charge.object.clone();
    set(&mut charge.object, "disputed", true);
    tx.update(&before, charge, "charge.updated");
    Ok(())
}

fn withdraw(tx: &mut Tx<'_>, entry: &mut Entry) -> Result<(), ApiError> {
    let amount = integer(&entry.object, "amount").unwrap_or_default();
    let currency = text(&entry.object, "currency")
        .unwrap_or_default()
        .to_owned();
    let booking = Booking {
        kind: "adjustment",
        category: "dispute",
        amount: amount.saturating_neg(),
        fee: fees::dispute(&currency),
        fee_name: "Dispute fee",
        currency: &currency,
        description: json!("Chargeback withdrawal"),
        source: &entry.id.clone(),
        available_on: tx.now(),
    };
    book(tx, entry, &booking)
}

fn reinstate(tx: &mut Tx<'_>, entry: &mut Entry) -> Result<(), ApiError> {
    let amount = integer(&entry.object, "amount").unwrap_or_default();
    let currency = text(&entry.object, "currency")
        .unwrap_or_default()
        .to_owned();
    let booking = Booking {
        kind: "adjustment",
        category: "dispute_reversal",
        amount,
        fee: 0,
        fee_name: "",
        currency: &currency,
        description: json!("Chargeback reversal"),
        source: &entry.id.clone(),
        available_on: tx.now(),
    };
    book(tx, entry, &booking)
}

/// A dispute shows its transactions whole.
fn book(tx: &mut Tx<'_>, entry: &mut Entry, booking: &Booking<'_>) -> Result<(), ApiError> {
    let id = balance_transaction::book(tx, booking);
    let transaction = tx.known(Kind::BalanceTransaction, &id)?.object;
    let list = entry.object.get_mut("balance_transactions");
    if let Some(list) = list.and_then(Value::as_array_mut) {
        list.push(Value::Object(transaction));
    }
    Ok(())
}

fn build(tx: &mut Tx<'_>, charge: &Entry, amount: i64, reason: &str, status: &str) -> Entry {
    let id = tx.new_id(ID);
    let day = tx.now().div_euclid(DAY) + ANSWER_DAYS + 1;
    let due_by = day.saturating_mul(DAY) - 1;
    let inquiry = status.starts_with("warning");
    let mut evidence: Object = EVIDENCE_FIELDS
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    set(&mut evidence, "enhanced_evidence", json!({}));
    let dispute = json!({
        "amount": amount,
        "balance_transactions": [],
        "charge": charge.id,
        "currency": charge.object.get("currency"),
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": null,
        "is_charge_refundable": inquiry,
        "metadata": {},
        "network_reason_code": "10.4",
        "payment_intent": charge.object.get("payment_intent"),
        "payment_method_details": {
            "card": {
                "brand": dig(&charge.object, "payment_method_details.card.brand"),
                "case_type": if inquiry { "inquiry" } else { "chargeback" },
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": status,
    });
    let mut entry = tx.entry(Kind::Dispute, id, object(dispute));
    entry.wake_at = Some(due_by + 1);
    entry
}

fn is_open(dispute: &Object) -> bool {
    let status = text(dispute, "status").unwrap_or_default();
    matches!(status, "needs_response" | "warning_needs_response")
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Dispute, &call.id)?.clone();
    let before = entry.object.clone();
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let evidence = call.args.hash("evidence");
    if evidence.is_some() && !is_open(&before) {
        let status = text(&before, "status").unwrap_or_default();
        return Err(ApiError::invalid(format!(
            "This dispute has a status of {status}; its evidence cannot be changed any more."
        ))
        .while_executing());
    }
    let submit = call.args.boolean("submit").unwrap_or(true);
    if let Some(given) = evidence {
        if let Some(kept) = entry
            .object
            .get_mut("evidence")
            .and_then(Value::as_object_mut)
        {
            kept.extend(given.0);
        }
        if let Some(details) = entry.object.get_mut("evidence_details") {
            details["has_evidence"] = json!(true);
            if submit {
                details["submission_count"] = json!(1);
                details["submission_method"] = json!("manual");
            }
        }
        if submit {
            let inquiry = text(&before, "status") == Some("warning_needs_response");
            let review = if inquiry {
                "warning_under_review"
            } else {
                "under_review"
            };
            set(&mut entry.object, "status", review);
            entry.wake_at = None;
        }
    }
    tx.update(&before, entry.clone(), "charge.dispute.updated");
    if !is_open(&entry.object) && is_open(&before) {
        decide(tx, entry)?;
    }
    show(tx, Kind::Dispute, &call.id)
}

/// The evidence of Stripe's documentation decides at once; any other stays under review.
fn decide(tx: &mut Tx<'_>, entry: Entry) -> Result<(), ApiError> {
    let inquiry = text(&entry.object, "status") == Some("warning_under_review");
    let said = dig(&entry.object, "evidence.uncategorized_text").as_str();
    let result = match said {
        Some("winning_evidence") if inquiry => "warning_closed",
        Some("winning_evidence") => "won",
        Some("losing_evidence") => "lost",
        _ => return Ok(()),
    };
    end(tx, entry, result)
}

fn end(tx: &mut Tx<'_>, mut entry: Entry, result: &str) -> Result<(), ApiError> {
    let before = entry.object.clone();
    set(&mut entry.object, "status", result);
    entry.wake_at = None;
    if result == "won" {
        reinstate(tx, &mut entry)?;
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "charge.dispute.closed");
    if result == "won" {
        tx.emit("charge.dispute.funds_reinstated", &after, None);
    }
    Ok(())
}

fn close(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.retrieve(Kind::Dispute, &call.id)?.clone();
    if !is_open(&entry.object) {
        let status = text(&entry.object, "status").unwrap_or_default();
        let message = format!("This dispute has a status of {status}; it cannot be closed.");
        return Err(ApiError::invalid(message).while_executing());
    }
    end(tx, entry, "lost")?;
    show(tx, Kind::Dispute, &call.id)
}

/// No answer in time loses; an inquiry just closes.
fn lose_in_time(tx: &mut Tx<'_>, entry: &Entry) {
    let mut entry = entry.clone();
    entry.wake_at = None;
    let result = match text(&entry.object, "status") {
        Some("needs_response") => "lost",
        Some("warning_needs_response") => "warning_closed",
        _ => return tx.put(entry),
    };
    if let Some(details) = entry.object.get_mut("evidence_details") {
        details["past_due"] = json!(true);
    }
    if let Err(error) = end(tx, entry, result) {
        tracing::error!("a dispute did not end: {}", error.message());
    }
}
