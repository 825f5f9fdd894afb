//! Invoice Payments: which payments an invoice was paid by.
//! <https://docs.stripe.com/api/invoice-payment>

#[cfg(feature = "client")]
mod requests;

use crate::id::{ChargeId, InvoiceId, InvoicePaymentId, PaymentIntentId};
use crate::invoice::Invoice;
use crate::money::Currency;
use crate::object::{Expandable, string_enums, views};
use crate::payment_intent::PaymentIntent;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where an Invoice Payment stands.
    InvoicePaymentStatus {
        /// Awaited.
        Open = "open",
        /// Paid.
        Paid = "paid",
        /// Given up.
        Canceled = "canceled",
    }

    /// What an Invoice Payment was made with.
    InvoicePaymentKind {
        /// A Payment Intent.
        PaymentIntent = "payment_intent",
        /// A Charge, on old invoices.
        Charge = "charge",
        /// A Payment Record: paid outside of Stripe.
        PaymentRecord = "payment_record",
    }
}

views! {
    /// An Invoice Payment. <https://docs.stripe.com/api/invoice-payment/object>
    InvoicePayment("invoice_payment") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        invoice_payment_id: InvoicePaymentId = "id";
        /// Where it stands.
        status: InvoicePaymentStatus;
        /// The invoice.
        invoice: Expandable<InvoiceId>, invoice_object: Invoice;
        /// What was paid, in minor units.
        amount_paid: Option<i64>;
        /// What was asked for, in minor units.
        amount_requested: i64;
        /// The currency of the amounts.
        currency: Currency;
        /// True for the one that Stripe made with the invoice.
        is_default: bool;
        /// What it was made with.
        kind: InvoicePaymentKind = "payment"."type";
        /// The Payment Intent.
        payment_intent: Option<Expandable<PaymentIntentId>> = "payment"."payment_intent",
            payment_intent_object: PaymentIntent = "payment"."payment_intent";
        /// The Charge.
        charge: Option<Expandable<ChargeId>> = "payment"."charge";
        /// When it was paid.
        paid_at: Option<i64> = "status_transitions"."paid_at";
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
    }
}
