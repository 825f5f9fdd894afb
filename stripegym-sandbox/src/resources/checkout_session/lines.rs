//! Line items: from prices and quantities to amounts.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::object::{Object, text};
use crate::params::Args;
use crate::resources::price;
use crate::tx::Tx;

const ID: IdShape = IdShape::Modern("li_");
/// Twelve digits, as for most cards.
const TOTAL_MAX: i64 = 999_999_999_999;

/// All lines of a session.
pub(super) struct Lines {
    pub(super) items: Vec<Value>,
    pub(super) currency: String,
    pub(super) total: i64,
    /// How many lines are billed only once.
    pub(super) one_time: usize,
}

pub(super) fn build(tx: &mut Tx<'_>, args: &Args) -> Result<Lines, ApiError> {
    let given = args.hashes("line_items");
    let mode = args.text("mode").unwrap_or_default();
    if given.is_empty() && mode != "setup" {
        return Err(ApiError::missing("line_items"));
    }
    let mut lines = Lines {
        items: Vec::new(),
        currency: String::new(),
        total: 0,
        one_time: 0,
    };
    for (at, line) in given.iter().enumerate() {
        let path = format!("line_items[{at}]");
        let price = price_of(tx, line, &path)?;
        let currency = text(&price, "currency").unwrap_or_default();
        if lines.currency.is_empty() {
            currency.clone_into(&mut lines.currency);
        }
        check(&price, mode, &lines.currency, &path)?;
        lines.one_time += usize::from(text(&price, "type") == Some("one_time"));
        let quantity = line.integer("quantity").ok_or_else(|| {
            ApiError::invalid(format!("Quantity is required. Add `quantity` to `{path}`"))
                .code("parameter_missing")
                .param(format!("{path}[quantity]"))
        })?;
        let amount = price::amount(&price, quantity)
            .filter(|amount| *amount <= TOTAL_MAX)
            .ok_or_else(too_large)?;
        lines.total = lines
            .total
            .checked_add(amount)
            .filter(|t| *t <= TOTAL_MAX)
            .ok_or_else(too_large)?;
        let id = tx.new_id(ID);
        let name = product_name(tx, &price);
        lines.items.push(json!({
            "id": id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": currency,
            "description": name,
            "metadata": line.value("metadata").filter(|m| m.is_object()).cloned().unwrap_or(json!({})),
            "price": price,
            "quantity": quantity,
        }));
    }
    if mode == "subscription" && lines.one_time == given.len() {
        let message = "You must provide at least one recurring price in `subscription` mode when \
                       using prices.";
        return Err(ApiError::invalid(message)
            .param("line_items")
            .while_executing());
    }
    if mode == "subscription" && lines.one_time > 0 {
        let what = "one-time prices beside recurring ones";
        return Err(ApiError::unsupported("line_items", what));
    }
    Ok(lines)
}

fn price_of(tx: &mut Tx<'_>, line: &Args, path: &str) -> Result<Object, ApiError> {
    let (named, made) = (format!("{path}[price]"), format!("{path}[price_data]"));
    match (line.text("price"), line.hash("price_data")) {
        (Some(_), Some(_)) => Err(ApiError::exclusive(&[&named, &made])),
        (None, None) => Err(ApiError::missing(&named)),
        (Some(id), None) => tx
            .refer(Kind::Price, id, &named)
            .map(|entry| entry.object.clone()),
        (None, Some(data)) => {
            let product = price::product_of(tx, &data, &made)?;
            let id = price::insert(tx, &data, &product, &made)?;
            let mut entry = tx.known(Kind::Price, &id)?;
            // An inline price serves its session only; it cannot be used again.
            crate::object::set(&mut entry.object, "active", false);
            tx.put(entry.clone());
            let mut shown = entry.object;
            crate::object::set(&mut shown, "active", true);
            Ok(shown)
        }
    }
}

fn check(price: &Object, mode: &str, expected: &str, path: &str) -> Result<(), ApiError> {
    let param = format!("{path}[price]");
    let currency = text(price, "currency").unwrap_or_default();
    let refuse = |message: String| {
        Err(ApiError::invalid(message)
            .param(param.clone())
            .while_executing())
    };
    if price.get("active") != Some(&json!(true)) {
        return refuse(
            "The price specified is inactive. This field only accepts active prices.".to_owned(),
        );
    }
    if mode == "payment" && text(price, "type") == Some("recurring") {
        return refuse(
            "You specified `payment` mode but passed a recurring price. Either switch to \
             `subscription` mode or use only one-time prices."
                .to_owned(),
        );
    }
    if currency != expected {
        return refuse(format!(
            "The price specified only supports `{currency}`. This doesn't match the expected \
             currency: `{expected}`."
        ));
    }
    Ok(())
}

fn product_name(tx: &Tx<'_>, price: &Object) -> Value {
    let product = text(price, "product").and_then(|id| tx.state().entries.of(Kind::Product, id));
    product
        .and_then(|entry| entry.object.get("name").cloned())
        .unwrap_or_default()
}

fn too_large() -> ApiError {
    ApiError::invalid(format!(
        "The Checkout Session's total amount must be no more than {TOTAL_MAX}."
    ))
    .code("amount_too_large")
    .param("line_items")
    .while_executing()
}
