//! Stripe's identifiers, one type per kind, so that a price cannot stand where
//! a customer belongs.
//!
//! Stripe does not promise its prefixes, so an id that *arrives from Stripe* is
//! taken as it is, while an id that *your code or a user supplies* goes through
//! `parse`, which catches a mistaken kind before a request is made.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::{Expandable, FieldProblem, FromField};

/// Longest id that Stripe says it may hand out, in bytes.
pub const ID_LENGTH_MAX: usize = 255;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a {kind} id: {problem}")]
pub struct IdError {
    kind: &'static str,
    value: String,
    problem: String,
}

impl IdError {
    fn new(kind: &'static str, value: &str, problem: impl Into<String>) -> Self {
        // Only the start is kept: someone may have pasted a secret here.
        let value = value.chars().take(8).collect();
        Self {
            kind,
            value,
            problem: problem.into(),
        }
    }

    /// The kind of id that was wanted, in Stripe's words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }
}

/// What all id types share. Sealed: the list of kinds is the library's.
pub trait Id: Sized + sealed::Sealed {
    /// The kind in Stripe's words, such as `customer`.
    const KIND: &'static str;

    /// The id as Stripe writes it.
    fn as_str(&self) -> &str;

    /// An id as received from Stripe: any non-empty text of sane characters.
    ///
    /// # Errors
    /// When the text is empty, longer than [`ID_LENGTH_MAX`] or holds a
    /// character that no Stripe id has.
    fn from_stripe(value: &str) -> Result<Self, IdError>;
}

#[allow(unnameable_types)] // that is the point of sealing
mod sealed {
    pub trait Sealed {}
}

fn check_shape(kind: &'static str, value: &str) -> Result<(), IdError> {
    if value.is_empty() {
        return Err(IdError::new(kind, value, "it is empty"));
    }
    if value.len() > ID_LENGTH_MAX {
        return Err(IdError::new(kind, value, "it is longer than 255 bytes"));
    }
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    match value.chars().find(|c| odd(*c)) {
        Some(c) => Err(IdError::new(kind, value, format!("it holds {c:?}"))),
        // In a path, dots alone would lead to another endpoint.
        None if value.bytes().all(|b| b == b'.') => {
            Err(IdError::new(kind, value, "it is made of dots"))
        }
        None => Ok(()),
    }
}

fn check_prefix(
    kind: &'static str,
    value: &str,
    prefixes: &[&str],
    others: &[&str],
) -> Result<(), IdError> {
    if let Some(other) = others.iter().find(|other| value.starts_with(*other)) {
        let problem = format!("{other} is another kind");
        return Err(IdError::new(kind, value, problem));
    }
    if prefixes.is_empty() || prefixes.iter().any(|p| value.starts_with(p)) {
        return Ok(());
    }
    Err(IdError::new(
        kind,
        value,
        format!("it should start with {}", prefixes.join(" or ")),
    ))
}

// Inline, so that a program compiles those that it uses and the library none.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $kind:literal [$($prefix:literal),*] $(not [$($other:literal),*])?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// An id that your code or a user supplies; kind and characters are checked.
            ///
            /// # Errors
            /// When the prefix or a character shows that this is another kind of id.
            #[inline]
            pub fn parse(value: &str) -> Result<Self, IdError> {
                check_shape($kind, value)?;
                check_prefix($kind, value, &[$($prefix),*], &[$($($other),*)?])?;
                Ok(Self(value.into()))
            }

            /// The id as Stripe writes it.
            #[inline]
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl sealed::Sealed for $name {}

        impl Id for $name {
            const KIND: &'static str = $kind;

            #[inline]
            fn as_str(&self) -> &str {
                &self.0
            }

            #[inline]
            fn from_stripe(value: &str) -> Result<Self, IdError> {
                check_shape($kind, value)?;
                Ok(Self(value.into()))
            }
        }

        impl<'a> FromField<'a> for $name {
            #[inline]
            fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
                Expandable::from_field(value).map(|Expandable(id)| id)
            }
        }

        impl fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            #[inline]
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::parse(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            #[inline]
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::from_stripe(&value)
            }
        }

        impl From<$name> for String {
            #[inline]
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    )*};
}

// Alphabetical. An empty prefix list: accounts may choose such ids themselves.
ids! {
    /// A connected account. <https://docs.stripe.com/api/accounts>
    AccountId "account" ["acct_"];
    /// A Balance Transaction. <https://docs.stripe.com/api/balance_transactions>
    BalanceTransactionId "balance transaction" ["txn_"];
    /// A Charge; payments other than by card start with `py_`. <https://docs.stripe.com/api/charges>
    ChargeId "charge" ["ch_", "py_"];
    /// A line of a Checkout Session. <https://docs.stripe.com/api/checkout/sessions/line_items>
    CheckoutLineId "checkout line" ["li_"];
    /// A Checkout Session. <https://docs.stripe.com/api/checkout/sessions>
    CheckoutSessionId "checkout session" ["cs_"];
    /// A Coupon; its id may be chosen by the account. <https://docs.stripe.com/api/coupons>
    CouponId "coupon" [];
    /// A Customer. <https://docs.stripe.com/api/customers>
    CustomerId "customer" ["cus_"];
    /// A Discount. <https://docs.stripe.com/api/discounts>
    DiscountId "discount" ["di_"];
    /// A Dispute; old ones start with `du_`. <https://docs.stripe.com/api/disputes>
    DisputeId "dispute" ["dp_", "du_"];
    /// An Event. <https://docs.stripe.com/api/events>
    EventId "event" ["evt_"];
    /// An Invoice. <https://docs.stripe.com/api/invoices>
    InvoiceId "invoice" ["in_"];
    /// An Invoice Item. <https://docs.stripe.com/api/invoiceitems>
    InvoiceItemId "invoice item" ["ii_"];
    /// A line of an Invoice. <https://docs.stripe.com/api/invoice-line-item>
    InvoiceLineId "invoice line" ["il_"];
    /// An Invoice Payment. <https://docs.stripe.com/api/invoice-payment>
    InvoicePaymentId "invoice payment" ["inpay_"];
    /// A Payment Intent. <https://docs.stripe.com/api/payment_intents>
    PaymentIntentId "payment intent" ["pi_"];
    /// A Payment Method; old cards and sources act as one. <https://docs.stripe.com/api/payment_methods>
    PaymentMethodId "payment method" ["pm_", "card_", "src_", "ba_"];
    /// A Payout. <https://docs.stripe.com/api/payouts>
    PayoutId "payout" ["po_"];
    /// A configuration of the customer portal. <https://docs.stripe.com/api/customer_portal/configurations>
    PortalConfigurationId "portal configuration" ["bpc_"];
    /// A session of the customer portal. <https://docs.stripe.com/api/customer_portal/sessions>
    PortalSessionId "portal session" ["bps_"];
    /// A Price; ids of former plans are free text. <https://docs.stripe.com/api/prices>
    PriceId "price" [] not ["prod_"];
    /// A Product; its id may be chosen by the account. <https://docs.stripe.com/api/products>
    ProductId "product" [] not ["price_"];
    /// A Promotion Code. <https://docs.stripe.com/api/promotion_codes>
    PromotionCodeId "promotion code" ["promo_"];
    /// A Refund; those other than of a card start with `pyr_`. <https://docs.stripe.com/api/refunds>
    RefundId "refund" ["re_", "pyr_"];
    /// A Setup Intent. <https://docs.stripe.com/api/setup_intents>
    SetupIntentId "setup intent" ["seti_"];
    /// A Subscription. <https://docs.stripe.com/api/subscriptions>
    SubscriptionId "subscription" ["sub_"] not ["sub_sched_"];
    /// An item of a Subscription. <https://docs.stripe.com/api/subscription_items>
    SubscriptionItemId "subscription item" ["si_"];
    /// A Subscription Schedule. <https://docs.stripe.com/api/subscription_schedules>
    SubscriptionScheduleId "subscription schedule" ["sub_sched_"];
    /// A Test Clock. <https://docs.stripe.com/api/test_clocks>
    TestClockId "test clock" ["clock_"];
    /// A Webhook Endpoint. <https://docs.stripe.com/api/webhook_endpoints>
    WebhookEndpointId "webhook endpoint" ["we_"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_named_as_such() {
        let error = CustomerId::parse("price_123").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"price_12\" is not a customer id: it should start with cus_"
        );
    }

    #[test]
    fn a_prefix_within_a_prefix_is_still_another_kind() {
        assert!(SubscriptionId::parse("sub_sched_1").is_err());
        assert!(SubscriptionScheduleId::parse("sub_1").is_err());
        assert!(PriceId::parse("prod_1").is_err());
        assert!(PriceId::parse("plan-of-2014").is_ok());
    }

    #[test]
    fn what_stripe_sends_is_taken_whatever_its_prefix() {
        assert_eq!(
            CustomerId::from_stripe("gcus_9").unwrap().as_str(),
            "gcus_9"
        );
        assert!(CustomerId::from_stripe("").is_err());
        assert!(CustomerId::from_stripe("cus_1\n").is_err());
        assert!(CustomerId::from_stripe(&"a".repeat(256)).is_err());
    }

    #[test]
    fn a_path_cannot_be_smuggled_in_through_an_id() {
        assert!(PriceId::parse("..").is_err());
        for bad in ["cus_1/../../x", "cus_1?a=b", "cus_ 1", "cus_1#", "cus_é"] {
            assert!(CustomerId::parse(bad).is_err(), "{bad}");
        }
    }
}
