//! Discounts: a coupon at work on a subscription or an invoice.

use serde_json::{Value, json};

use super::{Resource, coupon, promotion_code};
use crate::calendar::Interval;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::object::{Object, dig, integer, object, text};
use crate::params::{Args, Param, Shape};
use crate::state::Entry;
use crate::tx::Tx;

const ID: IdShape = IdShape::Modern("di_");

/// An element of `discounts`.
pub(crate) const DISCOUNT: Shape = Shape::Hash(&[
    Param::text("coupon"),
    Param::text("promotion_code"),
    Param::not_yet("discount"),
    Param::not_yet("discount_end"),
]);

/// Discounts have no endpoint of their own; they appear when expanded.
pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Discount,
    expandable: &["customer", "promotion_code", "source.coupon"],
    includable: &[],
    wake: None,
    endpoints: &[],
};

/// What a discount belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    /// `subscription` or `invoice`.
    pub(crate) field: &'static str,
    pub(crate) id: &'a str,
    pub(crate) customer: &'a str,
}

/// Makes the discounts of a parameter; answers their ids.
pub(crate) fn make_all(
    tx: &mut Tx<'_>,
    given: &[Args],
    holder: Holder<'_>,
) -> Result<Vec<Value>, ApiError> {
    let mut ids = Vec::new();
    for (at, args) in given.iter().enumerate() {
        let (coupon, code) = match (args.text("coupon"), args.text("promotion_code")) {
            (Some(coupon), None) => (coupon.to_owned(), None),
            (None, Some(code)) => {
                let param = format!("discounts[{at}][promotion_code]");
                let customer = Some(holder.customer);
                let coupon = promotion_code::redeem(tx, code, customer, &param)?;
                (coupon, Some(code.to_owned()))
            }
            _ => return Err(ApiError::exclusive(&["coupon", "promotion_code"])),
        };
        let coupon = coupon::redeem(tx, &coupon, &format!("discounts[{at}][coupon]"))?;
        ids.push(json!(make(tx, &coupon, code.as_deref(), holder)));
    }
    Ok(ids)
}

fn make(tx: &mut Tx<'_>, coupon: &Entry, code: Option<&str>, holder: Holder<'_>) -> String {
    let id = tx.new_id(ID);
    let months = integer(&coupon.object, "duration_in_months");
    let end = months.map(|months| Interval::parse("month", months).after(tx.now(), 1));
    let mut discount = object(json!({
        "checkout_session": null,
        "customer": holder.customer,
        "customer_account": null,
        "end": end,
        "invoice": null,
        "invoice_item": null,
        "promotion_code": code,
        "source": { "coupon": coupon.id, "type": "coupon" },
        "start": tx.now(),
        "subscription": null,
        "subscription_item": null,
    }));
    crate::object::set(&mut discount, holder.field, holder.id);
    let mut entry = tx.entry(Kind::Discount, id.clone(), discount);
    entry.object.remove("livemode");
    entry.object.remove("created");
    let shown = entry.object.clone();
    tx.put(entry);
    if holder.field == "subscription" {
        tx.emit("customer.discount.created", &shown, None);
    }
    id
}

/// The coupon of a discount, deleted or not.
fn coupon_of(tx: &Tx<'_>, id: &str) -> Option<Object> {
    let discount = tx.state().entries.of(Kind::Discount, id)?;
    let coupon = dig(&discount.object, "source.coupon").as_str()?;
    let coupon = tx.state().entries.of(Kind::Coupon, coupon)?;
    Some(coupon.object.clone())
}

/// Those that are still at work now, and those whose time is over.
pub(crate) fn split(tx: &Tx<'_>, ids: &[Value], used: &[Value]) -> (Vec<Value>, Vec<Value>) {
    ids.iter().cloned().partition(|id| {
        let used_before = used.contains(id);
        let id = id.as_str().unwrap_or_default();
        let discount = tx.state().entries.of(Kind::Discount, id);
        let ended = discount
            .and_then(|entry| integer(&entry.object, "end"))
            .is_some_and(|end| end <= tx.now());
        let coupon = coupon_of(tx, id);
        let once = coupon.is_some_and(|coupon| text(&coupon, "duration") == Some("once"));
        !(ended || once && used_before)
    })
}

/// Takes the discounts off the lines; answers what each took in all.
pub(crate) fn apply(tx: &Tx<'_>, ids: &[Value], lines: &mut [Value], currency: &str) -> Vec<Value> {
    let mut totals = Vec::new();
    for id in ids {
        let Some(coupon) = id.as_str().and_then(|id| coupon_of(tx, id)) else {
            continue;
        };
        let mut left = integer(&coupon, "amount_off");
        let mut total: i64 = 0;
        for line in lines.iter_mut() {
            let product = line["pricing"]["price_details"]["product"]
                .as_str()
                .unwrap_or_default();
            if line["discountable"] != true || !coupon::covers(&coupon, product) {
                continue;
            }
            let amount = line["amount"].as_i64().unwrap_or_default();
            let before: i64 = taken(line);
            let open = amount.saturating_sub(before);
            let mut off = coupon::amount_off(&coupon, open, currency);
            if let Some(left) = &mut left {
                off = off.min(*left);
                *left = left.saturating_sub(off);
            }
            if off > 0 {
                total = total.saturating_add(off);
                if let Some(list) = line["discount_amounts"].as_array_mut() {
                    list.push(json!({ "amount": off, "discount": id }));
                }
            }
        }
        totals.push(json!({ "amount": total, "discount": id }));
    }
    totals
}

fn taken(line: &Value) -> i64 {
    let list = line["discount_amounts"].as_array();
    list.into_iter()
        .flatten()
        .filter_map(|d| d["amount"].as_i64())
        .sum()
}
