//! Setup Intents: saving a payment method without charging it.
//! <https://docs.stripe.com/api/setup_intents>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::customer::Customer;
use crate::id::{CustomerId, PaymentMethodId, SetupIntentId};
use crate::object::{Expandable, string_enums, views};
use crate::payment_intent::SetupFutureUsage;
use crate::payment_method::PaymentMethod;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a Setup Intent stands.
    SetupIntentStatus {
        /// It needs a payment method.
        RequiresPaymentMethod = "requires_payment_method",
        /// It has one and waits for the word.
        RequiresConfirmation = "requires_confirmation",
        /// The customer has to do something.
        RequiresAction = "requires_action",
        /// Under way.
        Processing = "processing",
        /// Given up. Final.
        Canceled = "canceled",
        /// Saved. Final.
        Succeeded = "succeeded",
    }
}

views! {
    /// A Setup Intent. <https://docs.stripe.com/api/setup_intents/object>
    SetupIntent("setup_intent") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        setup_intent_id: SetupIntentId = "id";
        /// Where it stands.
        status: SetupIntentStatus;
        /// What the customer's browser needs. Keep it out of logs.
        client_secret: Option<&str>;
        /// Whose payment method it will be.
        customer: Option<Expandable<CustomerId>>, customer_object: Customer;
        /// The payment method.
        payment_method: Option<Expandable<PaymentMethodId>>, payment_method_object: PaymentMethod;
        /// The kinds of payment method that may be used.
        payment_method_types: Vec<&str>;
        /// What it is kept for.
        usage: SetupFutureUsage;
        /// Why the last try failed.
        last_error_code: Option<&str> = "last_setup_error"."code";
        /// Why the bank declined the last try.
        last_decline_code: Option<&str> = "last_setup_error"."decline_code";
        /// What the customer has to do.
        next_action: Option<&str> = "next_action"."type";
        /// Why it was given up.
        cancellation_reason: Option<&str>;
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
