//! Payment methods: cards, made from test numbers and tokens, kept by customers.

mod promised;

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, show};
use crate::cards::{self, Behaviour, Card, year_and_month};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{dig, empty_address, integer, is_true, object, set, text};
use crate::params::{ADDRESS, Args, PAGE, Param, Shape, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

pub(crate) use promised::of_delayed;

const ID: IdShape = IdShape::Modern("pm_");
const PATH: &str = "/v1/payment_methods";

const CARD: &[Param] = &[
    Param::text("number"),
    Param::integer("exp_month"),
    Param::integer("exp_year"),
    Param::text("cvc"),
    Param::text("token"),
    Param::not_yet("networks"),
];

const BILLING_DETAILS: &[Param] = &[
    Param::hash("address", ADDRESS).clearable(),
    Param::new("email", Shape::Email).clearable(),
    Param::text("name").clearable(),
    Param::text("phone").clearable(),
    Param::not_yet("tax_id"),
];

const REDISPLAY: Param = Param::choice("allow_redisplay", &["always", "limited", "unspecified"]);

/// Also `payment_method_data` of an intent.
pub(crate) const CREATE: &[Param] = &[
    Param::choice("type", TYPES).required(),
    Param::hash("card", CARD),
    Param::hash("billing_details", BILLING_DETAILS),
    REDISPLAY,
    Param::metadata(),
];

const TYPES: &[&str] = &["card"];

const UPDATE_CARD: &[Param] = &[
    Param::integer("exp_month"),
    Param::integer("exp_year"),
    Param::not_yet("networks"),
];

const UPDATE: &[Param] = &[
    Param::hash("card", UPDATE_CARD),
    Param::hash("billing_details", BILLING_DETAILS),
    REDISPLAY,
    Param::metadata(),
];

const LIST: &[Param] = &[
    Param::text("customer"),
    Param::text("type"),
    Param::choice("allow_redisplay", &["always", "limited", "unspecified"]),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::PaymentMethod,
    expandable: &["customer"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE, LIST], list),
        Endpoint::get("/v1/payment_methods/{id}", &[], |tx, call| {
            show(tx, Kind::PaymentMethod, &call.id)
        }),
        Endpoint::post("/v1/payment_methods/{id}", &[UPDATE], update),
        Endpoint::post(
            "/v1/payment_methods/{id}/attach",
            &[&[Param::text("customer").required()]],
            attach_endpoint,
        ),
        Endpoint::post("/v1/payment_methods/{id}/detach", &[], detach_endpoint),
        Endpoint::get(
            "/v1/customers/{id}/payment_methods",
            &[PAGE, &[Param::text("type"), REDISPLAY]],
            list_of_customer,
        ),
        Endpoint::get(
            "/v1/customers/{id}/payment_methods/{other}",
            &[],
            retrieve_of_customer,
        ),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(from_args(tx, &call.args, "")?.object)
}

/// Makes a method out of checked parameters of [`CREATE`]; `path` leads to them.
pub(crate) fn from_args(tx: &mut Tx<'_>, args: &Args, path: &str) -> Result<Entry, ApiError> {
    let at = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}[{name}]"),
    };
    let given = args
        .hash("card")
        .ok_or_else(|| ApiError::missing(&at("card")))?;
    let today = year_and_month(tx.now());
    let card = match (given.text("token"), given.text("number")) {
        (Some(_), Some(_)) => return Err(ApiError::exclusive(&["card[number]", "card[token]"])),
        (Some(token), None) => Card::from_token(token, today)
            .ok_or_else(|| ApiError::no_such("token", token, &at("card[token]")))?,
        (None, Some(number)) => {
            let part = |name: &str| {
                let missing = || ApiError::missing(&at(&format!("card[{name}]")));
                given.integer(name).ok_or_else(missing)
            };
            let expiry = (part("exp_year")?, part("exp_month")?);
            Card::from_parts(number, expiry, given.text("cvc"), today).map_err(ApiError::card)?
        }
        (None, None) => return Err(ApiError::missing(&at("card[number]"))),
    };
    let mut entry = of_card(tx, &card, "", "");
    apply(&mut entry, args)?;
    tx.put(entry.clone());
    Ok(entry)
}

/// The method that a parameter names: an id, or a token that makes a new one.
pub(crate) fn named(tx: &mut Tx<'_>, id: &str, param: &str) -> Result<Entry, ApiError> {
    if let Some(card) = Card::from_token(id, year_and_month(tx.now())) {
        return Ok(of_card(tx, &card, "", ""));
    }
    tx.refer(Kind::PaymentMethod, id, param).cloned()
}

/// Stores the method of a card. Only its last four digits are known here, on purpose.
pub(crate) fn of_card(tx: &mut Tx<'_>, card: &Card, email: &str, name: &str) -> Entry {
    let id = tx.new_id(ID);
    let checked = |checked: bool| if checked { json!("pass") } else { Value::Null };
    let method = json!({
        // What was typed into a page of Stripe's is shown again to its customer only.
        "allow_redisplay": if email.is_empty() { "unspecified" } else { "limited" },
        "billing_details": {
            "address": empty_address(),
            "email": Some(email).filter(|email| !email.is_empty()),
            "name": Some(name).filter(|name| !name.is_empty()),
            "phone": null,
            "tax_id": null,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": null,
                "cvc_check": checked(card.has_cvc),
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "fingerprint": card.fingerprint,
            "funding": card.funding,
            "generated_from": null,
            "last4": card.last4,
            "networks": { "available": [card.brand], "preferred": null },
            "regulated_status": "unregulated",
            "three_d_secure_usage": { "supported": card.brand != "amex" },
            "wallet": null,
        },
        "customer": null,
        "customer_account": null,
        "metadata": {},
        "type": "card",
    });
    let mut entry = tx.entry(Kind::PaymentMethod, id, object(method));
    set(&mut entry.hidden, "test_card", card.name);
    set(&mut entry.hidden, "has_cvc", card.has_cvc);
    tx.put(entry.clone());
    entry
}

/// What the method's card does.
pub(crate) fn behaviour(method: &Entry) -> Behaviour {
    let mut behaviour = cards::behaviour_of(text(&method.hidden, "test_card").unwrap_or("unknown"));
    let unseen = !is_true(&method.hidden, "has_cvc");
    if unseen && behaviour.decline.is_some_and(|d| d.code == "incorrect_cvc") {
        behaviour.decline = None;
    }
    behaviour
}

/// Whether the bank was asked about later payments, and said yes.
pub(crate) fn is_set_up(method: &Entry) -> bool {
    is_true(&method.hidden, "set_up")
}

/// A method outside any customer serves once; a detached one never again.
pub(crate) fn use_up(tx: &mut Tx<'_>, method: &Entry) {
    if text(&method.object, "customer").is_none() {
        let mut method = method.clone();
        set(&mut method.hidden, "used_up", true);
        tx.put(method);
    }
}

/// Whether the method may pay for this customer, in Stripe's words if not.
pub(crate) fn check_owner(method: &Entry, customer: Option<&str>) -> Result<(), ApiError> {
    let refuse = |message: String| {
        Err(ApiError::invalid(message)
            .param("payment_method")
            .while_executing())
    };
    let id = &method.id;
    match (text(&method.object, "customer"), customer) {
        (None, _) if is_true(&method.hidden, "used_up") => refuse(USED_UP.to_owned()),
        (Some(owner), None) => refuse(format!(
            "The PaymentMethod {id} belongs to the Customer {owner}. Please include the Customer \
             in the `customer` parameter."
        )),
        (Some(owner), Some(customer)) if owner != customer => refuse(format!(
            "The PaymentMethod {id} does not belong to the Customer {customer}. Please use this \
             PaymentMethod with the Customer that it belongs to instead."
        )),
        _ => Ok(()),
    }
}

const USED_UP: &str = "The provided PaymentMethod was previously used with a PaymentIntent \
    without Customer attachment, shared with a connected account without Customer attachment, or \
    was detached from a Customer. It may not be used again. To use a PaymentMethod multiple \
    times, you must attach it to a Customer first.";

/// Gives the method to a customer; answers it as it is then. A card that declines refuses.
pub(crate) fn attach(tx: &mut Tx<'_>, method: &Entry, customer: &str) -> Result<Entry, ApiError> {
    match text(&method.object, "customer") {
        Some(owner) if owner == customer => return Ok(method.clone()),
        Some(_) => {
            let message = "The payment method you provided has already been attached to a \
                           customer.";
            return Err(ApiError::invalid(message).while_executing());
        }
        None if is_true(&method.hidden, "used_up") => {
            return Err(ApiError::invalid(USED_UP).while_executing());
        }
        None => {}
    }
    let behaviour = behaviour(method);
    if let Some(error) = behaviour.decline.filter(|_| !behaviour.attachable) {
        return Err(ApiError::card(error));
    }
    let mut attached = method.clone();
    set(&mut attached.object, "customer", customer);
    let shown = attached.object.clone();
    tx.put(attached.clone());
    tx.emit("payment_method.attached", &shown, None);
    Ok(attached)
}

fn attach_endpoint(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let customer = call.args.text("customer").unwrap_or_default();
    let customer = tx.refer(Kind::Customer, customer, "customer")?.id.clone();
    let method = match Card::from_token(&call.id, year_and_month(tx.now())) {
        Some(card) => of_card(tx, &card, "", ""),
        None => tx.retrieve(Kind::PaymentMethod, &call.id)?.clone(),
    };
    Reply::ok(attach(tx, &method, &customer)?.object)
}

fn detach_endpoint(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let method = tx.retrieve(Kind::PaymentMethod, &call.id)?.clone();
    if text(&method.object, "customer").is_none() {
        let message = "The payment method you provided is not attached to a customer so \
                       detachment is impossible.";
        return Err(ApiError::invalid(message).while_executing());
    }
    Reply::ok(detach(tx, &method).object)
}

/// Takes the method from its customer for good; defaults that named it are cleared.
pub(crate) fn detach(tx: &mut Tx<'_>, method: &Entry) -> Entry {
    let customer = text(&method.object, "customer").unwrap_or_default();
    let owner = tx.state().entries.of(Kind::Customer, customer).cloned();
    if let Some(mut owner) = owner
        && *dig(&owner.object, "invoice_settings.default_payment_method") == method.id
        && let Some(settings) = owner
            .object
            .get_mut("invoice_settings")
            .and_then(Value::as_object_mut)
    {
        set(settings, "default_payment_method", Value::Null);
        tx.put(owner);
    }
    let mut detached = method.clone();
    set(&mut detached.object, "customer", Value::Null);
    set(&mut detached.hidden, "used_up", true);
    let previous = object(json!({ "customer": customer }));
    tx.put(detached.clone());
    tx.emit("payment_method.detached", &detached.object, Some(previous));
    detached
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::PaymentMethod, &call.id)?.clone();
    if text(&entry.object, "customer").is_none() {
        let message = "You must save this PaymentMethod to a customer before you can update it.";
        return Err(ApiError::invalid(message).while_executing());
    }
    let before = entry.object.clone();
    apply(&mut entry, &call.args)?;
    let after = entry.object.clone();
    tx.update(&before, entry, "payment_method.updated");
    Reply::ok(after)
}

fn apply(entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    assign(&mut entry.object, args, &["allow_redisplay"]);
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    for name in ["card", "billing_details"] {
        let Some(given) = args.hash(name) else {
            continue;
        };
        let Some(target) = entry.object.get_mut(name).and_then(Value::as_object_mut) else {
            continue;
        };
        assign(target, &given, &["email", "name", "phone"]);
        assign(target, &given, &["exp_month", "exp_year"]);
        if let Some(address) = given.hash("address") {
            let mut whole = object(empty_address());
            whole.extend(address.0);
            set(target, "address", whole);
        }
    }
    match integer_of(entry, "exp_month") {
        1..=12 => Ok(()),
        _ => Err(
            ApiError::invalid("Your card's expiration month is invalid.").param("card[exp_month]"),
        ),
    }
}

fn integer_of(method: &Entry, field: &str) -> i64 {
    let card = method.object.get("card").and_then(Value::as_object);
    card.and_then(|card| integer(card, field))
        .unwrap_or_default()
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    if let Some(customer) = call.args.text("customer") {
        tx.refer(Kind::Customer, customer, "customer")?;
    }
    let customer = call.args.value("customer");
    list::page(tx, call, Kind::PaymentMethod, PATH, |method| {
        keep(method, &call.args)
            && method.get("customer").is_some_and(Value::is_string)
            && customer.is_none_or(|customer| method.get("customer") == Some(customer))
    })
}

fn keep(method: &crate::object::Object, args: &Args) -> bool {
    ["type", "allow_redisplay"].iter().all(|name| {
        let wanted = args.value(name);
        wanted.is_none_or(|wanted| method.get(*name) == Some(wanted))
    })
}

fn list_of_customer(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    tx.retrieve(Kind::Customer, &call.id)?;
    let url = format!("/v1/customers/{}/payment_methods", call.id);
    list::page(tx, call, Kind::PaymentMethod, &url, |method| {
        keep(method, &call.args) && text(method, "customer") == Some(&call.id)
    })
}

fn retrieve_of_customer(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let method = tx.retrieve(Kind::PaymentMethod, &call.other)?;
    if text(&method.object, "customer") == Some(&call.id) {
        Reply::ok(method.object.clone())
    } else {
        Err(ApiError::not_found(Kind::PaymentMethod.name(), &call.other))
    }
}
