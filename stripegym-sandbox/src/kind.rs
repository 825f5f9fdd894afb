//! The kinds of object that the sandbox keeps.

use serde::{Deserialize, Serialize};

/// A kind of Stripe object. The journal writes these names: rename none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Coupon,
    Customer,
    Discount,
    Dispute,
    Event,
    Invoice,
    InvoiceItem,
    InvoicePayment,
    PaymentIntent,
    PaymentMethod,
    PortalConfiguration,
    PortalSession,
    Payout,
    Price,
    Product,
    PromotionCode,
    Refund,
    SetupIntent,
    Subscription,
    SubscriptionSchedule,
    TestClock,
    WebhookEndpoint,
}

impl Kind {
    /// The value of the field `object`; also what error messages call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BalanceTransaction => "balance_transaction",
            Self::Charge => "charge",
            Self::CheckoutSession => "checkout.session",
            Self::Customer => "customer",
            Self::Coupon => "coupon",
            Self::Discount => "discount",
            Self::Invoice => "invoice",
            Self::InvoiceItem => "invoiceitem",
            Self::InvoicePayment => "invoice_payment",
            Self::PromotionCode => "promotion_code",
            Self::Subscription => "subscription",
            Self::SubscriptionSchedule => "subscription_schedule",
            Self::TestClock => "test_helpers.test_clock",
            Self::Dispute => "dispute",
            Self::Event => "event",
            Self::PaymentIntent => "payment_intent",
            Self::PaymentMethod => "payment_method",
            Self::PortalConfiguration => "billing_portal.configuration",
            Self::PortalSession => "billing_portal.session",
            Self::Payout => "payout",
            Self::Price => "price",
            Self::Product => "product",
            Self::Refund => "refund",
            Self::SetupIntent => "setup_intent",
            Self::WebhookEndpoint => "webhook_endpoint",
        }
    }
}
