//! Balance Transactions: what each movement means for the balance.
//! <https://docs.stripe.com/api/balance_transactions>

use crate::id::BalanceTransactionId;
use crate::money::Currency;
use crate::object::{string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// What a balance transaction came from.
    BalanceTransactionType {
        /// A card payment.
        Charge = "charge",
        /// Another payment.
        Payment = "payment",
        /// A refund of a card payment.
        Refund = "refund",
        /// Another refund.
        PaymentRefund = "payment_refund",
        /// A refund that came back.
        RefundFailure = "refund_failure",
        /// A dispute, or another correction.
        Adjustment = "adjustment",
        /// A payout.
        Payout = "payout",
        /// A payout that came back.
        PayoutFailure = "payout_failure",
        /// A payout that was taken back.
        PayoutCancel = "payout_cancel",
        /// A fee of Stripe's that stands on its own.
        StripeFee = "stripe_fee",
        /// A platform's fee.
        ApplicationFee = "application_fee",
        /// A transfer to a connected account.
        Transfer = "transfer",
        /// Money that you put in.
        Topup = "topup",
    }

    /// Whether the money can be paid out.
    BalanceTransactionStatus {
        /// Not yet.
        Pending = "pending",
        /// It can.
        Available = "available",
    }
}

views! {
    /// A Balance Transaction. <https://docs.stripe.com/api/balance_transactions/object>
    BalanceTransaction("balance_transaction") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        balance_transaction_id: BalanceTransactionId = "id";
        /// What it came from.
        kind: BalanceTransactionType = "type";
        /// What it came from, in the words of Stripe's reports.
        reporting_category: Option<&str>;
        /// Before fees, in minor units; negative when it goes out.
        amount: i64;
        /// The fees, in minor units.
        fee: i64;
        /// What is left: the amount less the fees.
        net: i64;
        /// The currency of settlement.
        currency: Currency;
        /// What the fees are made of.
        fee_details: Vec<FeeDetail>;
        /// By how much the original amount was multiplied, as Stripe wrote it.
        exchange_rate: Option<&serde_json::Number>;
        /// The id of the charge, refund, payout, dispute or other object behind it.
        source: Option<&str> => source ["source"];
        /// Whether the money can be paid out.
        status: BalanceTransactionStatus;
        /// When the money can be paid out.
        available_on: i64;
        /// What it says.
        description: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
    }

    /// One part of the fees.
    FeeDetail("fee_detail") {
        /// Minor units.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
        /// Whose fee: `stripe_fee`, `application_fee`, `tax`, …
        kind: &str = "type";
        /// What it says.
        description: Option<&str>;
    }
}

/// An id of any kind, or the object with it.
fn source(transaction: &crate::object::Object) -> Result<Option<&str>, crate::object::FieldError> {
    match transaction.json().get("source") {
        Some(serde_json::Value::Object(_)) => transaction.get_in("source", "id"),
        _ => transaction.get("source"),
    }
}

#[cfg(feature = "client")]
mod requests {
    use super::{BalanceTransaction, BalanceTransactionType};
    use crate::client::{List, TimeRange, calls};
    use crate::id::{BalanceTransactionId, PayoutId};
    use crate::money::Currency;

    calls! {
        /// Retrieves a Balance Transaction.
        /// <https://docs.stripe.com/api/balance_transactions/retrieve>
        RetrieveBalanceTransaction(id: &BalanceTransactionId) -> BalanceTransaction
            = Get "/v1/balance_transactions/{id}" {}

        /// Lists Balance Transactions, newest first.
        /// <https://docs.stripe.com/api/balance_transactions/list>
        ///
        /// ```no_run
        /// # use stripegym_core::Client;
        /// use stripegym_core::balance_transaction::ListBalanceTransactions;
        /// use stripegym_core::client::AtMost;
        /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
        /// // What one payout is made of.
        /// let mut parts = ListBalanceTransactions::new()
        ///     .payout(&"po_1".parse()?)
        ///     .walk(&stripe, AtMost::Items(10_000));
        /// let mut net = 0;
        /// while let Some(part) = parts.next().await {
        ///     net += part?.net()?;
        /// }
        /// println!("{net}");
        /// # Ok(()) }
        /// ```
        ListBalanceTransactions() -> List<BalanceTransaction>
            = Get "/v1/balance_transactions" {
            /// Only those that were paid out in this payout.
            payout: &PayoutId;
            /// Only those of this charge, refund or other object.
            source: &str;
            /// Only those that came from this.
            kind: BalanceTransactionType = "type";
            /// Only those in this currency.
            currency: Currency;
            /// Only those made at this time.
            created: TimeRange;
        } + list(BalanceTransaction, BalanceTransactionId);
    }
}
