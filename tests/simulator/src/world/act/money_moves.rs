//! Money that goes back, is fought over, or leaves for the bank.

use crate::world::id::{Id, Kind};
use crate::world::money::Currency;
use crate::world::objects::{Dispute, Payout, Refund, TxnType};
use crate::world::{World, find, find_mut};

impl World {
    /// Gives a charge back, all of it or a part; some refunds take a while.
    pub(in crate::world) fn refund(&mut self, charge: Id, is_slow: bool) -> Option<()> {
        let of = find(&self.charges, charge)?;
        let left = of.captured - of.refunded;
        if of.status != "succeeded" || of.is_disputed || left <= 0 || of.txn.is_none() {
            return None;
        }
        let (intent, customer, currency) = (of.intent, of.customer, of.currency);
        let amount = if self.rng.percent(50) {
            left
        } else {
            self.rng.between(1, left)
        };
        let id = self.new_id(Kind::Refund);
        let created = self.now();
        self.refunds.push(Refund {
            id,
            created,
            charge,
            intent,
            customer,
            amount,
            currency,
            status: if is_slow { "pending" } else { "succeeded" },
            txn: None,
            failure_txn: None,
        });
        if !is_slow {
            self.book_refund(id)?;
        }
        let before = format!("{{\"amount_refunded\":{}}}", of_refunded(self, charge));
        find_mut(&mut self.charges, charge)?.refunded += amount;
        self.tell("refund.created", id);
        self.tell("charge.refunded", charge);
        self.tell_update("refund.updated", id, "{\"receipt_number\":null}");
        self.tell_update("charge.refund.updated", id, &before);
        Some(())
    }

    fn book_refund(&mut self, id: Id) -> Option<()> {
        let refund = find(&self.refunds, id)?;
        let (amount, currency) = (refund.amount, refund.currency);
        let txn = self.book(TxnType::Refund, Some(id), (-amount, currency));
        find_mut(&mut self.refunds, id)?.txn = Some(txn);
        Some(())
    }

    /// A slow refund gets there, or does not; one that got there comes back.
    pub(in crate::world) fn refund_ends(&mut self, id: Id, works: bool) -> Option<()> {
        let refund = find_mut(&mut self.refunds, id)?;
        match (refund.status, works) {
            ("pending", true) => {
                refund.status = "succeeded";
                self.book_refund(id)?;
                self.tell_update("refund.updated", id, "{\"status\":\"pending\"}");
                self.tell_update("charge.refund.updated", id, "{\"status\":\"pending\"}");
            }
            ("pending" | "succeeded", false) => {
                let was = std::mem::replace(&mut refund.status, "failed");
                let (amount, currency) = (refund.amount, refund.currency);
                let (charge, was_booked) = (refund.charge, refund.txn.is_some());
                if was_booked {
                    let back = self.book(TxnType::RefundFailure, Some(id), (amount, currency));
                    find_mut(&mut self.refunds, id)?.failure_txn = Some(back);
                }
                let before = format!("{{\"amount_refunded\":{}}}", of_refunded(self, charge));
                find_mut(&mut self.charges, charge)?.refunded -= amount;
                self.tell("refund.failed", id);
                let status = format!("{{\"status\":\"{was}\"}}");
                self.tell_update("refund.updated", id, &status);
                self.tell_update("charge.refund.updated", id, &status);
                self.tell_update("charge.updated", charge, &before);
            }
            _ => return None,
        }
        Some(())
    }

    /// The customer's bank wants a charge back, and takes it.
    pub(in crate::world) fn dispute(&mut self, charge: Id) -> Option<()> {
        let of = find(&self.charges, charge)?;
        let left = of.captured - of.refunded;
        if of.status != "succeeded" || of.is_disputed || left <= 0 || of.txn.is_none() {
            return None;
        }
        let (intent, currency) = (of.intent, of.currency);
        find_mut(&mut self.charges, charge)?.is_disputed = true;
        let id = self.new_id(Kind::Dispute);
        let created = self.now();
        self.disputes.push(Dispute {
            id,
            created,
            charge,
            intent,
            amount: left,
            currency,
            status: "needs_response",
            txns: Vec::new(),
        });
        self.tell_update("charge.updated", charge, "{\"disputed\":false}");
        self.tell("charge.dispute.created", id);
        self.move_disputed(id, -left, currency)?;
        self.tell("charge.dispute.funds_withdrawn", id);
        Some(())
    }

    fn move_disputed(&mut self, id: Id, amount: i64, currency: Currency) -> Option<()> {
        let txn = self.book(TxnType::Adjustment, Some(id), (amount, currency));
        let txn = find(&self.txns, txn)?.clone();
        find_mut(&mut self.disputes, id)?.txns.push(txn);
        Some(())
    }

    /// Won, and the money comes back; or lost.
    pub(in crate::world) fn dispute_ends(&mut self, id: Id, is_won: bool) -> Option<()> {
        let dispute = find_mut(&mut self.disputes, id)?;
        if dispute.status != "needs_response" {
            return None;
        }
        let (amount, currency) = (dispute.amount, dispute.currency);
        dispute.status = if is_won { "won" } else { "lost" };
        self.tell("charge.dispute.closed", id);
        if is_won {
            self.move_disputed(id, amount, currency)?;
            self.tell("charge.dispute.funds_reinstated", id);
        }
        Some(())
    }

    /// A part of what Stripe holds leaves for the bank.
    pub(in crate::world) fn pay_out(&mut self, currency: Currency) -> Option<()> {
        let net = |total: i64, txn: &crate::world::objects::Txn| total + txn.amount - txn.fee;
        let in_currency = self.txns.iter().filter(|txn| txn.currency == currency);
        let held: i64 = in_currency.fold(0, net);
        if held <= 0 {
            return None;
        }
        let amount = self.rng.between(held / 2, held).max(1);
        let id = self.new_id(Kind::Payout);
        let txn = self.book_plain(TxnType::Payout, Some(id), (-amount, currency));
        let created = self.now();
        self.payouts.push(Payout {
            id,
            created,
            amount,
            currency,
            status: "in_transit",
            txn: Some(txn),
            failure_txn: None,
        });
        self.tell("payout.created", id);
        Some(())
    }

    /// It arrives, or comes back.
    pub(in crate::world) fn payout_ends(&mut self, id: Id, works: bool) -> Option<()> {
        let payout = find_mut(&mut self.payouts, id)?;
        if payout.status != "in_transit" {
            return None;
        }
        let (amount, currency) = (payout.amount, payout.currency);
        payout.status = if works { "paid" } else { "failed" };
        if !works {
            let back = self.book_plain(TxnType::PayoutFailure, Some(id), (amount, currency));
            find_mut(&mut self.payouts, id)?.failure_txn = Some(back);
        }
        self.tell(
            if works {
                "payout.paid"
            } else {
                "payout.failed"
            },
            id,
        );
        Some(())
    }

    /// What Stripe bills for itself. No event tells of it.
    pub(in crate::world) fn stripe_fee(&mut self) -> Option<()> {
        let currency = self.txns.last()?.currency;
        let amount = self.rng.between(10, 300);
        self.book_plain(TxnType::StripeFee, None, (-amount, currency));
        Some(())
    }

    /// In the currency of the balance itself: nothing to convert.
    fn book_plain(
        &mut self,
        kind: TxnType,
        source: Option<Id>,
        (amount, currency): (i64, Currency),
    ) -> Id {
        let converts = std::mem::take(&mut self.converts);
        let id = self.book(kind, source, (amount, currency));
        self.converts = converts;
        id
    }
}

fn of_refunded(world: &World, charge: Id) -> i64 {
    find(&world.charges, charge).map_or(0, |charge| charge.refunded)
}
