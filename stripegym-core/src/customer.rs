//! Customers. <https://docs.stripe.com/api/customers>

#[cfg(feature = "client")]
mod requests;

use crate::id::CustomerId;
use crate::object::{Expandable, FieldError, views};

#[cfg(feature = "client")]
pub use requests::{
    CreateCustomer, DeleteCustomer, ListCustomers, RetrieveCustomer, UpdateCustomer,
};

views! {
    /// A Customer. <https://docs.stripe.com/api/customers/object>
    Customer("customer") {
        /// Its id.
        id: &str;
        /// True once it is deleted; then little else is there.
        deleted: Option<bool>;
        /// E-mail address.
        email: Option<&str>;
        /// Name.
        name: Option<&str>;
        /// Telephone number.
        phone: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Minor units; negative is credit.
        balance: Option<i64>;
    }
}

impl Customer {
    /// The id, as a type.
    ///
    /// # Errors
    /// When it is absent or no id.
    pub fn customer_id(&self) -> Result<CustomerId, FieldError> {
        self.object()
            .get::<Expandable<_>>("id")
            .map(|Expandable(id)| id)
    }
}
