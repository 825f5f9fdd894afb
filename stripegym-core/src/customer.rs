//! Customers. <https://docs.stripe.com/api/customers>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::discount::Discount;
use crate::id::{CustomerId, PaymentMethodId, TestClockId};
use crate::money::Currency;
use crate::object::{Expandable, views};
use crate::payment_method::PaymentMethod;

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// A Customer. <https://docs.stripe.com/api/customers/object>
    Customer("customer") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        customer_id: CustomerId = "id";
        /// E-mail address.
        email: Option<&str>;
        /// Name.
        name: Option<&str>;
        /// Telephone number.
        phone: Option<&str>;
        /// A note for yourself.
        description: Option<&str>;
        /// Postal address.
        address: Option<&Map<String, Value>>;
        /// What they owe from or have left of earlier invoices, in minor
        /// units: negative is credit.
        balance: Option<i64>;
        /// The currency of their subscriptions and invoices, once there is one.
        currency: Option<Currency>;
        /// Whether an invoice is past due.
        delinquent: Option<bool>;
        /// The payment method for subscriptions and invoices that name no other.
        default_payment_method: Option<Expandable<PaymentMethodId>>
            = "invoice_settings"."default_payment_method",
            default_payment_method_object: PaymentMethod
                = "invoice_settings"."default_payment_method";
        /// The discount that holds for all they buy.
        discount: Option<Discount>;
        /// The languages they prefer, best first.
        preferred_locales: Option<Vec<&str>>;
        /// The clock that they live by, in tests.
        test_clock: Option<Expandable<TestClockId>>;
        /// True for real money; absent once deleted.
        livemode: Option<bool>;
        /// Seconds since the Unix epoch; absent once deleted.
        created: Option<i64>;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
