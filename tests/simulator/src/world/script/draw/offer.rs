//! What may happen next to what there is, and how readily.

use crate::rng::Rng;
use crate::world::World;
use crate::world::act::terms::Change;
use crate::world::id::Id;
use crate::world::money::Currency;
use crate::world::objects::{InvoiceStatus, SessionMode, WayToPay};
use crate::world::script::What;

pub(super) type Choices = Vec<(u64, What)>;

pub(super) fn offer(world: &World, themes: &[u64; 5], choices: &mut Choices) {
    let customers = world.customers.iter().filter(|c| !c.deleted).count();
    if world.customers.len() < 3 {
        let weight = if customers == 0 { 60 } else { 3 };
        choices.push((weight, What::NewCustomer { method: true }));
    }
    for (theme, offer) in themes.iter().zip(OFFERS) {
        let from = choices.len();
        offer(world, choices);
        for (weight, _) in choices.iter_mut().skip(from) {
            *weight *= theme;
        }
    }
}

const OFFERS: [fn(&World, &mut Choices); 5] = [
    offer_customers,
    offer_sessions,
    offer_subscriptions,
    offer_invoices,
    offer_money,
];

/// Every world is about something: two of the five come more often in it.
pub(super) fn draw_themes(rng: &mut Rng) -> [u64; 5] {
    let mut themes = [1; 5];
    for boost in [4, 12] {
        if let Some(theme) = themes.get_mut(rng.index(5)) {
            *theme = boost;
        }
    }
    themes
}

fn offer_customers(world: &World, choices: &mut Choices) {
    for customer in world.customers.iter().filter(|c| !c.deleted) {
        let id = customer.id;
        choices.push((3, What::Rename(id)));
        choices.push((3, What::ChangeMethod(id)));
        choices.push((3, What::GiveCredit(id)));
        choices.push((1, What::DeleteCustomer(id)));
        choices.push((6, What::Bill(id)));
        choices.push((
            12,
            What::OpenSession(Some(id), SessionMode::Payment, WayToPay::Card),
        ));
        choices.push((
            6,
            What::OpenSession(Some(id), SessionMode::Payment, WayToPay::Delayed),
        ));
        choices.push((
            4,
            What::OpenSession(Some(id), SessionMode::Payment, WayToPay::Manual),
        ));
        choices.push((
            8,
            What::OpenSession(Some(id), SessionMode::Subscription, WayToPay::Card),
        ));
        let running = world.subscriptions.iter().filter(|s| s.customer == id);
        if running.count() < 2 {
            for (items, weight) in [(1, 4), (2, 4)] {
                for trial in [false, true] {
                    let customer = id;
                    choices.push((
                        weight,
                        What::Subscribe {
                            customer,
                            items,
                            trial,
                        },
                    ));
                }
            }
        }
    }
    choices.push((
        4,
        What::OpenSession(None, SessionMode::Payment, WayToPay::Card),
    ));
    choices.push((
        4,
        What::OpenSession(None, SessionMode::Subscription, WayToPay::Card),
    ));
}

fn offer_sessions(world: &World, choices: &mut Choices) {
    for session in &world.sessions {
        let id = session.id;
        match (session.status, session.payment_status) {
            ("open", _) => {
                choices.push((60, What::PaySession(id)));
                choices.push((8, What::DeclineSession(id)));
                choices.push((6, What::ExpireSession(id)));
            }
            ("complete", "unpaid") if session.way == WayToPay::Delayed => {
                choices.push((
                    40,
                    What::DelayedEnds {
                        session: id,
                        works: true,
                    },
                ));
                choices.push((
                    15,
                    What::DelayedEnds {
                        session: id,
                        works: false,
                    },
                ));
            }
            _ => {}
        }
    }
    for intent in world
        .intents
        .iter()
        .filter(|i| i.status == "requires_capture")
    {
        choices.push((40, What::Capture(intent.id)));
        choices.push((8, What::LetGo(intent.id)));
    }
}

fn offer_subscriptions(world: &World, choices: &mut Choices) {
    for sub in world.subscriptions.iter().filter(|sub| sub.is_alive()) {
        let id = sub.id;
        choices.push((25, What::Renew(id)));
        choices.push((3, What::End(id)));
        for change in [Change::Quantity, Change::Price, Change::AddItem] {
            choices.push((6, What::Change(id, change)));
        }
        for change in [
            Change::DropItem,
            Change::CancelAt,
            Change::CancelAtPeriodEnd,
        ] {
            choices.push((4, What::Change(id, change)));
        }
        if sub.pause.is_some() {
            choices.push((20, What::Change(id, Change::Unpause)));
        } else {
            choices.push((4, What::Change(id, Change::Pause)));
        }
        if sub.cancel_at.is_some() {
            choices.push((12, What::Change(id, Change::KeepGoing)));
        }
        choices.push((6, What::Plan(id)));
    }
    for plan in world
        .schedules
        .iter()
        .filter(|plan| plan.status == "active")
    {
        choices.push((15, What::NextPhase(plan.id)));
        choices.push((5, What::ReleasePlan(plan.id)));
        choices.push((2, What::CancelPlan(plan.id)));
    }
}

fn offer_invoices(world: &World, choices: &mut Choices) {
    let paused = |id: Id| {
        world
            .subscriptions
            .iter()
            .any(|s| s.id == id && s.pause.is_some())
    };
    for invoice in &world.invoices {
        let id = invoice.id;
        match invoice.status {
            // A paused collection leaves them as they are.
            InvoiceStatus::Draft if invoice.subscription.is_some_and(paused) => {}
            InvoiceStatus::Draft => {
                choices.push((
                    50,
                    What::Collect {
                        invoice: id,
                        works: true,
                    },
                ));
                choices.push((
                    25,
                    What::Collect {
                        invoice: id,
                        works: false,
                    },
                ));
            }
            InvoiceStatus::Open => {
                choices.push((
                    30,
                    What::Collect {
                        invoice: id,
                        works: true,
                    },
                ));
                choices.push((
                    10,
                    What::Collect {
                        invoice: id,
                        works: false,
                    },
                ));
                choices.push((14, What::CloseInvoice(id, InvoiceStatus::Void)));
                choices.push((14, What::CloseInvoice(id, InvoiceStatus::Uncollectible)));
                choices.push((14, What::CloseInvoice(id, InvoiceStatus::Paid)));
            }
            InvoiceStatus::Uncollectible => {
                choices.push((
                    6,
                    What::Collect {
                        invoice: id,
                        works: true,
                    },
                ));
            }
            InvoiceStatus::Paid | InvoiceStatus::Void => {}
        }
    }
}

fn offer_money(world: &World, choices: &mut Choices) {
    offer_returns(world, choices);
    offer_refunds(world, choices);
    offer_payouts(world, choices);
}

fn offer_returns(world: &World, choices: &mut Choices) {
    for charge in world
        .charges
        .iter()
        .filter(|c| c.txn.is_some() && !c.is_disputed)
    {
        let id = charge.id;
        choices.push((
            5,
            What::Refund {
                charge: id,
                is_slow: false,
            },
        ));
        choices.push((
            3,
            What::Refund {
                charge: id,
                is_slow: true,
            },
        ));
        choices.push((3, What::Dispute(id)));
    }
    for dispute in world
        .disputes
        .iter()
        .filter(|d| d.status == "needs_response")
    {
        let id = dispute.id;
        choices.push((
            10,
            What::DisputeEnds {
                dispute: id,
                is_won: true,
            },
        ));
        choices.push((
            10,
            What::DisputeEnds {
                dispute: id,
                is_won: false,
            },
        ));
    }
}

fn offer_refunds(world: &World, choices: &mut Choices) {
    for refund in &world.refunds {
        let id = refund.id;
        match refund.status {
            "pending" => {
                choices.push((
                    15,
                    What::RefundEnds {
                        refund: id,
                        works: true,
                    },
                ));
                choices.push((
                    6,
                    What::RefundEnds {
                        refund: id,
                        works: false,
                    },
                ));
            }
            "succeeded" => choices.push((
                5,
                What::RefundEnds {
                    refund: id,
                    works: false,
                },
            )),
            _ => {}
        }
    }
}

fn offer_payouts(world: &World, choices: &mut Choices) {
    if !world.txns.is_empty() {
        for currency in [Currency::Jpy, Currency::Usd] {
            choices.push((3, What::PayOut(currency)));
        }
        choices.push((3, What::StripeFee));
    }
    for payout in world.payouts.iter().filter(|p| p.status == "in_transit") {
        let id = payout.id;
        choices.push((
            8,
            What::PayoutEnds {
                payout: id,
                works: true,
            },
        ));
        choices.push((
            3,
            What::PayoutEnds {
                payout: id,
                works: false,
            },
        ));
    }
}
