//! Checkout Sessions, with events in the odd order in which Stripe sends them.
//! <https://docs.stripe.com/payments/checkout/how-checkout-works>

use super::invoices::Bill;
use super::pay::Wanted;
use super::subscriptions::Start;
use crate::world::id::{Id, Kind};
use crate::world::money::{Currency, PRICES, tax_within};
use crate::world::objects::{Session, SessionMode, WayToPay};
use crate::world::{World, find, find_mut};

impl World {
    /// A session that nobody has paid yet. No event tells of it.
    pub(in crate::world) fn open_session(
        &mut self,
        customer: Option<Id>,
        mode: SessionMode,
        way: WayToPay,
    ) -> Option<()> {
        if customer.is_some_and(|id| !self.is_living(id)) {
            return None;
        }
        let bound = customer.and_then(|id| find(&self.customers, id)?.currency);
        let price = self.pick_price(bound);
        let currency = PRICES.get(price)?.currency;
        let net = match mode {
            SessionMode::Payment if currency == Currency::Usd => self.rng.between(100, 9_000),
            SessionMode::Payment => self.rng.between(100, 20_000),
            SessionMode::Subscription => PRICES.get(price)?.amount,
        };
        let taxed = customer.is_some_and(Self::is_taxed) && way != WayToPay::Manual;
        let total = if taxed { net + net / 10 } else { net };
        let trial = mode == SessionMode::Subscription && self.rng.percent(30);
        let id = self.new_id(Kind::Session);
        let created = self.now();
        let invoice_creation =
            mode == SessionMode::Payment && way == WayToPay::Card && self.rng.percent(15);
        self.sessions.push(Session {
            id,
            created,
            customer,
            mode,
            status: "open",
            payment_status: "unpaid",
            currency,
            total: if trial { 0 } else { total },
            tax: if taxed && !trial {
                tax_within(total)
            } else {
                0
            },
            way,
            invoice_creation: invoice_creation && customer.is_some(),
            trial,
            price,
            intent: None,
            subscription: None,
            invoice: None,
        });
        self.save(id);
        Some(())
    }

    /// The customer pays, or at least does what was asked.
    pub(in crate::world) fn pay_session(&mut self, id: Id) -> Option<()> {
        let session = self.open(id)?.clone();
        if session.mode == SessionMode::Subscription {
            return self.subscribe_by_session(&session);
        }
        let is_first = session.intent.is_none();
        let intent = self.intent_of(&session)?;
        let early = self.json(intent)?;
        match session.way {
            WayToPay::Card => {
                let charge = self.attempt(intent, "succeeded", "succeeded")?;
                self.tell("charge.succeeded", charge);
                self.tell("payment_intent.succeeded", intent);
                if is_first {
                    self.tell_early("payment_intent.created", intent, &early);
                }
                if session.invoice_creation {
                    self.invoice_for_session(&session, intent)?;
                }
                self.complete(id, "paid")
            }
            WayToPay::Delayed => {
                if is_first {
                    self.tell_early("payment_intent.created", intent, &early);
                }
                let charge = self.attempt(intent, "processing", "pending")?;
                self.tell("charge.pending", charge);
                self.tell("payment_intent.processing", intent);
                self.complete(id, "unpaid")
            }
            WayToPay::Manual => {
                let charge = self.attempt(intent, "requires_capture", "succeeded")?;
                self.tell("charge.succeeded", charge);
                self.tell("payment_intent.amount_capturable_updated", intent);
                if is_first {
                    self.tell_early("payment_intent.created", intent, &early);
                }
                self.complete(id, "unpaid")
            }
        }
    }

    fn intent_of(&mut self, session: &Session) -> Option<Id> {
        if let Some(intent) = session.intent {
            return Some(intent);
        }
        let intent = self.new_intent(&Wanted {
            customer: session.customer,
            amount: session.total,
            currency: session.currency,
            is_manual: session.way == WayToPay::Manual,
            invoice: None,
        });
        find_mut(&mut self.sessions, session.id)?.intent = Some(intent);
        Some(intent)
    }

    fn complete(&mut self, id: Id, payment_status: &'static str) -> Option<()> {
        let session = find_mut(&mut self.sessions, id)?;
        session.status = "complete";
        session.payment_status = payment_status;
        self.tell("checkout.session.completed", id);
        Some(())
    }

    fn invoice_for_session(&mut self, session: &Session, intent: Id) -> Option<()> {
        let customer = session.customer?;
        let invoice = self.draft(&Bill {
            customer,
            subscription: None,
            currency: session.currency,
            net: session.total - session.tax,
            tax: session.tax,
            reason: "manual",
            period: (self.now(), self.now()),
        });
        find_mut(&mut self.intents, intent)?.invoice = Some(invoice);
        find_mut(&mut self.sessions, session.id)?.invoice = Some(invoice);
        self.tell("invoice.created", invoice);
        self.finalize(invoice, Some(intent))?;
        self.mark_paid(invoice)
    }

    fn subscribe_by_session(&mut self, session: &Session) -> Option<()> {
        let customer = match session.customer {
            Some(customer) if !self.is_living(customer) => return None,
            Some(customer) => customer,
            None => {
                let customer = self.new_customer(true);
                find_mut(&mut self.sessions, session.id)?.customer = Some(customer);
                customer
            }
        };
        self.start_subscription(&Start {
            customer,
            price: session.price,
            items: 1,
            trial: session.trial,
            tax: session.tax,
            session: Some(session.id),
        })
    }

    /// The customer's bank says no; they may try again.
    pub(in crate::world) fn decline_session(&mut self, id: Id) -> Option<()> {
        let session = self.open(id)?.clone();
        if session.mode == SessionMode::Subscription || session.way == WayToPay::Delayed {
            return None;
        }
        let is_first = session.intent.is_none();
        let intent = self.intent_of(&session)?;
        if is_first {
            self.tell("payment_intent.created", intent);
        }
        let charge = self.attempt(intent, "requires_payment_method", "failed")?;
        self.tell("charge.failed", charge);
        self.tell("payment_intent.payment_failed", intent);
        Some(())
    }

    /// A delayed payment comes in, or does not.
    pub(in crate::world) fn delayed_ends(&mut self, id: Id, works: bool) -> Option<()> {
        let session = find(&self.sessions, id)?;
        if (session.status, session.payment_status) != ("complete", "unpaid") {
            return None;
        }
        let intent = session.intent?;
        let paid = find_mut(&mut self.intents, intent)?;
        if paid.status != "processing" {
            return None;
        }
        let charge_id = paid.charge?;
        let charge = find_mut(&mut self.charges, charge_id)?;
        if works {
            (paid.status, paid.received) = ("succeeded", paid.amount);
            (charge.status, charge.captured) = ("succeeded", charge.amount);
            charge.is_captured = true;
            find_mut(&mut self.sessions, id)?.payment_status = "paid";
            self.settle_silently(charge_id);
            self.tell("charge.succeeded", charge_id);
            self.tell("payment_intent.succeeded", intent);
            self.tell("checkout.session.async_payment_succeeded", id);
        } else {
            paid.status = "requires_payment_method";
            charge.status = "failed";
            self.tell("charge.failed", charge_id);
            self.tell("payment_intent.payment_failed", intent);
            self.tell("checkout.session.async_payment_failed", id);
        }
        Some(())
    }

    /// Nobody paid in time.
    pub(in crate::world) fn expire_session(&mut self, id: Id) -> Option<()> {
        let session = self.open(id)?;
        session.status = "expired";
        self.tell("checkout.session.expired", id);
        Some(())
    }

    fn open(&mut self, id: Id) -> Option<&mut Session> {
        find_mut(&mut self.sessions, id).filter(|session| session.status == "open")
    }

    /// A price in the customer's currency, if they have one.
    pub(super) fn pick_price(&mut self, bound: Option<Currency>) -> usize {
        let fits = |price: &usize| {
            bound.is_none_or(|bound| PRICES.get(*price).is_some_and(|p| p.currency == bound))
        };
        let prices: Vec<usize> = (0..PRICES.len()).filter(fits).collect();
        self.rng.pick(&prices).copied().unwrap_or(0)
    }
}
