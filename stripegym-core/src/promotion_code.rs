//! Promotion Codes. <https://docs.stripe.com/api/promotion_codes>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::coupon::Coupon;
use crate::id::{CouponId, CustomerId, PromotionCodeId};
use crate::object::{Expandable, Expanded, FieldError, Object, views};

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// A Promotion Code. <https://docs.stripe.com/api/promotion_codes/object>
    PromotionCode("promotion_code") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        promotion_code_id: PromotionCodeId = "id";
        /// What customers enter.
        code: &str;
        /// Whether it can be used now.
        active: bool;
        /// The coupon behind it, in every API version.
        coupon_id: Option<CouponId> => coupon_id ["promotion", "coupon"];
        /// The coupon itself, where Stripe sent it.
        coupon_object: Option<Coupon> => coupon_object ["promotion", "coupon"];
        /// The only one who may use it.
        customer: Option<Expandable<CustomerId>>;
        /// Seconds since the Unix epoch.
        expires_at: Option<i64>;
        /// How often it may be used at most.
        max_redemptions: Option<i64>;
        /// How often it was used.
        times_redeemed: i64;
        /// Only for the first payment of a customer.
        first_time_transaction: Option<bool> = "restrictions"."first_time_transaction";
        /// Only from this amount on, in minor units.
        minimum_amount: Option<i64> = "restrictions"."minimum_amount";
        /// True for real money.
        livemode: bool;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

/// Since clover the coupon is within `promotion`; before, it stood on its own.
fn coupon_id(code: &Object) -> Result<Option<CouponId>, FieldError> {
    if code.has(&["coupon"]) {
        return code.get("coupon");
    }
    code.get_in("promotion", "coupon")
}

fn coupon_object(code: &Object) -> Result<Option<Coupon>, FieldError> {
    let Expanded(coupon) = if code.has(&["coupon"]) {
        code.get("coupon")?
    } else {
        code.get_in("promotion", "coupon")?
    };
    Ok(coupon)
}
