//! Calls on Customers.

use crate::client::{List, Request, calls};
use crate::customer::Customer;
use crate::id::CustomerId;

calls! {
    /// Creates a Customer. <https://docs.stripe.com/api/customers/create>
    CreateCustomer -> Customer {
        /// E-mail address.
        email: &str;
        /// Name.
        name: &str;
        /// Telephone number.
        phone: &str;
        /// A note for yourself.
        description: &str;
    } + metadata;

    /// Retrieves a Customer. <https://docs.stripe.com/api/customers/retrieve>
    RetrieveCustomer -> Customer {}

    /// Changes a Customer; an empty text unsets. <https://docs.stripe.com/api/customers/update>
    UpdateCustomer -> Customer {
        /// E-mail address.
        email: &str;
        /// Name.
        name: &str;
        /// Telephone number.
        phone: &str;
        /// A note for yourself.
        description: &str;
    } + metadata;

    /// Deletes a Customer and cancels its subscriptions.
    /// <https://docs.stripe.com/api/customers/delete>
    DeleteCustomer -> Customer {}

    /// Lists Customers, newest first. <https://docs.stripe.com/api/customers/list>
    ListCustomers -> List<Customer> {
        /// Only those with exactly this address.
        email: &str;
        /// 1 to 100; 10 unless set.
        limit: u32;
        /// The page after this one.
        starting_after: &CustomerId;
        /// The page before this one.
        ending_before: &CustomerId;
    }
}

impl CreateCustomer {
    /// Nothing is required.
    #[allow(clippy::new_without_default)] // a call is made to be sent, not to be defaulted
    pub fn new() -> Self {
        Self(Request::post("/v1/customers"))
    }
}

impl RetrieveCustomer {
    /// The Customer to retrieve.
    pub fn new(id: &CustomerId) -> Self {
        Self(Request::get(format!("/v1/customers/{id}")))
    }
}

impl UpdateCustomer {
    /// The Customer to change.
    pub fn new(id: &CustomerId) -> Self {
        Self(Request::post(format!("/v1/customers/{id}")))
    }
}

impl DeleteCustomer {
    /// The Customer to delete.
    pub fn new(id: &CustomerId) -> Self {
        Self(Request::delete(format!("/v1/customers/{id}")))
    }
}

impl ListCustomers {
    /// All of them.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(Request::get("/v1/customers"))
    }
}
