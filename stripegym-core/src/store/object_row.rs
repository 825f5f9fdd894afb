//! Kinds of objects, and the row of any of them.

use crate::store::{
    CheckoutSessionRow, CustomerRow, DisputeRow, FieldChange, InvoiceRow, Record, RefundRow,
    Scalar, SubscriptionItemRow, SubscriptionRow, SubscriptionScheduleRow,
};

/// Calls one macro for every kind of object with a row.
macro_rules! object_kinds {
    ($($(#[$doc:meta])* $kind:ident($row:ty) $object:literal $path:literal;)*) => {
        /// The kinds of Stripe's objects that we keep rows of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ObjectKind {
            $($(#[$doc])* $kind,)*
        }

        impl ObjectKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The word in an object's field `object`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $object),* }
            }

            /// The kind that Stripe calls so.
            #[must_use]
            pub fn from_stripe(object: &str) -> Option<Self> {
                match object { $($object => Some(Self::$kind),)* _ => None }
            }

            /// Where Stripe lists them.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$kind => $path),* }
            }
        }

        /// The row of any kind of object.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum ObjectRow {
            $($(#[$doc])* $kind($row),)*
        }

        impl ObjectRow {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> ObjectKind {
                match self { $(Self::$kind(_) => ObjectKind::$kind),* }
            }
        }

        $(impl From<$row> for ObjectRow {
            fn from(row: $row) -> Self {
                Self::$kind(row)
            }
        })*
    };
}

object_kinds! {
    /// A Customer.
    Customer(CustomerRow) "customer" "/v1/customers";
    /// A Checkout Session.
    CheckoutSession(CheckoutSessionRow) "checkout.session" "/v1/checkout/sessions";
    /// A Subscription.
    Subscription(SubscriptionRow) "subscription" "/v1/subscriptions";
    /// A Subscription Schedule.
    SubscriptionSchedule(SubscriptionScheduleRow) "subscription_schedule" "/v1/subscription_schedules";
    /// An Invoice.
    Invoice(InvoiceRow) "invoice" "/v1/invoices";
    /// A Refund.
    Refund(RefundRow) "refund" "/v1/refunds";
    /// A Dispute.
    Dispute(DisputeRow) "dispute" "/v1/disputes";
}

impl ObjectRow {
    /// The object's id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Customer(row) => row.id.as_str(),
            Self::CheckoutSession(row) => row.id.as_str(),
            Self::Subscription(row) => row.fields.id.as_str(),
            Self::SubscriptionSchedule(row) => row.id.as_str(),
            Self::Invoice(row) => row.id.as_str(),
            Self::Refund(row) => row.id.as_str(),
            Self::Dispute(row) => row.id.as_str(),
        }
    }

    /// The fields in which `told` differs; items count as one field.
    #[must_use]
    pub fn changes_to(&self, told: &Self) -> Vec<FieldChange> {
        match (self, told) {
            (Self::Customer(a), Self::Customer(b)) => a.changes_to(b),
            (Self::CheckoutSession(a), Self::CheckoutSession(b)) => a.changes_to(b),
            (Self::Subscription(a), Self::Subscription(b)) => {
                let mut changes = a.fields.changes_to(&b.fields);
                changes.extend(item_changes(&a.items, &b.items));
                changes
            }
            (Self::SubscriptionSchedule(a), Self::SubscriptionSchedule(b)) => a.changes_to(b),
            (Self::Invoice(a), Self::Invoice(b)) => a.changes_to(b),
            (Self::Refund(a), Self::Refund(b)) => a.changes_to(b),
            (Self::Dispute(a), Self::Dispute(b)) => a.changes_to(b),
            // Ids do not change their kind.
            _ => Vec::new(),
        }
    }
}

fn item_changes(
    stored: &[SubscriptionItemRow],
    told: &[SubscriptionItemRow],
) -> Option<FieldChange> {
    let text = |items: &[SubscriptionItemRow]| {
        let item = |item: &SubscriptionItemRow| {
            let quantity = item
                .quantity
                .map_or("metered".to_owned(), |n| n.to_string());
            format!("{} {quantity} x {}", item.id, item.price)
        };
        let items: Vec<_> = items.iter().map(item).collect();
        Scalar::Text(Some(items.join(", ")))
    };
    (stored != told).then(|| FieldChange {
        column: "items",
        stored: text(stored),
        told: text(told),
    })
}
