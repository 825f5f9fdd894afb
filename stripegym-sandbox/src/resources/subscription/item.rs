//! Subscription items, which live inside their subscription and have endpoints of their own.

use serde_json::{Value, json};

use super::{items, tables, update};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::set;
use crate::params::{Args, PAGE, Param};
use crate::resources::{Endpoint, Reply, Resource};
use crate::tx::{Tx, assign};

/// Items live inside their subscription, and have endpoints of their own.
pub(crate) const ITEMS: Resource = Resource {
    kind: Kind::Subscription,
    expandable: &[],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post("/v1/subscription_items", tables::ITEM_CREATE, |tx, call| {
            let id = call.args.text("subscription").unwrap_or_default();
            let id = tx.refer(Kind::Subscription, id, "subscription")?.id.clone();
            let before = items::of(&tx.known(Kind::Subscription, &id)?.object);
            change_item(tx, &id, &call.args, &[])?;
            let after = items::of(&tx.known(Kind::Subscription, &id)?.object);
            let new = after
                .into_iter()
                .find(|item| !before.iter().any(|b| b["id"] == item["id"]));
            Reply::ok(new.unwrap_or_default())
        }),
        Endpoint::get(
            "/v1/subscription_items",
            &[PAGE, &[Param::text("subscription").required()]],
            |tx, call| {
                let id = call.args.text("subscription").unwrap_or_default();
                let entry = tx.refer(Kind::Subscription, id, "subscription")?;
                let items = items::of(&entry.object);
                list::embedded(
                    &items,
                    &call.args,
                    "subscription_item",
                    "/v1/subscription_items",
                )
            },
        ),
        Endpoint::get("/v1/subscription_items/{id}", &[], |tx, call| {
            Reply::ok(find_item(tx, &call.id)?.1)
        }),
        Endpoint::post(
            "/v1/subscription_items/{id}",
            tables::ITEM_UPDATE,
            |tx, call| {
                let (subscription, _) = find_item(tx, &call.id)?;
                change_item(tx, &subscription, &call.args, &[("id", json!(call.id))])?;
                Reply::ok(find_item(tx, &call.id)?.1)
            },
        ),
        Endpoint::delete(
            "/v1/subscription_items/{id}",
            &[tables::ITEM_DELETE],
            |tx, call| {
                let (subscription, _) = find_item(tx, &call.id)?;
                let fixed = [("id", json!(call.id)), ("deleted", json!(true))];
                change_item(tx, &subscription, &call.args, &fixed)?;
                Reply::ok(json!({ "id": call.id, "object": "subscription_item", "deleted": true }))
            },
        ),
    ],
};

fn find_item(tx: &Tx<'_>, id: &str) -> Result<(String, Value), ApiError> {
    let all = tx.state().entries.newest_first(Kind::Subscription);
    let mut found = all.filter_map(|entry| {
        let item = items::of(&entry.object)
            .into_iter()
            .find(|item| item["id"] == id);
        item.map(|item| (entry.id.clone(), item))
    });
    found
        .next()
        .ok_or_else(|| ApiError::not_found("subscription_item", id))
}

/// Changes one item as the subscription's own endpoint would.
fn change_item(
    tx: &mut Tx<'_>,
    subscription: &str,
    args: &Args,
    fixed: &[(&str, Value)],
) -> Result<(), ApiError> {
    let mut item = Args::default();
    assign(
        &mut item.0,
        args,
        &["metadata", "price", "price_data", "quantity"],
    );
    for (name, value) in fixed {
        set(&mut item.0, name, value.clone());
    }
    let mut whole = Args::default();
    let plain = [
        "payment_behavior",
        "proration_behavior",
        "proration_date",
        "off_session",
    ];
    assign(&mut whole.0, args, &plain);
    set(&mut whole.0, "items", vec![Value::Object(item.0)]);
    let entry = tx.open(Kind::Subscription, subscription)?;
    update::from_args(tx, entry, &whole)
}
