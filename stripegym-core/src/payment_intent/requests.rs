//! Calls on Payment Intents.

use crate::client::{List, SearchPage, TimeRange, calls};
use crate::id::{CustomerId, PaymentIntentId, PaymentMethodId};
use crate::money::{Amount, Currency};
use crate::object::string_enums;
use crate::payment_intent::{CaptureMethod, PaymentIntent, SetupFutureUsage};

string_enums! {
    /// Why an intent is given up.
    CancelReason {
        /// Nobody came back.
        Abandoned = "abandoned",
        /// It was there twice.
        Duplicate = "duplicate",
        /// It was no honest one.
        Fraudulent = "fraudulent",
        /// The customer said so.
        RequestedByCustomer = "requested_by_customer",
    }
}

calls! {
    /// Creates a Payment Intent. <https://docs.stripe.com/api/payment_intents/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::payment_intent::CreatePaymentIntent;
    /// use stripegym_core::{Amount, Currency};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let intent = CreatePaymentIntent::new(Amount::new(4_980, Currency::JPY))
    ///     .customer(&"cus_1".parse()?)
    ///     .metadata("order", "7")
    ///     .send(&stripe)
    ///     .await?;
    /// let for_the_browser = intent.client_secret()?;
    /// # let _ = for_the_browser;
    /// # Ok(()) }
    /// ```
    CreatePaymentIntent(; amount: Amount) -> PaymentIntent = Post "/v1/payment_intents" {
        /// Who pays.
        customer: &CustomerId;
        /// What is charged.
        payment_method: &PaymentMethodId;
        /// Tries to charge at once.
        confirm: bool;
        /// True when the customer is not there to confirm anything.
        off_session: bool;
        /// When the money is taken.
        capture_method: CaptureMethod;
        /// Keeps the payment method for later.
        setup_future_usage: SetupFutureUsage;
        /// Takes whatever kinds of payment method the dashboard allows; true unless set.
        automatic_payment_methods: bool = "automatic_payment_methods[enabled]";
        /// Kinds of payment method that may not be used.
        excluded_payment_method_types: &[&str];
        /// Where the customer comes back to after confirming elsewhere.
        return_url: &str;
        /// Where the receipt goes.
        receipt_email: &str;
        /// A note for yourself.
        description: &str;
        /// The end of the text on the customer's statement.
        statement_descriptor_suffix: &str;
    } + metadata;

    /// Retrieves a Payment Intent. <https://docs.stripe.com/api/payment_intents/retrieve>
    RetrievePaymentIntent(id: &PaymentIntentId) -> PaymentIntent
        = Get "/v1/payment_intents/{id}" {}

    /// Changes a Payment Intent. <https://docs.stripe.com/api/payment_intents/update>
    UpdatePaymentIntent(id: &PaymentIntentId) -> PaymentIntent
        = Post "/v1/payment_intents/{id}" {
        /// Minor units, in the currency that it has.
        amount: i64;
        /// The currency.
        currency: Currency;
        /// Who pays.
        customer: &CustomerId;
        /// What is charged.
        payment_method: &PaymentMethodId;
        /// Keeps the payment method for later.
        setup_future_usage: SetupFutureUsage;
        /// Where the receipt goes.
        receipt_email: &str;
        /// A note for yourself.
        description: &str;
        /// The end of the text on the customer's statement.
        statement_descriptor_suffix: &str;
    } + metadata;

    /// Lists Payment Intents, newest first. <https://docs.stripe.com/api/payment_intents/list>
    ListPaymentIntents() -> List<PaymentIntent> = Get "/v1/payment_intents" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those made at this time.
        created: TimeRange;
    } + list(PaymentIntent, PaymentIntentId);

    /// Searches Payment Intents. <https://docs.stripe.com/api/payment_intents/search>
    SearchPaymentIntents(; query: &str) -> SearchPage<PaymentIntent>
        = Get "/v1/payment_intents/search" {} + search(PaymentIntent);

    /// Tries to charge. <https://docs.stripe.com/api/payment_intents/confirm>
    ConfirmPaymentIntent(id: &PaymentIntentId) -> PaymentIntent
        = Post "/v1/payment_intents/{id}/confirm" {
        /// What is charged.
        payment_method: &PaymentMethodId;
        /// True when the customer is not there to confirm anything.
        off_session: bool;
        /// Where the customer comes back to after confirming elsewhere.
        return_url: &str;
        /// Where the receipt goes.
        receipt_email: &str;
    }

    /// Takes money that was set aside. <https://docs.stripe.com/api/payment_intents/capture>
    CapturePaymentIntent(id: &PaymentIntentId) -> PaymentIntent
        = Post "/v1/payment_intents/{id}/capture" {
        /// Less than all of it, in minor units; the rest is let go.
        amount_to_capture: i64;
        /// The end of the text on the customer's statement.
        statement_descriptor_suffix: &str;
    } + metadata;

    /// Gives a Payment Intent up. <https://docs.stripe.com/api/payment_intents/cancel>
    CancelPaymentIntent(id: &PaymentIntentId) -> PaymentIntent
        = Post "/v1/payment_intents/{id}/cancel" {
        /// Why.
        cancellation_reason: CancelReason;
    }
}
