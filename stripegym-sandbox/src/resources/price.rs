//! Prices: amount and rhythm are fixed when they are made.

mod tables;

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource, product};
use crate::calendar::Interval;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::money::Decimal;
use crate::object::{Object, dig, object, set, text};
use crate::params::{Args, PAGE, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

pub(crate) use tables::{DEFAULT_PRICE_DATA, PRICE_DATA};

const ID: IdShape = IdShape::Modern("price_");

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Price,
    expandable: &["product"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Post,
            path: "/v1/prices",
            params: &[tables::CREATE],
            run: create,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/prices",
            params: &[PAGE, tables::LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/prices/{id}",
            params: &[],
            run: retrieve,
        },
        Endpoint {
            method: Method::Post,
            path: "/v1/prices/{id}",
            params: &[tables::UPDATE],
            run: update,
        },
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let product = product_of(tx, &call.args, "")?;
    let id = insert(tx, &call.args, &product, "")?;
    Reply::ok(tx.known(Kind::Price, &id)?.object)
}

/// The product that a price names, or makes on the way. `path` leads to the price's parameters.
pub(crate) fn product_of(tx: &mut Tx<'_>, args: &Args, path: &str) -> Result<String, ApiError> {
    let (named, made) = (at(path, "product"), at(path, "product_data"));
    match (args.text("product"), args.hash("product_data")) {
        (Some(_), Some(_)) => Err(ApiError::exclusive(&[&named, &made])),
        (None, None) => Err(ApiError::missing(&named)),
        (Some(id), None) => tx
            .refer(Kind::Product, id, &named)
            .map(|entry| entry.id.clone()),
        (None, Some(data)) => product::insert(tx, &data),
    }
}

/// Makes a price out of checked parameters of any of the tables.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    args: &Args,
    product: &str,
    path: &str,
) -> Result<String, ApiError> {
    let (amount, decimal) = amounts(args, path)?;
    let recurring = recurring(args, path)?;
    if args.text("billing_scheme") == Some("tiered") {
        return Err(ApiError::unsupported("billing_scheme", "tiered prices"));
    }
    let kind = if recurring.is_null() {
        "one_time"
    } else {
        "recurring"
    };
    let mut price = object(json!({
        "active": true,
        "billing_scheme": "per_unit",
        "currency": args.text("currency"),
        "custom_unit_amount": null,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": product,
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": null,
        "transform_quantity": null,
        "type": kind,
        "unit_amount": amount,
        "unit_amount_decimal": decimal,
    }));
    assign(&mut price, args, &["active", "nickname", "tax_behavior"]);
    if let Some(change) = args.value("metadata") {
        set(&mut price, "metadata", merge_metadata(None, change)?);
    }
    let id = tx.new_id(ID);
    take_lookup_key(tx, args, &mut price, &id)?;
    let entry = tx.entry(Kind::Price, id.clone(), price);
    if !recurring.is_null() {
        let plan = plan(&entry.object);
        tx.emit("plan.created", &plan, None);
    }
    tx.create(entry, "price.created");
    Ok(id)
}

fn amounts(args: &Args, path: &str) -> Result<(Option<i64>, String), ApiError> {
    let (whole, exact) = (at(path, "unit_amount"), at(path, "unit_amount_decimal"));
    match (
        args.integer("unit_amount"),
        args.text("unit_amount_decimal"),
    ) {
        (Some(_), Some(_)) => Err(ApiError::exclusive(&[&whole, &exact])),
        (None, None) => Err(ApiError::missing(&whole)),
        (Some(amount), None) => Ok((Some(amount), amount.to_string())),
        (None, Some(text)) => {
            let decimal = Decimal::parse(text).ok_or_else(|| {
                ApiError::invalid(format!("Invalid decimal: {text}")).param(exact)
            })?;
            Ok((decimal.whole(), decimal.to_string()))
        }
    }
}

fn recurring(args: &Args, path: &str) -> Result<Value, ApiError> {
    let Some(given) = args.hash("recurring") else {
        return Ok(Value::Null);
    };
    if given.text("usage_type") == Some("metered") {
        let param = at(&at(path, "recurring"), "usage_type");
        return Err(ApiError::unsupported(&param, "metered prices"));
    }
    Ok(json!({
        "interval": given.text("interval"),
        "interval_count": given.integer("interval_count").unwrap_or(1),
        "meter": null,
        "trial_period_days": given.integer("trial_period_days"),
        "usage_type": "licensed",
    }))
}

/// A lookup key belongs to one price at a time; it moves only when asked to.
fn take_lookup_key(
    tx: &mut Tx<'_>,
    args: &Args,
    price: &mut Object,
    id: &str,
) -> Result<(), ApiError> {
    let Some(key) = args.value("lookup_key") else {
        return Ok(());
    };
    let holds = |entry: &&Entry| {
        entry.id != id && key.is_string() && entry.object.get("lookup_key") == Some(key)
    };
    let holder = tx
        .state()
        .entries
        .newest_first(Kind::Price)
        .find(holds)
        .cloned();
    if let Some(mut holder) = holder {
        if args.boolean("transfer_lookup_key") != Some(true) {
            let message = format!("A price (`{}`) already uses that lookup key.", holder.id);
            return Err(ApiError::invalid(message)
                .param("lookup_key")
                .while_executing());
        }
        let before = holder.object.clone();
        set(&mut holder.object, "lookup_key", Value::Null);
        tx.update(&before, holder, "price.updated");
    }
    set(price, "lookup_key", key.clone());
    Ok(())
}

/// What so many cost.
pub(crate) fn amount(price: &Object, quantity: i64) -> Option<i64> {
    Decimal::parse(text(price, "unit_amount_decimal")?)?.times(quantity)
}

/// How often it recurs, if it does.
pub(crate) fn interval(price: &Object) -> Option<Interval> {
    let unit = dig(price, "recurring.interval").as_str()?;
    let count = dig(price, "recurring.interval_count").as_i64().unwrap_or(1);
    Some(Interval::parse(unit, count))
}

/// The plan that still shadows every recurring price.
pub(crate) fn plan(price: &Object) -> Object {
    let recurring = price.get("recurring").cloned().unwrap_or_default();
    object(json!({
        "id": price.get("id"),
        "object": "plan",
        "active": price.get("active"),
        "amount": price.get("unit_amount"),
        "amount_decimal": price.get("unit_amount_decimal"),
        "billing_scheme": price.get("billing_scheme"),
        "created": price.get("created"),
        "currency": price.get("currency"),
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count"),
        "livemode": false,
        "metadata": price.get("metadata"),
        "meter": null,
        "nickname": price.get("nickname"),
        "product": price.get("product"),
        "tiers_mode": null,
        "transform_usage": null,
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": recurring.get("usage_type"),
    }))
}

fn retrieve(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(tx.retrieve(Kind::Price, &call.id)?.object.clone())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Price, &call.id)?.clone();
    let before = entry.object.clone();
    assign(
        &mut entry.object,
        &call.args,
        &["active", "nickname", "tax_behavior"],
    );
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    take_lookup_key(tx, &call.args, &mut entry.object, &call.id)?;
    let after = entry.object.clone();
    tx.update(&before, entry, "price.updated");
    Reply::ok(after)
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let keys = args.value("lookup_keys").and_then(Value::as_array);
    let rhythm = args.hash("recurring").unwrap_or_default();
    list::page(tx, call, Kind::Price, "/v1/prices", |price| {
        let fields = ["active", "currency", "product", "type"];
        let own = price.get("recurring").and_then(Value::as_object);
        fields
            .iter()
            .all(|name| args.value(name).is_none_or(|w| price.get(*name) == Some(w)))
            && keys.is_none_or(|keys| price.get("lookup_key").is_some_and(|k| keys.contains(k)))
            && ["interval", "usage_type"].iter().all(|name| {
                let wanted = rhythm.text(name);
                wanted.is_none() || own.is_some_and(|own| text(own, name) == wanted)
            })
    })
}

/// `path[name]`, or `name` at the top.
fn at(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}[{name}]")
    }
}
