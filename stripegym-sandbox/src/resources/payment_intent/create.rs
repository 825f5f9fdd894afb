//! Creating, changing and confirming.

use serde_json::{Value, json};

use super::{Attempt, News, Verdict, open, payment_method, run, unexpected};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, dig, set, text};
use crate::params::{Args, merge_metadata};
use crate::resources::{Call, Reply, invoice};
use crate::state::Entry;
use crate::tx::{Tx, assign};
use crate::version::ApiVersion;

pub(super) fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    check_writable_types(args, &tx.origin.version)?;
    let amount = args.integer("amount").unwrap_or_default();
    let currency = args.text("currency").unwrap_or_default();
    check_amount(amount, currency)?;
    let confirm = args.boolean("confirm") == Some(true);
    for name in ["off_session", "error_on_requires_action", "return_url"] {
        if args.has(name) && !confirm {
            let message = format!(
                "You can only set `{name}` when `confirm` is `true`; otherwise pass it when \
                 confirming the PaymentIntent."
            );
            return Err(ApiError::invalid(message).param(name));
        }
    }
    let mut entry = open(tx, amount, currency, None, &Args::default());
    let chosen = args.hash("automatic_payment_methods");
    let automatic = match &chosen {
        Some(chosen) => json!({
            "allow_redirects": chosen.text("allow_redirects").unwrap_or("always"),
            "enabled": chosen.boolean("enabled"),
        }),
        None if args.has("payment_method_types") => Value::Null,
        None => json!({ "allow_redirects": "always", "enabled": true }),
    };
    set(&mut entry.object, "automatic_payment_methods", automatic);
    apply(tx, &mut entry, args)?;
    let opened = entry.object.clone();
    tx.create(entry.clone(), "payment_intent.created");
    if confirm {
        confirm_entry(tx, entry, args)
    } else {
        Reply::ok(opened)
    }
}

/// From endive on the types cannot be written; before, only cards are known here.
pub(crate) fn check_writable_types(args: &Args, version: &ApiVersion) -> Result<(), ApiError> {
    if args.has("payment_method_types") && version.is_at_least(ApiVersion::ENDIVE) {
        return Err(ApiError::invalid(
            "`payment_method_types` is no longer supported. Remove it to use dynamic payment \
             methods.",
        )
        .code("payment_method_types_no_longer_supported")
        .param("payment_method_types"));
    }
    let other = args
        .list("payment_method_types")
        .iter()
        .find(|kind| *kind != "card");
    match other.and_then(Value::as_str) {
        Some(kind) => Err(ApiError::unsupported(
            "payment_method_types",
            &format!("`{kind}`"),
        )),
        None => Ok(()),
    }
}

fn check_amount(amount: i64, currency: &str) -> Result<(), ApiError> {
    let minimum = money::minimum(currency);
    if amount >= minimum {
        return Ok(());
    }
    let minimum = money::format(currency, minimum);
    Err(
        ApiError::invalid(format!("Amount must be at least {minimum} {currency}"))
            .code("amount_too_small")
            .param("amount"),
    )
}

const PLAIN: &[&str] = &[
    "capture_method",
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];

fn apply(tx: &mut Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    assign(&mut entry.object, args, PLAIN);
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    if let Some(customer) = args.text("customer") {
        let customer = tx.refer(Kind::Customer, customer, "customer")?.id.clone();
        set(&mut entry.object, "customer", customer);
    }
    if let Some(method) = method_of(tx, args)? {
        payment_method::check_owner(&method, text(&entry.object, "customer"))?;
        set(&mut entry.object, "payment_method", method.id);
    } else if args.value("payment_method").is_some_and(Value::is_null) {
        set(&mut entry.object, "payment_method", Value::Null);
    }
    let status = text(&entry.object, "status").unwrap_or_default();
    if matches!(status, "requires_payment_method" | "requires_confirmation") {
        let has_method = text(&entry.object, "payment_method").is_some();
        let waits_for = if has_method {
            "confirmation"
        } else {
            "payment_method"
        };
        set(&mut entry.object, "status", format!("requires_{waits_for}"));
    }
    Ok(())
}

fn method_of(tx: &mut Tx<'_>, args: &Args) -> Result<Option<Entry>, ApiError> {
    match (
        args.text("payment_method"),
        args.hash("payment_method_data"),
    ) {
        (Some(_), Some(_)) => Err(ApiError::exclusive(&[
            "payment_method",
            "payment_method_data",
        ])),
        (Some(id), None) => payment_method::named(tx, id, "payment_method").map(Some),
        (None, Some(data)) => payment_method::from_args(tx, &data, "payment_method_data").map(Some),
        (None, None) => Ok(None),
    }
}

pub(super) fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    check_writable_types(args, &tx.origin.version)?;
    let mut entry = tx.retrieve(Kind::PaymentIntent, &call.id)?.clone();
    let status = text(&entry.object, "status").unwrap_or_default();
    let open = matches!(
        status,
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    );
    let harmless = |name: &String| matches!(name.as_str(), "description" | "metadata");
    if !open && !args.0.keys().all(harmless) {
        return Err(unexpected(
            &entry.object,
            "updated",
            "requires_payment_method, requires_confirmation, requires_action",
        ));
    }
    assign(&mut entry.object, args, &["amount", "currency"]);
    if args.has("amount") || args.has("currency") {
        let amount = crate::object::integer(&entry.object, "amount").unwrap_or_default();
        check_amount(amount, text(&entry.object, "currency").unwrap_or_default())?;
    }
    apply(tx, &mut entry, args)?;
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

pub(super) fn confirm(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    check_writable_types(&call.args, &tx.origin.version)?;
    let mut entry = tx.open(Kind::PaymentIntent, &call.id)?;
    let status = text(&entry.object, "status").unwrap_or_default();
    if matches!(
        status,
        "succeeded" | "canceled" | "requires_capture" | "processing"
    ) {
        return Err(unexpected(
            &entry.object,
            "confirm",
            "requires_payment_method",
        ));
    }
    if entry.hidden.contains_key("checkout_session") {
        let message = "You cannot confirm this PaymentIntent because it belongs to a Checkout \
                       Session.";
        return Err(ApiError::invalid(message)
            .code("payment_intent_unexpected_state")
            .while_executing());
    }
    apply(tx, &mut entry, &call.args)?;
    confirm_entry(tx, entry, &call.args)
}

fn confirm_entry(tx: &mut Tx<'_>, entry: Entry, args: &Args) -> Result<Reply, ApiError> {
    let Some(method) = text(&entry.object, "payment_method") else {
        return Err(ApiError::invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can \
             either update the PaymentIntent with a payment method and then confirm it again, or \
             confirm it again directly with a payment method or ConfirmationToken.",
        )
        .code("payment_intent_unexpected_state")
        .with("payment_intent", entry.object.clone())
        .while_executing());
    };
    let method = tx.known(Kind::PaymentMethod, method)?;
    payment_method::check_owner(&method, text(&entry.object, "customer"))?;
    let attempt = Attempt {
        off_session: args.boolean("off_session") == Some(true),
        authenticated: false,
        return_url: args.text("return_url").map(ToOwned::to_owned),
    };
    let id = entry.id.clone();
    let news = run(tx, entry, &method, &attempt)?;
    if news.verdict == Verdict::NeedsAction
        && args.boolean("error_on_requires_action") == Some(true)
    {
        return Err(ApiError::card(crate::cards::CardError {
            code: "authentication_required",
            decline_code: Some("authentication_required"),
        })
        .with("payment_method", method.object));
    }
    told(tx, &id, &news)?;
    match news.verdict {
        Verdict::Declined(error) => {
            let error = ApiError::card(error)
                .with(
                    "charge",
                    news.intent
                        .get("latest_charge")
                        .cloned()
                        .unwrap_or_default(),
                )
                .with("payment_intent", news.intent.clone())
                .with("payment_method", method.object);
            Ok(Reply::kept(tx, &error))
        }
        _ => Reply::ok(tx.known(Kind::PaymentIntent, &id)?.object),
    }
}

/// Tells what an attempt came to, and lets the invoice behind it know.
pub(crate) fn told(tx: &mut Tx<'_>, id: &str, news: &News) -> Result<(), ApiError> {
    if !tx
        .known(Kind::PaymentIntent, id)?
        .hidden
        .contains_key("invoice")
    {
        return news.tell(tx);
    }
    tx.in_order(&invoice::COLLECTING, |tx| {
        news.tell(tx)?;
        invoice::intent_moved(tx, id, news)
    })
}

/// Where the bank asks: a page of the sandbox.
pub(crate) fn next_action(tx: &Tx<'_>, id: &str, return_url: Option<&str>) -> Value {
    let url = format!("{}/c/3ds/{id}", tx.settings.public_url);
    match return_url {
        Some(return_url) => json!({
            "redirect_to_url": { "return_url": return_url, "url": url },
            "type": "redirect_to_url",
        }),
        None => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": { "stripe_js": url, "type": "three_d_secure_redirect" },
        }),
    }
}

/// The page that a `next_action` leads to, and where it leads back to.
pub(crate) fn return_url(intent: &Object) -> Option<&str> {
    dig(intent, "next_action.redirect_to_url.return_url").as_str()
}
