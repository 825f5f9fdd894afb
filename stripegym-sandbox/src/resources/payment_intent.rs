//! Payment intents: the life of one payment over all its attempts.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource};
use crate::cards::CardError;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, object, set, text};
use crate::params::{Args, PAGE, Param};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Family("pi_");
const SECRET_LEN: usize = 25;

const LIST: &[Param] = &[Param::text("customer")];
/// Any page may ask with a client secret; with a secret key it changes nothing.
const RETRIEVE: &[Param] = &[Param::text("client_secret")];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::PaymentIntent,
    expandable: &["customer", "latest_charge", "payment_method"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Get,
            path: "/v1/payment_intents",
            params: &[PAGE, LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/payment_intents/{id}",
            params: &[RETRIEVE],
            run: |tx, call| Reply::ok(tx.retrieve(Kind::PaymentIntent, &call.id)?.object.clone()),
        },
    ],
};

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let customer = call.args.text("customer");
    list::page(
        tx,
        call,
        Kind::PaymentIntent,
        "/v1/payment_intents",
        |intent| customer.is_none_or(|customer| text(intent, "customer") == Some(customer)),
    )
}

/// What `payment_intent_data` may set.
const FROM_DATA: &[&str] = &[
    "description",
    "metadata",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];

/// A fresh intent that still lacks its payment method.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    amount: i64,
    currency: &str,
    customer: Option<&str>,
    data: &Args,
) -> Entry {
    let id = tx.new_id(ID);
    let secret = format!("{id}_secret_{}", tx.ids().alphanumerics(SECRET_LEN));
    let mut intent = object(json!({
        "allowed_payment_method_types": null,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "amount_received": 0,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic_async",
        "client_secret": secret,
        "confirmation_method": "automatic",
        "currency": currency,
        "customer": customer,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": null,
        "managed_payments": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": {
            "installments": null,
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": "automatic",
        }},
        "payment_method_types": ["card"],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method",
        "transfer_data": null,
        "transfer_group": null,
    }));
    assign(&mut intent, data, FROM_DATA);
    tx.entry(Kind::PaymentIntent, id, intent)
}

/// The attempt went well.
pub(crate) fn succeed(intent: &mut Object, charge: &Object, method: &Object) {
    let amount = intent.get("amount").cloned().unwrap_or_default();
    set(intent, "amount_received", amount);
    set(intent, "last_payment_error", Value::Null);
    set(
        intent,
        "latest_charge",
        charge.get("id").cloned().unwrap_or_default(),
    );
    set(
        intent,
        "payment_method",
        method.get("id").cloned().unwrap_or_default(),
    );
    set(intent, "status", "succeeded");
}

/// The attempt failed: the intent waits for another method and remembers why.
pub(crate) fn fail(intent: &mut Object, charge: &Object, method: &Object, error: CardError) {
    let slug = error.code.replace('_', "-");
    set(
        intent,
        "latest_charge",
        charge.get("id").cloned().unwrap_or_default(),
    );
    set(intent, "status", "requires_payment_method");
    let last_payment_error = json!({
        "charge": charge.get("id"),
        "code": error.code,
        "decline_code": error.decline_code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{slug}"),
        "message": error.message(),
        "payment_method": method,
        "type": "card_error",
    });
    set(intent, "last_payment_error", last_payment_error);
}
