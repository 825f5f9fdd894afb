//! The rows of every object, field by field, against what Stripe would say of
//! it last. Where each field stands in Stripe's JSON is written down here once
//! more, apart from the library's own reading of it.

use serde_json::Value;
use stripegym_core::store::{ObjectKind, ObjectRow, Read, Record, Scalar, StoreError};

use super::Case;
use crate::world::id::{Id, Kind};

/// A column, and where Stripe says the same.
type Fields = &'static [(&'static str, &'static str)];

const KINDS: &[(Kind, ObjectKind, Fields)] = &[
    (
        Kind::Customer,
        ObjectKind::Customer,
        &[
            (
                "default_payment_method",
                "/invoice_settings/default_payment_method",
            ),
            ("balance", "/balance"),
            ("currency", "/currency"),
            ("delinquent", "/delinquent"),
            ("created", "/created"),
        ],
    ),
    (
        Kind::Session,
        ObjectKind::CheckoutSession,
        &[
            ("owner", "/client_reference_id"),
            ("customer", "/customer"),
            ("mode", "/mode"),
            ("status", "/status"),
            ("payment_status", "/payment_status"),
            ("amount_total", "/amount_total"),
            ("currency", "/currency"),
            ("payment_intent", "/payment_intent"),
            ("subscription", "/subscription"),
            ("product_name", "/metadata/product_name"),
            ("created", "/created"),
        ],
    ),
    (
        Kind::Subscription,
        ObjectKind::Subscription,
        &[
            ("customer", "/customer"),
            ("status", "/status"),
            ("cancel_at", "/cancel_at"),
            ("cancel_at_period_end", "/cancel_at_period_end"),
            ("canceled_at", "/canceled_at"),
            ("ended_at", "/ended_at"),
            ("trial_start", "/trial_start"),
            ("trial_end", "/trial_end"),
            ("pause_collection", "/pause_collection/behavior"),
            ("schedule", "/schedule"),
            ("collection_method", "/collection_method"),
            ("latest_invoice", "/latest_invoice"),
            ("created", "/created"),
        ],
    ),
    (
        Kind::Schedule,
        ObjectKind::SubscriptionSchedule,
        &[
            ("customer", "/customer"),
            ("status", "/status"),
            ("end_behavior", "/end_behavior"),
            ("current_phase_start", "/current_phase/start_date"),
            ("current_phase_end", "/current_phase/end_date"),
            ("created", "/created"),
        ],
    ),
    (
        Kind::Invoice,
        ObjectKind::Invoice,
        &[
            ("customer", "/customer"),
            ("subscription", "/parent/subscription_details/subscription"),
            ("status", "/status"),
            ("number", "/number"),
            ("currency", "/currency"),
            ("total", "/total"),
            ("amount_due", "/amount_due"),
            ("amount_paid", "/amount_paid"),
            ("billing_reason", "/billing_reason"),
            ("attempt_count", "/attempt_count"),
            ("paid_at", "/status_transitions/paid_at"),
            ("created", "/created"),
        ],
    ),
    (
        Kind::Refund,
        ObjectKind::Refund,
        &[
            ("payment_intent", "/payment_intent"),
            ("charge", "/charge"),
            ("amount", "/amount"),
            ("currency", "/currency"),
            ("status", "/status"),
            ("reason", "/reason"),
            ("failure_reason", "/failure_reason"),
            ("created", "/created"),
        ],
    ),
    (
        Kind::Dispute,
        ObjectKind::Dispute,
        &[
            ("payment_intent", "/payment_intent"),
            ("charge", "/charge"),
            ("amount", "/amount"),
            ("currency", "/currency"),
            ("status", "/status"),
            ("reason", "/reason"),
            ("created", "/created"),
        ],
    ),
];

/// Columns of a subscription's items.
const ITEM: Fields = &[
    ("id", "/id"),
    ("price", "/price/id"),
    ("product", "/price/product"),
    ("quantity", "/quantity"),
    ("current_period_start", "/current_period_start"),
    ("current_period_end", "/current_period_end"),
];

pub(super) async fn compare(case: &Case<'_>, findings: &mut Vec<String>) -> Result<(), StoreError> {
    let mut read = case.store.read().await?;
    for (kind, stored_as, fields) in KINDS {
        let mut rows = all_rows(read.as_mut(), *stored_as).await?;
        let of_kind = Id::new(*kind, 0, 0)..=Id::last(*kind);
        for (id, past) in case.world.past.range(of_kind) {
            let id = id.to_string();
            let row = rows.iter().position(|row| row.id() == id);
            let row = row.map(|at| rows.swap_remove(at));
            let last = past.last().map(|(_, json)| json.as_ref());
            let json: Value = serde_json::from_slice(last.unwrap_or(b"{}")).unwrap_or_default();
            let is_gone = json["deleted"] == true;
            match row {
                Some(_) if is_gone => findings.push(format!("{id}: deleted, and there is a row")),
                Some(row) => same(case, &row, &json, fields, findings),
                // Of an open session no event tells.
                None if is_gone
                    || (!case.swept && json["status"] == "open" && *kind == Kind::Session) => {}
                None => findings.push(format!("{id}: there is no row")),
            }
        }
        findings.extend(
            rows.iter()
                .map(|row| format!("{}: Stripe has no such object", row.id())),
        );
    }
    Ok(())
}

async fn all_rows(read: &mut dyn Read, kind: ObjectKind) -> Result<Vec<ObjectRow>, StoreError> {
    read.rows(kind, None, u32::MAX).await
}

fn same(
    case: &Case<'_>,
    row: &ObjectRow,
    json: &Value,
    fields: Fields,
    findings: &mut Vec<String>,
) {
    let (id, found) = (row.id(), findings.len());
    match row {
        ObjectRow::Customer(row) => record(id, row, json, fields, findings),
        ObjectRow::CheckoutSession(row) => record(id, row, json, fields, findings),
        ObjectRow::SubscriptionSchedule(row) => {
            record(id, row, json, fields, findings);
            phases(id, &row.phases, json, findings);
        }
        ObjectRow::Invoice(row) => record(id, row, json, fields, findings),
        ObjectRow::Refund(row) => record(id, row, json, fields, findings),
        ObjectRow::Dispute(row) => record(id, row, json, fields, findings),
        ObjectRow::Subscription(row) => {
            record(id, &row.fields, json, fields, findings);
            let items = json["items"]["data"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            if items.len() != row.items.len() {
                findings.push(format!(
                    "{id}: {} items, should be {}",
                    row.items.len(),
                    items.len()
                ));
            }
            for item in &row.items {
                let told = items.iter().find(|told| told["id"] == item.id.as_str());
                record(
                    item.id.as_str(),
                    item,
                    told.unwrap_or(&Value::Null),
                    ITEM,
                    findings,
                );
            }
            let ends = items.iter().map(|item| item["current_period_end"].as_i64());
            let end = ends.min().flatten();
            if row.fields.current_period_end != end {
                findings.push(format!(
                    "{id}: the period ends {:?}",
                    row.fields.current_period_end
                ));
            }
        }
    }
    if !case.swept && json["object"] == "checkout.session" {
        // Money that is taken later turns a session paid, and no event says so.
        let told_later = |finding: &String| finding.contains(": payment_status is unpaid");
        let mut nth = 0;
        findings.retain(|finding| {
            nth += 1;
            nth <= found || !told_later(finding)
        });
    }
}

fn record<R: Record>(id: &str, row: &R, json: &Value, fields: Fields, findings: &mut Vec<String>) {
    let columns = R::COLUMNS.iter().map(|(column, _)| *column);
    for (column, is) in columns.zip(row.to_scalars()) {
        let Some((_, path)) = fields.iter().find(|(known, _)| *known == column) else {
            continue;
        };
        let told = json.pointer(path).unwrap_or(&Value::Null);
        let same = match &is {
            Scalar::Text(text) => text.as_deref() == told.as_str(),
            Scalar::Int(number) => *number == told.as_i64(),
            Scalar::Flag(flag) => Some(*flag) == told.as_bool(),
        };
        if !same {
            findings.push(format!("{id}: {column} is {is}, should be {told}"));
        }
    }
}

fn phases(id: &str, stored: &str, json: &Value, findings: &mut Vec<String>) {
    let stored: Value = serde_json::from_str(stored).unwrap_or_default();
    let none = Vec::new();
    let is = stored.as_array().unwrap_or(&none);
    let told = json["phases"].as_array().unwrap_or(&none);
    let same = |(a, b): (&Value, &Value)| {
        a["start"] == b["start_date"]
            && a["end"] == b["end_date"]
            && a["items"][0]["price"] == b["items"][0]["price"]
            && a["items"][0]["quantity"] == b["items"][0]["quantity"]
    };
    if is.len() != told.len() || !is.iter().zip(told).all(same) {
        findings.push(format!(
            "{id}: phases are {stored}, should be {}",
            json["phases"]
        ));
    }
}
