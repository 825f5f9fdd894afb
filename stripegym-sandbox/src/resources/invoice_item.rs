//! Invoice items: what waits to be billed on the next invoice.

use serde_json::{Value, json};

use super::invoice::{self, Line, Source};
use super::{Call, Endpoint, Reply, Resource, price, show};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, integer, is_true, object, set, text};
use crate::params::{PAGE, Param, Shape, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Modern("ii_");
const PATH: &str = "/v1/invoiceitems";
const AMOUNT_MAX: i64 = 999_999_999_999;

const PERIOD: &[Param] = &[
    Param::integer("start").required(),
    Param::integer("end").required(),
];
const PRICING: &[Param] = &[Param::text("price")];

const CREATE: &[Param] = &[
    Param::text("customer").required(),
    Param::integer_in("amount", -AMOUNT_MAX, AMOUNT_MAX),
    Param::new("currency", Shape::Currency),
    Param::text("description"),
    Param::boolean("discountable"),
    Param::text("invoice"),
    Param::metadata(),
    Param::hash("period", PERIOD),
    Param::hash("price_data", price::PRICE_DATA),
    Param::hash("pricing", PRICING),
    Param::integer_in("quantity", 1, 999_999),
    Param::text("subscription"),
    Param::not_yet("customer_account"),
    Param::not_yet("discounts"),
    Param::not_yet("quantity_decimal"),
    Param::not_yet("tax_behavior"),
    Param::not_yet("tax_code"),
    Param::not_yet("tax_rates"),
    Param::not_yet("unit_amount_decimal"),
];

const UPDATE: &[Param] = &[
    Param::integer_in("amount", -AMOUNT_MAX, AMOUNT_MAX),
    Param::text("description"),
    Param::boolean("discountable"),
    Param::metadata(),
];

const LIST: &[Param] = &[
    Param::text("customer"),
    Param::text("invoice"),
    Param::boolean("pending"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::InvoiceItem,
    expandable: &[
        "customer",
        "invoice",
        "parent.subscription_details.subscription",
    ],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE, LIST], list),
        Endpoint::get("/v1/invoiceitems/{id}", &[], |tx, call| {
            show(tx, Kind::InvoiceItem, &call.id)
        }),
        Endpoint::post("/v1/invoiceitems/{id}", &[UPDATE], update),
        Endpoint::delete("/v1/invoiceitems/{id}", &[], delete),
    ],
};

/// Something to be billed.
#[derive(Debug)]
pub(crate) struct Pending<'a> {
    pub(crate) customer: &'a str,
    pub(crate) subscription: Option<&'a str>,
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    pub(crate) description: Value,
    pub(crate) quantity: i64,
    pub(crate) price: &'a Value,
    pub(crate) period: (i64, i64),
    pub(crate) proration: bool,
}

/// Makes one; nobody hears of it yet.
pub(crate) fn build(tx: &mut Tx<'_>, pending: &Pending<'_>) -> Entry {
    let id = tx.new_id(ID);
    let parent = pending.subscription.map(|subscription| {
        json!({
            "subscription_details": { "subscription": subscription },
            "type": "subscription_details",
        })
    });
    let item = json!({
        "amount": pending.amount,
        "currency": pending.currency,
        "customer": pending.customer,
        "customer_account": null,
        "date": tx.now(),
        "description": pending.description,
        "discountable": !pending.proration,
        "discounts": [],
        "invoice": null,
        "metadata": {},
        "net_amount": pending.amount,
        "parent": parent,
        "period": { "start": pending.period.0, "end": pending.period.1 },
        "pricing": invoice::pricing(pending.price),
        "proration": pending.proration,
        "quantity": pending.quantity,
        "quantity_decimal": pending.quantity.to_string(),
        "tax_rates": [],
        "test_clock": tx.clock(),
    });
    let mut entry = tx.entry(Kind::InvoiceItem, id, object(item));
    entry.object.remove("created");
    set(&mut entry.hidden, "price", pending.price.clone());
    tx.put(entry.clone());
    entry
}

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let customer = args.text("customer").unwrap_or_default();
    let customer = tx.refer(Kind::Customer, customer, "customer")?.clone();
    tx.enter_clock(customer.clock.as_deref());
    if let Some(id) = args.text("subscription") {
        tx.refer(Kind::Subscription, id, "subscription")?;
    }
    let quantity = args.integer("quantity").unwrap_or(1);
    let price = price_of(tx, call)?;
    let amount = match (&price, args.integer("amount")) {
        (Some(_), Some(_)) => return Err(ApiError::exclusive(&["amount", "pricing"])),
        (Some(price), None) => price::amount(price, quantity).unwrap_or_default(),
        (None, amount) => amount.ok_or_else(|| ApiError::missing("amount"))?,
    };
    let currency = match &price {
        Some(price) => text(price, "currency"),
        None => args.text("currency"),
    };
    let currency = currency.ok_or_else(|| ApiError::missing("currency"))?;
    let name = price.as_ref().map(|price| invoice::product_name(tx, price));
    let period = args.hash("period");
    let bound = |name: &str| {
        period
            .as_ref()
            .and_then(|p| p.integer(name))
            .unwrap_or(tx.now())
    };
    let pending = Pending {
        customer: &customer.id,
        subscription: args.text("subscription"),
        amount,
        currency,
        description: args
            .text("description")
            .map_or(json!(name), |text| json!(text)),
        quantity,
        price: &price.clone().map_or(Value::Null, Value::Object),
        period: (bound("start"), bound("end")),
        proration: false,
    };
    let mut entry = build(tx, &pending);
    assign(&mut entry.object, args, &["discountable"]);
    if let Some(change) = args.value("metadata") {
        set(&mut entry.object, "metadata", merge_metadata(None, change)?);
    }
    if let Some(id) = args.text("invoice") {
        set(&mut entry.object, "invoice", id);
        invoice::append(tx, id, &line(&entry))?;
    }
    let shown = entry.object.clone();
    tx.create(entry, "invoiceitem.created");
    Reply::ok(shown)
}

fn price_of(tx: &mut Tx<'_>, call: &Call) -> Result<Option<Object>, ApiError> {
    let pricing = call.args.hash("pricing").unwrap_or_default();
    let id = match (pricing.text("price"), call.args.hash("price_data")) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(ApiError::exclusive(&["pricing", "price_data"])),
        (Some(id), None) => id.to_owned(),
        (None, Some(data)) => {
            let product = price::product_of(tx, &data, "price_data")?;
            price::insert(tx, &data, &product, "price_data")?
        }
    };
    let price = tx.refer(Kind::Price, &id, "pricing[price]")?;
    if text(&price.object, "type") == Some("recurring") {
        let message = "The price specified is set to `type=recurring` but this field only accepts \
                       prices with `type=one_time`.";
        return Err(ApiError::invalid(message)
            .param("pricing[price]")
            .while_executing());
    }
    Ok(Some(price.object.clone()))
}

/// The line that bills an item.
fn line(entry: &Entry) -> Line {
    let item = &entry.object;
    let period = |name: &str| dig(item, name).as_i64().unwrap_or_default();
    let subscription = dig(item, "parent.subscription_details.subscription");
    Line {
        amount: integer(item, "amount").unwrap_or_default(),
        description: text(item, "description").unwrap_or_default().to_owned(),
        quantity: integer(item, "quantity").unwrap_or(1),
        price: entry.hidden.get("price").cloned().unwrap_or_default(),
        period: (period("period.start"), period("period.end")),
        source: Source::Pending {
            item: entry.id.clone(),
            subscription: subscription.as_str().map(ToOwned::to_owned),
        },
        proration: is_true(item, "proration"),
        discountable: is_true(item, "discountable"),
        metadata: item.get("metadata").cloned().unwrap_or_default(),
    }
}

/// Moves what pends for a customer onto an invoice: for a subscription's invoice its own items
/// and those of no subscription, for any other only the latter.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    customer: &Entry,
    subscription: Option<&str>,
    invoice: &str,
) -> Vec<Line> {
    let waits = |entry: &&Entry| {
        let item = &entry.object;
        let owner = dig(item, "parent.subscription_details.subscription").as_str();
        text(item, "customer") == Some(&customer.id)
            && text(item, "invoice").is_none()
            && (owner.is_none() || owner == subscription)
    };
    let items = tx.state().entries.newest_first(Kind::InvoiceItem);
    let mut items: Vec<Entry> = items.filter(waits).cloned().collect();
    items.reverse();
    let mut lines = Vec::new();
    for mut item in items {
        lines.push(line(&item));
        set(&mut item.object, "invoice", invoice);
        tx.put(item);
    }
    lines
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let pending = args.boolean("pending");
    list::page(tx, call, Kind::InvoiceItem, PATH, |item| {
        ["customer", "invoice"]
            .iter()
            .all(|name| args.value(name).is_none_or(|w| item.get(*name) == Some(w)))
            && pending.is_none_or(|pending| text(item, "invoice").is_none() == pending)
    })
}

/// The item of the path, if it still waits.
fn waiting(tx: &mut Tx<'_>, call: &Call) -> Result<Entry, ApiError> {
    let entry = tx.open(Kind::InvoiceItem, &call.id)?;
    if text(&entry.object, "invoice").is_some() {
        let message = "You cannot change an invoice item that is on an invoice already.";
        return Err(ApiError::invalid(message).while_executing());
    }
    Ok(entry)
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = waiting(tx, call)?;
    assign(
        &mut entry.object,
        &call.args,
        &["amount", "description", "discountable"],
    );
    if let Some(amount) = call.args.integer("amount") {
        set(&mut entry.object, "net_amount", amount);
    }
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

fn delete(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = waiting(tx, call)?;
    tx.remove(&call.id);
    tx.emit("invoiceitem.deleted", &entry.object, None);
    Reply::ok(json!({ "id": call.id, "object": "invoiceitem", "deleted": true }))
}
