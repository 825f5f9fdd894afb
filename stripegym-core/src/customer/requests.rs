//! Calls on Customers.

use crate::client::{List, SearchPage, calls, parts};
use crate::customer::Customer;
use crate::id::{CustomerId, PaymentMethodId, TestClockId};

parts! {
    /// A postal address.
    Address() {
        /// House and street.
        line1: &str;
        /// Flat, floor, building.
        line2: &str;
        /// City, ward, district.
        city: &str;
        /// State or prefecture.
        state: &str;
        /// Postal code.
        postal_code: &str;
        /// Two-letter code of the country.
        country: &str;
    }
}

calls! {
    /// Creates a Customer. <https://docs.stripe.com/api/customers/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::customer::CreateCustomer;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let customer = CreateCustomer::new()
    ///     .email("hanako@example.com")
    ///     .metadata("user", "41")
    ///     .send(&stripe)
    ///     .await?;
    /// println!("{}", customer.customer_id()?);
    /// # Ok(()) }
    /// ```
    CreateCustomer() -> Customer = Post "/v1/customers" {
        /// E-mail address.
        email: &str;
        /// Name.
        name: &str;
        /// Telephone number.
        phone: &str;
        /// A note for yourself.
        description: &str;
        /// Postal address.
        address: &Address;
        /// What they owe (positive) or have to their credit (negative), in minor units.
        balance: i64;
        /// A payment method to attach.
        payment_method: &PaymentMethodId;
        /// The payment method for subscriptions and invoices that name no other.
        default_payment_method: &PaymentMethodId = "invoice_settings[default_payment_method]";
        /// The languages they prefer, best first.
        preferred_locales: &[&str];
        /// The clock that they live by, in tests.
        test_clock: &TestClockId;
    } + metadata;

    /// Retrieves a Customer. <https://docs.stripe.com/api/customers/retrieve>
    RetrieveCustomer(id: &CustomerId) -> Customer = Get "/v1/customers/{id}" {}

    /// Changes a Customer; an empty text unsets. <https://docs.stripe.com/api/customers/update>
    UpdateCustomer(id: &CustomerId) -> Customer = Post "/v1/customers/{id}" {
        /// E-mail address.
        email: &str;
        /// Name.
        name: &str;
        /// Telephone number.
        phone: &str;
        /// A note for yourself.
        description: &str;
        /// Postal address.
        address: &Address;
        /// What they owe (positive) or have to their credit (negative), in minor units.
        balance: i64;
        /// The payment method for subscriptions and invoices that name no other.
        default_payment_method: &PaymentMethodId = "invoice_settings[default_payment_method]";
        /// The languages they prefer, best first.
        preferred_locales: &[&str];
    } + metadata;

    /// Deletes a Customer and cancels its subscriptions.
    /// <https://docs.stripe.com/api/customers/delete>
    DeleteCustomer(id: &CustomerId) -> Customer = Delete "/v1/customers/{id}" {}

    /// Lists Customers, newest first. <https://docs.stripe.com/api/customers/list>
    ListCustomers() -> List<Customer> = Get "/v1/customers" {
        /// Only those with exactly this address.
        email: &str;
        /// Only those made at this time.
        created: crate::client::TimeRange;
        /// Only those that live by this clock.
        test_clock: &TestClockId;
    } + list(Customer, CustomerId);

    /// Searches Customers. <https://docs.stripe.com/api/customers/search>
    SearchCustomers(; query: &str) -> SearchPage<Customer> = Get "/v1/customers/search" {}
        + search(Customer);
}
