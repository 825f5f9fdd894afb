//! Calls on Refunds.

use crate::client::{List, TimeRange, calls};
use crate::id::{ChargeId, PaymentIntentId, RefundId};
use crate::refund::{Refund, RefundReason};

calls! {
    /// Gives money back. <https://docs.stripe.com/api/refunds/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::refund::{CreateRefund, RefundReason};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let refund = CreateRefund::of_payment_intent(&"pi_1".parse()?)
    ///     .reason(RefundReason::RequestedByCustomer)
    ///     .send(&stripe)
    ///     .await?;
    /// println!("{:?}", refund.status()?);
    /// # Ok(()) }
    /// ```
    CreateRefund[] -> Refund = Post "/v1/refunds" {
        /// Less than all that is left, in minor units of the charge.
        amount: i64;
        /// Why.
        reason: RefundReason;
        /// Where Stripe writes to when it has to ask the customer for an account.
        instructions_email: &str;
    } + metadata;

    /// Retrieves a Refund. <https://docs.stripe.com/api/refunds/retrieve>
    RetrieveRefund(id: &RefundId) -> Refund = Get "/v1/refunds/{id}" {}

    /// Changes the metadata of a Refund. <https://docs.stripe.com/api/refunds/update>
    UpdateRefund(id: &RefundId) -> Refund = Post "/v1/refunds/{id}" {} + metadata;

    /// Lists Refunds, newest first. <https://docs.stripe.com/api/refunds/list>
    ListRefunds() -> List<Refund> = Get "/v1/refunds" {
        /// Only those of this charge.
        charge: &ChargeId;
        /// Only those of this Payment Intent.
        payment_intent: &PaymentIntentId;
        /// Only those made at this time.
        created: TimeRange;
    } + list(Refund, RefundId);

    /// Takes a Refund back that waits for the customer.
    /// <https://docs.stripe.com/api/refunds/cancel>
    CancelRefund(id: &RefundId) -> Refund = Post "/v1/refunds/{id}/cancel" {}
}

impl CreateRefund {
    /// Of a Payment Intent.
    pub fn of_payment_intent(id: &PaymentIntentId) -> Self {
        Self::start().param("payment_intent", id.as_str())
    }

    /// Of a Charge.
    pub fn of_charge(id: &ChargeId) -> Self {
        Self::start().param("charge", id.as_str())
    }
}
