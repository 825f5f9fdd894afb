//! Coupons. <https://docs.stripe.com/api/coupons>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Number, Value};

use crate::id::CouponId;
use crate::money::Currency;
use crate::object::{string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// How long a coupon holds for a subscription.
    CouponDuration {
        /// For the first invoice.
        Once = "once",
        /// For some months.
        Repeating = "repeating",
        /// For ever.
        Forever = "forever",
    }
}

views! {
    /// A Coupon. <https://docs.stripe.com/api/coupons/object>
    Coupon("coupon") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        coupon_id: CouponId = "id";
        /// What customers see on receipts.
        name: Option<&str>;
        /// The percentage taken off.
        percent_off: Option<&Number>;
        /// Or the minor units taken off.
        amount_off: Option<i64>;
        /// The currency of `amount_off`.
        currency: Option<Currency>;
        /// How long it holds.
        duration: CouponDuration;
        /// For how many months, where the duration is repeating.
        duration_in_months: Option<i64>;
        /// How often it may be used at most.
        max_redemptions: Option<i64>;
        /// How often it was used.
        times_redeemed: i64;
        /// The last moment it can be used, in seconds since the Unix epoch.
        redeem_by: Option<i64>;
        /// Whether it can still be used.
        valid: bool;
        /// True for real money.
        livemode: bool;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
