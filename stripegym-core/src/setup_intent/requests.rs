//! Calls on Setup Intents.

use crate::client::{List, TimeRange, calls};
use crate::id::{CustomerId, PaymentMethodId, SetupIntentId};
use crate::payment_intent::{CancelReason, SetupFutureUsage};
use crate::setup_intent::SetupIntent;

calls! {
    /// Creates a Setup Intent. <https://docs.stripe.com/api/setup_intents/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::setup_intent::CreateSetupIntent;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let intent = CreateSetupIntent::new().customer(&"cus_1".parse()?).send(&stripe).await?;
    /// println!("{}", intent.status()?);
    /// # Ok(()) }
    /// ```
    CreateSetupIntent() -> SetupIntent = Post "/v1/setup_intents" {
        /// Whose payment method it will be.
        customer: &CustomerId;
        /// The payment method.
        payment_method: &PaymentMethodId;
        /// Tries at once.
        confirm: bool;
        /// What it is kept for.
        usage: SetupFutureUsage;
        /// Takes whatever kinds of payment method the dashboard allows; true unless set.
        automatic_payment_methods: bool = "automatic_payment_methods[enabled]";
        /// Kinds of payment method that may not be used.
        excluded_payment_method_types: &[&str];
        /// Where the customer comes back to after confirming elsewhere.
        return_url: &str;
        /// A note for yourself.
        description: &str;
    } + metadata;

    /// Retrieves a Setup Intent. <https://docs.stripe.com/api/setup_intents/retrieve>
    RetrieveSetupIntent(id: &SetupIntentId) -> SetupIntent = Get "/v1/setup_intents/{id}" {}

    /// Changes a Setup Intent. <https://docs.stripe.com/api/setup_intents/update>
    UpdateSetupIntent(id: &SetupIntentId) -> SetupIntent = Post "/v1/setup_intents/{id}" {
        /// Whose payment method it will be.
        customer: &CustomerId;
        /// The payment method.
        payment_method: &PaymentMethodId;
        /// A note for yourself.
        description: &str;
    } + metadata;

    /// Lists Setup Intents, newest first. <https://docs.stripe.com/api/setup_intents/list>
    ListSetupIntents() -> List<SetupIntent> = Get "/v1/setup_intents" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those of this payment method.
        payment_method: &PaymentMethodId;
        /// Only those made at this time.
        created: TimeRange;
    } + list(SetupIntent, SetupIntentId);

    /// Tries to save the payment method. <https://docs.stripe.com/api/setup_intents/confirm>
    ConfirmSetupIntent(id: &SetupIntentId) -> SetupIntent
        = Post "/v1/setup_intents/{id}/confirm" {
        /// The payment method.
        payment_method: &PaymentMethodId;
        /// Where the customer comes back to after confirming elsewhere.
        return_url: &str;
    }

    /// Gives a Setup Intent up. <https://docs.stripe.com/api/setup_intents/cancel>
    CancelSetupIntent(id: &SetupIntentId) -> SetupIntent = Post "/v1/setup_intents/{id}/cancel" {
        /// Why.
        cancellation_reason: CancelReason;
    }
}
