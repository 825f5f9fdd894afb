//! Refunds. <https://docs.stripe.com/api/refunds>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::balance_transaction::BalanceTransaction;
use crate::charge::Charge;
use crate::id::{
    BalanceTransactionId, ChargeId, CustomerId, PaymentIntentId, PaymentMethodId, RefundId,
};
use crate::money::Currency;
use crate::object::{Expandable, Field, string_enums, views};
use crate::payment_intent::PaymentIntent;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a refund stands.
    RefundStatus {
        /// Under way.
        Pending = "pending",
        /// The customer has to do something.
        RequiresAction = "requires_action",
        /// On its way to the customer; may still fail.
        Succeeded = "succeeded",
        /// It did not get there.
        Failed = "failed",
        /// Taken back.
        Canceled = "canceled",
    }

    /// Why money is given back.
    RefundReason {
        /// It was paid twice.
        Duplicate = "duplicate",
        /// It was no honest purchase.
        Fraudulent = "fraudulent",
        /// The customer asked for it.
        RequestedByCustomer = "requested_by_customer",
        /// It was set aside and never taken.
        ExpiredUncapturedCharge = "expired_uncaptured_charge",
    }
}

views! {
    /// A Refund. <https://docs.stripe.com/api/refunds/object>
    Refund("refund") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        refund_id: RefundId = "id";
        /// Where it stands.
        status: Option<RefundStatus>;
        /// Minor units.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
        /// Of what charge.
        charge: Option<Expandable<ChargeId>>, charge_object: Charge;
        /// Of what Payment Intent.
        payment_intent: Option<Expandable<PaymentIntentId>>, payment_intent_object: PaymentIntent;
        /// Whose; absent before 2026-07-29.
        customer: Field<Expandable<CustomerId>>;
        /// Where it goes; absent before 2026-07-29.
        payment_method: Field<Expandable<PaymentMethodId>>;
        /// What it means for the balance.
        balance_transaction: Option<Expandable<BalanceTransactionId>>,
            balance_transaction_object: BalanceTransaction;
        /// What its failure means for the balance.
        failure_balance_transaction: Option<Expandable<BalanceTransactionId>>;
        /// Why it failed.
        failure_reason: Option<&str>;
        /// Why money is given back.
        reason: Option<RefundReason>;
        /// A note for yourself.
        description: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
