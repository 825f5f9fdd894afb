//! Promotion codes: what customers type to get a coupon.

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, show};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{dig, integer, is_true, object, set, text};
use crate::params::{PAGE, Param, Shape, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Modern("promo_");
const PATH: &str = "/v1/promotion_codes";

const PROMOTION: &[Param] = &[
    Param::choice("type", &["coupon"]).required(),
    Param::text("coupon"),
];

const RESTRICTIONS: &[Param] = &[
    Param::boolean("first_time_transaction"),
    Param::integer_in("minimum_amount", 1, 999_999_999_999),
    Param::new("minimum_amount_currency", Shape::Currency),
    Param::not_yet("currency_options"),
];

const CREATE: &[Param] = &[
    Param::hash("promotion", PROMOTION),
    // Below clover.
    Param::text("coupon"),
    Param::boolean("active"),
    Param::text_up_to("code", 500),
    Param::text("customer"),
    Param::integer("expires_at"),
    Param::integer_in("max_redemptions", 1, i64::MAX),
    Param::metadata(),
    Param::hash("restrictions", RESTRICTIONS),
    Param::not_yet("customer_account"),
];

const UPDATE: &[Param] = &[
    Param::boolean("active"),
    Param::metadata(),
    Param::not_yet("restrictions"),
];

const LIST: &[Param] = &[
    Param::boolean("active"),
    Param::text("code"),
    Param::text("coupon"),
    Param::text("customer"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::PromotionCode,
    expandable: &["customer", "promotion.coupon"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE, LIST], list),
        Endpoint::get("/v1/promotion_codes/{id}", &[], |tx, call| {
            show(tx, Kind::PromotionCode, &call.id)
        }),
        Endpoint::post("/v1/promotion_codes/{id}", &[UPDATE], update),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let promotion = args.hash("promotion").unwrap_or_default();
    let coupon = match (promotion.text("coupon"), args.text("coupon")) {
        (Some(coupon), _) => tx.refer(Kind::Coupon, coupon, "promotion[coupon]")?,
        (None, Some(coupon)) => tx.refer(Kind::Coupon, coupon, "coupon")?,
        (None, None) => return Err(ApiError::missing("promotion")),
    };
    let coupon = coupon.id.clone();
    if let Some(customer) = args.text("customer") {
        tx.refer(Kind::Customer, customer, "customer")?;
    }
    let code = match args.text("code") {
        Some(code) => code.to_owned(),
        None => tx.ids().alphanumerics(8).to_ascii_uppercase(),
    };
    if find(tx, &code).is_some() {
        return Err(ApiError::invalid(
            "An active promotion code with `code: ".to_owned() + &code + "` already exists.",
        )
        .param("code")
        .while_executing());
    }
    let restrictions = args.hash("restrictions").unwrap_or_default();
    let mut promotion_code = object(json!({
        "active": true,
        "code": code,
        "customer": null,
        "customer_account": null,
        "expires_at": null,
        "max_redemptions": null,
        "metadata": {},
        "promotion": { "coupon": coupon, "type": "coupon" },
        "restrictions": {
            "first_time_transaction": restrictions.boolean("first_time_transaction") == Some(true),
            "minimum_amount": restrictions.integer("minimum_amount"),
            "minimum_amount_currency": restrictions.text("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }));
    let plain = ["active", "customer", "expires_at", "max_redemptions"];
    assign(&mut promotion_code, args, &plain);
    if let Some(change) = args.value("metadata") {
        set(
            &mut promotion_code,
            "metadata",
            merge_metadata(None, change)?,
        );
    }
    let id = tx.new_id(ID);
    let entry = tx.entry(Kind::PromotionCode, id, promotion_code);
    let shown = entry.object.clone();
    tx.create(entry, "promotion_code.created");
    Reply::ok(shown)
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let code = args.text("code");
    let coupon = args.text("coupon");
    list::page(tx, call, Kind::PromotionCode, PATH, |promotion| {
        let same = |name: &str| {
            args.value(name)
                .is_none_or(|w| promotion.get(name) == Some(w))
        };
        same("active")
            && same("customer")
            && coupon.is_none_or(|coupon| *dig(promotion, "promotion.coupon") == *coupon)
            && code.is_none_or(|code| {
                text(promotion, "code").is_some_and(|own| own.eq_ignore_ascii_case(code))
            })
    })
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::PromotionCode, &call.id)?.clone();
    let before = entry.object.clone();
    assign(&mut entry.object, &call.args, &["active"]);
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "promotion_code.updated");
    Reply::ok(after)
}

/// The active code of these letters, large or small.
pub(crate) fn find<'t>(tx: &'t Tx<'_>, code: &str) -> Option<&'t Entry> {
    let mut codes = tx.state().entries.newest_first(Kind::PromotionCode);
    codes.find(|entry| {
        is_true(&entry.object, "active")
            && text(&entry.object, "code").is_some_and(|own| own.eq_ignore_ascii_case(code))
    })
}

/// Uses a code up; answers its coupon.
pub(crate) fn redeem(
    tx: &mut Tx<'_>,
    id: &str,
    customer: Option<&str>,
    param: &str,
) -> Result<String, ApiError> {
    let mut entry = tx.refer(Kind::PromotionCode, id, param)?.clone();
    let times = integer(&entry.object, "times_redeemed").unwrap_or_default();
    let used_up = integer(&entry.object, "max_redemptions").is_some_and(|most| times >= most);
    let expired = integer(&entry.object, "expires_at").is_some_and(|at| at < tx.now());
    let owner = text(&entry.object, "customer");
    let foreign = owner.is_some() && owner != customer;
    if used_up || expired || foreign || !is_true(&entry.object, "active") {
        return Err(
            ApiError::invalid("This promotion code cannot be redeemed because it is not active, has expired, or belongs to another customer.")
                .param(param)
                .while_executing(),
        );
    }
    let coupon = dig(&entry.object, "promotion.coupon");
    let coupon = coupon.as_str().unwrap_or_default().to_owned();
    set(
        &mut entry.object,
        "times_redeemed",
        Value::from(times.saturating_add(1)),
    );
    tx.put(entry);
    Ok(coupon)
}
