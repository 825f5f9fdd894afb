//! Calls on Invoice Items.

use crate::client::{List, TimeRange, calls, put_amount};
use crate::discount::DiscountParam;
use crate::id::{CustomerId, InvoiceId, InvoiceItemId, PriceId, SubscriptionId};
use crate::invoice_item::InvoiceItem;
use crate::money::Amount;

calls! {
    /// Creates an Invoice Item. <https://docs.stripe.com/api/invoiceitems/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::invoice_item::CreateInvoiceItem;
    /// use stripegym_core::{Amount, Currency};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let credit = Amount::new(-500, Currency::JPY);
    /// CreateInvoiceItem::amount(&"cus_1".parse()?, credit)
    ///     .description("お詫び")
    ///     .send(&stripe)
    ///     .await?;
    /// # Ok(()) }
    /// ```
    CreateInvoiceItem[] -> InvoiceItem = Post "/v1/invoiceitems" {
        /// The draft that it goes on; the next invoice unless set.
        invoice: &InvoiceId;
        /// The subscription on whose next invoice it goes.
        subscription: &SubscriptionId;
        /// So many.
        quantity: u32;
        /// What the invoice says.
        description: &str;
        /// Whether discounts hold for it.
        discountable: bool;
        /// What is taken off.
        discounts: &[DiscountParam];
    } + metadata;

    /// Retrieves an Invoice Item. <https://docs.stripe.com/api/invoiceitems/retrieve>
    RetrieveInvoiceItem(id: &InvoiceItemId) -> InvoiceItem = Get "/v1/invoiceitems/{id}" {}

    /// Changes an Invoice Item that is not on an invoice yet, or on a draft.
    /// <https://docs.stripe.com/api/invoiceitems/update>
    UpdateInvoiceItem(id: &InvoiceItemId) -> InvoiceItem = Post "/v1/invoiceitems/{id}" {
        /// Minor units, in the currency that it has.
        amount: i64;
        /// So many.
        quantity: u32;
        /// What the invoice says.
        description: &str;
        /// Whether discounts hold for it.
        discountable: bool;
        /// What is taken off.
        discounts: &[DiscountParam];
    } + metadata;

    /// Deletes an Invoice Item that is not on an invoice yet, or on a draft.
    /// <https://docs.stripe.com/api/invoiceitems/delete>
    DeleteInvoiceItem(id: &InvoiceItemId) -> InvoiceItem = Delete "/v1/invoiceitems/{id}" {}

    /// Lists Invoice Items, newest first. <https://docs.stripe.com/api/invoiceitems/list>
    ListInvoiceItems() -> List<InvoiceItem> = Get "/v1/invoiceitems" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those on this invoice.
        invoice: &InvoiceId;
        /// Only those that are on no invoice yet.
        pending: bool;
        /// Only those made at this time.
        created: TimeRange;
    } + list(InvoiceItem, InvoiceItemId);
}

impl CreateInvoiceItem {
    /// An amount; negative is credit.
    pub fn amount(customer: &CustomerId, amount: Amount) -> Self {
        let Self(mut request) = Self::start().param("customer", customer.as_str());
        put_amount(request.form_mut(), "amount", amount);
        Self(request)
    }

    /// Something at a price that there is.
    pub fn price(customer: &CustomerId, price: &PriceId) -> Self {
        Self::start()
            .param("customer", customer.as_str())
            .param("pricing[price]", price.as_str())
    }
}
