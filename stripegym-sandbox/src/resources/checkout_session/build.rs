//! Creating a session.

use serde_json::{Value, json};

use super::{later, lines, page_url};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, object, set};
use crate::params::{Args, merge_metadata};
use crate::resources::payment_intent::check_writable_types;
use crate::resources::{Call, Reply, setup_intent};
use crate::tx::{Tx, assign};
use crate::version::ApiVersion;

/// `a1` is what sessions in payment mode were seen with.
const ID: IdShape = IdShape::Plain("cs_test_a1", 56);
const SUBSCRIPTION_ID: IdShape = IdShape::Plain("cs_test_b1", 56);
const SETUP_ID: IdShape = IdShape::Plain("cs_test_c1", 56);
const HOUR_SECONDS: i64 = 60 * 60;
const LIFE_SECONDS_MIN: i64 = HOUR_SECONDS / 2;
const LIFE_SECONDS_MAX: i64 = 24 * HOUR_SECONDS;

pub(super) fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    check_scope(args)?;
    check_version(args, &tx.origin.version)?;
    check_urls(args)?;
    let expires_at = expires_at(args, tx.now())?;
    let customer = check_customer(tx, args)?;
    let mode = args.text("mode").unwrap_or_default();
    let mut lines = lines::build(tx, args)?;
    let data = args.hash("subscription_data").unwrap_or_default();
    if data.has("trial_period_days") || data.has("trial_end") {
        if lines.one_time > 0 {
            let what = "a trial together with one-time prices";
            return Err(ApiError::unsupported("subscription_data", what));
        }
        lines.total = 0;
    }
    let minimum = money::minimum(&lines.currency);
    if lines.total > 0 && lines.total < minimum {
        let minimum = money::format(&lines.currency, minimum);
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {minimum} {}",
            lines.currency
        ))
        .code("amount_too_small")
        .while_executing());
    }
    let id = tx.new_id(match mode {
        "subscription" => SUBSCRIPTION_ID,
        "setup" => SETUP_ID,
        _ => ID,
    });
    let mut session = blank();
    fill(&mut session, args, &lines)?;
    recurring_fields(tx, &mut session, args)?;
    set(&mut session, "customer", customer.clone());
    if customer.is_null() {
        let usual = if mode == "subscription" {
            "always"
        } else {
            "if_required"
        };
        let creation = args.text("customer_creation").unwrap_or(usual);
        set(&mut session, "customer_creation", creation);
    }
    let types = later::types(args, &lines.currency, lines.total)?;
    set(&mut session, "payment_method_types", types);
    set(&mut session, "expires_at", expires_at);
    set(&mut session, "url", page_url(tx, &id));
    let mut entry = tx.entry(Kind::CheckoutSession, id, session);
    entry.wake_at = Some(expires_at);
    set(&mut entry.hidden, "line_items", lines.items);
    if let Some(mut data) = args.hash("payment_intent_data") {
        let metadata = merge_metadata(None, data.value("metadata").unwrap_or(&json!({})))?;
        set(&mut data.0, "metadata", metadata);
        set(&mut entry.hidden, "payment_intent_data", data.0);
    }
    if let Some(mut data) = args.hash("subscription_data") {
        let metadata = merge_metadata(None, data.value("metadata").unwrap_or(&json!({})))?;
        set(&mut data.0, "metadata", metadata);
        if let Some(end) = data.integer("trial_end") {
            set(&mut data.0, "trial_end", end.to_string());
        }
        set(&mut entry.hidden, "subscription_data", data.0);
    }
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

/// What sessions in subscription and setup mode show from the start.
fn recurring_fields(tx: &mut Tx<'_>, session: &mut Object, args: &Args) -> Result<(), ApiError> {
    match args.text("mode") {
        Some("subscription") => {
            let collection = args.text("payment_method_collection").unwrap_or("always");
            set(session, "payment_method_collection", collection);
            set(session, "payment_status", "unpaid");
            set(session, "invoice_creation", Value::Null);
        }
        Some("setup") => {
            for name in ["amount_subtotal", "amount_total", "invoice_creation"] {
                set(session, name, Value::Null);
            }
            set(session, "currency", args.text("currency"));
            set(session, "payment_status", "no_payment_required");
            let data = args.hash("setup_intent_data").unwrap_or_default();
            let mut intent = setup_intent::open(tx, args.text("customer"), "off_session");
            assign(&mut intent.object, &data, &["description"]);
            if let Some(metadata) = data.value("metadata") {
                set(
                    &mut intent.object,
                    "metadata",
                    merge_metadata(None, metadata)?,
                );
            }
            set(session, "setup_intent", intent.id.as_str());
            tx.create(intent, "setup_intent.created");
        }
        _ => {}
    }
    Ok(())
}

/// What the sandbox cannot do yet is refused by name, never half done.
fn check_scope(args: &Args) -> Result<(), ApiError> {
    let mode = args.text("mode").unwrap_or_default();
    for (name, only) in [
        ("payment_intent_data", &["payment"][..]),
        ("subscription_data", &["subscription"]),
        ("setup_intent_data", &["setup"]),
        ("invoice_creation", &["payment"]),
        ("customer_creation", &["payment", "setup"]),
    ] {
        if args.has(name) && !only.contains(&mode) {
            let modes = only.join("` or `");
            let message = format!("You can not pass `{name}` outside `{modes}` mode.");
            return Err(ApiError::invalid(message).param(name));
        }
    }
    if mode == "setup" {
        if args.has("line_items") {
            let message = "You can not pass `line_items` in `setup` mode.";
            return Err(ApiError::invalid(message).param("line_items"));
        }
        if !args.has("currency") && !args.has("payment_method_types") {
            return Err(ApiError::missing("currency"));
        }
    }
    for name in ["automatic_tax", "phone_number_collection"] {
        if args.hash(name).and_then(|hash| hash.boolean("enabled")) == Some(true) {
            return Err(ApiError::unsupported(name, &format!("`{name}`")));
        }
    }
    if args.has("payment_method_collection") && mode != "subscription" {
        return Err(ApiError::invalid(
            "You can only set `payment_method_collection` if there are recurring prices.",
        )
        .param("payment_method_collection"));
    }
    Ok(())
}

fn check_version(args: &Args, version: &ApiVersion) -> Result<(), ApiError> {
    let renamed = version.is_at_least(ApiVersion::DAHLIA);
    match args.text("ui_mode") {
        None => {}
        Some("hosted_page") if renamed => {}
        Some("hosted") if !renamed => {}
        Some("hosted" | "embedded" | "custom") if renamed => {
            return Err(ApiError::invalid(
                "Invalid ui_mode: must be one of hosted_page, embedded_page, elements, or form",
            )
            .param("ui_mode"));
        }
        Some(mode) => {
            return Err(ApiError::unsupported(
                "ui_mode",
                &format!("`ui_mode={mode}`"),
            ));
        }
    }
    check_writable_types(args, version)
}

fn check_urls(args: &Args) -> Result<(), ApiError> {
    if args.has("success_url") {
        Ok(())
    } else {
        Err(ApiError::missing("success_url"))
    }
}

fn expires_at(args: &Args, now: i64) -> Result<i64, ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).param("expires_at"));
    match args.integer("expires_at") {
        None => Ok(now.saturating_add(LIFE_SECONDS_MAX)),
        Some(at) if at > now.saturating_add(LIFE_SECONDS_MAX) => refuse(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        ),
        Some(at) if at < now.saturating_add(LIFE_SECONDS_MIN) => refuse(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
        ),
        Some(at) => Ok(at),
    }
}

fn check_customer(tx: &Tx<'_>, args: &Args) -> Result<Value, ApiError> {
    let Some(id) = args.text("customer") else {
        return Ok(Value::Null);
    };
    for other in ["customer_email", "customer_creation"] {
        if args.has(other) {
            return Err(ApiError::exclusive(&["customer", other]));
        }
    }
    tx.refer(Kind::Customer, id, "customer")
        .map(|entry| json!(entry.id))
}

const PLAIN: &[&str] = &[
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "locale",
    "mode",
    "submit_type",
    "success_url",
];

fn fill(session: &mut Object, args: &Args, lines: &lines::Lines) -> Result<(), ApiError> {
    assign(session, args, PLAIN);
    if let Some(metadata) = args.value("metadata") {
        set(session, "metadata", merge_metadata(None, metadata)?);
    }
    set(session, "amount_subtotal", lines.total);
    set(session, "amount_total", lines.total);
    set(session, "currency", lines.currency.as_str());
    if lines.total == 0 {
        set(session, "payment_status", "no_payment_required");
    }
    let invoice = args
        .hash("invoice_creation")
        .and_then(|hash| hash.boolean("enabled"));
    set(
        session,
        "invoice_creation",
        invoice_creation(invoice == Some(true)),
    );
    Ok(())
}

fn invoice_creation(enabled: bool) -> Value {
    json!({
        "enabled": enabled,
        "invoice_data": {
            "account_tax_ids": null,
            "custom_fields": null,
            "description": null,
            "footer": null,
            "issuer": null,
            "metadata": {},
            "rendering_options": null,
        },
    })
}

fn blank() -> Object {
    object(json!({
        "adaptive_pricing": { "enabled": false },
        "after_expiration": null,
        "allow_promotion_codes": null,
        "allowed_payment_method_types": null,
        "automatic_tax": {
            "enabled": false, "liability": null, "provider": null, "status": null,
        },
        "billing_address_collection": null,
        "cancel_url": null,
        "client_reference_id": null,
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": {
            "after_submit": null,
            "shipping_address": null,
            "submit": null,
            "terms_of_service_acceptance": null,
        },
        "customer_account": null,
        "customer_creation": null,
        "customer_details": null,
        "customer_email": null,
        "discounts": [],
        "integration_identifier": null,
        "invoice": null,
        "locale": null,
        "managed_payments": null,
        "metadata": {},
        "origin_context": null,
        "payment_intent": null,
        "payment_link": null,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": null,
        "phone_number_collection": { "enabled": false },
        "recovered_from": null,
        "saved_payment_method_options": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "status": "open",
        "submit_type": null,
        "subscription": null,
        "success_url": null,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted_page",
        "wallet_options": null,
    }))
}
