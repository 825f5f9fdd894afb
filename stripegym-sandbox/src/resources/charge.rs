//! Charges: every attempt to take money, good or bad.

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, payment_intent, show};
use crate::cards::CardError;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, integer, object, set, text};
use crate::params::{PAGE, Param, Shape, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const LIST: &[Param] = &[
    Param::text("customer"),
    Param::text("payment_intent"),
    Param::text("transfer_group"),
];

const FRAUD: &[Param] = &[Param::choice("user_report", &["fraudulent", "safe"]).clearable()];

const UPDATE: &[Param] = &[
    Param::text("customer"),
    Param::text("description").clearable(),
    Param::hash("fraud_details", FRAUD),
    Param::metadata(),
    Param::new("receipt_email", Shape::Email).clearable(),
    Param::text("transfer_group"),
    Param::not_yet("shipping"),
];

const CAPTURE: &[Param] = &[
    Param::integer_in("amount", 1, 999_999_999_999),
    Param::new("receipt_email", Shape::Email),
    Param::text_up_to("statement_descriptor", 22),
    Param::text_up_to("statement_descriptor_suffix", 22),
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
        Endpoint::get("/v1/charges", &[PAGE, LIST], |tx, call| {
            let fields = ["customer", "payment_intent", "transfer_group"];
            list::matching(tx, call, Kind::Charge, "/v1/charges", &fields)
        }),
        Endpoint::get("/v1/charges/{id}", &[], |tx, call| {
            show(tx, Kind::Charge, &call.id)
        }),
        Endpoint::post("/v1/charges/{id}", &[UPDATE], update),
        Endpoint::post("/v1/charges/{id}/capture", &[CAPTURE], capture),
    ],
};

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Charge, &call.id)?.clone();
    let before = entry.object.clone();
    let args = &call.args;
    if let Some(customer) = args.text("customer") {
        tx.refer(Kind::Customer, customer, "customer")?;
    }
    let plain = ["customer", "description", "receipt_email", "transfer_group"];
    assign(&mut entry.object, args, &plain);
    if let Some(fraud) = args.hash("fraud_details") {
        set(&mut entry.object, "fraud_details", fraud.0);
    }
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "charge.updated");
    Reply::ok(after)
}

fn capture(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let charge = tx.retrieve(Kind::Charge, &call.id)?;
    if charge.object.get("captured") == Some(&json!(true)) {
        let message = format!("Charge {} has already been captured.", call.id);
        return Err(ApiError::invalid(message)
            .code("charge_already_captured")
            .while_executing());
    }
    let intent = text(&charge.object, "payment_intent").unwrap_or_default();
    let intent = intent.to_owned();
    payment_intent::capture(tx, &intent, call.args.integer("amount"), "amount")?;
    show(tx, Kind::Charge, &call.id)
}

/// What is left of a charge to give back.
pub(crate) fn refundable(charge: &Object) -> i64 {
    let amount = |name| integer(charge, name).unwrap_or_default();
    amount("amount").saturating_sub(amount("amount_refunded"))
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    Captured,
    /// Held, to be captured later.
    Authorized,
    Failed(CardError),
}

/// The charge of a payment intent by a payment method.
pub(crate) fn of_intent(
    tx: &mut Tx<'_>,
    intent: &Object,
    method: &Object,
    ending: Ending,
    authenticated: bool,
) -> Entry {
    let error = match ending {
        Ending::Failed(error) => Some(error),
        Ending::Captured | Ending::Authorized => None,
    };
    let succeeded = error.is_none();
    let captured = matches!(ending, Ending::Captured);
    let amount = intent.get("amount").cloned().unwrap_or_default();
    let id = tx
        .ids()
        .member_id("ch_", text(intent, "id").unwrap_or_default());
    let charge = json!({
        "amount": amount,
        "amount_captured": if captured { amount.clone() } else { json!(0) },
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": method.get("billing_details"),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": captured,
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
        "payment_method_details": { "card": details(method, &amount, ending, authenticated), "type": "card" },
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

/// The charge of a method whose money comes later: `pending` or `succeeded`.
pub(crate) fn promised(tx: &mut Tx<'_>, intent: &Object, method: &Object, status: &str) -> Entry {
    let mut charge = of_intent(tx, intent, method, Ending::Captured, false);
    // Payments that are no cards have a prefix of their own, and the same stem.
    charge.id = charge.id.replacen("ch_", "py_", 1);
    let id = charge.id.clone();
    let kind = text(method, "type").unwrap_or_default();
    let mut details = object(json!({ "type": kind }));
    details.insert(
        kind.to_owned(),
        method.get(kind).cloned().unwrap_or_default(),
    );
    if let Some(konbini) = details.get_mut("konbini") {
        konbini["store"] = json!({ "chain": "lawson" });
    }
    set(&mut charge.object, "id", id);
    set(&mut charge.object, "payment_method_details", details);
    set(&mut charge.object, "paid", status == "succeeded");
    set(&mut charge.object, "status", status);
    if let Some(outcome) = charge.object.get_mut("outcome") {
        outcome["risk_level"] = json!("not_assessed");
    }
    charge
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

fn details(method: &Object, amount: &Value, ending: Ending, authenticated: bool) -> Value {
    let (failed, cvc) = match ending {
        Ending::Failed(error) if error.code == "incorrect_cvc" => (true, json!("fail")),
        Ending::Failed(_) => (true, dig(method, "card.checks.cvc_check").clone()),
        _ => (false, dig(method, "card.checks.cvc_check").clone()),
    };
    let card = |field: &str| method.get("card").map(|card| card[field].clone());
    let three_d_secure = authenticated.then(|| {
        json!({
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": null,
            "result": "authenticated",
            "result_reason": null,
            "transaction_id": null,
            "version": "2.2.0",
        })
    });
    json!({
        "amount_authorized": if failed { Value::Null } else { amount.clone() },
        "authorization_code": null,
        "brand": card("brand"),
        "checks": {
            "address_line1_check": null,
            "address_postal_code_check": null,
            "cvc_check": cvc,
        },
        "country": card("country"),
        "exp_month": card("exp_month"),
        "exp_year": card("exp_year"),
        "extended_authorization": { "status": "disabled" },
        "fingerprint": card("fingerprint"),
        "funding": card("funding"),
        "incremental_authorization": { "status": "unavailable" },
        "installments": null,
        "last4": card("last4"),
        "mandate": null,
        "multicapture": { "status": "unavailable" },
        "network": card("brand"),
        "network_token": { "used": false },
        "network_transaction_id": null,
        "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure,
        "wallet": null,
    })
}
