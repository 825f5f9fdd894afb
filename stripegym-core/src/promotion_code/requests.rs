//! Calls on Promotion Codes.

use crate::client::{List, TimeRange, calls};
use crate::id::{CouponId, CustomerId, PromotionCodeId};
use crate::money::Amount;
use crate::promotion_code::PromotionCode;

calls! {
    /// Creates a Promotion Code. <https://docs.stripe.com/api/promotion_codes/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::promotion_code::CreatePromotionCode;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = CreatePromotionCode::new(&"SPRING".parse()?)
    ///     .code("SPRING25")
    ///     .first_time_transaction(true)
    ///     .send(&stripe)
    ///     .await?;
    /// println!("{}", code.code()?);
    /// # Ok(()) }
    /// ```
    CreatePromotionCode[] -> PromotionCode = Post "/v1/promotion_codes" {
        /// What customers enter; Stripe makes one up unless set.
        code: &str;
        /// Whether it can be used now.
        active: bool;
        /// The only one who may use it.
        customer: &CustomerId;
        /// Seconds since the Unix epoch.
        expires_at: i64;
        /// How often it may be used at most.
        max_redemptions: u32;
        /// Only for the first payment of a customer.
        first_time_transaction: bool = "restrictions[first_time_transaction]";
    } + metadata;

    /// Retrieves a Promotion Code. <https://docs.stripe.com/api/promotion_codes/retrieve>
    RetrievePromotionCode(id: &PromotionCodeId) -> PromotionCode
        = Get "/v1/promotion_codes/{id}" {}

    /// Changes a Promotion Code. <https://docs.stripe.com/api/promotion_codes/update>
    UpdatePromotionCode(id: &PromotionCodeId) -> PromotionCode
        = Post "/v1/promotion_codes/{id}" {
        /// Whether it can be used now.
        active: bool;
    } + metadata;

    /// Lists Promotion Codes, newest first. <https://docs.stripe.com/api/promotion_codes/list>
    ListPromotionCodes() -> List<PromotionCode> = Get "/v1/promotion_codes" {
        /// Only those that can, or cannot, be used.
        active: bool;
        /// Only this one; case does not count.
        code: &str;
        /// Only those of this coupon.
        coupon: &CouponId;
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those made at this time.
        created: TimeRange;
    } + list(PromotionCode, PromotionCodeId);
}

impl CreatePromotionCode {
    /// A code for this coupon.
    pub fn new(coupon: &CouponId) -> Self {
        Self::start()
            .param("promotion[type]", "coupon")
            .param("promotion[coupon]", coupon.as_str())
    }

    /// Only from this amount on.
    pub fn minimum(self, amount: Amount) -> Self {
        self.param("restrictions[minimum_amount]", &amount.minor().to_string())
            .param(
                "restrictions[minimum_amount_currency]",
                amount.currency().as_str(),
            )
    }
}
