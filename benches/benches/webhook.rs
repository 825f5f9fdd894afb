//! What a webhook costs over the HMAC that nobody can do without.

use stripegym_benches::inputs::{
    Delivery, SIGNED_AT, SUBSCRIPTION_UPDATED, bare_hmac, broken_in_last_byte, verifier,
};
use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::Event;
use stripegym_core::webhook::{Received, Verifier};

fn receive(delivery: &Delivery) -> Received {
    Received::new(delivery.body.clone(), Some(delivery.header.as_bytes()))
}

fn verify_and_parse(delivery: &Delivery, verifier: &Verifier) -> Option<Event> {
    receive(delivery).verify(verifier).ok()?.parse().ok()
}

/// What is refused in a table has to be refused for the reason it stands for.
fn check(verifier: &Verifier, taken: &Delivery, broken: &Delivery) {
    let event = verify_and_parse(taken, verifier);
    assert_eq!(
        event.as_ref().map(Event::kind),
        Some("customer.subscription.updated")
    );
    assert!(receive(&taken.forged()).verify(verifier).is_err());
    let signed = receive(broken).verify(verifier);
    assert!(signed.is_ok_and(|verified| verified.parse().is_err()));
}

fn table(title: &str, body: &str) {
    let verifier = verifier();
    let taken = Delivery::signed(body.to_owned());
    let forged = taken.forged();
    let broken = Delivery::signed(broken_in_last_byte(b']'));
    check(&verifier, &taken, &broken);
    Table::new(title)
        .row("HMAC-SHA256 of the same bytes", || {
            bare_hmac(SIGNED_AT, &taken.body)
        })
        .row("verify", || receive(&taken).verify(&verifier))
        .row("verify and parse", || verify_and_parse(&taken, &verifier))
        .at_most(Ratio::hundredths(220))
        .row("the same, last byte broken: refused", || {
            verify_and_parse(&broken, &verifier)
        })
        .row("forged signature: refused", || {
            receive(&forged).verify(&verifier)
        })
        .at_most(Ratio::hundredths(105))
        .row("verify, parse, whole object as a Value", || {
            let event = verify_and_parse(&taken, &verifier)?;
            serde_json::from_slice::<serde_json::Value>(event.payload()).ok()
        })
        .print();
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() {
    println!("{}", describe());
    table(
        &format!(
            "customer.subscription.updated, {} bytes",
            SUBSCRIPTION_UPDATED.len()
        ),
        SUBSCRIPTION_UPDATED,
    );
}
