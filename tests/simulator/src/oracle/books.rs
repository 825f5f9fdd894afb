//! The books of a world, kept from its final state alone. Written apart from
//! the library's own rules, so that the two have to agree.

use std::collections::BTreeMap;

use crate::world::id::Id;
use crate::world::money::Currency;
use crate::world::objects::{Invoice, InvoiceStatus, Session, SessionMode, Txn, TxnType, WayToPay};
use crate::world::{World, find};

/// One line: account, currency, minor units; debits are positive.
pub type Line = (&'static str, Currency, i64);

/// What one object means for the books. Its lines sum to zero per currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The object.
    pub object: Id,
    /// What it moves.
    pub lines: Vec<Line>,
}

/// All entries of a world.
#[must_use]
pub fn entries(world: &World) -> Vec<Entry> {
    let sessions = world.sessions.iter().filter_map(|s| session(world, s));
    let invoices = world.invoices.iter().filter_map(invoice);
    let refunds = world.refunds.iter().filter(|r| r.status == "succeeded");
    let refunds = refunds.map(|refund| Entry {
        object: refund.id,
        lines: vec![
            ("refunds", refund.currency, refund.amount),
            ("stripe:clearing", refund.currency, -refund.amount),
        ],
    });
    let txns = world.txns.iter().map(txn);
    sessions
        .chain(invoices)
        .chain(refunds)
        .chain(txns)
        .collect()
}

/// What they sum to, without what is zero.
#[must_use]
pub fn balances(entries: &[Entry]) -> BTreeMap<(&'static str, Currency), i64> {
    let mut sums = BTreeMap::new();
    for (account, currency, minor) in entries.iter().flat_map(|entry| &entry.lines) {
        *sums.entry((*account, *currency)).or_insert(0) += minor;
    }
    sums.retain(|_, minor| *minor != 0);
    sums
}

/// A paid session without an invoice: what was taken is a sale and its tax.
#[must_use]
pub fn session(world: &World, session: &Session) -> Option<Entry> {
    let counts = session.mode == SessionMode::Payment
        && session.payment_status == "paid"
        && session.invoice.is_none();
    let intent = find(&world.intents, session.intent?).filter(|_| counts)?;
    let paid = match session.way {
        // A part may have been taken; such sessions have no tax.
        WayToPay::Manual => intent.received,
        WayToPay::Card | WayToPay::Delayed => session.total,
    };
    Some(Entry {
        object: intent.id,
        lines: sale(session.currency, paid, session.tax, "stripe:clearing"),
    })
}

fn sale(currency: Currency, total: i64, tax: i64, from: &'static str) -> Vec<Line> {
    vec![
        (from, currency, total),
        ("sales", currency, -(total - tax)),
        ("tax", currency, -tax),
    ]
}

/// A paid invoice: credit first, the rest through Stripe or past it.
fn invoice(invoice: &Invoice) -> Option<Entry> {
    if invoice.status != InvoiceStatus::Paid || invoice.total == 0 {
        return None;
    }
    let from = if invoice.out_of_band {
        "out_of_band"
    } else {
        "stripe:clearing"
    };
    let mut lines = sale(invoice.currency, invoice.total, invoice.tax, from);
    lines.push((from, invoice.currency, -invoice.credit));
    lines.push(("customer_credit", invoice.currency, invoice.credit));
    Some(Entry {
        object: invoice.id,
        lines,
    })
}

/// What the balance saw, by way of `fx` where it was converted.
fn txn(txn: &Txn) -> Entry {
    let against = match txn.kind {
        TxnType::Charge | TxnType::Refund | TxnType::RefundFailure => "stripe:clearing",
        TxnType::Adjustment => "disputes",
        TxnType::Payout | TxnType::PayoutFailure => "bank",
        TxnType::StripeFee => "fees",
    };
    let mut lines = vec![
        ("stripe:balance", txn.currency, txn.amount - txn.fee),
        ("fees", txn.currency, txn.fee),
    ];
    match txn.converted_from.filter(|_| against == "stripe:clearing") {
        Some((amount, currency)) => lines.extend([
            ("fx", txn.currency, -txn.amount),
            ("fx", currency, amount),
            (against, currency, -amount),
        ]),
        None => lines.push((against, txn.currency, -txn.amount)),
    }
    Entry {
        object: txn.id,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::script::draw;

    fn of(account: &str, sums: &BTreeMap<(&'static str, Currency), i64>) -> Vec<i64> {
        let lines = sums.iter().filter(|((name, _), _)| *name == account);
        lines.map(|(_, minor)| *minor).collect()
    }

    #[test]
    fn the_books_of_any_world_balance_and_clearing_drains() {
        let mut paid_out = 0;
        for seed in 0..400 {
            let (_, world) = draw(seed);
            let sums = balances(&entries(&world));
            for currency in [Currency::Jpy, Currency::Usd] {
                let lines = sums.iter().filter(|((_, of), _)| *of == currency);
                assert_eq!(lines.map(|(_, minor)| minor).sum::<i64>(), 0, "seed {seed}");
            }
            assert!(
                of("stripe:clearing", &sums).is_empty(),
                "seed {seed}: {sums:?}"
            );
            let net: i64 = world.txns.iter().map(|txn| txn.amount - txn.fee).sum();
            assert_eq!(of("stripe:balance", &sums).iter().sum::<i64>(), net);
            let gone = world.payouts.iter().filter(|p| p.status != "failed");
            let gone: i64 = gone.map(|payout| payout.amount).sum();
            assert_eq!(of("bank", &sums).iter().sum::<i64>(), gone);
            paid_out += gone;
        }
        assert!(paid_out > 0);
    }
}
