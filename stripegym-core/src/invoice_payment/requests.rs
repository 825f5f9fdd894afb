//! Calls on Invoice Payments.

use crate::client::{List, TimeRange, calls};
use crate::id::{InvoiceId, InvoicePaymentId, PaymentIntentId};
use crate::invoice_payment::{InvoicePayment, InvoicePaymentStatus};

calls! {
    /// Retrieves an Invoice Payment. <https://docs.stripe.com/api/invoice-payment/retrieve>
    RetrieveInvoicePayment(id: &InvoicePaymentId) -> InvoicePayment
        = Get "/v1/invoice_payments/{id}" {}

    /// Lists Invoice Payments, newest first: how to get from a payment to its
    /// invoice. <https://docs.stripe.com/api/invoice-payment/list>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::invoice_payment::ListInvoicePayments;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// // From a payment to the invoice that it pays.
    /// let found = ListInvoicePayments::new().payment_intent(&"pi_1".parse()?).send(&stripe).await?;
    /// for payment in found.data() {
    ///     println!("{}", payment.invoice()?.0);
    /// }
    /// # Ok(()) }
    /// ```
    ListInvoicePayments() -> List<InvoicePayment> = Get "/v1/invoice_payments" {
        /// Only those of this invoice.
        invoice: &InvoiceId;
        /// Only those in this status.
        status: InvoicePaymentStatus;
        /// Only those made at this time.
        created: TimeRange;
    } + list(InvoicePayment, InvoicePaymentId);
}

impl ListInvoicePayments {
    /// Only the one made with this Payment Intent.
    pub fn payment_intent(self, id: &PaymentIntentId) -> Self {
        self.param("payment[type]", "payment_intent")
            .param("payment[payment_intent]", id.as_str())
    }
}
