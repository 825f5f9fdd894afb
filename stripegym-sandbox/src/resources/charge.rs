//! Charges: every attempt to take money, good or bad.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource};
use crate::cards::{Card, CardError};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, object, text};
use crate::params::{PAGE, Param};
use crate::state::Entry;
use crate::tx::Tx;

const LIST: &[Param] = &[
    Param::text("customer"),
    Param::text("payment_intent"),
    Param::text("transfer_group"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Charge,
    expandable: &[
        "balance_transaction",
        "customer",
        "failure_balance_transaction",
        "payment_intent",
        "payment_method",
    ],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Get,
            path: "/v1/charges",
            params: &[PAGE, LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/charges/{id}",
            params: &[],
            run: |tx, call| Reply::ok(tx.retrieve(Kind::Charge, &call.id)?.object.clone()),
        },
    ],
};

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    list::page(tx, call, Kind::Charge, "/v1/charges", |charge| {
        let fields = ["customer", "payment_intent", "transfer_group"];
        fields.iter().all(|name| {
            args.value(name)
                .is_none_or(|w| charge.get(*name) == Some(w))
        })
    })
}

/// The charge of a payment intent by a card, as succeeded, or as failed with `error`.
pub(crate) fn of_intent(
    tx: &mut Tx<'_>,
    intent: &Object,
    method: &Object,
    card: &Card,
    error: Option<CardError>,
) -> Entry {
    let succeeded = error.is_none();
    let amount = intent.get("amount").cloned().unwrap_or_default();
    let id = tx
        .ids()
        .member_id("ch_", text(intent, "id").unwrap_or_default());
    let charge = json!({
        "amount": amount,
        "amount_captured": if succeeded { amount.clone() } else { json!(0) },
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": method.get("billing_details"),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": succeeded,
        "currency": intent.get("currency"),
        "customer": intent.get("customer"),
        "description": intent.get("description"),
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": error.map(|error| error.code),
        "failure_message": error.map(CardError::message),
        "fraud_details": {},
        "metadata": intent.get("metadata"),
        "on_behalf_of": null,
        "outcome": outcome(error),
        "paid": succeeded,
        "payment_intent": intent.get("id"),
        "payment_method": method.get("id"),
        "payment_method_details": { "card": details(card, &amount, error), "type": "card" },
        "receipt_email": intent.get("receipt_email"),
        "receipt_number": null,
        "receipt_url": null,
        "refunded": false,
        "review": null,
        "shipping": intent.get("shipping"),
        "source": null,
        "source_transfer": null,
        "statement_descriptor": intent.get("statement_descriptor"),
        "statement_descriptor_suffix": intent.get("statement_descriptor_suffix"),
        "status": if succeeded { "succeeded" } else { "failed" },
        "transfer_data": null,
        "transfer_group": intent.get("transfer_group"),
    });
    tx.entry(Kind::Charge, id, object(charge))
}

fn outcome(error: Option<CardError>) -> Value {
    let blocked = error.is_some_and(|error| error.decline_code == Some("fraudulent"));
    let (network_status, kind, seller_message) = match error {
        None => ("approved_by_network", "authorized", "Payment complete."),
        Some(_) if blocked => (
            "not_sent_to_network",
            "blocked",
            "Stripe blocked this payment.",
        ),
        Some(_) => (
            "declined_by_network",
            "issuer_declined",
            "The bank did not return any further details with this decline.",
        ),
    };
    json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": network_status,
        "reason": error.and_then(|error| error.decline_code),
        "risk_level": if blocked { "highest" } else { "normal" },
        "seller_message": seller_message,
        "type": kind,
    })
}

fn details(card: &Card, amount: &Value, error: Option<CardError>) -> Value {
    let cvc = if error.is_some_and(|e| e.code == "incorrect_cvc") {
        "fail"
    } else {
        "pass"
    };
    json!({
        "amount_authorized": if error.is_none() { amount.clone() } else { Value::Null },
        "authorization_code": null,
        "brand": card.brand,
        "checks": {
            "address_line1_check": null,
            "address_postal_code_check": null,
            "cvc_check": cvc,
        },
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "extended_authorization": { "status": "disabled" },
        "funding": card.funding,
        "incremental_authorization": { "status": "unavailable" },
        "installments": null,
        "last4": card.last4,
        "mandate": null,
        "multicapture": { "status": "unavailable" },
        "network": card.brand,
        "network_token": { "used": false },
        "network_transaction_id": null,
        "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
        "regulated_status": "unregulated",
        "three_d_secure": null,
        "wallet": null,
    })
}
