//! Charges. <https://docs.stripe.com/api/charges>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::balance_transaction::BalanceTransaction;
use crate::customer::Customer;
use crate::id::{
    BalanceTransactionId, ChargeId, CustomerId, InvoiceId, PaymentIntentId, PaymentMethodId,
};
use crate::money::Currency;
use crate::object::{Expandable, string_enums, views};
use crate::payment_intent::PaymentIntent;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// How a charge ended.
    ChargeStatus {
        /// Paid.
        Succeeded = "succeeded",
        /// Under way.
        Pending = "pending",
        /// Declined.
        Failed = "failed",
    }
}

views! {
    /// A Charge: one try to take money. <https://docs.stripe.com/api/charges/object>
    Charge("charge") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        charge_id: ChargeId = "id";
        /// How it ended.
        status: ChargeStatus;
        /// Minor units.
        amount: i64;
        /// What was taken, in minor units.
        amount_captured: i64;
        /// What was given back, in minor units.
        amount_refunded: i64;
        /// The currency of the amounts.
        currency: Currency;
        /// Whether it was successful, or set aside successfully.
        paid: bool;
        /// Whether the money was taken.
        captured: bool;
        /// Whether all of it was given back.
        refunded: bool;
        /// Whether the customer disputes it.
        disputed: bool;
        /// What it means for the balance; `None` until Stripe knows.
        balance_transaction: Option<Expandable<BalanceTransactionId>>,
            balance_transaction_object: BalanceTransaction;
        /// Who paid.
        customer: Option<Expandable<CustomerId>>, customer_object: Customer;
        /// The Payment Intent that it is a try of.
        payment_intent: Option<Expandable<PaymentIntentId>>, payment_intent_object: PaymentIntent;
        /// The invoice that it pays, before basil; since then ask `ListInvoicePayments`.
        invoice: Option<Expandable<InvoiceId>>;
        /// What was charged.
        payment_method: Option<PaymentMethodId>;
        /// The kind of what was charged.
        payment_method_type: Option<&str> = "payment_method_details"."type";
        /// The card's brand, such as `visa`.
        card_brand: Option<&str> = "payment_method_details"."card"."brand";
        /// The last four digits of the card.
        card_last4: Option<&str> = "payment_method_details"."card"."last4";
        /// Why it failed.
        failure_code: Option<&str>;
        /// Why it failed, in words.
        failure_message: Option<&str>;
        /// What Stripe's risk check says.
        risk_level: Option<&str> = "outcome"."risk_level";
        /// The receipt.
        receipt_url: Option<&str>;
        /// Where the receipt goes.
        receipt_email: Option<&str>;
        /// A note for yourself.
        description: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
