//! Coupons.

use serde_json::{Number, Value, json};

use super::{Call, Endpoint, Reply, Resource, show};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::money::Decimal;
use crate::object::{Object, integer, object, set, text};
use crate::params::{PAGE, Param, Shape, TEXT, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Plain("", 8);
const PATH: &str = "/v1/coupons";

const APPLIES_TO: &[Param] = &[Param::list("products", &TEXT, 100)];

const CREATE: &[Param] = &[
    Param::integer_in("amount_off", 1, 999_999_999_999),
    Param::hash("applies_to", APPLIES_TO),
    Param::new("currency", Shape::Currency),
    Param::choice("duration", &["forever", "once", "repeating"]),
    Param::integer_in("duration_in_months", 1, 1_200),
    Param::text_up_to("id", 200),
    Param::integer_in("max_redemptions", 1, i64::MAX),
    Param::metadata(),
    Param::text_up_to("name", 40),
    Param::new("percent_off", Shape::Decimal),
    Param::integer("redeem_by"),
    Param::not_yet("currency_options"),
];

const UPDATE: &[Param] = &[
    Param::metadata(),
    Param::text_up_to("name", 40),
    Param::not_yet("currency_options"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Coupon,
    expandable: &[],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE], |tx, call| {
            list::page(tx, call, Kind::Coupon, PATH, |_| true)
        }),
        Endpoint::get("/v1/coupons/{id}", &[], |tx, call| {
            show(tx, Kind::Coupon, &call.id)
        }),
        Endpoint::post("/v1/coupons/{id}", &[UPDATE], update),
        Endpoint::delete("/v1/coupons/{id}", &[], delete),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let percent = match (args.text("percent_off"), args.integer("amount_off")) {
        (Some(_), Some(_)) => return Err(ApiError::exclusive(&["percent_off", "amount_off"])),
        (None, None) => {
            return Err(ApiError::invalid(
                "Must provide percent_off or amount_off for a coupon.",
            ));
        }
        (None, Some(_)) if !args.has("currency") => {
            return Err(ApiError::missing("currency"));
        }
        (None, Some(_)) => Value::Null,
        (Some(percent), None) => percentage(percent)?,
    };
    let duration = args.text("duration").unwrap_or("once");
    if (duration == "repeating") != args.has("duration_in_months") {
        let message = "You must pass duration_in_months with a repeating duration, and only then.";
        return Err(ApiError::invalid(message).param("duration_in_months"));
    }
    let id = match args.text("id") {
        Some(id) if tx.state().entries.get(id).is_some() => {
            return Err(ApiError::invalid("Coupon already exists.")
                .code("resource_already_exists")
                .while_executing());
        }
        Some(id) => id.to_owned(),
        None => tx.new_id(ID),
    };
    let mut coupon = object(json!({
        "amount_off": null,
        "currency": null,
        "duration": duration,
        "duration_in_months": null,
        "max_redemptions": null,
        "metadata": {},
        "name": null,
        "percent_off": percent,
        "redeem_by": null,
        "times_redeemed": 0,
        "valid": true,
    }));
    let plain = [
        "amount_off",
        "currency",
        "duration_in_months",
        "max_redemptions",
        "name",
    ];
    assign(&mut coupon, args, &plain);
    assign(&mut coupon, args, &["redeem_by", "applies_to"]);
    if let Some(change) = args.value("metadata") {
        set(&mut coupon, "metadata", merge_metadata(None, change)?);
    }
    let entry = tx.entry(Kind::Coupon, id, coupon);
    let shown = entry.object.clone();
    tx.create(entry, "coupon.created");
    Reply::ok(shown)
}

/// Stripe shows percentages as JSON numbers; here they are never calculated with as such.
fn percentage(text: &str) -> Result<Value, ApiError> {
    let invalid = || {
        ApiError::invalid("Invalid percent_off: must be greater than 0 and at most 100.")
            .param("percent_off")
    };
    let hundred = Decimal::parse(text).and_then(|percent| percent.percent_of(1_000_000));
    if !hundred.is_some_and(|part| (1..=1_000_000).contains(&part)) {
        return Err(invalid());
    }
    serde_json::from_str::<Number>(text)
        .map(Value::Number)
        .map_err(|_| invalid())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Coupon, &call.id)?.clone();
    let before = entry.object.clone();
    assign(&mut entry.object, &call.args, &["name"]);
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "coupon.updated");
    Reply::ok(after)
}

fn delete(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.retrieve(Kind::Coupon, &call.id)?.clone();
    let last = entry.object.clone();
    // Discounts that it gave go on: the entry stays for them, hidden from everyone else.
    let mut gone = entry;
    set(&mut gone.object, "deleted", true);
    tx.put(gone);
    tx.emit("coupon.deleted", &last, None);
    Reply::ok(json!({ "id": call.id, "object": "coupon", "deleted": true }))
}

/// A coupon that can be used now; using it counts.
pub(crate) fn redeem(tx: &mut Tx<'_>, id: &str, param: &str) -> Result<Entry, ApiError> {
    let mut entry = tx.refer(Kind::Coupon, id, param)?.clone();
    let expired = integer(&entry.object, "redeem_by").is_some_and(|by| by < tx.now());
    let times = integer(&entry.object, "times_redeemed").unwrap_or_default();
    let most = integer(&entry.object, "max_redemptions");
    if expired || most.is_some_and(|most| times >= most) {
        return Err(ApiError::invalid(format!("Coupon expired: {id}"))
            .code("coupon_expired")
            .param(param)
            .while_executing());
    }
    set(&mut entry.object, "times_redeemed", times.saturating_add(1));
    if most.is_some_and(|most| times.saturating_add(1) >= most) {
        set(&mut entry.object, "valid", false);
    }
    tx.put(entry.clone());
    Ok(entry)
}

/// What it takes off an amount in this currency.
pub(crate) fn amount_off(coupon: &Object, amount: i64, currency: &str) -> i64 {
    let off = match integer(coupon, "amount_off") {
        Some(off) if text(coupon, "currency") == Some(currency) => off,
        Some(_) => 0,
        None => {
            let percent = coupon.get("percent_off").map(ToString::to_string);
            let percent = percent.and_then(|text| Decimal::parse(&text));
            let part = percent.and_then(|percent| percent.percent_of(amount));
            part.unwrap_or_default()
        }
    };
    off.clamp(0, amount.max(0))
}

/// Whether it is good for this product.
pub(crate) fn covers(coupon: &Object, product: &str) -> bool {
    let products = coupon
        .get("applies_to")
        .and_then(|a| a["products"].as_array());
    products.is_none_or(|products| products.iter().any(|p| p == product))
}
