//! Customers.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource, payment_method, subscription, test_clock};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, empty_address, object, set, text};
use crate::params::{ADDRESS, Args, PAGE, Param, Shape, TEXT, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Plain("cus_", 14);

const INVOICE_SETTINGS: &[Param] = &[
    Param::text("footer").clearable(),
    Param::not_yet("custom_fields"),
    Param::text("default_payment_method").clearable(),
    Param::not_yet("rendering_options"),
];

const SHIPPING: &[Param] = &[
    Param::hash("address", ADDRESS).required(),
    Param::text("name").required(),
    Param::text("phone").clearable(),
];

const FIELDS: &[Param] = &[
    Param::hash("address", ADDRESS).clearable(),
    Param::integer("balance"),
    Param::text_up_to("business_name", 150).clearable(),
    Param::text("description").clearable(),
    Param::new("email", Shape::Email).clearable(),
    Param::text_up_to("individual_name", 150).clearable(),
    Param::text_up_to("invoice_prefix", 12),
    Param::hash("invoice_settings", INVOICE_SETTINGS),
    Param::metadata(),
    Param::text_up_to("name", 256).clearable(),
    Param::integer_in("next_invoice_sequence", 1, 1_000_000_000),
    Param::text_up_to("phone", 20).clearable(),
    Param::list("preferred_locales", &TEXT, 20).clearable(),
    Param::hash("shipping", SHIPPING).clearable(),
    Param::choice("tax_exempt", &["none", "exempt", "reverse"]).clearable(),
    Param::boolean("validate"),
    Param::not_yet("cash_balance"),
    Param::not_yet("default_source"),
    Param::not_yet("source"),
    Param::not_yet("tax"),
];

const CREATE_ONLY: &[Param] = &[
    Param::text("payment_method"),
    Param::not_yet("tax_id_data"),
    Param::text("test_clock"),
];

const LIST: &[Param] = &[Param::text("email"), Param::text("test_clock")];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Customer,
    expandable: &[
        "default_source",
        "invoice_settings.default_payment_method",
        "test_clock",
    ],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Post,
            path: "/v1/customers",
            params: &[FIELDS, CREATE_ONLY],
            run: create,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/customers",
            params: &[PAGE, LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/customers/{id}",
            params: &[],
            run: retrieve,
        },
        Endpoint {
            method: Method::Post,
            path: "/v1/customers/{id}",
            params: &[FIELDS],
            run: update,
        },
        Endpoint::delete("/v1/customers/{id}", &[], delete),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    if let Some(clock) = call.args.text("test_clock") {
        test_clock::join(tx, clock)?;
    }
    let mut customer = blank(tx);
    set(&mut customer, "test_clock", tx.clock());
    apply(&mut customer, &call.args)?;
    let given = match call.args.text("payment_method") {
        Some(id) => Some(payment_method::named(tx, id, "payment_method")?),
        None => None,
    };
    let customer = insert(tx, customer);
    let id = text(&customer, "id").unwrap_or_default();
    if let Some(method) = given {
        payment_method::attach(tx, &method, id)?;
    }
    let mut entry = tx.known(Kind::Customer, id)?;
    set_default_method(tx, &mut entry, &call.args)?;
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

/// `invoice_settings[default_payment_method]`: one that the customer has.
fn set_default_method(tx: &mut Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    const PARAM: &str = "invoice_settings[default_payment_method]";
    let settings = args.hash("invoice_settings").unwrap_or_default();
    let value = match settings.value("default_payment_method") {
        None => return Ok(()),
        Some(Value::String(id)) => {
            let method = payment_method::named(tx, id, PARAM)?;
            let owner = text(&method.object, "customer");
            if owner.is_some_and(|owner| owner != entry.id) || owner.is_none() && method.id == *id {
                return Err(ApiError::invalid(format!(
                    "The customer does not have a payment method with the ID {id}. The payment \
                     method must be attached to the customer."
                ))
                .code("resource_missing")
                .param(PARAM)
                .while_executing());
            }
            let id = entry.id.clone();
            json!(payment_method::attach(tx, &method, &id)?.id)
        }
        Some(_) => Value::Null,
    };
    let settings = entry.object.get_mut("invoice_settings");
    if let Some(settings) = settings.and_then(Value::as_object_mut) {
        set(settings, "default_payment_method", value);
    }
    Ok(())
}

/// A customer whom Checkout makes out of what was typed into its page.
pub(crate) fn from_checkout(tx: &mut Tx<'_>, email: &str, name: &str) -> String {
    let mut customer = blank(tx);
    set(&mut customer, "email", email);
    set(&mut customer, "name", name);
    let customer = insert(tx, customer);
    text(&customer, "id").unwrap_or_default().to_owned()
}

fn insert(tx: &mut Tx<'_>, customer: Object) -> Object {
    let id = tx.new_id(ID);
    let entry = tx.entry(Kind::Customer, id, customer);
    let object = entry.object.clone();
    tx.create(entry, "customer.created");
    object
}

fn blank(tx: &mut Tx<'_>) -> Object {
    let prefix = tx.ids().alphanumerics(8).to_ascii_uppercase();
    object(json!({
        "address": null,
        "balance": 0,
        "currency": null,
        "customer_account": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": null,
        "invoice_prefix": prefix,
        "invoice_settings": {
            "custom_fields": null,
            "default_payment_method": null,
            "footer": null,
            "rendering_options": null,
        },
        "metadata": {},
        "name": null,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    }))
}

const PLAIN: &[&str] = &[
    "balance",
    "business_name",
    "description",
    "email",
    "individual_name",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
];

fn apply(customer: &mut Object, args: &Args) -> Result<(), ApiError> {
    assign(customer, args, PLAIN);
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(customer.get("metadata"), change)?;
        set(customer, "metadata", merged);
    }
    if let Some(address) = args.value("address") {
        set(customer, "address", whole_address(address));
    }
    if let Some(shipping) = args.value("shipping") {
        let mut shipping = shipping.clone();
        if let Some(fields) = shipping.as_object_mut() {
            let address = fields.get("address").map_or(Value::Null, whole_address);
            set(fields, "address", address);
            fields.entry("phone").or_insert(Value::Null);
        }
        set(customer, "shipping", shipping);
    }
    for (name, when_unset) in [
        ("preferred_locales", json!([])),
        ("tax_exempt", json!("none")),
    ] {
        if let Some(value) = args.value(name) {
            set(
                customer,
                name,
                if value.is_null() {
                    when_unset
                } else {
                    value.clone()
                },
            );
        }
    }
    if let Some(footer) = args
        .hash("invoice_settings")
        .and_then(|s| s.value("footer").cloned())
        && let Some(settings) = customer
            .get_mut("invoice_settings")
            .and_then(Value::as_object_mut)
    {
        set(settings, "footer", footer);
    }
    Ok(())
}

/// What was given, with `null` for the rest; an unset address is `null` as a whole.
fn whole_address(given: &Value) -> Value {
    let Some(given) = given.as_object() else {
        return Value::Null;
    };
    let mut whole = object(empty_address());
    whole.extend(given.clone());
    Value::Object(whole)
}

fn retrieve(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    // A deleted customer can still be retrieved: what is left says so.
    match tx.state().entries.of(Kind::Customer, &call.id) {
        Some(entry) => Reply::ok(entry.object.clone()),
        None => Err(ApiError::not_found(Kind::Customer.name(), &call.id)),
    }
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.open(Kind::Customer, &call.id)?;
    let before = entry.object.clone();
    apply(&mut entry.object, &call.args)?;
    set_default_method(tx, &mut entry, &call.args)?;
    let after = entry.object.clone();
    tx.update(&before, entry, "customer.updated");
    Reply::ok(after)
}

pub(crate) fn delete(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.retrieve(Kind::Customer, &call.id)?.clone();
    tx.enter_clock(entry.clock.as_deref());
    subscription::cancel_all_of(tx, &call.id)?;
    let entry = tx.known(Kind::Customer, &entry.id)?;
    let last = entry.object.clone();
    let deleted = object(json!({ "id": call.id, "object": "customer", "deleted": true }));
    tx.put(Entry {
        object: deleted.clone(),
        hidden: Object::new(),
        wake_at: None,
        ..entry
    });
    tx.emit("customer.deleted", &last, None);
    Reply::ok(deleted)
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    // Those of test clocks are listed only when their clock is asked for.
    let clock = call.args.text("test_clock");
    let email = call.args.text("email");
    list::page(tx, call, Kind::Customer, "/v1/customers", |customer| {
        text(customer, "test_clock") == clock
            && email.is_none_or(|email| text(customer, "email") == Some(email))
    })
}
