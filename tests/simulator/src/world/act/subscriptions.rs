//! Subscriptions begin, renew, fall behind and end.
//! <https://docs.stripe.com/billing/subscriptions/overview>

use super::invoices::Bill;
use crate::world::id::{Id, Kind};
use crate::world::money::PRICES;
use crate::world::objects::{Item, Subscription};
use crate::world::{World, find, find_mut};

/// How a subscription begins.
pub(super) struct Start {
    pub(super) customer: Id,
    pub(super) price: usize,
    pub(super) items: usize,
    pub(super) trial: bool,
    /// Of the first invoice.
    pub(super) tax: i64,
    /// The session through which it was bought.
    pub(super) session: Option<Id>,
}

const TRIAL_S: i64 = 3 * 86_400;

impl World {
    /// A subscription that the shop makes itself, without a session.
    pub(in crate::world) fn subscribe(
        &mut self,
        customer: Id,
        items: usize,
        trial: bool,
    ) -> Option<()> {
        let known = find(&self.customers, customer)?;
        if known.deleted || known.method().is_none() {
            return None;
        }
        let bound = known.currency;
        let price = self.pick_price(bound);
        let net: i64 = self
            .items_from(price, items)
            .iter()
            .map(|p| PRICES[*p].amount)
            .sum();
        self.start_subscription(&Start {
            customer,
            price,
            items,
            trial,
            tax: if Self::is_taxed(customer) {
                net / 10
            } else {
                0
            },
            session: None,
        })
    }

    /// Prices for several items: of one currency and one interval.
    fn items_from(&self, price: usize, items: usize) -> Vec<usize> {
        let first = &PRICES[price];
        let fits = |p: &usize| {
            PRICES[*p].currency == first.currency && PRICES[*p].interval == first.interval
        };
        std::iter::once(price)
            .chain((0..PRICES.len()).filter(|p| *p != price).filter(fits))
            .take(items)
            .collect()
    }

    pub(super) fn start_subscription(&mut self, start: &Start) -> Option<()> {
        let now = self.now();
        let id = self.new_id(Kind::Subscription);
        let currency = PRICES.get(start.price)?.currency;
        let trial = start.trial.then_some((now, now + TRIAL_S));
        let prices = self.items_from(start.price, start.items);
        let items = prices.into_iter().map(|price| Item {
            id: self.new_id(Kind::Item),
            price,
            quantity: 1,
            start: now,
            end: trial.map_or(now + PRICES[price].seconds, |(_, end)| end),
        });
        let items: Vec<Item> = items.collect();
        self.subscriptions.push(Subscription {
            id,
            created: now,
            customer: start.customer,
            currency,
            status: if start.trial { "trialing" } else { "active" },
            items,
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            trial,
            pause: None,
            latest_invoice: None,
            schedule: None,
        });
        self.first_invoice(id, start)
    }

    /// Everything in one second, and not in the order of cause and effect.
    fn first_invoice(&mut self, id: Id, start: &Start) -> Option<()> {
        let (customer, is_free) = (start.customer, start.trial);
        let sub = find(&self.subscriptions, id)?;
        let net = if is_free { 0 } else { sub.amount() };
        let (currency, end) = (sub.currency, sub.period_end());
        let invoice = self.draft(&Bill {
            customer,
            subscription: Some(id),
            currency,
            net,
            tax: if is_free { 0 } else { start.tax },
            reason: "subscription_create",
            period: (self.now(), end),
        });
        find_mut(&mut self.subscriptions, id)?.latest_invoice = Some(invoice);
        let draft = self.json(invoice)?;
        let mark = self.events.len();
        self.finalize(invoice, None)?;
        let intent = self.payments.iter().find(|p| p.invoice == invoice);
        let intent = intent.map(|payment| payment.intent);
        // `invoice.finalized` and what credit did come after the rest.
        let finalized = self.events.split_off(mark);
        let early = intent.and_then(|intent| self.json(intent));
        if let Some(intent) = intent {
            let charge = self.attempt(intent, "succeeded", "succeeded")?;
            self.tell("charge.succeeded", charge);
        }
        if let Some(session) = start.session {
            let bought = find_mut(&mut self.sessions, session)?;
            bought.status = "complete";
            bought.payment_status = if is_free {
                "no_payment_required"
            } else {
                "paid"
            };
            bought.subscription = Some(id);
            bought.invoice = Some(invoice);
            self.tell("checkout.session.completed", session);
        }
        self.set_currency(customer, currency);
        self.tell("customer.subscription.created", id);
        if let (Some(intent), Some(early)) = (intent, early) {
            self.tell("payment_intent.succeeded", intent);
            self.tell_early("payment_intent.created", intent, &early);
        }
        self.tell_early("invoice.created", invoice, &draft);
        self.events.extend(finalized);
        self.mark_paid(invoice)
    }

    /// The period ends: a new one begins, or nothing more.
    pub(in crate::world) fn renew(&mut self, id: Id) -> Option<()> {
        let now = self.now();
        let sub = find(&self.subscriptions, id)?;
        if !sub.is_alive() || sub.period_end() > now {
            return None;
        }
        if sub.cancel_at_period_end || sub.cancel_at.is_some_and(|at| at <= now) {
            return self.end_subscription(id);
        }
        let (before, was_trial) = (Self::before_items(sub), sub.status == "trialing");
        let (customer, currency, net) = (sub.customer, sub.currency, sub.amount());
        let sub = find_mut(&mut self.subscriptions, id)?;
        for item in &mut sub.items {
            // Whatever was slept through is one long period.
            while item.end <= now {
                item.start = item.end;
                item.end += item.price().seconds;
            }
        }
        if was_trial {
            sub.status = "active";
        }
        let period = (sub.items.first()?.start, sub.period_end());
        let invoice = self.draft(&Bill {
            customer,
            subscription: Some(id),
            currency,
            net,
            tax: if Self::is_taxed(customer) {
                net / 10
            } else {
                0
            },
            reason: "subscription_cycle",
            period,
        });
        let sub = find_mut(&mut self.subscriptions, id)?;
        let latest = sub.latest_invoice.replace(invoice)?;
        let status = if was_trial {
            ",\"status\":\"trialing\""
        } else {
            ""
        };
        let before = format!("{{{before},\"latest_invoice\":\"{latest}\"{status}}}");
        self.tell_update("customer.subscription.updated", id, &before);
        self.tell("invoice.created", invoice);
        Some(())
    }

    /// What a collection means for the subscription that it is for.
    pub(super) fn standing(&mut self, id: Id, works: bool) -> Option<()> {
        let sub = find_mut(&mut self.subscriptions, id)?;
        let (from, to) = match (sub.status, works) {
            ("active", false) => ("active", "past_due"),
            ("past_due", true) => ("past_due", "active"),
            _ => return None,
        };
        sub.status = to;
        let before = format!("{{\"status\":\"{from}\"}}");
        self.tell_update("customer.subscription.updated", id, &before);
        Some(())
    }

    /// Ends now, whatever was planned.
    pub(in crate::world) fn end_subscription(&mut self, id: Id) -> Option<()> {
        let now = self.now();
        let sub = find_mut(&mut self.subscriptions, id)?;
        if !sub.is_alive() {
            return None;
        }
        sub.status = "canceled";
        sub.canceled_at = sub.canceled_at.or(Some(now));
        sub.ended_at = Some(now);
        let schedule = sub.schedule;
        self.tell("customer.subscription.deleted", id);
        if let Some(schedule) = schedule {
            self.close_schedule(schedule, "canceled");
        }
        Some(())
    }

    /// The old items, as `previous_attributes` has them: the whole array.
    pub(super) fn before_items(sub: &Subscription) -> String {
        let mut json = crate::world::json::Json::object();
        sub.write_items(&mut json);
        let json = json.end();
        json.trim_start_matches('{')
            .strip_suffix('}')
            .unwrap_or_default()
            .to_owned()
    }
}
