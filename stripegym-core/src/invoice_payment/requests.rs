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
