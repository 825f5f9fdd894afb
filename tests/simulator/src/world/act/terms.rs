//! Changes of a running subscription, made or planned.
//! <https://docs.stripe.com/billing/subscriptions/change>

use crate::world::id::{Id, Kind};
use crate::world::money::PRICES;
use crate::world::objects::{Item, Phase, Schedule, Subscription};
use crate::world::{World, find, find_mut};

/// A change of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// More or less of the first item.
    Quantity,
    /// Another price for the first item.
    Price,
    /// One more item.
    AddItem,
    /// One item less.
    DropItem,
    /// Invoices are made, but not collected.
    Pause,
    /// They are again.
    Unpause,
    /// Ends at some time.
    CancelAt,
    /// Ends with the period.
    CancelAtPeriodEnd,
    /// Does not end after all.
    KeepGoing,
}

impl World {
    pub(in crate::world) fn change(&mut self, id: Id, change: Change) -> Option<()> {
        let now = self.now();
        let draw = self.rng.draw();
        let item_id = self.new_id(Kind::Item);
        let sub = find_mut(&mut self.subscriptions, id).filter(|sub| sub.is_alive())?;
        let ends = matches!(
            change,
            Change::CancelAt | Change::CancelAtPeriodEnd | Change::KeepGoing
        );
        if ends && sub.schedule.is_some() {
            return None;
        }
        let before = match change {
            Change::Quantity => {
                let before = Self::before_items(sub);
                let item = sub.items.first_mut()?;
                item.quantity = if item.quantity > 1 {
                    1
                } else {
                    2 + i64::try_from(draw % 3).ok()?
                };
                before
            }
            Change::Price => {
                let other = other_prices(sub).next()?;
                let before = Self::before_items(sub);
                sub.items.first_mut()?.price = other;
                before
            }
            Change::AddItem => add_item(sub, item_id)?,
            Change::DropItem if sub.items.len() > 1 => {
                let before = Self::before_items(sub);
                sub.items.pop();
                before
            }
            Change::DropItem => return None,
            Change::Pause if sub.pause.is_none() => {
                sub.pause = Some(
                    ["void", "keep_as_draft", "mark_uncollectible"]
                        [usize::try_from(draw % 3).ok()?],
                );
                "\"pause_collection\":null".to_owned()
            }
            Change::Unpause => {
                let behavior = sub.pause.take()?;
                format!("\"pause_collection\":{{\"behavior\":\"{behavior}\",\"resumes_at\":null}}")
            }
            Change::Pause => return None,
            Change::CancelAt => end_later(sub, now, false)?,
            Change::CancelAtPeriodEnd => end_later(sub, now, true)?,
            Change::KeepGoing => keep_going(sub)?,
        };
        self.tell_update(
            "customer.subscription.updated",
            id,
            &format!("{{{before}}}"),
        );
        Some(())
    }

    /// Puts a plan upon a subscription: the same now, another price next.
    pub(in crate::world) fn plan(&mut self, id: Id) -> Option<()> {
        let now = self.now();
        let sub = find(&self.subscriptions, id).filter(|sub| sub.is_alive())?;
        if sub.schedule.is_some() || sub.cancel_at.is_some() || sub.status == "trialing" {
            return None;
        }
        let next = other_prices(sub).next()?;
        let item = sub.items.first()?.clone();
        let (customer, currency) = (sub.customer, sub.currency);
        let id_of_plan = self.new_id(Kind::Schedule);
        self.schedules.push(Schedule {
            id: id_of_plan,
            created: now,
            customer,
            currency,
            status: "active",
            subscription: Some(id),
            released: None,
            phases: vec![
                phase(item.start, item.end, item.price, item.quantity),
                phase(item.end, item.end + item.price().seconds, next, 1),
            ],
            current: 0,
            closed_at: None,
        });
        find_mut(&mut self.subscriptions, id)?.schedule = Some(id_of_plan);
        self.tell("subscription_schedule.created", id_of_plan);
        self.tell_update("customer.subscription.updated", id, "{\"schedule\":null}");
        Some(())
    }

    /// The next phase begins, or the plan has been carried out.
    pub(in crate::world) fn next_phase(&mut self, id: Id) -> Option<()> {
        let now = self.now();
        let plan = find_mut(&mut self.schedules, id).filter(|plan| plan.status == "active")?;
        if plan.phases.get(plan.current)?.end > now {
            return None;
        }
        let subscription = plan.subscription?;
        let Some(next) = plan.phases.get(plan.current + 1).cloned() else {
            return self.close_schedule(id, "released");
        };
        plan.current += 1;
        let sub = find_mut(&mut self.subscriptions, subscription)?;
        let before = Self::before_items(sub);
        let item = sub.items.first_mut()?;
        (item.price, item.quantity) = (next.price, next.quantity);
        self.tell("subscription_schedule.updated", id);
        let before = format!("{{{before}}}");
        self.tell_update("customer.subscription.updated", subscription, &before);
        Some(())
    }

    /// `released` leaves the subscription as it is, `canceled` ends it, too.
    pub(in crate::world) fn close_schedule(&mut self, id: Id, how: &'static str) -> Option<()> {
        let now = self.now();
        let plan = find_mut(&mut self.schedules, id).filter(|plan| plan.status == "active")?;
        let subscription = plan.subscription?;
        plan.status = how;
        plan.closed_at = Some(now);
        if how == "released" {
            plan.released = plan.subscription.take();
        }
        let told = if how == "released" {
            "subscription_schedule.released"
        } else {
            "subscription_schedule.canceled"
        };
        self.tell(told, id);
        let sub = find_mut(&mut self.subscriptions, subscription)?;
        let is_alive = sub.is_alive();
        if is_alive {
            sub.schedule = None;
            let before = format!("{{\"schedule\":\"{id}\"}}");
            self.tell_update("customer.subscription.updated", subscription, &before);
        }
        if how == "canceled" && is_alive {
            self.end_subscription(subscription)?;
        }
        Some(())
    }
}

fn phase(start: i64, end: i64, price: usize, quantity: i64) -> Phase {
    Phase {
        start,
        end,
        price,
        quantity,
    }
}

/// Prices that could stand in for the first item's: same currency and interval.
fn other_prices(sub: &Subscription) -> impl Iterator<Item = usize> + use<> {
    let taken: Vec<usize> = sub.items.iter().map(|item| item.price).collect();
    let like = sub.items.first().map(Item::price);
    (0..PRICES.len()).filter(move |price| {
        let price_of = &PRICES[*price];
        !taken.contains(price)
            && like.is_some_and(|like| {
                price_of.currency == like.currency && price_of.interval == like.interval
            })
    })
}

fn add_item(sub: &mut Subscription, id: Id) -> Option<String> {
    let price = other_prices(sub).next()?;
    let first = sub.items.first()?;
    let (start, end) = (first.start, first.end);
    let before = World::before_items(sub);
    sub.items.push(Item {
        id,
        price,
        quantity: 1,
        start,
        end,
    });
    Some(before)
}

fn end_later(sub: &mut Subscription, now: i64, with_period: bool) -> Option<String> {
    if sub.cancel_at.is_some() {
        return None;
    }
    sub.cancel_at = Some(if with_period {
        sub.period_end()
    } else {
        now + 86_400
    });
    sub.cancel_at_period_end = with_period;
    sub.canceled_at = Some(now);
    Some("\"cancel_at\":null,\"cancel_at_period_end\":false,\"canceled_at\":null".to_owned())
}

fn keep_going(sub: &mut Subscription) -> Option<String> {
    let (at, asked) = (sub.cancel_at.take()?, sub.canceled_at.take()?);
    let with_period = std::mem::take(&mut sub.cancel_at_period_end);
    Some(format!(
        "\"cancel_at\":{at},\"cancel_at_period_end\":{with_period},\"canceled_at\":{asked}"
    ))
}
