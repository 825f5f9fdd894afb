//! Calls on Subscriptions.

use crate::client::{List, Param, SearchPage, TimeRange, When, calls, parts};
use crate::discount::DiscountParam;
use crate::form::Form;
use crate::id::{
    CouponId, CustomerId, PaymentMethodId, PriceId, SubscriptionId, SubscriptionItemId, TestClockId,
};
use crate::money::Currency;
use crate::object::string_enums;
use crate::price::PriceData;
use crate::subscription::{
    BillingModeType, CollectionMethod, MissingPaymentMethod, PauseCollectionBehavior,
    PaymentBehavior, ProrationBehavior, Subscription, SubscriptionStatus,
};

/// What becomes of the billing cycle when a subscription changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleAnchor {
    /// A new cycle begins now.
    Now,
    /// The cycle stays.
    Unchanged,
}

/// The object that updates take since endive (2026-09-30).
impl Param for CycleAnchor {
    fn put(self, form: &mut Form, key: &str) {
        let text = match self {
            Self::Now => "now",
            Self::Unchanged => "unchanged",
        };
        form.set(format!("{key}[type]"), text);
    }
}

string_enums! {
    /// When a resumed subscription is active again.
    ResumeBehavior {
        /// As soon as the payment is tried.
        OnPaymentAttempt = "resume_on_payment_attempt",
        /// Once it is paid.
        OnPaymentSuccess = "resume_on_payment_success",
    }

    /// What becomes of the rest of a period that is paused.
    PauseInvoicing {
        /// Is invoiced at once.
        Invoice = "invoice",
        /// Goes on the next invoice.
        PendingInvoiceItem = "pending_invoice_item",
    }

    /// What the customer says about leaving.
    CancellationFeedback {
        /// Support.
        CustomerService = "customer_service",
        /// Quality.
        LowQuality = "low_quality",
        /// Something lacks.
        MissingFeatures = "missing_features",
        /// Another reason.
        Other = "other",
        /// Another product.
        SwitchedService = "switched_service",
        /// Hard to use.
        TooComplex = "too_complex",
        /// The price.
        TooExpensive = "too_expensive",
        /// No use for it.
        Unused = "unused",
    }
}

parts! {
    /// One thing that a subscription is made of, or one change to it.
    ItemParam[] {
        /// So many.
        quantity: u32;
        /// Discounts for this item alone.
        discounts: &[DiscountParam];
    } + metadata;
}

impl ItemParam {
    /// Something new, at this price.
    pub fn new(price: &PriceId) -> Self {
        Self::start().param("price", price.as_str())
    }

    /// Something new, at a price made in passing.
    pub fn at(price: &PriceData) -> Self {
        let Self(mut form) = Self::start();
        price.put(&mut form, "price_data");
        Self(form)
    }

    /// An item that there is: its quantity changes. Without the id, an update
    /// would add a second item.
    pub fn existing(id: &SubscriptionItemId) -> Self {
        Self::start().param("id", id.as_str())
    }

    /// An item that there is gets this price.
    pub fn change(id: &SubscriptionItemId, price: &PriceId) -> Self {
        Self::existing(id).param("price", price.as_str())
    }

    /// An item that there is goes away.
    pub fn remove(id: &SubscriptionItemId) -> Self {
        Self::existing(id).param("deleted", "true")
    }
}

calls! {
    /// Creates a Subscription. <https://docs.stripe.com/api/subscriptions/create>
    CreateSubscription(; customer: &CustomerId, items: &[ItemParam]) -> Subscription
        = Post "/v1/subscriptions" {
        /// What is charged, unless the customer's own default.
        default_payment_method: &PaymentMethodId;
        /// How invoices are collected.
        collection_method: CollectionMethod;
        /// Days until a sent invoice is due.
        days_until_due: u32;
        /// What becomes of it when the first payment fails.
        payment_behavior: PaymentBehavior;
        /// What becomes of a first period that is not a whole one.
        proration_behavior: ProrationBehavior;
        /// Days of trial.
        trial_period_days: u32;
        /// The end of the trial.
        trial_end: When;
        /// What becomes of a trial that ends without a payment method.
        missing_payment_method: MissingPaymentMethod
            = "trial_settings[end_behavior][missing_payment_method]";
        /// The moment by which periods are reckoned, in seconds since the Unix epoch.
        billing_cycle_anchor: i64;
        /// How periods and prorations are reckoned; flexible unless set.
        billing_mode: BillingModeType = "billing_mode[type]";
        /// A moment in the past from which it counts.
        backdate_start_date: i64;
        /// A date set for its end.
        cancel_at: i64;
        /// Ends it with the current period.
        cancel_at_period_end: bool;
        /// What is taken off.
        discounts: &[DiscountParam];
        /// The currency, where a price has several.
        currency: Currency;
        /// A text for the customer.
        description: &str;
        /// True when the customer is not there to confirm anything.
        off_session: bool;
    } + metadata;

    /// Retrieves a Subscription. <https://docs.stripe.com/api/subscriptions/retrieve>
    RetrieveSubscription(id: &SubscriptionId) -> Subscription = Get "/v1/subscriptions/{id}" {}

    /// Changes a Subscription. <https://docs.stripe.com/api/subscriptions/update>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::subscription::{ItemParam, ProrationBehavior, UpdateSubscription};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// // Another price for an item that there is; without its id, a second one would be added.
    /// let change = [ItemParam::change(&"si_1".parse()?, &"price_2".parse()?)];
    /// let subscription = UpdateSubscription::new(&"sub_1".parse()?)
    ///     .items(&change)
    ///     .proration_behavior(ProrationBehavior::AlwaysInvoice)
    ///     .send(&stripe)
    ///     .await?;
    /// println!("paid until {}", subscription.current_period_end()?);
    /// # Ok(()) }
    /// ```
    UpdateSubscription(id: &SubscriptionId) -> Subscription = Post "/v1/subscriptions/{id}" {
        /// The items that change; those not named stay.
        items: &[ItemParam];
        /// What is charged, unless the customer's own default.
        default_payment_method: &PaymentMethodId;
        /// How invoices are collected.
        collection_method: CollectionMethod;
        /// Days until a sent invoice is due.
        days_until_due: u32;
        /// What becomes of the change when it cannot be paid.
        payment_behavior: PaymentBehavior;
        /// What becomes of the rest of the period.
        proration_behavior: ProrationBehavior;
        /// The moment from which the rest is reckoned; that of the preview, to
        /// charge what the preview showed.
        proration_date: i64;
        /// What becomes of the billing cycle. Versions before endive take a bare
        /// text: there, `param("billing_cycle_anchor", "now")`.
        billing_cycle_anchor: CycleAnchor;
        /// The end of the trial.
        trial_end: When;
        /// What becomes of a trial that ends without a payment method.
        missing_payment_method: MissingPaymentMethod
            = "trial_settings[end_behavior][missing_payment_method]";
        /// Ends it with the current period; false takes that back.
        cancel_at_period_end: bool;
        /// A date set for its end.
        cancel_at: i64;
        /// What the customer says about leaving.
        feedback: CancellationFeedback = "cancellation_details[feedback]";
        /// The same, in their own words.
        comment: &str = "cancellation_details[comment]";
        /// What becomes of invoices while their collection is paused.
        /// `param("pause_collection", "")` ends the pause.
        pause_collection: PauseCollectionBehavior = "pause_collection[behavior]";
        /// When collection starts again by itself.
        pause_collection_resumes_at: i64 = "pause_collection[resumes_at]";
        /// What is taken off, in place of what was.
        discounts: &[DiscountParam];
        /// A text for the customer.
        description: &str;
        /// True when the customer is not there to confirm anything.
        off_session: bool;
    } + metadata;

    /// Cancels a Subscription at once. To let it run out instead, update it
    /// with `cancel_at_period_end`. <https://docs.stripe.com/api/subscriptions/cancel>
    CancelSubscription(id: &SubscriptionId) -> Subscription = Delete "/v1/subscriptions/{id}" {
        /// Invoices what is not invoiced yet.
        invoice_now: bool;
        /// Credits the rest of the period.
        prorate: bool;
        /// What the customer says about leaving.
        feedback: CancellationFeedback = "cancellation_details[feedback]";
        /// The same, in their own words.
        comment: &str = "cancellation_details[comment]";
    }

    /// Resumes a paused Subscription. <https://docs.stripe.com/api/subscriptions/resume>
    ResumeSubscription(id: &SubscriptionId) -> Subscription
        = Post "/v1/subscriptions/{id}/resume" {
        /// What becomes of the billing cycle.
        billing_cycle_anchor: CycleAnchor;
        /// When it is active again.
        payment_behavior: ResumeBehavior;
        /// What becomes of the rest of the period.
        proration_behavior: ProrationBehavior;
        /// The moment from which the rest is reckoned.
        proration_date: i64;
    }

    /// Pauses a Subscription: no periods, no invoices, until it is resumed.
    /// Needs endive (2026-09-30). <https://docs.stripe.com/api/subscriptions/pause>
    PauseSubscription(id: &SubscriptionId) -> Subscription
        = Post "/v1/subscriptions/{id}/pause" {
        /// What becomes of the rest of the period.
        invoicing_behavior: PauseInvoicing;
    }

    /// Lists Subscriptions, newest first; canceled ones only when asked for.
    /// <https://docs.stripe.com/api/subscriptions/list>
    ListSubscriptions() -> List<Subscription> = Get "/v1/subscriptions" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those at this price.
        price: &PriceId;
        /// Only those in this status. See also `all`.
        status: SubscriptionStatus;
        /// Only those collected like this.
        collection_method: CollectionMethod;
        /// Only those made at this time.
        created: TimeRange;
        /// Only those whose period ends at this time.
        current_period_end: TimeRange;
        /// Only those that live by this clock.
        test_clock: &TestClockId;
    } + list(Subscription, SubscriptionId);

    /// Searches Subscriptions. <https://docs.stripe.com/api/subscriptions/search>
    SearchSubscriptions(; query: &str) -> SearchPage<Subscription>
        = Get "/v1/subscriptions/search" {} + search(Subscription);

    /// Moves a Subscription to flexible billing; there is no way back.
    /// <https://docs.stripe.com/api/subscriptions/migrate>
    MigrateSubscription[id: &SubscriptionId] -> Subscription
        = Post "/v1/subscriptions/{id}/migrate" {}
}

impl UpdateSubscription {
    /// Takes off what this coupon says, in place of what was.
    pub fn coupon(self, coupon: &CouponId) -> Self {
        self.discounts(&[DiscountParam::coupon(coupon)])
    }
}

impl ListSubscriptions {
    /// Canceled ones, too.
    pub fn all(self) -> Self {
        self.param("status", "all")
    }
}

impl MigrateSubscription {
    /// The Subscription to move.
    pub fn new(id: &SubscriptionId) -> Self {
        Self::start(id).param("billing_mode[type]", "flexible")
    }
}
