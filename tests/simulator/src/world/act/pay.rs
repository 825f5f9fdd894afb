//! Payment intents and charges, under sessions and invoices alike.

use crate::world::id::{Id, Kind};
use crate::world::money::{Currency, fee, yen_for_cents};
use crate::world::objects::{Charge, Intent, Txn, TxnType};
use crate::world::{Later, World, find, find_mut};

/// What an intent is made of.
pub(super) struct Wanted {
    pub(super) customer: Option<Id>,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) is_manual: bool,
    pub(super) invoice: Option<Id>,
}

impl World {
    /// An intent that nobody has paid yet; telling of it is up to the caller.
    pub(super) fn new_intent(&mut self, wanted: &Wanted) -> Id {
        let id = self.new_id(Kind::Intent);
        let created = self.now();
        self.intents.push(Intent {
            id,
            created,
            customer: wanted.customer,
            currency: wanted.currency,
            amount: wanted.amount,
            capturable: 0,
            received: 0,
            status: "requires_payment_method",
            is_manual: wanted.is_manual,
            charge: None,
            invoice: wanted.invoice,
        });
        id
    }

    /// An attempt on an intent, which then stands at `status`.
    pub(super) fn attempt(
        &mut self,
        intent: Id,
        status: &'static str,
        charge_status: &'static str,
    ) -> Option<Id> {
        let id = self.new_id(Kind::Charge);
        let created = self.now();
        let paid = find_mut(&mut self.intents, intent)?;
        paid.status = status;
        paid.charge = Some(id);
        let is_captured = status == "succeeded";
        if is_captured {
            paid.received = paid.amount;
        }
        if status == "requires_capture" {
            paid.capturable = paid.amount;
        }
        let charge = Charge {
            id,
            created,
            intent,
            customer: paid.customer,
            currency: paid.currency,
            amount: paid.amount,
            captured: paid.received,
            refunded: 0,
            status: charge_status,
            is_captured,
            is_disputed: false,
            txn: None,
        };
        self.charges.push(charge);
        self.save(id);
        self.save(intent);
        if is_captured {
            self.later(2000, Later::Settle(id));
        }
        Some(id)
    }

    /// The balance hears of a charge, about two seconds after.
    pub(in crate::world) fn settle(&mut self, id: Id) {
        if self.settle_silently(id) {
            self.tell_update("charge.updated", id, "{\"balance_transaction\":null}");
        }
    }

    /// The same, where another event tells it; false when it was known already.
    pub(super) fn settle_silently(&mut self, id: Id) -> bool {
        let Some(charge) = find(&self.charges, id).filter(|charge| charge.txn.is_none()) else {
            return false;
        };
        let (gross, currency) = (charge.captured, charge.currency);
        let txn = self.book(TxnType::Charge, Some(id), (gross, currency));
        if let Some(charge) = find_mut(&mut self.charges, id) {
            charge.txn = Some(txn);
        }
        true
    }

    /// A balance transaction of so much, converted if this world does that.
    pub(super) fn book(
        &mut self,
        kind: TxnType,
        source: Option<Id>,
        (amount, currency): (i64, Currency),
    ) -> Id {
        let id = self.new_id(Kind::Txn);
        let created = self.now();
        let converts = self.converts && currency == Currency::Usd;
        let (booked, settled) = if converts {
            (yen_for_cents(amount), Currency::Jpy)
        } else {
            (amount, currency)
        };
        let fee = match kind {
            TxnType::Charge => fee(booked, settled),
            TxnType::Adjustment if booked < 0 => crate::world::money::dispute_fee(settled),
            _ => 0,
        };
        self.txns.push(Txn {
            id,
            created,
            amount: booked,
            fee,
            currency: settled,
            converted_from: converts.then_some((amount, currency)),
            kind,
            source,
        });
        self.save(id);
        id
    }

    /// Takes what was set aside, or a part of it.
    pub(in crate::world) fn capture(&mut self, intent: Id) -> Option<()> {
        let part = self.rng.between(40, 140).min(100);
        let held = find_mut(&mut self.intents, intent)?;
        if held.status != "requires_capture" {
            return None;
        }
        let amount = (held.amount * part / 100).max(1);
        held.status = "succeeded";
        held.received = amount;
        held.capturable = 0;
        let id = held.charge?;
        let charge = find_mut(&mut self.charges, id)?;
        charge.captured = amount;
        charge.is_captured = true;
        self.tell("charge.captured", id);
        self.tell("payment_intent.succeeded", intent);
        if let Some(session) = self.session_of(intent) {
            find_mut(&mut self.sessions, session)?.payment_status = "paid";
            self.save(session);
        }
        self.later(2000, Later::Settle(id));
        Some(())
    }

    /// Lets go of what was set aside.
    pub(in crate::world) fn let_go(&mut self, intent: Id) -> Option<()> {
        let held = find_mut(&mut self.intents, intent)?;
        if held.status != "requires_capture" {
            return None;
        }
        held.status = "canceled";
        held.capturable = 0;
        self.tell("payment_intent.canceled", intent);
        Some(())
    }

    fn session_of(&self, intent: Id) -> Option<Id> {
        let session = self.sessions.iter().find(|s| s.intent == Some(intent));
        session.map(|session| session.id)
    }
}
