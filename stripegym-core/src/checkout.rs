//! Checkout Sessions. <https://docs.stripe.com/api/checkout/sessions>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::customer::Customer;
use crate::id::{
    CheckoutLineId, CheckoutSessionId, CustomerId, InvoiceId, PaymentIntentId, PriceId,
    SetupIntentId, SubscriptionId,
};
use crate::invoice::Invoice;
use crate::money::Currency;
use crate::object::{Expandable, Field, FieldError, List, Object, string_enums, views};
use crate::payment_intent::PaymentIntent;
use crate::price::Price;
use crate::setup_intent::SetupIntent;
use crate::subscription::Subscription;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// What a session is for.
    CheckoutMode {
        /// One payment.
        Payment = "payment",
        /// Saving a payment method.
        Setup = "setup",
        /// A subscription.
        Subscription = "subscription",
    }

    /// Where a session stands.
    CheckoutStatus {
        /// The customer may still pay.
        Open = "open",
        /// Done; the payment itself may still be under way.
        Complete = "complete",
        /// Too late, or expired on request.
        Expired = "expired",
    }

    /// Whether the money is there.
    PaymentStatus {
        /// The money is there.
        Paid = "paid",
        /// Not yet; delayed methods stay so for days.
        Unpaid = "unpaid",
        /// Nothing to pay now: a trial or a full discount.
        NoPaymentRequired = "no_payment_required",
    }

    /// Where the customer pays. The values have other names since dahlia; both are read.
    UiMode {
        /// On a page of Stripe's.
        HostedPage = "hosted_page" | "hosted",
        /// On a page of Stripe's within yours.
        EmbeddedPage = "embedded_page" | "embedded",
        /// On a page of yours, made of Stripe's elements.
        Elements = "elements" | "custom",
        /// In a form of Stripe's within yours.
        Form = "form",
    }
}

views! {
    /// A Checkout Session. <https://docs.stripe.com/api/checkout/sessions/object>
    CheckoutSession("checkout.session") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        session_id: CheckoutSessionId = "id";
        /// What it is for.
        mode: CheckoutMode;
        /// Where it stands; absent on very old sessions.
        status: Option<CheckoutStatus>;
        /// Whether the money is there.
        payment_status: PaymentStatus;
        /// Where the customer pays, in every API version.
        ui_mode: Option<UiMode>;
        /// The hosted page, while the session is open.
        url: Option<&str>;
        /// What the customer's browser needs when the page is not a hosted one.
        client_secret: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Seconds since the Unix epoch.
        expires_at: i64;
        /// The currency of the amounts.
        currency: Currency;
        /// Minor units, discounts and taxes included.
        amount_total: i64;
        /// Minor units, before discounts and taxes.
        amount_subtotal: Option<i64>;
        /// Minor units of tax within the total.
        amount_tax: Option<i64> = "total_details"."amount_tax";
        /// Minor units taken off.
        amount_discount: Option<i64> = "total_details"."amount_discount";
        /// True when paying makes an invoice, too.
        invoice_creation: Option<bool> = "invoice_creation"."enabled";
        /// Who buys, once Stripe knows.
        customer: Option<Expandable<CustomerId>>, customer_object: Customer;
        /// The address that was given beforehand.
        customer_email: Option<&str>;
        /// The address that the customer gave.
        email: Option<&str> = "customer_details"."email";
        /// The name that the customer gave.
        name: Option<&str> = "customer_details"."name";
        /// Where it is to be sent, in every API version.
        shipping_details: Option<&Map<String, Value>>
            => shipping_details ["collected_information", "shipping_details"];
        /// The payment, once there is one.
        payment_intent: Option<Expandable<PaymentIntentId>>, payment_intent_object: PaymentIntent;
        /// The saving of a payment method, in setup mode.
        setup_intent: Option<Expandable<SetupIntentId>>, setup_intent_object: SetupIntent;
        /// The subscription, once there is one.
        subscription: Option<Expandable<SubscriptionId>>, subscription_object: Subscription;
        /// The invoice, once there is one.
        invoice: Option<Expandable<InvoiceId>>, invoice_object: Invoice;
        /// What is bought; absent unless expanded. See also `ListLineItems`.
        line_items: Field<List<CheckoutLine>>;
        /// Your own reference.
        client_reference_id: Option<&str>;
        /// Where to go on, if the session expired and may be recovered.
        recovery_url: Option<&str> = "after_expiration"."recovery"."url";
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }

    /// One thing that is bought. <https://docs.stripe.com/api/checkout/sessions/line_items>
    CheckoutLine("item") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        line_id: CheckoutLineId = "id";
        /// Minor units, discounts and taxes included.
        amount_total: i64;
        /// Minor units, before discounts and taxes.
        amount_subtotal: i64;
        /// Minor units of tax within the total.
        amount_tax: i64;
        /// Minor units taken off.
        amount_discount: i64;
        /// The currency of the amounts.
        currency: Currency;
        /// What it is called.
        description: Option<&str>;
        /// So many.
        quantity: Option<i64>;
        /// Its price.
        price: Option<Price>;
        /// The id of its price.
        price_id: Option<Expandable<PriceId>> = "price";
    }
}

/// Since basil within what was collected; before, it stood on its own.
fn shipping_details(session: &Object) -> Result<Option<&Map<String, Value>>, FieldError> {
    if session.has(&["shipping_details"]) {
        return session.get("shipping_details");
    }
    session.get_in("collected_information", "shipping_details")
}
