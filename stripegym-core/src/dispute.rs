//! Disputes. <https://docs.stripe.com/api/disputes>

use serde_json::{Map, Value};

use crate::balance_transaction::BalanceTransaction;
use crate::charge::Charge;
use crate::id::{ChargeId, DisputeId, PaymentIntentId};
use crate::money::Currency;
use crate::object::{Expandable, string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a dispute stands.
    DisputeStatus {
        /// An inquiry that wants an answer; no money has moved.
        WarningNeedsResponse = "warning_needs_response",
        /// An inquiry that the bank looks at.
        WarningUnderReview = "warning_under_review",
        /// An inquiry that came to nothing.
        WarningClosed = "warning_closed",
        /// It wants an answer.
        NeedsResponse = "needs_response",
        /// The bank looks at it.
        UnderReview = "under_review",
        /// The money comes back to you.
        Won = "won",
        /// The money stays with the customer.
        Lost = "lost",
        /// Settled before it became one.
        Prevented = "prevented",
    }
}

views! {
    /// A Dispute. <https://docs.stripe.com/api/disputes/object>
    Dispute("dispute") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        dispute_id: DisputeId = "id";
        /// Where it stands.
        status: DisputeStatus;
        /// Why, in the bank's categories, such as `fraudulent`.
        reason: &str;
        /// What is disputed, in minor units.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
        /// Which charge.
        charge: Expandable<ChargeId>, charge_object: Charge;
        /// Which Payment Intent.
        payment_intent: Option<Expandable<PaymentIntentId>>;
        /// What it means for the balance: money out, and back if it is won.
        balance_transactions: Vec<BalanceTransaction>;
        /// Whether a refund would still settle it.
        is_charge_refundable: bool;
        /// Until when an answer counts.
        evidence_due_by: Option<i64> = "evidence_details"."due_by";
        /// Whether that is over.
        evidence_past_due: Option<bool> = "evidence_details"."past_due";
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

#[cfg(feature = "client")]
mod requests {
    use super::Dispute;
    use crate::client::{List, TimeRange, calls};
    use crate::id::{ChargeId, DisputeId, PaymentIntentId};

    calls! {
        /// Retrieves a Dispute. <https://docs.stripe.com/api/disputes/retrieve>
        RetrieveDispute(id: &DisputeId) -> Dispute = Get "/v1/disputes/{id}" {}

        /// Adds evidence to a Dispute, or hands it in.
        /// <https://docs.stripe.com/api/disputes/update>
        ///
        /// ```no_run
        /// # use stripegym_core::Client;
        /// use stripegym_core::dispute::UpdateDispute;
        /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
        /// UpdateDispute::new(&"dp_1".parse()?)
        ///     .uncategorized_text("The customer has used the service since.")
        ///     .submit(true)
        ///     .send(&stripe)
        ///     .await?;
        /// # Ok(()) }
        /// ```
        UpdateDispute(id: &DisputeId) -> Dispute = Post "/v1/disputes/{id}" {
            /// Hands the evidence in; false only keeps it.
            submit: bool;
            /// Everything that has no place of its own.
            uncategorized_text: &str = "evidence[uncategorized_text]";
            /// What was sold.
            product_description: &str = "evidence[product_description]";
            /// The customer's e-mail address.
            customer_email_address: &str = "evidence[customer_email_address]";
            /// The customer's name.
            customer_name: &str = "evidence[customer_name]";
            /// When the service was rendered.
            service_date: &str = "evidence[service_date]";
        } + metadata;

        /// Lists Disputes, newest first. <https://docs.stripe.com/api/disputes/list>
        ListDisputes() -> List<Dispute> = Get "/v1/disputes" {
            /// Only those of this charge.
            charge: &ChargeId;
            /// Only those of this Payment Intent.
            payment_intent: &PaymentIntentId;
            /// Only those made at this time.
            created: TimeRange;
        } + list(Dispute, DisputeId);

        /// Gives in; there is no way back. <https://docs.stripe.com/api/disputes/close>
        CloseDispute(id: &DisputeId) -> Dispute = Post "/v1/disputes/{id}/close" {}
    }
}
