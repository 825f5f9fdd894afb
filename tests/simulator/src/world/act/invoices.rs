//! Invoices: drafted, made final, paid, failed, called off.
//! <https://docs.stripe.com/invoicing/integration/workflow-transitions>

use super::pay::Wanted;
use crate::world::id::{Id, Kind};
use crate::world::money::Currency;
use crate::world::objects::{Invoice, InvoicePayment, InvoiceStatus};
use crate::world::{Later, World, find, find_mut};

/// What a bill is made of.
pub(super) struct Bill {
    pub(super) customer: Id,
    pub(super) subscription: Option<Id>,
    pub(super) currency: Currency,
    pub(super) net: i64,
    pub(super) tax: i64,
    pub(super) reason: &'static str,
    /// Seconds since the Unix epoch.
    pub(super) period: (i64, i64),
}

impl World {
    pub(super) fn draft(&mut self, bill: &Bill) -> Id {
        let id = self.new_id(Kind::Invoice);
        let created = self.now();
        let balance = find(&self.customers, bill.customer).map_or(0, |c| c.balance);
        self.invoices.push(Invoice {
            id,
            created,
            customer: bill.customer,
            subscription: bill.subscription,
            status: InvoiceStatus::Draft,
            currency: bill.currency,
            total: bill.net + bill.tax,
            tax: bill.tax,
            credit: 0,
            starting_balance: balance,
            amount_paid: 0,
            out_of_band: false,
            reason: bill.reason,
            attempts: 0,
            start: bill.period.0,
            end: bill.period.1,
            finalized_at: None,
            closed_at: None,
        });
        id
    }

    /// A bill for something that was not bought through the shop.
    pub(in crate::world) fn bill(&mut self, customer: Id) -> Option<()> {
        if !self.is_living(customer) {
            return None;
        }
        let bound = find(&self.customers, customer)?.currency;
        let currency = bound.unwrap_or(Currency::Jpy);
        let net = self.rng.between(100, 8_000);
        let tax = if Self::is_taxed(customer) {
            net / 10
        } else {
            0
        };
        let period = (self.now(), self.now());
        let invoice = self.draft(&Bill {
            customer,
            subscription: None,
            currency,
            net,
            tax,
            reason: "manual",
            period,
        });
        self.set_currency(customer, currency)?;
        self.tell("invoice.created", invoice);
        Some(())
    }

    /// From now on it does not change; what is left to pay gets an intent.
    pub(super) fn finalize(&mut self, id: Id, intent: Option<Id>) -> Option<()> {
        let now = self.now();
        let customer = find(&self.invoices, id)?.customer;
        let balance = find(&self.customers, customer)?.balance;
        let invoice = find_mut(&mut self.invoices, id)?;
        invoice.status = InvoiceStatus::Open;
        invoice.finalized_at = Some(now);
        // What was paid through a session beforehand cannot be credit any more.
        if intent.is_none() {
            invoice.starting_balance = balance;
            invoice.credit = invoice.total.min((-balance).max(0));
        }
        let (due, currency, credit) = (invoice.amount_due(), invoice.currency, invoice.credit);
        if due > 0 {
            let intent = match intent {
                Some(intent) => intent,
                None => {
                    let intent = self.new_intent(&Wanted {
                        customer: Some(customer),
                        amount: due,
                        currency,
                        is_manual: false,
                        invoice: Some(id),
                    });
                    self.save(intent);
                    intent
                }
            };
            let payment = self.new_id(Kind::InvoicePayment);
            self.payments.push(InvoicePayment {
                id: payment,
                created: now,
                invoice: id,
                intent,
                currency,
                requested: due,
                status: "open",
                closed_at: None,
            });
            self.save(payment);
        }
        self.tell("invoice.finalized", id);
        if credit > 0 {
            self.shift_balance(customer, credit);
        }
        Some(())
    }

    /// Paid: by its intent, by credit, or because nothing is due.
    pub(super) fn mark_paid(&mut self, id: Id) -> Option<()> {
        let now = self.now();
        let invoice = find_mut(&mut self.invoices, id)?;
        invoice.status = InvoiceStatus::Paid;
        invoice.amount_paid = invoice.amount_due();
        invoice.closed_at = Some(now);
        invoice.attempts += i64::from(invoice.amount_paid > 0);
        self.close_payment(id, "paid");
        self.tell("invoice.paid", id);
        self.tell("invoice.payment_succeeded", id);
        Some(())
    }

    fn close_payment(&mut self, invoice: Id, status: &'static str) {
        let now = self.now();
        let open = |p: &&mut InvoicePayment| p.invoice == invoice && p.status == "open";
        let Some(payment) = self.payments.iter_mut().find(open) else {
            return;
        };
        payment.status = status;
        payment.closed_at = Some(now);
        let id = payment.id;
        self.save(id);
        if status == "paid" {
            let wait = self.rng.between(1_000, 20_000);
            self.later(wait, Later::PaymentTold(id));
        }
    }

    /// Makes a draft final and tries to collect, or tries once more.
    pub(in crate::world) fn collect(&mut self, id: Id, works: bool) -> Option<()> {
        let invoice = find(&self.invoices, id)?;
        let (customer, subscription) = (invoice.customer, invoice.subscription);
        match invoice.status {
            InvoiceStatus::Draft => {
                if !self.is_living(customer) {
                    return None;
                }
                self.finalize(id, None)?;
            }
            InvoiceStatus::Open | InvoiceStatus::Uncollectible => {}
            InvoiceStatus::Paid | InvoiceStatus::Void => return None,
        }
        let Some(intent) = self.intent_for(id) else {
            return self.mark_paid(id);
        };
        if find(&self.intents, intent)?.charge.is_none() {
            self.tell("payment_intent.created", intent);
        }
        if works {
            let charge = self.attempt(intent, "succeeded", "succeeded")?;
            self.mark_paid(id)?;
            self.tell("payment_intent.succeeded", intent);
            self.tell("charge.succeeded", charge);
            self.set_delinquent(customer, false);
        } else {
            let charge = self.attempt(intent, "requires_payment_method", "failed")?;
            self.tell("charge.failed", charge);
            self.tell("payment_intent.payment_failed", intent);
            let invoice = find_mut(&mut self.invoices, id)?;
            let before = format!("{{\"attempt_count\":{}}}", invoice.attempts);
            invoice.attempts += 1;
            self.tell("invoice.payment_failed", id);
            self.tell_update("invoice.updated", id, &before);
            self.set_delinquent(customer, true);
        }
        if let Some(subscription) = subscription {
            self.standing(subscription, works);
        }
        Some(())
    }

    fn intent_for(&self, invoice: Id) -> Option<Id> {
        let of = |payment: &&InvoicePayment| payment.invoice == invoice;
        self.payments.iter().find(of).map(|payment| payment.intent)
    }

    /// Calls it off, gives it up, or notes that it was paid elsewhere.
    pub(in crate::world) fn close_invoice(&mut self, id: Id, how: InvoiceStatus) -> Option<()> {
        let now = self.now();
        let invoice = find_mut(&mut self.invoices, id)?;
        if invoice.status != InvoiceStatus::Open || invoice.amount_due() == 0 {
            return None;
        }
        let customer = invoice.customer;
        invoice.status = how;
        invoice.closed_at = Some(now);
        let credit = invoice.credit;
        let told = match how {
            InvoiceStatus::Paid => {
                invoice.out_of_band = true;
                invoice.amount_paid = invoice.amount_due();
                "invoice.paid"
            }
            InvoiceStatus::Void => "invoice.voided",
            _ => "invoice.marked_uncollectible",
        };
        if how != InvoiceStatus::Uncollectible {
            self.close_payment(id, "canceled");
            if let Some(intent) = self.intent_for(id) {
                find_mut(&mut self.intents, intent)?.status = "canceled";
                self.tell("payment_intent.canceled", intent);
            }
        }
        self.tell(told, id);
        match how {
            InvoiceStatus::Paid => self.tell("invoice.payment_succeeded", id),
            // What credit had covered comes back.
            InvoiceStatus::Void if credit > 0 => {
                self.shift_balance(customer, -credit);
            }
            _ => {}
        }
        Some(())
    }
}
