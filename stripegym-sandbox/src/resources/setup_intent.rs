//! Setup intents: saving a card for later, with the bank's consent where it wants to be asked.

use serde_json::{Value, json};

use super::payment_intent::{check_writable_types, next_action};
use super::{Call, Endpoint, Reply, Resource, payment_method, show};
use crate::cards::CardError;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, object, set, text};
use crate::params::{Args, PAGE, Param, TEXT, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Modern("seti_");
const SECRET_LEN: usize = 30;
const PATH: &str = "/v1/setup_intents";

const AUTOMATIC: &[Param] = &[
    Param::boolean("enabled").required(),
    Param::choice("allow_redirects", &["always", "never"]),
];

const FIELDS: &[Param] = &[
    Param::text("customer"),
    Param::text_up_to("description", 1_000).clearable(),
    Param::metadata(),
    Param::text("payment_method").clearable(),
    Param::hash("payment_method_data", payment_method::CREATE),
    Param::list("payment_method_types", &TEXT, 20),
    Param::not_yet("allowed_payment_method_types"),
    Param::not_yet("attach_to_self"),
    Param::not_yet("customer_account"),
    Param::not_yet("excluded_payment_method_types"),
    Param::not_yet("flow_directions"),
    Param::not_yet("payment_method_configuration"),
    Param::not_yet("payment_method_options"),
];

const CREATE: &[Param] = &[
    Param::hash("automatic_payment_methods", AUTOMATIC),
    Param::boolean("confirm"),
    Param::url("return_url"),
    Param::choice("usage", &["off_session", "on_session"]),
    Param::boolean("use_stripe_sdk"),
    Param::not_yet("confirmation_token"),
    Param::not_yet("mandate_data"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("single_use"),
];

const CONFIRM: &[Param] = &[
    Param::text("client_secret"),
    Param::text("payment_method"),
    Param::hash("payment_method_data", payment_method::CREATE),
    Param::url("return_url"),
    Param::boolean("use_stripe_sdk"),
    Param::not_yet("confirmation_token"),
    Param::not_yet("mandate_data"),
    Param::not_yet("payment_method_options"),
];

const CANCEL: &[Param] = &[Param::choice(
    "cancellation_reason",
    &["abandoned", "duplicate", "requested_by_customer"],
)];

const LIST: &[Param] = &[Param::text("customer"), Param::text("payment_method")];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::SetupIntent,
    expandable: &["customer", "payment_method"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post(PATH, &[CREATE, FIELDS], create),
        Endpoint::get(PATH, &[PAGE, LIST], |tx, call| {
            let fields = ["customer", "payment_method"];
            list::matching(tx, call, Kind::SetupIntent, PATH, &fields)
        }),
        Endpoint::get(
            "/v1/setup_intents/{id}",
            &[&[Param::text("client_secret")]],
            |tx, call| show(tx, Kind::SetupIntent, &call.id),
        ),
        Endpoint::post("/v1/setup_intents/{id}", &[FIELDS], update),
        Endpoint::post("/v1/setup_intents/{id}/confirm", &[CONFIRM], confirm),
        Endpoint::post("/v1/setup_intents/{id}/cancel", &[CANCEL], cancel),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    check_writable_types(args, &tx.origin.version)?;
    let mut entry = open(tx, None, args.text("usage").unwrap_or("off_session"));
    apply(tx, &mut entry, args)?;
    let opened = entry.object.clone();
    tx.create(entry.clone(), "setup_intent.created");
    if args.boolean("confirm") == Some(true) {
        confirm_entry(tx, entry, args.text("return_url"))
    } else {
        Reply::ok(opened)
    }
}

/// A fresh intent that still lacks its payment method.
pub(crate) fn open(tx: &mut Tx<'_>, customer: Option<&str>, usage: &str) -> Entry {
    let id = tx.new_id(ID);
    let secret = format!("{id}_secret_{}", tx.ids().alphanumerics(SECRET_LEN));
    let intent = json!({
        "allowed_payment_method_types": null,
        "application": null,
        "automatic_payment_methods": { "allow_redirects": "always", "enabled": true },
        "cancellation_reason": null,
        "client_secret": secret,
        "customer": customer,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "flow_directions": null,
        "last_setup_error": null,
        "latest_attempt": null,
        "managed_payments": null,
        "mandate": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": {
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": "automatic",
        }},
        "payment_method_types": ["card"],
        "single_use_mandate": null,
        "status": "requires_payment_method",
        "usage": usage,
    });
    tx.entry(Kind::SetupIntent, id, object(intent))
}

fn apply(tx: &mut Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    assign(&mut entry.object, args, &["description"]);
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    if let Some(customer) = args.text("customer") {
        let customer = tx.refer(Kind::Customer, customer, "customer")?.id.clone();
        set(&mut entry.object, "customer", customer);
    }
    let method = match (
        args.text("payment_method"),
        args.hash("payment_method_data"),
    ) {
        (Some(_), Some(_)) => {
            return Err(ApiError::exclusive(&[
                "payment_method",
                "payment_method_data",
            ]));
        }
        (Some(id), None) => Some(payment_method::named(tx, id, "payment_method")?),
        (None, Some(data)) => Some(payment_method::from_args(tx, &data, "payment_method_data")?),
        (None, None) => None,
    };
    if let Some(method) = method {
        payment_method::check_owner(&method, text(&entry.object, "customer"))?;
        set(&mut entry.object, "payment_method", method.id);
        set(&mut entry.object, "status", "requires_confirmation");
    }
    Ok(())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    check_writable_types(&call.args, &tx.origin.version)?;
    let mut entry = tx.retrieve(Kind::SetupIntent, &call.id)?.clone();
    apply(tx, &mut entry, &call.args)?;
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

fn confirm(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::SetupIntent, &call.id)?.clone();
    let status = text(&entry.object, "status").unwrap_or_default();
    if matches!(status, "succeeded" | "canceled") {
        return Err(unexpected(&entry.object, "confirm"));
    }
    apply(tx, &mut entry, &call.args)?;
    confirm_entry(tx, entry, call.args.text("return_url"))
}

fn unexpected(intent: &Object, action: &str) -> ApiError {
    let status = text(intent, "status").unwrap_or_default();
    ApiError::invalid(format!(
        "You cannot {action} this SetupIntent because it has a status of {status}."
    ))
    .code("setup_intent_unexpected_state")
    .with("setup_intent", intent.clone())
    .while_executing()
}

fn confirm_entry(
    tx: &mut Tx<'_>,
    entry: Entry,
    return_url: Option<&str>,
) -> Result<Reply, ApiError> {
    let Some(method) = text(&entry.object, "payment_method") else {
        return Err(ApiError::invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method. Update \
             the SetupIntent with a payment method and then confirm it again.",
        )
        .code("setup_intent_unexpected_state")
        .while_executing());
    };
    let method = tx.known(Kind::PaymentMethod, method)?;
    let id = entry.id.clone();
    match attempt(tx, entry, &method, false, return_url)? {
        None => show(tx, Kind::SetupIntent, &id),
        Some(error) => {
            let intent = tx.known(Kind::SetupIntent, &id)?.object;
            let error = ApiError::card(error)
                .with("payment_method", method.object)
                .with("setup_intent", intent);
            Ok(Reply::kept(tx, &error))
        }
    }
}

/// Tries to set `method` up. Answers why that failed, if it did; it may also wait for the bank.
pub(crate) fn attempt(
    tx: &mut Tx<'_>,
    mut entry: Entry,
    method: &Entry,
    authenticated: bool,
    return_url: Option<&str>,
) -> Result<Option<CardError>, ApiError> {
    let behaviour = payment_method::behaviour(method);
    if let Some(error) = behaviour.decline.filter(|_| !behaviour.attachable) {
        fail(tx, entry, method, error);
        return Ok(Some(error));
    }
    set(&mut entry.object, "payment_method", method.id.as_str());
    if !authenticated && behaviour.asks_on_session() {
        let action = next_action(tx, &entry.id, return_url);
        set(&mut entry.object, "next_action", action);
        set(&mut entry.object, "status", "requires_action");
        tx.create(entry, "setup_intent.requires_action");
        return Ok(None);
    }
    let customer = text(&entry.object, "customer").map(ToOwned::to_owned);
    let mut kept = match &customer {
        Some(customer) => payment_method::attach(tx, method, customer)?,
        None => method.clone(),
    };
    if text(&entry.object, "usage") == Some("off_session") {
        set(&mut kept.hidden, "set_up", true);
        tx.put(kept);
    }
    for name in ["last_setup_error", "next_action"] {
        set(&mut entry.object, name, Value::Null);
    }
    set(&mut entry.object, "status", "succeeded");
    let make_default = entry.hidden.contains_key("make_default");
    tx.create(entry, "setup_intent.succeeded");
    match customer {
        Some(customer) if make_default => {
            crate::hosted::portal::make_default(tx, &customer, &method.id)?;
        }
        _ => {}
    }
    Ok(None)
}

fn fail(tx: &mut Tx<'_>, mut entry: Entry, method: &Entry, error: CardError) {
    let slug = error.code.replace('_', "-");
    let last = json!({
        "code": error.code,
        "decline_code": error.decline_code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{slug}"),
        "message": error.message(),
        "payment_method": method.object,
        "type": if error.decline_code.is_some() { "card_error" } else { "invalid_request_error" },
    });
    set(&mut entry.object, "last_setup_error", last);
    set(&mut entry.object, "next_action", Value::Null);
    set(&mut entry.object, "payment_method", Value::Null);
    set(&mut entry.object, "status", "requires_payment_method");
    tx.create(entry, "setup_intent.setup_failed");
}

/// The bank's answer to an intent that waits for it.
pub(crate) fn resolve(tx: &mut Tx<'_>, id: &str, approved: bool) -> Result<(), ApiError> {
    let entry = tx.retrieve(Kind::SetupIntent, id)?.clone();
    if text(&entry.object, "status") != Some("requires_action") {
        return Err(unexpected(&entry.object, "authenticate"));
    }
    let method = text(&entry.object, "payment_method").unwrap_or_default();
    let method = tx.known(Kind::PaymentMethod, method)?;
    if approved {
        attempt(tx, entry, &method, true, None)?;
    } else {
        let error = CardError {
            code: "setup_intent_authentication_failure",
            decline_code: None,
        };
        fail(tx, entry, &method, error);
    }
    Ok(())
}

fn cancel(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::SetupIntent, &call.id)?.clone();
    let status = text(&entry.object, "status").unwrap_or_default();
    if matches!(status, "succeeded" | "canceled" | "processing") {
        return Err(unexpected(&entry.object, "cancel"));
    }
    assign(&mut entry.object, &call.args, &["cancellation_reason"]);
    set(&mut entry.object, "next_action", Value::Null);
    set(&mut entry.object, "status", "canceled");
    let shown = entry.object.clone();
    tx.create(entry, "setup_intent.canceled");
    Reply::ok(shown)
}
