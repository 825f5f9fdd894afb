//! Payouts. <https://docs.stripe.com/api/payouts>

use serde_json::{Map, Value};

use crate::balance_transaction::BalanceTransaction;
use crate::id::{BalanceTransactionId, PayoutId};
use crate::money::Currency;
use crate::object::{Expandable, string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a payout stands.
    PayoutStatus {
        /// Made, not sent yet.
        Pending = "pending",
        /// Sent.
        InTransit = "in_transit",
        /// Arrived; may still come back within days.
        Paid = "paid",
        /// It came back.
        Failed = "failed",
        /// Taken back.
        Canceled = "canceled",
    }
}

views! {
    /// A Payout. <https://docs.stripe.com/api/payouts/object>
    Payout("payout") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        payout_id: PayoutId = "id";
        /// Where it stands.
        status: PayoutStatus;
        /// Minor units.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
        /// When it arrives or should, in seconds since the Unix epoch.
        arrival_date: i64;
        /// Whether Stripe made it by itself; only those tell what is in them.
        automatic: bool;
        /// Whether all that is in it can be listed: `completed`.
        reconciliation_status: Option<&str>;
        /// What it means for the balance.
        balance_transaction: Option<Expandable<BalanceTransactionId>>,
            balance_transaction_object: BalanceTransaction;
        /// Why it came back.
        failure_code: Option<&str>;
        /// What the bank's statement says.
        statement_descriptor: Option<&str>;
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
    use super::{Payout, PayoutStatus};
    use crate::client::{List, TimeRange, calls};
    use crate::id::PayoutId;

    calls! {
        /// Retrieves a Payout. <https://docs.stripe.com/api/payouts/retrieve>
        RetrievePayout(id: &PayoutId) -> Payout = Get "/v1/payouts/{id}" {}

        /// Lists Payouts, newest first. <https://docs.stripe.com/api/payouts/list>
        ///
        /// ```no_run
        /// # use stripegym_core::Client;
        /// use stripegym_core::payout::{ListPayouts, PayoutStatus};
        /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
        /// let failed = ListPayouts::new().status(PayoutStatus::Failed).send(&stripe).await?;
        /// for payout in failed.data() {
        ///     println!("{:?}", payout.failure_code()?);
        /// }
        /// # Ok(()) }
        /// ```
        ListPayouts() -> List<Payout> = Get "/v1/payouts" {
            /// Only those in this status.
            status: PayoutStatus;
            /// Only those that arrive at this time.
            arrival_date: TimeRange;
            /// Only those made at this time.
            created: TimeRange;
        } + list(Payout, PayoutId);
    }
}
