//! Subscriptions. <https://docs.stripe.com/api/subscriptions>

#[cfg(feature = "client")]
mod requests;
mod shapes;

use serde_json::{Map, Value};

use crate::customer::Customer;
use crate::discount::{self, Discount};
use crate::id::{
    CustomerId, DiscountId, InvoiceId, PaymentMethodId, SetupIntentId, SubscriptionId,
    SubscriptionScheduleId, TestClockId,
};
use crate::invoice::Invoice;
use crate::money::Currency;
use crate::object::{Expandable, List, string_enums, views};
use crate::payment_method::PaymentMethod;
use crate::setup_intent::SetupIntent;
use crate::subscription_item::SubscriptionItem;
use crate::subscription_schedule::SubscriptionSchedule;

use discount::{ids as discount_ids, objects as discount_objects};
use shapes::{billing_mode, current_period_end, current_period_start, ends_at};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a subscription stands.
    SubscriptionStatus {
        /// The first payment is awaited, for 23 hours.
        Incomplete = "incomplete",
        /// It never came. Final.
        IncompleteExpired = "incomplete_expired",
        /// In its trial.
        Trialing = "trialing",
        /// In good standing.
        Active = "active",
        /// A renewal is not paid; Stripe tries again.
        PastDue = "past_due",
        /// Ended. Final.
        Canceled = "canceled",
        /// Stripe has given up trying; invoices are still made.
        Unpaid = "unpaid",
        /// Suspended: no invoices until it is resumed.
        Paused = "paused",
    }

    /// How invoices are collected.
    CollectionMethod {
        /// By charging the payment method.
        ChargeAutomatically = "charge_automatically",
        /// By sending them.
        SendInvoice = "send_invoice",
    }

    /// What becomes of the rest of a period when something changes within it.
    ProrationBehavior {
        /// Goes on the next invoice.
        CreateProrations = "create_prorations",
        /// Is invoiced at once.
        AlwaysInvoice = "always_invoice",
        /// Nothing.
        None = "none",
    }

    /// What becomes of a change that cannot be paid.
    PaymentBehavior {
        /// It happens; the subscription waits for the payment.
        AllowIncomplete = "allow_incomplete",
        /// The customer confirms the first payment.
        DefaultIncomplete = "default_incomplete",
        /// It does not happen.
        ErrorIfIncomplete = "error_if_incomplete",
        /// It happens once it is paid.
        PendingIfIncomplete = "pending_if_incomplete",
    }

    /// How periods and prorations are reckoned.
    BillingModeType {
        /// The old way.
        Classic = "classic",
        /// The usual way since clover.
        Flexible = "flexible",
    }

    /// What becomes of invoices while their collection is paused.
    PauseCollectionBehavior {
        /// They stay drafts.
        KeepAsDraft = "keep_as_draft",
        /// They are written off.
        MarkUncollectible = "mark_uncollectible",
        /// They are voided.
        Void = "void",
    }

    /// What becomes of a trial that ends without a payment method.
    MissingPaymentMethod {
        /// The subscription is canceled.
        Cancel = "cancel",
        /// An invoice is made all the same.
        CreateInvoice = "create_invoice",
        /// The subscription is paused.
        Pause = "pause",
    }

    /// Why a subscription was canceled.
    CancellationReason {
        /// Somebody asked for it.
        CancellationRequested = "cancellation_requested",
        /// A payment was disputed.
        PaymentDisputed = "payment_disputed",
        /// A payment failed for good.
        PaymentFailed = "payment_failed",
        /// A rule of the account's own.
        CanceledByRetentionPolicy = "canceled_by_retention_policy",
    }

    /// Why a subscription is paused.
    PauseType {
        /// The last try to collect failed.
        FinalPaymentFailure = "final_payment_failure",
        /// The first payment failed.
        FirstPaymentFailure = "first_payment_failure",
        /// Somebody asked for it.
        PauseRequested = "pause_requested",
        /// Stripe did it.
        System = "system",
        /// A trial ended without a payment method.
        TrialEndWithoutPaymentMethod = "trial_end_without_payment_method",
    }
}

impl SubscriptionStatus {
    /// Whether a subscription in this status entitles its customer: in a trial,
    /// in good standing, and while Stripe still tries to collect a renewal. A
    /// status newer than this library never does.
    /// <https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses>
    #[must_use]
    pub const fn grants_access(&self) -> bool {
        match self {
            Self::Trialing | Self::Active | Self::PastDue => true,
            Self::Incomplete
            | Self::IncompleteExpired
            | Self::Canceled
            | Self::Unpaid
            | Self::Paused
            | Self::Unknown(_) => false,
        }
    }

    /// Whether it is over: no other status ever follows.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

views! {
    /// A Subscription. <https://docs.stripe.com/api/subscriptions/object>
    Subscription("subscription") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        subscription_id: SubscriptionId = "id";
        /// Where it stands.
        status: SubscriptionStatus;
        /// Who pays.
        customer: Expandable<CustomerId>, customer_object: Customer;
        /// What is paid for; more than fit on the first page are had by `ListSubscriptionItems`.
        items: List<SubscriptionItem>;
        /// When the current period began, in every API version: since basil it
        /// is told by the items, and where theirs differ this is the latest.
        current_period_start: i64 => current_period_start ["current_period_start", "items"];
        /// When the current period ends and something is renewed, in every API
        /// version: since basil it is told by the items, and where theirs
        /// differ this is the earliest.
        current_period_end: i64 => current_period_end ["current_period_end", "items"];
        /// The currency of its invoices.
        currency: Currency;
        /// How invoices are collected.
        collection_method: CollectionMethod;
        /// Days until a sent invoice is due.
        days_until_due: Option<i64>;
        /// What is charged, unless the customer's own default.
        default_payment_method: Option<Expandable<PaymentMethodId>>,
            default_payment_method_object: PaymentMethod;
        /// The last invoice.
        latest_invoice: Option<Expandable<InvoiceId>>, latest_invoice_object: Invoice;
        /// What the customer has to confirm before the payment method is known.
        pending_setup_intent: Option<Expandable<SetupIntentId>>,
            pending_setup_intent_object: SetupIntent;
        /// The schedule that manages it; while there is one, change that.
        schedule: Option<Expandable<SubscriptionScheduleId>>, schedule_object: SubscriptionSchedule;
        /// Its discounts, in every API version.
        discount_ids: Vec<DiscountId> => discount_ids ["discounts", "discount"];
        /// Those of its discounts that Stripe sent in full.
        discount_objects: Vec<Discount> => discount_objects ["discounts", "discount"];
        /// How periods and prorations are reckoned; `None` before it was told.
        billing_mode: Option<BillingModeType> => billing_mode ["billing_mode"];
        /// The moment by which periods are reckoned, in seconds since the Unix epoch.
        billing_cycle_anchor: i64;
        /// True when it ends with the current period. See also `ends_at`.
        cancel_at_period_end: bool;
        /// A date set for its end.
        cancel_at: Option<i64>;
        /// When it will end, if somebody has said so either way.
        ends_at: Option<i64> => ends_at [
            "cancel_at", "cancel_at_period_end", "current_period_end", "items"
        ];
        /// When it was canceled, or told to end.
        canceled_at: Option<i64>;
        /// When it ended.
        ended_at: Option<i64>;
        /// Why it was canceled.
        cancellation_reason: Option<CancellationReason> = "cancellation_details"."reason";
        /// What the customer said about it.
        cancellation_comment: Option<&str> = "cancellation_details"."comment";
        /// What becomes of invoices, where their collection is paused.
        pause_collection: Option<PauseCollectionBehavior> = "pause_collection"."behavior";
        /// When collection starts again.
        pause_collection_resumes_at: Option<i64> = "pause_collection"."resumes_at";
        /// Why it is paused, where its status is.
        paused_because: Option<PauseType> = "status_details"."paused"."type";
        /// When the trial began.
        trial_start: Option<i64>;
        /// When the trial ends.
        trial_end: Option<i64>;
        /// What becomes of a trial that ends without a payment method.
        missing_payment_method: Option<MissingPaymentMethod>
            = "trial_settings"."end_behavior"."missing_payment_method";
        /// The clock that it lives by, in tests.
        test_clock: Option<Expandable<TestClockId>>;
        /// A text for the customer.
        description: Option<&str>;
        /// Seconds since the Unix epoch.
        start_date: i64;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
