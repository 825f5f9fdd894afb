//! A script: what happens in a world, and when. It is drawn from a seed by
//! playing it, so that everything in it is lawful; taken apart, what can no
//! longer be is left out when it is played.

mod draw;

use std::fmt;

use super::act::terms::Change;
use super::id::Id;
use super::money::Currency;
use super::objects::{InvoiceStatus, SessionMode, WayToPay};
use super::{START_MS, World};

pub use draw::draw;

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Counts from 1; the ids of what it makes come from it.
    pub number: u32,
    /// Milliseconds after the world began.
    pub at_ms: i64,
    /// Amounts, prices and waits come from it.
    pub salt: u64,
    /// What it is.
    pub what: What,
}

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum What {
    NewCustomer {
        method: bool,
    },
    Rename(Id),
    ChangeMethod(Id),
    GiveCredit(Id),
    DeleteCustomer(Id),
    OpenSession(Option<Id>, SessionMode, WayToPay),
    PaySession(Id),
    DeclineSession(Id),
    DelayedEnds {
        session: Id,
        works: bool,
    },
    ExpireSession(Id),
    Capture(Id),
    LetGo(Id),
    Subscribe {
        customer: Id,
        items: usize,
        trial: bool,
    },
    Renew(Id),
    Change(Id, Change),
    End(Id),
    Plan(Id),
    NextPhase(Id),
    ReleasePlan(Id),
    CancelPlan(Id),
    Bill(Id),
    Collect {
        invoice: Id,
        works: bool,
    },
    CloseInvoice(Id, InvoiceStatus),
    Refund {
        charge: Id,
        is_slow: bool,
    },
    RefundEnds {
        refund: Id,
        works: bool,
    },
    Dispute(Id),
    DisputeEnds {
        dispute: Id,
        is_won: bool,
    },
    PayOut(Currency),
    PayoutEnds {
        payout: Id,
        works: bool,
    },
    StripeFee,
}

/// What happens in a world.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// Dollars are settled in yen.
    pub converts: bool,
    /// In the order of time.
    pub operations: Vec<Operation>,
}

impl Script {
    /// Plays it from the beginning.
    #[must_use]
    pub fn play(&self) -> World {
        let mut world = World::new(self.converts);
        for operation in &self.operations {
            world.perform(operation);
        }
        world.finish();
        world
    }
}

impl World {
    /// Lets it happen; `None` when it cannot, and then nothing did.
    pub fn perform(&mut self, operation: &Operation) -> Option<()> {
        self.advance_to(START_MS + operation.at_ms);
        self.begin(operation.number, operation.salt);
        match operation.what {
            What::NewCustomer { method } => {
                self.new_customer(method);
                Some(())
            }
            What::Rename(id) => self.rename_customer(id),
            What::ChangeMethod(id) => self.change_method(id),
            What::GiveCredit(id) => self.give_credit(id),
            What::DeleteCustomer(id) => self.delete_customer(id),
            What::OpenSession(customer, mode, way) => self.open_session(customer, mode, way),
            What::PaySession(id) => self.pay_session(id),
            What::DeclineSession(id) => self.decline_session(id),
            What::DelayedEnds { session, works } => self.delayed_ends(session, works),
            What::ExpireSession(id) => self.expire_session(id),
            What::Capture(id) => self.capture(id),
            What::LetGo(id) => self.let_go(id),
            What::Subscribe {
                customer,
                items,
                trial,
            } => self.subscribe(customer, items, trial),
            What::Renew(id) => self.renew(id),
            What::Change(id, change) => self.change(id, change),
            What::End(id) => self.end_subscription(id),
            What::Plan(id) => self.plan(id),
            What::NextPhase(id) => self.next_phase(id),
            What::ReleasePlan(id) => self.close_schedule(id, "released"),
            What::CancelPlan(id) => self.close_schedule(id, "canceled"),
            What::Bill(id) => self.bill(id),
            What::Collect { invoice, works } => self.collect(invoice, works),
            What::CloseInvoice(id, how) => self.close_invoice(id, how),
            What::Refund { charge, is_slow } => self.refund(charge, is_slow),
            What::RefundEnds { refund, works } => self.refund_ends(refund, works),
            What::Dispute(id) => self.dispute(id),
            What::DisputeEnds { dispute, is_won } => self.dispute_ends(dispute, is_won),
            What::PayOut(currency) => self.pay_out(currency),
            What::PayoutEnds { payout, works } => self.payout_ends(payout, works),
            What::StripeFee => self.stripe_fee(),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}
