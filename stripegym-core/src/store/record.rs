//! Rows of the projections as values and columns.
//!
//! A [`Record`] knows its table and its columns, so a store writes one
//! statement for all kinds of rows, and two rows can be compared field by field.

use std::fmt;

use crate::id::Id;
use crate::money::Currency;

/// The value of one column.
#[derive(Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A text, or NULL.
    Text(Option<String>),
    /// A whole number of 64 bits, or NULL.
    Int(Option<i64>),
    /// A truth value.
    Flag(bool),
}

/// The type of a column, for reading it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// [`Scalar::Text`].
    Text,
    /// [`Scalar::Int`].
    Int,
    /// [`Scalar::Flag`].
    Flag,
}

/// A column that holds something else than its row says it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the column {0} does not read back")]
pub struct ColumnError(pub &'static str);

/// A field that differs between two rows: its column, and both values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The column.
    pub column: &'static str,
    /// What is stored.
    pub stored: Scalar,
    /// What it should be.
    pub told: Scalar,
}

/// A row with a table of its own. Implemented by the row types of this crate.
pub trait Record: Sized {
    /// The table.
    const TABLE: &'static str;
    /// Its columns, the primary key first.
    const COLUMNS: &'static [(&'static str, ColumnType)];

    /// The values, in the order of the columns.
    fn to_scalars(&self) -> Vec<Scalar>;

    /// The row with these values.
    ///
    /// # Errors
    /// When a value cannot be one of its column.
    fn from_scalars(scalars: Vec<Scalar>) -> Result<Self, ColumnError>;

    /// The fields in which `told` differs from this row.
    fn changes_to(&self, told: &Self) -> Vec<FieldChange> {
        let values = self.to_scalars().into_iter().zip(told.to_scalars());
        let columns = Self::COLUMNS.iter().map(|(column, _)| *column);
        columns
            .zip(values)
            .filter(|(_, (stored, told))| stored != told)
            .map(|(column, (stored, told))| FieldChange {
                column,
                stored,
                told,
            })
            .collect()
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(Some(text)) => f.write_str(text),
            Self::Int(Some(number)) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(None) | Self::Int(None) => f.write_str("null"),
        }
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A field that fits a column.
pub(crate) trait Column: Sized {
    const TYPE: ColumnType;
    fn to_scalar(&self) -> Scalar;
    fn from_scalar(scalar: Scalar) -> Option<Self>;
}

impl Column for i64 {
    const TYPE: ColumnType = ColumnType::Int;

    fn to_scalar(&self) -> Scalar {
        Scalar::Int(Some(*self))
    }

    fn from_scalar(scalar: Scalar) -> Option<Self> {
        Option::from_scalar(scalar)?
    }
}

impl Column for Option<i64> {
    const TYPE: ColumnType = ColumnType::Int;

    fn to_scalar(&self) -> Scalar {
        Scalar::Int(*self)
    }

    fn from_scalar(scalar: Scalar) -> Option<Self> {
        match scalar {
            Scalar::Int(value) => Some(value),
            Scalar::Text(_) | Scalar::Flag(_) => None,
        }
    }
}

impl Column for bool {
    const TYPE: ColumnType = ColumnType::Flag;

    fn to_scalar(&self) -> Scalar {
        Scalar::Flag(*self)
    }

    fn from_scalar(scalar: Scalar) -> Option<Self> {
        match scalar {
            Scalar::Flag(flag) => Some(flag),
            Scalar::Text(_) | Scalar::Int(_) => None,
        }
    }
}

/// A value that is written as a text.
pub(crate) trait TextColumn: Sized {
    fn to_text(&self) -> String;
    fn from_text(text: String) -> Option<Self>;
}

impl<T: TextColumn> Column for T {
    const TYPE: ColumnType = ColumnType::Text;

    fn to_scalar(&self) -> Scalar {
        Scalar::Text(Some(self.to_text()))
    }

    fn from_scalar(scalar: Scalar) -> Option<Self> {
        Option::from_scalar(scalar)?
    }
}

impl<T: TextColumn> Column for Option<T> {
    const TYPE: ColumnType = ColumnType::Text;

    fn to_scalar(&self) -> Scalar {
        Scalar::Text(self.as_ref().map(T::to_text))
    }

    fn from_scalar(scalar: Scalar) -> Option<Self> {
        match scalar {
            Scalar::Text(None) => Some(None),
            Scalar::Text(Some(text)) => T::from_text(text).map(Some),
            Scalar::Int(_) | Scalar::Flag(_) => None,
        }
    }
}

impl TextColumn for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: String) -> Option<Self> {
        Some(text)
    }
}

impl TextColumn for Currency {
    fn to_text(&self) -> String {
        self.as_str().to_owned()
    }

    fn from_text(text: String) -> Option<Self> {
        Self::parse(&text).ok()
    }
}

/// Ids and enums are written in Stripe's words.
macro_rules! in_stripes_words {
    ($($id:ty),*; $($word:ty),*) => {
        $(impl TextColumn for $id {
            fn to_text(&self) -> String {
                self.as_str().to_owned()
            }

            fn from_text(text: String) -> Option<Self> {
                <$id as Id>::from_stripe(&text).ok()
            }
        })*
        $(impl TextColumn for $word {
            fn to_text(&self) -> String {
                self.as_str().to_owned()
            }

            fn from_text(text: String) -> Option<Self> {
                Some(Self::from_stripe(&text))
            }
        })*
    };
}

in_stripes_words! {
    crate::id::ChargeId, crate::id::CheckoutSessionId, crate::id::CustomerId, crate::id::DisputeId,
    crate::id::InvoiceId, crate::id::PaymentIntentId, crate::id::PaymentMethodId,
    crate::id::PriceId, crate::id::ProductId, crate::id::RefundId, crate::id::SubscriptionId,
    crate::id::SubscriptionItemId, crate::id::SubscriptionScheduleId;
    crate::checkout::CheckoutMode, crate::checkout::CheckoutStatus, crate::checkout::PaymentStatus,
    crate::dispute::DisputeStatus, crate::invoice::BillingReason, crate::invoice::InvoiceStatus,
    crate::refund::RefundReason, crate::refund::RefundStatus,
    crate::subscription::CollectionMethod, crate::subscription::PauseCollectionBehavior,
    crate::subscription::SubscriptionStatus, crate::subscription_schedule::EndBehavior,
    crate::subscription_schedule::ScheduleStatus
}

/// Declares rows: the struct, its table and its columns, named as the fields.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident in $table:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::store::Record for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [(&'static str, $crate::store::ColumnType)] = &[
                $((stringify!($field), <$type as $crate::store::record::Column>::TYPE),)*
            ];

            fn to_scalars(&self) -> Vec<$crate::store::Scalar> {
                vec![$($crate::store::record::Column::to_scalar(&self.$field),)*]
            }

            fn from_scalars(
                scalars: Vec<$crate::store::Scalar>,
            ) -> Result<Self, $crate::store::ColumnError> {
                let mut scalars = scalars.into_iter();
                Ok(Self {
                    $($field: scalars
                        .next()
                        .and_then($crate::store::record::Column::from_scalar)
                        .ok_or($crate::store::ColumnError(stringify!($field)))?,)*
                })
            }
        }
    )*};
}

pub(crate) use records;
