//! Calls on Checkout Sessions.

use crate::checkout::{CheckoutLine, CheckoutMode, CheckoutSession, CheckoutStatus};
use crate::client::{List, Param, TimeRange, calls, parts};
use crate::discount::DiscountParam;
use crate::id::{
    CheckoutLineId, CheckoutSessionId, CustomerId, PaymentIntentId, PriceId, SubscriptionId,
};
use crate::money::Currency;
use crate::object::string_enums;
use crate::payment_intent::{CaptureMethod, SetupFutureUsage};
use crate::price::PriceData;
use crate::subscription::{BillingModeType, MissingPaymentMethod};

string_enums! {
    /// Whether a subscription that costs nothing now asks for a payment method.
    CollectPaymentMethod {
        /// It does.
        Always = "always",
        /// Only if there is something to pay.
        IfRequired = "if_required",
    }

    /// Whether a Customer is made in payment and setup mode.
    CustomerCreation {
        /// Always.
        Always = "always",
        /// Only where one is needed.
        IfRequired = "if_required",
    }

    /// What the button says.
    SubmitType {
        /// What fits.
        Auto = "auto",
        /// Book.
        Book = "book",
        /// Donate.
        Donate = "donate",
        /// Pay.
        Pay = "pay",
        /// Subscribe.
        Subscribe = "subscribe",
    }
}

/// Where the hosted page sends the customer afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnUrls {
    /// After paying. `{CHECKOUT_SESSION_ID}` in it becomes the session's id.
    /// That a browser got here proves nothing: the webhook does.
    pub success: String,
    /// After going back.
    pub cancel: String,
}

/// One thing to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// At this price.
    pub price: PriceId,
    /// So many.
    pub quantity: u32,
}

parts! {
    /// What the payment of a session gets.
    PaymentData() {
        /// When the money is taken.
        capture_method: CaptureMethod;
        /// Keeps the payment method for later.
        setup_future_usage: SetupFutureUsage;
        /// Where the receipt goes.
        receipt_email: &str;
        /// A note for yourself.
        description: &str;
        /// The end of the text on the customer's statement.
        statement_descriptor_suffix: &str;
    } + metadata;

    /// What the subscription of a session gets.
    SubscriptionData() {
        /// A text for the customer.
        description: &str;
        /// Days of trial.
        trial_period_days: u32;
        /// The end of the trial, at least 48 hours ahead.
        trial_end: i64;
        /// What becomes of a trial that ends without a payment method.
        missing_payment_method: MissingPaymentMethod
            = "trial_settings[end_behavior][missing_payment_method]";
        /// The moment by which periods are reckoned, in seconds since the Unix epoch.
        billing_cycle_anchor: i64;
        /// How periods and prorations are reckoned; flexible unless set.
        billing_mode: BillingModeType = "billing_mode[type]";
    } + metadata;
}

calls! {
    /// Creates a Checkout Session with a hosted page.
    /// <https://docs.stripe.com/api/checkout/sessions/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let items = [LineItem { price: "price_1".parse()?, quantity: 1 }];
    /// let urls = ReturnUrls {
    ///     success: "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}".into(),
    ///     cancel: "https://shop.example/cart".into(),
    /// };
    /// let session = CreateSession::subscription(&items, &urls)
    ///     .customer(&"cus_1".parse()?)
    ///     .send(&stripe)
    ///     .await?;
    /// println!("send the customer to {:?}", session.url()?);
    /// # Ok(()) }
    /// ```
    CreateSession[] -> CheckoutSession = Post "/v1/checkout/sessions" {
        /// An existing Customer; excludes `customer_email`.
        customer: &CustomerId;
        /// Fills in the address; excludes `customer`.
        customer_email: &str;
        /// Whether a Customer is made in payment and setup mode.
        customer_creation: CustomerCreation;
        /// Your own reference. The library reads it as the owner.
        client_reference_id: &str;
        /// When the session ends: 30 minutes to 24 hours from now, in seconds
        /// since the Unix epoch.
        expires_at: i64;
        /// The page's language, such as `ja`, or `auto`.
        locale: &str;
        /// Lets the customer enter promotion codes.
        allow_promotion_codes: bool;
        /// What is taken off; at most one, and not with `allow_promotion_codes`.
        discounts: &[DiscountParam];
        /// What the payment gets, in payment mode.
        payment_intent_data: &PaymentData;
        /// What the subscription gets, in subscription mode.
        subscription_data: &SubscriptionData;
        /// Whether a subscription that costs nothing now asks for a payment method.
        payment_method_collection: CollectPaymentMethod;
        /// Kinds of payment method that may not be used.
        excluded_payment_method_types: &[&str];
        /// Makes an invoice, in payment mode.
        invoice_creation: bool = "invoice_creation[enabled]";
        /// Reckons taxes.
        automatic_tax: bool = "automatic_tax[enabled]";
        /// Asks for a telephone number.
        phone_number_collection: bool = "phone_number_collection[enabled]";
        /// Asks where it is to be sent; only to these countries.
        shipping_countries: &[&str] = "shipping_address_collection[allowed_countries]";
        /// Offers a way back to who let the session expire.
        recovery: bool = "after_expiration[recovery][enabled]";
        /// What the button says.
        submit_type: SubmitType;
    } + metadata;

    /// Retrieves a Checkout Session.
    /// <https://docs.stripe.com/api/checkout/sessions/retrieve>
    RetrieveSession(id: &CheckoutSessionId) -> CheckoutSession
        = Get "/v1/checkout/sessions/{id}" {}

    /// Changes a Checkout Session. <https://docs.stripe.com/api/checkout/sessions/update>
    UpdateSession(id: &CheckoutSessionId) -> CheckoutSession
        = Post "/v1/checkout/sessions/{id}" {} + metadata;

    /// Expires an open Checkout Session.
    /// <https://docs.stripe.com/api/checkout/sessions/expire>
    ExpireSession(id: &CheckoutSessionId) -> CheckoutSession
        = Post "/v1/checkout/sessions/{id}/expire" {}

    /// Lists Checkout Sessions, newest first.
    /// <https://docs.stripe.com/api/checkout/sessions/list>
    ListSessions() -> List<CheckoutSession> = Get "/v1/checkout/sessions" {
        /// Only those of this Customer.
        customer: &CustomerId;
        /// Only the one that made this payment.
        payment_intent: &PaymentIntentId;
        /// Only the one that made this subscription.
        subscription: &SubscriptionId;
        /// Only those in this status.
        status: CheckoutStatus;
        /// Only those made at this time.
        created: TimeRange;
    } + list(CheckoutSession, CheckoutSessionId);

    /// Lists what is bought in a Checkout Session.
    /// <https://docs.stripe.com/api/checkout/sessions/line_items>
    ListLineItems(id: &CheckoutSessionId) -> List<CheckoutLine>
        = Get "/v1/checkout/sessions/{id}/line_items" {} + list(CheckoutLine, CheckoutLineId);
}

impl CreateSession {
    /// A session for one payment.
    pub fn payment(items: &[LineItem], urls: &ReturnUrls) -> Self {
        Self::new(&CheckoutMode::Payment, items, urls)
    }

    /// A session that starts a subscription.
    pub fn subscription(items: &[LineItem], urls: &ReturnUrls) -> Self {
        Self::new(&CheckoutMode::Subscription, items, urls)
    }

    /// A session that saves a payment method of a kind that can be charged in
    /// this currency.
    pub fn setup(currency: Currency, urls: &ReturnUrls) -> Self {
        Self::new(&CheckoutMode::Setup, &[], urls).param("currency", currency.as_str())
    }

    fn new(mode: &CheckoutMode, items: &[LineItem], urls: &ReturnUrls) -> Self {
        let start = Self::start().param("mode", mode.as_str());
        let numbered = items.iter().enumerate();
        numbered
            .fold(start, |session, (index, item)| {
                let quantity = item.quantity.to_string();
                session
                    .param(&format!("line_items[{index}][price]"), item.price.as_str())
                    .param(&format!("line_items[{index}][quantity]"), &quantity)
            })
            .param("success_url", &urls.success)
            .param("cancel_url", &urls.cancel)
    }

    /// Adds something at a price made in passing.
    pub fn item(mut self, price: &PriceData, quantity: u32) -> Self {
        let index = self.items();
        let form = self.0.form_mut();
        price.put(form, &format!("line_items[{index}][price_data]"));
        quantity.put(form, &format!("line_items[{index}][quantity]"));
        self
    }

    /// How many there are: each has one quantity.
    fn items(&self) -> usize {
        let keys = self.0.form().iter().map(|(key, _)| key);
        keys.filter(|key| key.starts_with("line_items[") && key.ends_with("][quantity]"))
            .count()
    }

    /// Sets one key of the metadata of the payment that the session makes.
    pub fn payment_metadata(self, key: &str, value: &str) -> Self {
        self.param(&format!("payment_intent_data[metadata][{key}]"), value)
    }

    /// Sets one key of the metadata of the subscription that the session starts.
    pub fn subscription_metadata(self, key: &str, value: &str) -> Self {
        self.param(&format!("subscription_data[metadata][{key}]"), value)
    }
}
