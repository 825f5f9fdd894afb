//! Rows of the projections.

use crate::checkout::{CheckoutMode, CheckoutStatus, PaymentStatus};
use crate::dispute::DisputeStatus;
use crate::id::{
    ChargeId, CheckoutSessionId, CustomerId, DisputeId, InvoiceId, PaymentIntentId,
    PaymentMethodId, PriceId, ProductId, RefundId, SubscriptionId, SubscriptionItemId,
    SubscriptionScheduleId,
};
use crate::invoice::{BillingReason, InvoiceStatus};
use crate::money::{Amount, Currency};
use crate::refund::{RefundReason, RefundStatus};
use crate::store::record::records;
use crate::store::{InvoiceCursor, Owner};
use crate::subscription::{CollectionMethod, PauseCollectionBehavior, SubscriptionStatus};
use crate::subscription_schedule::{EndBehavior, ScheduleStatus};

records! {
    /// The state of one Customer, as far as billing needs it: no name, no address.
    CustomerRow in "stripegym_customer_objects" {
        /// The customer.
        id: CustomerId,
        /// What is charged where a subscription or invoice names nothing else.
        default_payment_method: Option<PaymentMethodId>,
        /// What they owe from, or have left of, earlier invoices, in minor
        /// units; negative is credit.
        balance: i64,
        /// The currency of the balance, once there is one.
        currency: Option<Currency>,
        /// Whether an invoice is past due.
        delinquent: bool,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }

    /// The state of one Checkout Session.
    CheckoutSessionRow in "stripegym_checkout_sessions" {
        /// The session.
        id: CheckoutSessionId,
        /// Whose it is, if we know.
        owner: Option<Owner>,
        /// The Stripe customer, once there is one.
        customer: Option<CustomerId>,
        /// What it is for.
        mode: CheckoutMode,
        /// Where it stands.
        status: CheckoutStatus,
        /// Whether the money is there.
        payment_status: PaymentStatus,
        /// True when a delayed payment came to nothing.
        payment_failed: bool,
        /// Minor units; there is none without a price.
        amount_total: Option<i64>,
        /// The currency of the total.
        currency: Option<Currency>,
        /// The payment, once there is one.
        payment_intent: Option<PaymentIntentId>,
        /// The subscription, once there is one.
        subscription: Option<SubscriptionId>,
        /// What was bought, from the metadata key `product_name`.
        product_name: Option<String>,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }

    /// The state of one Subscription; its items are rows of their own.
    SubscriptionFields in "stripegym_subscriptions" {
        /// The subscription.
        id: SubscriptionId,
        /// Who pays.
        customer: CustomerId,
        /// Where it stands.
        status: SubscriptionStatus,
        /// When the current period began: of its items the latest, in seconds
        /// since the Unix epoch.
        current_period_start: Option<i64>,
        /// When something is renewed next.
        current_period_end: Option<i64>,
        /// A date set for its end.
        cancel_at: Option<i64>,
        /// True when it ends with the current period.
        cancel_at_period_end: bool,
        /// When it was canceled, or told to end.
        canceled_at: Option<i64>,
        /// When it ended.
        ended_at: Option<i64>,
        /// When the trial began.
        trial_start: Option<i64>,
        /// When the trial ends.
        trial_end: Option<i64>,
        /// What becomes of invoices while collection is paused.
        pause_collection: Option<PauseCollectionBehavior>,
        /// When collection starts again.
        pause_resumes_at: Option<i64>,
        /// The schedule that manages it.
        schedule: Option<SubscriptionScheduleId>,
        /// How invoices are collected.
        collection_method: CollectionMethod,
        /// What is charged, unless the customer's own default.
        default_payment_method: Option<PaymentMethodId>,
        /// The last invoice.
        latest_invoice: Option<InvoiceId>,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }

    /// One thing that a subscription is made of.
    SubscriptionItemRow in "stripegym_subscription_items" {
        /// The item.
        id: SubscriptionItemId,
        /// The subscription.
        subscription: SubscriptionId,
        /// Its price.
        price: PriceId,
        /// What it is a price of.
        product: Option<ProductId>,
        /// So many; absent where a meter counts.
        quantity: Option<i64>,
        /// When its current period began, in seconds since the Unix epoch.
        current_period_start: Option<i64>,
        /// When its current period ends.
        current_period_end: Option<i64>,
    }

    /// The state of one Subscription Schedule.
    SubscriptionScheduleRow in "stripegym_subscription_schedules" {
        /// The schedule.
        id: SubscriptionScheduleId,
        /// Who pays.
        customer: CustomerId,
        /// The subscription that it manages, or managed.
        subscription: Option<SubscriptionId>,
        /// Where it stands.
        status: ScheduleStatus,
        /// What becomes of the subscription afterwards.
        end_behavior: EndBehavior,
        /// When the current phase began, in seconds since the Unix epoch.
        current_phase_start: Option<i64>,
        /// When the current phase ends.
        current_phase_end: Option<i64>,
        /// The phases, as JSON: `[{"start":1,"end":2,"items":[{"price":"price_1","quantity":1}]}]`.
        phases: String,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }

    /// The state of one Invoice.
    InvoiceRow in "stripegym_invoices" {
        /// The invoice.
        id: InvoiceId,
        /// Who pays.
        customer: Option<CustomerId>,
        /// The subscription that it belongs to.
        subscription: Option<SubscriptionId>,
        /// Where it stands.
        status: InvoiceStatus,
        /// The number that people read, once it is final.
        number: Option<String>,
        /// The currency of the amounts.
        currency: Currency,
        /// Minor units, discounts and taxes included.
        total: i64,
        /// What is to pay, in minor units.
        amount_due: i64,
        /// What was paid, in minor units.
        amount_paid: i64,
        /// Why it was made.
        billing_reason: Option<BillingReason>,
        /// How often Stripe has tried to collect it.
        attempt_count: i64,
        /// When Stripe tries next, in seconds since the Unix epoch.
        next_payment_attempt: Option<i64>,
        /// When it is due.
        due_date: Option<i64>,
        /// When it was paid.
        paid_at: Option<i64>,
        /// The page at which it can be paid.
        hosted_invoice_url: Option<String>,
        /// The document.
        invoice_pdf: Option<String>,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }

    /// The state of one Refund.
    RefundRow in "stripegym_refunds" {
        /// The refund.
        id: RefundId,
        /// Of what payment.
        payment_intent: Option<PaymentIntentId>,
        /// Of what charge.
        charge: Option<ChargeId>,
        /// Minor units.
        amount: i64,
        /// The currency of the amount.
        currency: Currency,
        /// Where it stands.
        status: Option<RefundStatus>,
        /// Why money is given back.
        reason: Option<RefundReason>,
        /// Why it failed.
        failure_reason: Option<String>,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }

    /// The state of one Dispute.
    DisputeRow in "stripegym_disputes" {
        /// The dispute.
        id: DisputeId,
        /// Of what payment.
        payment_intent: Option<PaymentIntentId>,
        /// Of what charge.
        charge: ChargeId,
        /// Minor units.
        amount: i64,
        /// The currency of the amount.
        currency: Currency,
        /// Where it stands.
        status: DisputeStatus,
        /// Why, in the bank's categories.
        reason: String,
        /// Until when an answer counts, in seconds since the Unix epoch.
        evidence_due_by: Option<i64>,
        /// When Stripe made it, in seconds since the Unix epoch.
        created: i64,
        /// True for real money.
        livemode: bool,
    }
}

impl CheckoutSessionRow {
    /// The total, for sessions with a price.
    #[must_use]
    pub fn total(&self) -> Option<Amount> {
        Some(Amount::new(self.amount_total?, self.currency?))
    }
}

impl InvoiceRow {
    /// The place after this invoice.
    #[must_use]
    pub fn cursor(&self) -> InvoiceCursor {
        InvoiceCursor {
            created: self.created,
            id: self.id.clone(),
        }
    }
}

/// The state of one Subscription with its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// All but the items.
    pub fields: SubscriptionFields,
    /// The items, by id.
    pub items: Vec<SubscriptionItemRow>,
}

impl SubscriptionRow {
    /// Whether the customer may use what they pay for; see
    /// [`SubscriptionStatus::grants_access`].
    #[must_use]
    pub fn grants_access(&self) -> bool {
        self.fields.status.grants_access()
    }

    /// When it will end, if somebody has said so either way, in seconds since
    /// the Unix epoch.
    #[must_use]
    pub fn ends_at(&self) -> Option<i64> {
        let with_period = self.fields.cancel_at_period_end;
        let period_end = self.fields.current_period_end.filter(|_| with_period);
        self.fields.cancel_at.or(period_end)
    }
}
