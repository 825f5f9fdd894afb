//! Calls on Payment Methods.

use crate::client::{List, calls};
use crate::customer::Address;
use crate::id::{CustomerId, PaymentMethodId};
use crate::payment_method::{AllowRedisplay, PaymentMethod};

calls! {
    /// Retrieves a Payment Method. <https://docs.stripe.com/api/payment_methods/retrieve>
    RetrievePaymentMethod(id: &PaymentMethodId) -> PaymentMethod
        = Get "/v1/payment_methods/{id}" {}

    /// Changes a Payment Method. <https://docs.stripe.com/api/payment_methods/update>
    UpdatePaymentMethod(id: &PaymentMethodId) -> PaymentMethod
        = Post "/v1/payment_methods/{id}" {
        /// Whether it may be shown to its customer again.
        allow_redisplay: AllowRedisplay;
        /// The name for the bill.
        name: &str = "billing_details[name]";
        /// The e-mail address for the bill.
        email: &str = "billing_details[email]";
        /// The telephone number for the bill.
        phone: &str = "billing_details[phone]";
        /// The postal address for the bill.
        address: &Address = "billing_details[address]";
        /// The month in which the card expires.
        card_exp_month: u32 = "card[exp_month]";
        /// The year in which the card expires.
        card_exp_year: u32 = "card[exp_year]";
    } + metadata;

    /// Lists Payment Methods, newest first. <https://docs.stripe.com/api/payment_methods/list>
    ListPaymentMethods() -> List<PaymentMethod> = Get "/v1/payment_methods" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those of this kind, such as `card`.
        kind: &str = "type";
        /// Only those that may be shown like this.
        allow_redisplay: AllowRedisplay;
    } + list(PaymentMethod, PaymentMethodId);

    /// Lists the Payment Methods of one customer.
    /// <https://docs.stripe.com/api/payment_methods/customer_list>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::payment_method::ListCustomerPaymentMethods;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cards =
    ///     ListCustomerPaymentMethods::new(&"cus_1".parse()?).kind("card").send(&stripe).await?;
    /// for card in cards.data() {
    ///     println!("{:?} {:?}", card.card_brand()?, card.card_last4()?);
    /// }
    /// # Ok(()) }
    /// ```
    ListCustomerPaymentMethods(customer: &CustomerId) -> List<PaymentMethod>
        = Get "/v1/customers/{customer}/payment_methods" {
        /// Only those of this kind, such as `card`.
        kind: &str = "type";
        /// Only those that may be shown like this.
        allow_redisplay: AllowRedisplay;
    } + list(PaymentMethod, PaymentMethodId);

    /// Gives a Payment Method to a customer. <https://docs.stripe.com/api/payment_methods/attach>
    AttachPaymentMethod(id: &PaymentMethodId; customer: &CustomerId) -> PaymentMethod
        = Post "/v1/payment_methods/{id}/attach" {}

    /// Takes a Payment Method from its customer; it can never be used again.
    /// <https://docs.stripe.com/api/payment_methods/detach>
    DetachPaymentMethod(id: &PaymentMethodId) -> PaymentMethod
        = Post "/v1/payment_methods/{id}/detach" {}
}
