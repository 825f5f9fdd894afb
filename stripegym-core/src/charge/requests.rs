//! Calls on Charges. New ones are made by Payment Intents.

use crate::charge::Charge;
use crate::client::{List, SearchPage, TimeRange, calls};
use crate::id::{ChargeId, CustomerId, PaymentIntentId};

calls! {
    /// Retrieves a Charge. <https://docs.stripe.com/api/charges/retrieve>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::charge::RetrieveCharge;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let charge =
    ///     RetrieveCharge::new(&"ch_1".parse()?).expand("balance_transaction").send(&stripe).await?;
    /// if let Some(transaction) = charge.balance_transaction_object()? {
    ///     println!("fee {} of {}", transaction.fee()?, transaction.amount()?);
    /// }
    /// # Ok(()) }
    /// ```
    RetrieveCharge(id: &ChargeId) -> Charge = Get "/v1/charges/{id}" {}

    /// Changes a Charge. <https://docs.stripe.com/api/charges/update>
    UpdateCharge(id: &ChargeId) -> Charge = Post "/v1/charges/{id}" {
        /// Who paid.
        customer: &CustomerId;
        /// A note for yourself.
        description: &str;
        /// Where the receipt goes.
        receipt_email: &str;
        /// What you know of its honesty: `safe` or `fraudulent`.
        user_report: &str = "fraud_details[user_report]";
    } + metadata;

    /// Lists Charges, newest first. <https://docs.stripe.com/api/charges/list>
    ListCharges() -> List<Charge> = Get "/v1/charges" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only the tries of this Payment Intent.
        payment_intent: &PaymentIntentId;
        /// Only those made at this time.
        created: TimeRange;
    } + list(Charge, ChargeId);

    /// Searches Charges. <https://docs.stripe.com/api/charges/search>
    SearchCharges(; query: &str) -> SearchPage<Charge> = Get "/v1/charges/search" {}
        + search(Charge);

    /// Takes money that was set aside; with a Payment Intent, capture that instead.
    /// <https://docs.stripe.com/api/charges/capture>
    CaptureCharge(id: &ChargeId) -> Charge = Post "/v1/charges/{id}/capture" {
        /// Less than all of it, in minor units; the rest is given back.
        amount: i64;
        /// Where the receipt goes.
        receipt_email: &str;
        /// The end of the text on the customer's statement.
        statement_descriptor_suffix: &str;
    }
}
