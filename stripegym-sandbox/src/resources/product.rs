//! Products.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource, price};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, object, set, text};
use crate::params::{Args, PAGE, Param, Shape, TEXT, merge_metadata};
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Plain("prod_", 14);

const FEATURE: Shape = Shape::Hash(&[Param::text_up_to("name", 80).required()]);

const FIELDS: &[Param] = &[
    Param::boolean("active"),
    Param::text("description").clearable(),
    Param::list("images", &TEXT, 8).clearable(),
    Param::list("marketing_features", &FEATURE, 15).clearable(),
    Param::metadata(),
    Param::boolean("shippable"),
    Param::text_up_to("statement_descriptor", 22),
    Param::text("tax_code").clearable(),
    Param::text_up_to("unit_label", 12).clearable(),
    Param::url("url").clearable(),
    Param::not_yet("package_dimensions"),
    Param::not_yet("tax_details"),
];

const CREATE_ONLY: &[Param] = &[
    Param::text("name").required(),
    Param::text_up_to("id", 255),
    Param::hash("default_price_data", price::DEFAULT_PRICE_DATA),
    Param::choice("type", &["good", "service"]),
];

const UPDATE_ONLY: &[Param] = &[
    Param::text("name"),
    Param::text("default_price").clearable(),
];

/// `product_data` of an inline price.
pub(crate) const PRODUCT_DATA: &[Param] = &[
    Param::text("name").required(),
    Param::text("description"),
    Param::list("images", &TEXT, 8),
    Param::metadata(),
    Param::text("tax_code"),
    Param::text_up_to("unit_label", 12),
    Param::text_up_to("statement_descriptor", 22),
    Param::boolean("active"),
    Param::text_up_to("id", 255),
];

const LIST: &[Param] = &[
    Param::boolean("active"),
    Param::list("ids", &TEXT, 100),
    Param::boolean("shippable"),
    Param::choice("type", &["good", "service"]),
    Param::text("url"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Product,
    expandable: &["default_price", "tax_code"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Post,
            path: "/v1/products",
            params: &[FIELDS, CREATE_ONLY],
            run: create,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/products",
            params: &[PAGE, LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/products/{id}",
            params: &[],
            run: retrieve,
        },
        Endpoint {
            method: Method::Post,
            path: "/v1/products/{id}",
            params: &[FIELDS, UPDATE_ONLY],
            run: update,
        },
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let id = insert(tx, &call.args)?;
    if let Some(data) = call.args.hash("default_price_data") {
        let price = price::insert(tx, &data, &id, "default_price_data")?;
        let mut entry = tx.known(Kind::Product, &id)?;
        let before = entry.object.clone();
        set(&mut entry.object, "default_price", price.as_str());
        tx.update(&before, entry, "product.updated");
    }
    Reply::ok(tx.known(Kind::Product, &id)?.object)
}

/// Makes a product of its own or out of `product_data`.
pub(crate) fn insert(tx: &mut Tx<'_>, args: &Args) -> Result<String, ApiError> {
    let id = match args.text("id") {
        Some(id) if tx.state().entries.get(id).is_some() => {
            return Err(
                ApiError::invalid(format!("Product already exists with id: {id}"))
                    .code("resource_already_exists")
                    .param("id")
                    .while_executing(),
            );
        }
        Some(id) => id.to_owned(),
        None => tx.new_id(ID),
    };
    let mut product = object(json!({
        "active": true,
        "default_price": null,
        "description": null,
        "images": [],
        "marketing_features": [],
        "metadata": {},
        "name": null,
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "tax_details": null,
        "type": "service",
        "unit_label": null,
        "updated": tx.now(),
        "url": null,
    }));
    apply(&mut product, args)?;
    assign(&mut product, args, &["type"]);
    let entry = tx.entry(Kind::Product, id.clone(), product);
    tx.create(entry, "product.created");
    Ok(id)
}

const PLAIN: &[&str] = &[
    "active",
    "description",
    "name",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
];

fn apply(product: &mut Object, args: &Args) -> Result<(), ApiError> {
    assign(product, args, PLAIN);
    for name in ["images", "marketing_features"] {
        if let Some(value) = args.value(name) {
            set(
                product,
                name,
                if value.is_null() {
                    json!([])
                } else {
                    value.clone()
                },
            );
        }
    }
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(product.get("metadata"), change)?;
        set(product, "metadata", merged);
    }
    Ok(())
}

fn retrieve(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(tx.retrieve(Kind::Product, &call.id)?.object.clone())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Product, &call.id)?.clone();
    let before = entry.object.clone();
    apply(&mut entry.object, &call.args)?;
    if let Some(price) = call.args.text("default_price") {
        let found = tx.refer(Kind::Price, price, "default_price")?;
        if text(&found.object, "product") != Some(&call.id) {
            let id = &call.id;
            let message = format!("The price `{price}` does not belong to the product `{id}`.");
            return Err(ApiError::invalid(message).param("default_price"));
        }
    }
    assign(&mut entry.object, &call.args, &["default_price"]);
    if entry.object != before {
        set(&mut entry.object, "updated", tx.now());
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "product.updated");
    Reply::ok(after)
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let same = |product: &Object, name: &str| {
        args.value(name)
            .is_none_or(|wanted| product.get(name) == Some(wanted))
    };
    let ids = args.value("ids").and_then(Value::as_array);
    list::page(tx, call, Kind::Product, "/v1/products", |product| {
        ["active", "shippable", "type", "url"]
            .iter()
            .all(|name| same(product, name))
            && ids.is_none_or(|ids| product.get("id").is_some_and(|id| ids.contains(id)))
    })
}
