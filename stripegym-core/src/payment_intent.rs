//! Payment Intents. <https://docs.stripe.com/api/payment_intents>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::charge::Charge;
use crate::customer::Customer;
use crate::id::{ChargeId, CustomerId, InvoiceId, PaymentIntentId, PaymentMethodId};
use crate::money::{Amount, Currency};
use crate::object::{Expandable, FieldError, Object, string_enums, views};
use crate::payment_method::PaymentMethod;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a Payment Intent stands.
    PaymentIntentStatus {
        /// It needs a payment method, or another one after a decline.
        RequiresPaymentMethod = "requires_payment_method",
        /// It has one and waits for the word.
        RequiresConfirmation = "requires_confirmation",
        /// The customer has to do something.
        RequiresAction = "requires_action",
        /// Under way.
        Processing = "processing",
        /// The money is set aside until it is captured.
        RequiresCapture = "requires_capture",
        /// Given up. Final.
        Canceled = "canceled",
        /// Paid. Final.
        Succeeded = "succeeded",
    }

    /// When the money is taken.
    CaptureMethod {
        /// At once.
        Automatic = "automatic",
        /// At once; the answer does not wait for it.
        AutomaticAsync = "automatic_async",
        /// When you say so.
        Manual = "manual",
    }

    /// What a payment method is kept for.
    SetupFutureUsage {
        /// To be charged when the customer is not there, too.
        OffSession = "off_session",
        /// To be charged when the customer is there.
        OnSession = "on_session",
    }
}

views! {
    /// A Payment Intent. <https://docs.stripe.com/api/payment_intents/object>
    PaymentIntent("payment_intent") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        payment_intent_id: PaymentIntentId = "id";
        /// Where it stands.
        status: PaymentIntentStatus;
        /// Minor units.
        amount: i64;
        /// What was received, in minor units.
        amount_received: Option<i64>;
        /// What can be captured, in minor units.
        amount_capturable: Option<i64>;
        /// The currency of the amounts.
        currency: Currency;
        /// The amount with its currency.
        total: Amount => total ["amount", "currency"];
        /// The taxes within the amount, where Stripe was told of them.
        tax_total: Option<i64> = "amount_details"."tax"."total_tax_amount";
        /// What the customer's browser needs to pay. Keep it out of logs.
        client_secret: Option<&str>;
        /// When the money is taken.
        capture_method: CaptureMethod;
        /// Who pays.
        customer: Option<Expandable<CustomerId>>, customer_object: Customer;
        /// What is charged.
        payment_method: Option<Expandable<PaymentMethodId>>, payment_method_object: PaymentMethod;
        /// The kinds of payment method that may be used.
        payment_method_types: Vec<&str>;
        /// What the payment method is kept for.
        setup_future_usage: Option<SetupFutureUsage>;
        /// The last try.
        latest_charge: Option<Expandable<ChargeId>>, latest_charge_object: Charge;
        /// The invoice that it pays, before basil; since then ask `ListInvoicePayments`.
        invoice: Option<Expandable<InvoiceId>>;
        /// Why the last try failed.
        last_error_code: Option<&str> = "last_payment_error"."code";
        /// Why the bank declined the last try.
        last_decline_code: Option<&str> = "last_payment_error"."decline_code";
        /// What the customer has to do.
        next_action: Option<&str> = "next_action"."type";
        /// Why it was given up.
        cancellation_reason: Option<&str>;
        /// When it was given up.
        canceled_at: Option<i64>;
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

fn total(intent: &Object) -> Result<Amount, FieldError> {
    Ok(Amount::new(intent.get("amount")?, intent.get("currency")?))
}
