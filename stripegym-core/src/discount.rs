//! Discounts: a coupon as it applies to one customer, subscription or invoice.
//! <https://docs.stripe.com/api/discounts>

use crate::coupon::Coupon;
use crate::id::{CouponId, CustomerId, DiscountId, PromotionCodeId, SubscriptionId};
use crate::object::{Expandable, Expanded, FieldError, Object, views};
use crate::promotion_code::PromotionCode;

#[cfg(feature = "client")]
pub use params::DiscountParam;

views! {
    /// A Discount. <https://docs.stripe.com/api/discounts/object>
    Discount("discount") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        discount_id: DiscountId = "id";
        /// The coupon behind it, in every API version.
        coupon_id: Option<CouponId> => coupon_id ["source", "coupon"];
        /// The coupon itself, where Stripe sent it.
        coupon_object: Option<Coupon> => coupon_object ["source", "coupon"];
        /// The code that was entered.
        promotion_code: Option<Expandable<PromotionCodeId>>, promotion_code_object: PromotionCode;
        /// Who has it.
        customer: Option<Expandable<CustomerId>>;
        /// The subscription that it holds for.
        subscription: Option<&str>;
        /// The subscription, as a type.
        subscription_id: Option<SubscriptionId> = "subscription";
        /// Seconds since the Unix epoch.
        start: i64;
        /// Seconds since the Unix epoch; `None` for ever.
        end: Option<i64>;
    }
}

/// Since clover the coupon is within `source`; before, it stood on its own.
fn coupon_id(discount: &Object) -> Result<Option<CouponId>, FieldError> {
    if discount.has(&["coupon"]) {
        return discount.get("coupon");
    }
    discount.get_in("source", "coupon")
}

fn coupon_object(discount: &Object) -> Result<Option<Coupon>, FieldError> {
    let Expanded(coupon) = if discount.has(&["coupon"]) {
        discount.get("coupon")?
    } else {
        discount.get_in("source", "coupon")?
    };
    Ok(coupon)
}

/// The ids of the discounts of a subscription, an item or an invoice: since
/// basil a list, before that at most one object.
pub(crate) fn ids(object: &Object) -> Result<Vec<DiscountId>, FieldError> {
    if object.has(&["discounts"]) {
        return object.get("discounts");
    }
    let one: Option<DiscountId> = object.get("discount")?;
    Ok(one.into_iter().collect())
}

/// As [`ids`], the expanded ones only.
pub(crate) fn objects(object: &Object) -> Result<Vec<Discount>, FieldError> {
    if object.has(&["discounts"]) {
        let all: Vec<Expanded<Discount>> = object.get("discounts")?;
        return Ok(all.into_iter().filter_map(|Expanded(one)| one).collect());
    }
    let Expanded(one) = object.get("discount")?;
    Ok(one.into_iter().collect())
}

#[cfg(feature = "client")]
mod params {
    use crate::client::parts;
    use crate::id::{CouponId, DiscountId, PromotionCodeId};

    parts! {
        /// A discount to give: one element of `discounts`.
        DiscountParam[] {}
    }

    impl DiscountParam {
        /// By a coupon.
        pub fn coupon(id: &CouponId) -> Self {
            Self::start().param("coupon", id.as_str())
        }

        /// By a promotion code.
        pub fn promotion_code(id: &PromotionCodeId) -> Self {
            Self::start().param("promotion_code", id.as_str())
        }

        /// By keeping one that there is.
        pub fn existing(id: &DiscountId) -> Self {
            Self::start().param("discount", id.as_str())
        }
    }
}
