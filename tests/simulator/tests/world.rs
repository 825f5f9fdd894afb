//! What the simulated Stripe says, read with the library's own views.

// A panic is how a test says no.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stripegym_core::balance_transaction::BalanceTransaction;
use stripegym_core::charge::Charge;
use stripegym_core::checkout::CheckoutSession;
use stripegym_core::customer::Customer;
use stripegym_core::dispute::Dispute;
use stripegym_core::invoice::Invoice;
use stripegym_core::object::View;
use stripegym_core::payment_intent::PaymentIntent;
use stripegym_core::refund::Refund;
use stripegym_core::subscription::Subscription;
use stripegym_simulator::world::id::Kind;
use stripegym_simulator::world::script::draw;

fn read<T: View>(json: &[u8]) -> T {
    T::from_slice(json).unwrap()
}

#[test]
fn every_object_at_every_moment_reads_with_the_librarys_views() {
    for seed in 0..60 {
        let (_, world) = draw(seed);
        for (id, past) in &world.past {
            for (_, json) in past {
                match id.kind {
                    Kind::Customer => {
                        assert_eq!(read::<Customer>(json).id().unwrap(), id.to_string());
                    }
                    Kind::Session => {
                        let session = read::<CheckoutSession>(json);
                        session.mode().unwrap();
                        session.payment_intent().unwrap();
                        session.amount_total().unwrap();
                    }
                    Kind::Intent => {
                        read::<PaymentIntent>(json).status().unwrap();
                    }
                    Kind::Charge => {
                        read::<Charge>(json).balance_transaction().unwrap();
                    }
                    Kind::Invoice => {
                        let invoice = read::<Invoice>(json);
                        invoice.status().unwrap();
                        invoice.amount_paid().unwrap();
                        invoice.subscription_id().unwrap();
                    }
                    Kind::Subscription => {
                        let subscription = read::<Subscription>(json);
                        subscription.status().unwrap();
                        assert!(subscription.current_period_end().is_ok());
                    }
                    Kind::Refund => {
                        read::<Refund>(json).status().unwrap();
                    }
                    Kind::Dispute => {
                        read::<Dispute>(json).status().unwrap();
                    }
                    Kind::Txn => {
                        let txn = read::<BalanceTransaction>(json);
                        assert_eq!(
                            txn.net().unwrap(),
                            txn.amount().unwrap() - txn.fee().unwrap()
                        );
                    }
                    _ => drop(serde_json::from_slice::<Value>(json).unwrap()),
                }
            }
        }
    }
}

#[test]
fn taken_from_its_script_a_world_is_the_same_again() {
    for seed in 0..40 {
        let (script, drawn) = draw(seed);
        let played = script.play();
        assert_eq!(drawn.events.len(), played.events.len(), "seed {seed}");
        for (a, b) in drawn.events.iter().zip(&played.events) {
            assert_eq!((a.id, &a.body), (b.id, &b.body), "seed {seed}");
        }
    }
}

#[test]
fn everything_that_may_happen_does_and_mostly_in_the_same_second() {
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut ties, mut events) = (0, 0);
    for seed in 0..400 {
        let (_, world) = draw(seed);
        let mut seconds = BTreeSet::new();
        for event in &world.events {
            *kinds.entry(event.kind).or_default() += 1;
            let second = event.at_ms.div_euclid(1000);
            ties += u32::from(!seconds.insert((event.object, second)));
            events += 1;
        }
    }
    for kind in [
        "charge.captured",
        "charge.dispute.funds_reinstated",
        "charge.refund.updated",
        "checkout.session.async_payment_failed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.expired",
        "customer.deleted",
        "customer.subscription.deleted",
        "invoice.marked_uncollectible",
        "invoice.payment_failed",
        "invoice.voided",
        "invoice_payment.paid",
        "payment_intent.canceled",
        "payout.failed",
        "payout.paid",
        "refund.failed",
        "subscription_schedule.canceled",
        "subscription_schedule.released",
        "subscription_schedule.updated",
    ] {
        assert!(
            kinds.get(kind).is_some_and(|n| *n > 3),
            "{kind}: {kinds:#?}"
        );
    }
    assert!(ties * 10 > events, "{ties} of {events}");
}
