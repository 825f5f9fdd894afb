//! Calls on Coupons.

use crate::client::{List, TimeRange, calls, put_amount};
use crate::coupon::Coupon;
use crate::id::CouponId;
use crate::money::Amount;

/// How long a new coupon holds for a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// For the first invoice.
    Once,
    /// For so many months.
    Months(u32),
    /// For ever.
    Forever,
}

calls! {
    /// Creates a Coupon. <https://docs.stripe.com/api/coupons/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::coupon::{CreateCoupon, Holds};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let coupon = CreateCoupon::percent("25", Holds::Months(3)).name("春").send(&stripe).await?;
    /// println!("{}", coupon.coupon_id()?);
    /// # Ok(()) }
    /// ```
    CreateCoupon[] -> Coupon = Post "/v1/coupons" {
        /// An id of your own choice.
        id: &CouponId;
        /// What customers see on receipts.
        name: &str;
        /// How often it may be used at most.
        max_redemptions: u32;
        /// The last moment it can be used, in seconds since the Unix epoch.
        redeem_by: i64;
        /// Only for these products.
        products: &[&str] = "applies_to[products]";
    } + metadata;

    /// Retrieves a Coupon. <https://docs.stripe.com/api/coupons/retrieve>
    RetrieveCoupon(id: &CouponId) -> Coupon = Get "/v1/coupons/{id}" {}

    /// Changes a Coupon; what it takes off never changes.
    /// <https://docs.stripe.com/api/coupons/update>
    UpdateCoupon(id: &CouponId) -> Coupon = Post "/v1/coupons/{id}" {
        /// What customers see on receipts.
        name: &str;
    } + metadata;

    /// Deletes a Coupon; who has it keeps it. <https://docs.stripe.com/api/coupons/delete>
    DeleteCoupon(id: &CouponId) -> Coupon = Delete "/v1/coupons/{id}" {}

    /// Lists Coupons, newest first. <https://docs.stripe.com/api/coupons/list>
    ListCoupons() -> List<Coupon> = Get "/v1/coupons" {
        /// Only those made at this time.
        created: TimeRange;
    } + list(Coupon, CouponId);
}

impl CreateCoupon {
    /// Takes a percentage off: `"25"`, `"12.5"`.
    pub fn percent(percent_off: &str, holds: Holds) -> Self {
        Self::start().param("percent_off", percent_off).holds(holds)
    }

    /// Takes an amount off.
    pub fn amount(amount_off: Amount, holds: Holds) -> Self {
        let Self(mut request) = Self::start();
        put_amount(request.form_mut(), "amount_off", amount_off);
        Self(request).holds(holds)
    }

    fn holds(self, holds: Holds) -> Self {
        match holds {
            Holds::Once => self.param("duration", "once"),
            Holds::Forever => self.param("duration", "forever"),
            Holds::Months(months) => self
                .param("duration", "repeating")
                .param("duration_in_months", &months.to_string()),
        }
    }
}
