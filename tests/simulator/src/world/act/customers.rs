//! Customers come, change and go.

use crate::world::id::{Id, Kind};
use crate::world::money::Currency;
use crate::world::objects::Customer;
use crate::world::{World, find, find_mut};

impl World {
    /// A customer without anything.
    pub(in crate::world) fn new_customer(&mut self, method: bool) -> Id {
        let id = self.new_id(Kind::Customer);
        let created = self.now();
        self.customers.push(Customer {
            id,
            created,
            renamed: 0,
            methods: u32::from(method),
            balance: 0,
            currency: None,
            delinquent: false,
            deleted: false,
        });
        self.tell("customer.created", id);
        id
    }

    pub(in crate::world) fn rename_customer(&mut self, id: Id) -> Option<()> {
        let customer = self.living_customer(id)?;
        let before = format!("{{\"name\":\"Customer {}\"}}", customer.renamed);
        customer.renamed += 1;
        self.tell_update("customer.updated", id, &before);
        Some(())
    }

    pub(in crate::world) fn change_method(&mut self, id: Id) -> Option<()> {
        let customer = self.living_customer(id)?;
        let before = match customer.method() {
            Some(method) => format!("\"{method}\""),
            None => "null".to_owned(),
        };
        let before = format!("{{\"invoice_settings\":{{\"default_payment_method\":{before}}}}}");
        customer.methods += 1;
        self.tell_update("customer.updated", id, &before);
        Some(())
    }

    /// Credit as a gift: no money moves.
    pub(in crate::world) fn give_credit(&mut self, id: Id) -> Option<()> {
        let gift = self.rng.between(100, 1500);
        self.shift_balance(id, -gift)
    }

    /// Negative is more credit.
    pub(in crate::world) fn shift_balance(&mut self, id: Id, by: i64) -> Option<()> {
        let customer = self.living_customer(id)?;
        let before = format!("{{\"balance\":{}}}", customer.balance);
        customer.balance += by;
        self.tell_update("customer.updated", id, &before);
        Some(())
    }

    /// Gone, and their subscriptions with them.
    pub(in crate::world) fn delete_customer(&mut self, id: Id) -> Option<()> {
        self.living_customer(id)?;
        let ended: Vec<Id> = self
            .subscriptions
            .iter()
            .filter(|sub| sub.customer == id && sub.is_alive())
            .map(|sub| sub.id)
            .collect();
        for subscription in ended {
            self.end_subscription(subscription)?;
        }
        // The event shows the customer as they were; the API from now on only that they are gone.
        let last = self.json(id)?;
        self.living_customer(id)?.deleted = true;
        self.save(id);
        self.tell_early("customer.deleted", id, &last);
        Some(())
    }

    /// The first thing billed sets the currency, for good.
    pub(in crate::world) fn set_currency(&mut self, id: Id, currency: Currency) -> Option<()> {
        let customer = self.living_customer(id)?;
        if customer.currency.is_none() {
            customer.currency = Some(currency);
            self.tell_update("customer.updated", id, "{\"currency\":null}");
        }
        Some(())
    }

    pub(in crate::world) fn set_delinquent(&mut self, id: Id, delinquent: bool) -> Option<()> {
        let customer = self.living_customer(id)?;
        if customer.delinquent != delinquent {
            customer.delinquent = delinquent;
            let before = format!("{{\"delinquent\":{}}}", !delinquent);
            self.tell_update("customer.updated", id, &before);
        }
        Some(())
    }

    pub(in crate::world) fn is_living(&self, id: Id) -> bool {
        find(&self.customers, id).is_some_and(|customer| !customer.deleted)
    }

    pub(in crate::world) fn living_customer(&mut self, id: Id) -> Option<&mut Customer> {
        find_mut(&mut self.customers, id).filter(|customer| !customer.deleted)
    }

    /// Whether what they buy is taxed: half of them live where it is.
    pub(in crate::world) fn is_taxed(customer: Id) -> bool {
        customer.operation().is_multiple_of(2)
    }
}
