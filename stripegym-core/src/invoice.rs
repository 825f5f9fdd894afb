//! Invoices. <https://docs.stripe.com/api/invoices>

mod line;
#[cfg(feature = "client")]
mod requests;
mod shapes;

use serde_json::{Map, Value};

use crate::customer::Customer;
use crate::discount::{self, Discount};
use crate::id::{
    ChargeId, CustomerId, DiscountId, InvoiceId, PaymentIntentId, PaymentMethodId, SubscriptionId,
    TestClockId,
};
use crate::invoice_payment::InvoicePayment;
use crate::money::Currency;
use crate::object::{Expandable, Field, List, string_enums, views};
use crate::payment_intent::PaymentIntent;
use crate::payment_method::PaymentMethod;
use crate::subscription::{CollectionMethod, Subscription};

use discount::{ids as discount_ids, objects as discount_objects};
use shapes::{
    charges, client_secret, is_paid, parent_subscription_object, payment_intent_objects,
    payment_intents, subscription_metadata, tax_total,
};

#[cfg(test)]
pub(crate) use line::VIEWS as LINE_VIEWS;
pub use line::{InvoiceLine, InvoiceLineKind};
#[cfg(feature = "client")]
pub use requests::*;
pub(crate) use shapes::{line_price, parent_subscription};

string_enums! {
    /// Where an invoice stands.
    InvoiceStatus {
        /// May still change.
        Draft = "draft",
        /// Final, and to be paid.
        Open = "open",
        /// Paid, or nothing to pay.
        Paid = "paid",
        /// Written off; may still be paid.
        Uncollectible = "uncollectible",
        /// Void.
        Void = "void",
    }

    /// Why an invoice was made.
    BillingReason {
        /// By hand.
        Manual = "manual",
        /// A subscription began.
        SubscriptionCreate = "subscription_create",
        /// A new period began.
        SubscriptionCycle = "subscription_cycle",
        /// A subscription changed.
        SubscriptionUpdate = "subscription_update",
        /// Usage went over a threshold.
        SubscriptionThreshold = "subscription_threshold",
        /// A subscription, before these reasons were told apart.
        Subscription = "subscription",
        /// Only a preview.
        Upcoming = "upcoming",
        /// From a quote.
        QuoteAccept = "quote_accept",
        /// From what was waiting for an invoice.
        AutomaticPendingInvoiceItemInvoice = "automatic_pending_invoice_item_invoice",
    }

    /// Why an invoice was written off.
    UncollectibleReason {
        /// Stripe tried often enough.
        MaxPaymentAttempts = "max_payment_attempts",
        /// Nothing came.
        PaymentNotReceived = "payment_not_received",
        /// The subscription was canceled.
        SubscriptionCanceled = "subscription_canceled",
        /// The subscription was paused.
        SubscriptionPaused = "subscription_paused",
        /// You forgave it.
        UserForgiven = "user_forgiven",
    }
}

views! {
    /// An Invoice. <https://docs.stripe.com/api/invoices/object>
    Invoice("invoice") {
        /// Its id; absent from a preview before 2025.
        id: Option<&str>;
        /// The id, as a type.
        invoice_id: InvoiceId = "id";
        /// Where it stands; absent from a preview.
        status: Option<InvoiceStatus>;
        /// Whether it is paid, in every API version.
        is_paid: bool => is_paid ["status", "paid"];
        /// The number that people read, once it is final.
        number: Option<&str>;
        /// Who pays.
        customer: Option<Expandable<CustomerId>>, customer_object: Customer;
        /// Where it is sent.
        customer_email: Option<&str>;
        /// The name on it.
        customer_name: Option<&str>;
        /// The subscription that it belongs to, in every API version: since
        /// basil it is told by `parent`.
        subscription_id: Option<SubscriptionId> => parent_subscription ["parent", "subscription"];
        /// The subscription itself, where it was expanded.
        subscription_object: Option<Subscription>
            => parent_subscription_object ["parent", "subscription"];
        /// The subscription's metadata when the invoice was made, in every API version.
        subscription_metadata: Option<&Map<String, Value>>
            => subscription_metadata ["parent", "subscription_details"];
        /// Its payments; absent unless expanded, and not there before basil.
        payments: Field<List<InvoicePayment>>;
        /// The Payment Intents that it is or was to be paid by, in every API
        /// version. Since basil `payments` must be expanded for it, or read
        /// `ListInvoicePayments`.
        payment_intents: Vec<PaymentIntentId> => payment_intents ["payments", "payment_intent"];
        /// Those of its Payment Intents that Stripe sent in full.
        payment_intent_objects: Vec<PaymentIntent>
            => payment_intent_objects ["payments", "payment_intent"];
        /// The Charges that it was paid by without a Payment Intent, and
        /// before basil all of them.
        charges: Vec<ChargeId> => charges ["payments", "charge"];
        /// What the customer's browser needs to pay, in every API version:
        /// since basil `confirmation_secret` must be expanded, before that
        /// `payment_intent`.
        client_secret: Field<&str> => client_secret ["confirmation_secret", "payment_intent"];
        /// What is to pay, in minor units.
        amount_due: i64;
        /// What was paid, in minor units.
        amount_paid: i64;
        /// What is still to pay, in minor units.
        amount_remaining: i64;
        /// What was paid beyond what was due, since basil.
        amount_overpaid: Option<i64>;
        /// Whether it was paid outside Stripe, before basil; since then its
        /// Invoice Payments tell.
        paid_out_of_band: Option<bool>;
        /// What credit notes took off before it was paid, in minor units.
        pre_payment_credit_notes_amount: Option<i64>;
        /// The currency of the amounts.
        currency: Currency;
        /// Before discounts and taxes.
        subtotal: i64;
        /// After discounts and taxes.
        total: i64;
        /// After discounts, without taxes.
        total_excluding_tax: Option<i64>;
        /// The taxes, in every API version.
        tax_total: i64 => tax_total ["total_taxes", "tax", "total_tax_amounts"];
        /// Its discounts, in every API version.
        discount_ids: Vec<DiscountId> => discount_ids ["discounts", "discount"];
        /// Those of its discounts that Stripe sent in full.
        discount_objects: Vec<Discount> => discount_objects ["discounts", "discount"];
        /// What is charged; more than fit on the first page are had by `ListInvoiceLines`.
        lines: List<InvoiceLine>;
        /// Why it was made.
        billing_reason: Option<BillingReason>;
        /// How it is collected.
        collection_method: CollectionMethod;
        /// Whether Stripe goes on with it by itself.
        auto_advance: Option<bool>;
        /// Whether Stripe has tried to collect it.
        attempted: bool;
        /// How often Stripe has tried by itself.
        attempt_count: i64;
        /// When Stripe tries next.
        next_payment_attempt: Option<i64>;
        /// What is charged, unless that of subscription or customer.
        default_payment_method: Option<Expandable<PaymentMethodId>>,
            default_payment_method_object: PaymentMethod;
        /// When it is due.
        due_date: Option<i64>;
        /// The page at which it can be paid.
        hosted_invoice_url: Option<&str>;
        /// The document.
        invoice_pdf: Option<&str>;
        /// What the customer had left before, in minor units; negative is credit.
        starting_balance: Option<i64>;
        /// What the customer has left after it, once it is final.
        ending_balance: Option<i64>;
        /// Of what happened before the invoice. The period that is paid for is on its lines.
        period_start: i64;
        /// Of what happened before the invoice. The period that is paid for is on its lines.
        period_end: i64;
        /// When it became final.
        finalized_at: Option<i64> = "status_transitions"."finalized_at";
        /// When it was paid.
        paid_at: Option<i64> = "status_transitions"."paid_at";
        /// When it was voided.
        voided_at: Option<i64> = "status_transitions"."voided_at";
        /// Why it was written off.
        uncollectible_because: Option<UncollectibleReason>
            = "status_details"."uncollectible"."reason";
        /// The clock that it lives by, in tests.
        test_clock: Option<Expandable<TestClockId>>;
        /// A note on it.
        description: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
