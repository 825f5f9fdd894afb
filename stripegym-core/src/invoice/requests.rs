//! Calls on Invoices.

use crate::client::{List, Param, SearchPage, TimeRange, When, calls, parts};
use crate::discount::DiscountParam;
use crate::id::{
    CustomerId, InvoiceId, InvoiceLineId, PaymentMethodId, PriceId, SubscriptionId,
    SubscriptionScheduleId,
};
use crate::invoice::{Invoice, InvoiceLine, InvoiceStatus};
use crate::money::{Amount, Currency};
use crate::object::string_enums;
use crate::subscription::{CollectionMethod, CycleAnchor, ItemParam, ProrationBehavior};
use crate::subscription_schedule::PhaseParam;

string_enums! {
    /// What becomes of what waits for an invoice when one is made.
    PendingItems {
        /// Left out, and waits on.
        Exclude = "exclude",
        /// Goes on it.
        Include = "include",
    }
}

parts! {
    /// Something that a preview adds.
    PreviewItem[] {
        /// So many.
        quantity: u32;
        /// What the invoice says.
        description: &str;
    }
}

impl PreviewItem {
    /// Something at a price that there is.
    pub fn price(price: &PriceId) -> Self {
        Self::start().param("price", price.as_str())
    }

    /// An amount; negative is credit.
    pub fn amount(amount: Amount) -> Self {
        let Self(mut form) = Self::start();
        amount.put(&mut form, "amount");
        Self(form)
    }
}

calls! {
    /// Creates a draft. <https://docs.stripe.com/api/invoices/create>
    CreateInvoice(; customer: &CustomerId) -> Invoice = Post "/v1/invoices" {
        /// Whether Stripe goes on with it by itself.
        auto_advance: bool;
        /// How it is collected.
        collection_method: CollectionMethod;
        /// The currency; the customer's unless set.
        currency: Currency;
        /// Days until it is due, when it is sent.
        days_until_due: u32;
        /// When it is due, when it is sent.
        due_date: i64;
        /// What is charged.
        default_payment_method: &PaymentMethodId;
        /// A note on it.
        description: &str;
        /// A text at its foot.
        footer: &str;
        /// What is taken off.
        discounts: &[DiscountParam];
        /// What becomes of what waits for an invoice; left out unless set.
        pending_invoice_items_behavior: PendingItems;
        /// Only what waits for an invoice of this subscription.
        subscription: &SubscriptionId;
    } + metadata;

    /// Retrieves an Invoice. <https://docs.stripe.com/api/invoices/retrieve>
    RetrieveInvoice(id: &InvoiceId) -> Invoice = Get "/v1/invoices/{id}" {}

    /// Changes an Invoice; most of it only while it is a draft.
    /// <https://docs.stripe.com/api/invoices/update>
    UpdateInvoice(id: &InvoiceId) -> Invoice = Post "/v1/invoices/{id}" {
        /// Whether Stripe goes on with it by itself.
        auto_advance: bool;
        /// How it is collected.
        collection_method: CollectionMethod;
        /// Days until it is due, when it is sent.
        days_until_due: u32;
        /// When it is due, when it is sent.
        due_date: i64;
        /// What is charged.
        default_payment_method: &PaymentMethodId;
        /// A note on it.
        description: &str;
        /// A text at its foot.
        footer: &str;
        /// What is taken off.
        discounts: &[DiscountParam];
    } + metadata;

    /// Deletes a draft that belongs to no subscription.
    /// <https://docs.stripe.com/api/invoices/delete>
    DeleteInvoice(id: &InvoiceId) -> Invoice = Delete "/v1/invoices/{id}" {}

    /// Makes a draft final. <https://docs.stripe.com/api/invoices/finalize>
    FinalizeInvoice(id: &InvoiceId) -> Invoice = Post "/v1/invoices/{id}/finalize" {
        /// Whether Stripe goes on with it by itself.
        auto_advance: bool;
    }

    /// Tries to collect an Invoice now. <https://docs.stripe.com/api/invoices/pay>
    PayInvoice(id: &InvoiceId) -> Invoice = Post "/v1/invoices/{id}/pay" {
        /// What is charged this time.
        payment_method: &PaymentMethodId;
        /// Marks it as paid outside of Stripe.
        paid_out_of_band: bool;
        /// Takes what there is as enough.
        forgive: bool;
        /// True, unless set, when the customer is not there to confirm anything.
        off_session: bool;
    }

    /// Sends an Invoice to the customer. <https://docs.stripe.com/api/invoices/send>
    SendInvoice(id: &InvoiceId) -> Invoice = Post "/v1/invoices/{id}/send" {}

    /// Voids a final Invoice; there is no way back. <https://docs.stripe.com/api/invoices/void>
    VoidInvoice(id: &InvoiceId) -> Invoice = Post "/v1/invoices/{id}/void" {}

    /// Writes an Invoice off. <https://docs.stripe.com/api/invoices/mark_uncollectible>
    MarkInvoiceUncollectible(id: &InvoiceId) -> Invoice
        = Post "/v1/invoices/{id}/mark_uncollectible" {}

    /// Shows the invoice that a change would bring, without making it.
    /// <https://docs.stripe.com/api/invoices/create_preview>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::invoice::CreateInvoicePreview;
    /// use stripegym_core::subscription::ItemParam;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let preview = CreateInvoicePreview::new()
    ///     .subscription(&"sub_1".parse()?)
    ///     .items(&[ItemParam::change(&"si_1".parse()?, &"price_2".parse()?)])
    ///     .send(&stripe)
    ///     .await?;
    /// println!("the change would cost {} {}", preview.amount_due()?, preview.currency()?);
    /// # Ok(()) }
    /// ```
    CreateInvoicePreview() -> Invoice = Post "/v1/invoices/create_preview" {
        /// Of this customer.
        customer: &CustomerId;
        /// Of this subscription.
        subscription: &SubscriptionId;
        /// Of this schedule.
        schedule: &SubscriptionScheduleId;
        /// The currency.
        currency: Currency;
        /// What is taken off.
        discounts: &[DiscountParam];
        /// What is added for this time.
        invoice_items: &[PreviewItem];
        /// The items as they would be.
        items: &[ItemParam] = "subscription_details[items]";
        /// What would become of the rest of the period.
        proration_behavior: ProrationBehavior = "subscription_details[proration_behavior]";
        /// The moment from which the rest is reckoned; give the same to the change itself.
        proration_date: i64 = "subscription_details[proration_date]";
        /// What would become of the billing cycle.
        billing_cycle_anchor: CycleAnchor = "subscription_details[billing_cycle_anchor]";
        /// As if it ended with the current period.
        cancel_at_period_end: bool = "subscription_details[cancel_at_period_end]";
        /// As if it were canceled at once.
        cancel_now: bool = "subscription_details[cancel_now]";
        /// When a new subscription would begin.
        start_date: i64 = "subscription_details[start_date]";
        /// The end of the trial.
        trial_end: When = "subscription_details[trial_end]";
        /// The phases as they would be.
        phases: &[PhaseParam] = "schedule_details[phases]";
    }

    /// Lists Invoices, newest first. <https://docs.stripe.com/api/invoices/list>
    ListInvoices() -> List<Invoice> = Get "/v1/invoices" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those of this subscription.
        subscription: &SubscriptionId;
        /// Only those in this status.
        status: InvoiceStatus;
        /// Only those collected like this.
        collection_method: CollectionMethod;
        /// Only those made at this time.
        created: TimeRange;
        /// Only those due at this time.
        due_date: TimeRange;
    } + list(Invoice, InvoiceId);

    /// Searches Invoices. <https://docs.stripe.com/api/invoices/search>
    SearchInvoices(; query: &str) -> SearchPage<Invoice> = Get "/v1/invoices/search" {}
        + search(Invoice);

    /// Lists the lines of an Invoice. <https://docs.stripe.com/api/invoice-line-item/retrieve>
    ListInvoiceLines(id: &InvoiceId) -> List<InvoiceLine> = Get "/v1/invoices/{id}/lines" {}
        + list(InvoiceLine, InvoiceLineId);
}
