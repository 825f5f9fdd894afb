//! Ids that cost nothing: the operation that made the object, and a count.
//! Taking an operation out of a script changes nobody else's ids.

use std::fmt;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `cus_`
    Customer,
    /// `cs_test_`
    Session,
    /// `pi_`
    Intent,
    /// `ch_`
    Charge,
    /// `in_`
    Invoice,
    /// `inpay_`
    InvoicePayment,
    /// `sub_`
    Subscription,
    /// `sub_sched_`
    Schedule,
    /// `re_`
    Refund,
    /// `dp_`
    Dispute,
    /// `txn_`
    Txn,
    /// `po_`
    Payout,
    /// `pm_`
    Method,
    /// `si_`
    Item,
    /// `il_`
    Line,
    /// `evt_`
    Event,
}

impl Kind {
    /// Every kind that has a prefix of its own; the longer of two that start
    /// alike comes first.
    pub const ALL: [Self; 16] = [
        Self::Customer,
        Self::Session,
        Self::Intent,
        Self::Charge,
        Self::InvoicePayment,
        Self::Invoice,
        Self::Schedule,
        Self::Subscription,
        Self::Refund,
        Self::Dispute,
        Self::Txn,
        Self::Payout,
        Self::Method,
        Self::Item,
        Self::Line,
        Self::Event,
    ];

    /// What its ids start with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Customer => "cus_",
            Self::Session => "cs_test_",
            Self::Intent => "pi_",
            Self::Charge => "ch_",
            Self::Invoice => "in_",
            Self::InvoicePayment => "inpay_",
            Self::Subscription => "sub_",
            Self::Schedule => "sub_sched_",
            Self::Refund => "re_",
            Self::Dispute => "dp_",
            Self::Txn => "txn_",
            Self::Payout => "po_",
            Self::Method => "pm_",
            Self::Item => "si_",
            Self::Line => "il_",
            Self::Event => "evt_",
        }
    }
}

/// One object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// What it is.
    pub kind: Kind,
    /// The operation that made it, and a count within.
    number: u32,
}

/// Odd, so that it can be undone: Stripe's ids do not sort by time either.
const SCATTER: u32 = 0x9E37_79B1;
const GATHER: u32 = inverse(SCATTER);

const fn inverse(odd: u32) -> u32 {
    // Newton: each round doubles the bits that are right.
    let mut x = odd;
    let mut round = 0;
    while round < 5 {
        x = x.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(x)));
        round += 1;
    }
    x
}

impl Id {
    /// The `count`th object of an operation.
    #[must_use]
    pub const fn new(kind: Kind, operation: u32, count: u32) -> Self {
        Self {
            kind,
            number: operation.wrapping_mul(256).wrapping_add(count),
        }
    }

    /// The greatest of a kind.
    #[must_use]
    pub const fn last(kind: Kind) -> Self {
        Self {
            kind,
            number: u32::MAX,
        }
    }

    /// The operation that made it.
    #[must_use]
    pub const fn operation(self) -> u32 {
        self.number / 256
    }

    /// The object of this id, if it is shaped like one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()))?;
        let digits = text.get(kind.prefix().len()..)?.strip_prefix('S')?;
        let number = u32::from_str_radix(digits, 16).ok()?.wrapping_mul(GATHER);
        Some(Self { kind, number })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scattered = self.number.wrapping_mul(SCATTER);
        write!(f, "{}S{scattered:08X}", self.kind.prefix())
    }
}

// In timelines an id is what one looks for in the trace.
impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Id, Kind};

    #[test]
    fn ids_read_back_and_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in Kind::ALL {
            for operation in [0, 1, 77] {
                for count in [0, 1, 255] {
                    let id = Id::new(kind, operation, count);
                    assert_eq!(Id::parse(&id.to_string()), Some(id));
                    assert_eq!(id.operation(), operation);
                    assert!(seen.insert(id.to_string()));
                }
            }
        }
        assert_eq!(Id::parse("cus_other"), None);
    }
}
