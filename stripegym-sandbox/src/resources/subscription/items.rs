//! Items: from parameters to what is billed each period.

use serde_json::{Value, json};

use crate::calendar::Interval;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::object::{Object, dig, text};
use crate::params::{Args, merge_metadata};
use crate::resources::price;
use crate::tx::Tx;

const ID: IdShape = IdShape::Plain("si_", 14);

/// The items of a subscription.
pub(crate) fn of(subscription: &Object) -> Vec<Value> {
    dig(subscription, "items.data")
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// The list that a subscription shows.
pub(super) fn list(subscription: &str, data: Vec<Value>) -> Value {
    let mut list = json!({
        "object": "list",
        "data": null,
        "has_more": false,
        "total_count": data.len(),
        "url": format!("/v1/subscription_items?subscription={subscription}"),
    });
    list["data"] = Value::Array(data);
    list
}

/// The rhythm of the items, which they share.
pub(crate) fn interval(items: &[Value]) -> Interval {
    let price = items.first().and_then(|item| item["price"].as_object());
    price
        .and_then(price::interval)
        .unwrap_or(Interval::parse("month", 1))
}

/// The current period, which the items share.
pub(crate) fn period(items: &[Value]) -> (i64, i64) {
    let bound = |name: &str| {
        let first = items.first().map(|item| &item[name]);
        first.and_then(Value::as_i64).unwrap_or_default()
    };
    (bound("current_period_start"), bound("current_period_end"))
}

/// Gives every item the same period.
pub(super) fn set_period(items: &mut [Value], (start, end): (i64, i64)) {
    for item in items {
        item["current_period_start"] = json!(start);
        item["current_period_end"] = json!(end);
    }
}

/// What all items cost for one period.
pub(crate) fn amount(items: &[Value]) -> i64 {
    items.iter().map(item_amount).sum()
}

/// What one item costs for one period.
pub(super) fn item_amount(item: &Value) -> i64 {
    let quantity = item["quantity"].as_i64().unwrap_or(1);
    let price = item["price"].as_object();
    price
        .and_then(|price| price::amount(price, quantity))
        .unwrap_or_default()
}

/// Applies `items` parameters to what is there: changes by id, removals, additions.
pub(super) fn change(
    tx: &mut Tx<'_>,
    subscription: &str,
    current: &[Value],
    given: &[Args],
) -> Result<Vec<Value>, ApiError> {
    let mut items = current.to_vec();
    for (at, args) in given.iter().enumerate() {
        let path = format!("items[{at}]");
        let Some(id) = args.text("id") else {
            items.push(new(tx, subscription, args, &path)?);
            continue;
        };
        let Some(place) = items.iter().position(|item| item["id"] == id) else {
            return Err(ApiError::no_such(
                "subscription_item",
                id,
                &format!("{path}[id]"),
            ));
        };
        if args.boolean("deleted") == Some(true) {
            items.remove(place);
            continue;
        }
        let mut item = items[place].clone();
        if args.has("price") || args.has("price_data") {
            let price = price_of(tx, args, &path)?;
            item["plan"] = Value::Object(price::plan(&price));
            item["price"] = Value::Object(price);
        }
        if let Some(quantity) = args.integer("quantity") {
            item["quantity"] = json!(quantity);
        }
        if let Some(change) = args.value("metadata") {
            item["metadata"] = merge_metadata(Some(&item["metadata"]), change)?;
        }
        items[place] = item;
    }
    check(&items)?;
    Ok(items)
}

fn new(tx: &mut Tx<'_>, subscription: &str, args: &Args, path: &str) -> Result<Value, ApiError> {
    let price = price_of(tx, args, path)?;
    let id = tx.new_id(ID);
    let metadata = merge_metadata(None, args.value("metadata").unwrap_or(&json!({})))?;
    Ok(json!({
        "id": id,
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": tx.now(),
        "current_period_end": 0,
        "current_period_start": 0,
        "current_trial": null,
        "discounts": [],
        "metadata": metadata,
        "plan": price::plan(&price),
        "price": price,
        "quantity": args.integer("quantity").unwrap_or(1),
        "subscription": subscription,
        "tax_rates": [],
    }))
}

fn price_of(tx: &mut Tx<'_>, args: &Args, path: &str) -> Result<Object, ApiError> {
    let (named, made) = (format!("{path}[price]"), format!("{path}[price_data]"));
    let price = match (args.text("price"), args.hash("price_data")) {
        (Some(_), Some(_)) => return Err(ApiError::exclusive(&[&named, &made])),
        (None, None) => return Err(ApiError::missing(&named)),
        (Some(id), None) => tx.refer(Kind::Price, id, &named)?.object.clone(),
        (None, Some(data)) => {
            let product = price::product_of(tx, &data, &made)?;
            let id = price::insert(tx, &data, &product, &made)?;
            tx.known(Kind::Price, &id)?.object
        }
    };
    let refuse = |message: &str| {
        Err(ApiError::invalid(message)
            .param(named.clone())
            .while_executing())
    };
    if text(&price, "type") != Some("recurring") {
        return refuse(
            "The price specified is set to `type=one_time` but this field only accepts prices \
             with `type=recurring`.",
        );
    }
    if price.get("active") != Some(&json!(true)) {
        return refuse("The price specified is inactive. This field only accepts active prices.");
    }
    Ok(price)
}

fn check(items: &[Value]) -> Result<(), ApiError> {
    let Some(first) = items.first() else {
        let message = "A subscription must have at least one active item. To cancel it, call the \
                       cancel endpoint instead.";
        return Err(ApiError::invalid(message).param("items").while_executing());
    };
    let alike = |item: &Value| {
        let (own, other) = (&item["price"], &first["price"]);
        own["currency"] == other["currency"]
            && own["recurring"]["interval"] == other["recurring"]["interval"]
            && own["recurring"]["interval_count"] == other["recurring"]["interval_count"]
    };
    if items.iter().all(alike) {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Currency and interval fields must match across all prices on this subscription. Found a \
         mismatch in them.",
    )
    .param("items")
    .while_executing())
}
