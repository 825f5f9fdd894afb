//! Payment Methods. <https://docs.stripe.com/api/payment_methods>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::customer::Customer;
use crate::id::{CustomerId, PaymentMethodId};
use crate::object::{Expandable, string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Whether a saved payment method may be shown to its customer again.
    AllowRedisplay {
        /// Always.
        Always = "always",
        /// Where it was saved for.
        Limited = "limited",
        /// Not said.
        Unspecified = "unspecified",
    }
}

views! {
    /// A Payment Method. <https://docs.stripe.com/api/payment_methods/object>
    PaymentMethod("payment_method") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        payment_method_id: PaymentMethodId = "id";
        /// The kind, such as `card`: what is particular to it is under this key.
        kind: &str = "type";
        /// Whose it is.
        customer: Option<Expandable<CustomerId>>, customer_object: Customer;
        /// The card's brand, such as `visa`.
        card_brand: Option<&str> = "card"."brand";
        /// The last four digits of the card.
        card_last4: Option<&str> = "card"."last4";
        /// The month in which the card expires.
        card_exp_month: Option<i64> = "card"."exp_month";
        /// The year in which the card expires.
        card_exp_year: Option<i64> = "card"."exp_year";
        /// The same for the same card number.
        card_fingerprint: Option<&str> = "card"."fingerprint";
        /// Name, address and so on for the bill.
        billing_details: Option<&Map<String, Value>>;
        /// Whether it may be shown to its customer again.
        allow_redisplay: Option<AllowRedisplay>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
