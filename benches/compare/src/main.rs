//! The same signed bytes through the bare HMAC, stripegym and async-stripe.
//!
//! async-stripe builds its typed object as part of the call and stripegym when
//! a handler asks for it, so a row with the whole object as JSON stands between.

use std::time::{SystemTime, UNIX_EPOCH};

use stripe_webhook::Webhook;
use stripegym_benches::inputs::{Delivery, SECRET, SUBSCRIPTION_UPDATED, bare_hmac};
use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{Event, WebhookSecret};

fn ours(delivery: &Delivery, verifier: &Verifier) -> Option<Event> {
    let header = Some(delivery.header.as_bytes());
    let received = Received::new(delivery.body.clone(), header);
    received.verify(verifier).ok()?.parse().ok()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Both look at this machine's clock; async-stripe takes no other through this call.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = i64::try_from(now)?;
    let delivery = Delivery::signed_at(SUBSCRIPTION_UPDATED, now);
    let verifier = Verifier::new(WebhookSecret::parse(SECRET)?);
    let theirs = || Webhook::construct_event(SUBSCRIPTION_UPDATED, &delivery.header, SECRET);

    let event = ours(&delivery, &verifier).ok_or("we refused it")?;
    assert_eq!(theirs()?.id.as_str(), event.id().as_str());

    println!("{}", describe());
    let title = format!(
        "customer.subscription.updated, {} bytes",
        SUBSCRIPTION_UPDATED.len()
    );
    Table::new(&title)
        .row("async-stripe 1.0.0-rc.10, construct_event", theirs)
        .row("stripegym, verify and parse", || ours(&delivery, &verifier))
        .at_most(Ratio::hundredths(25))
        .row("stripegym, and the whole object as JSON", || {
            let event = ours(&delivery, &verifier)?;
            serde_json::from_slice::<serde_json::Value>(event.payload()).ok()
        })
        .row("HMAC-SHA256 of the same bytes", || {
            bare_hmac(now, &delivery.body)
        })
        .print();
    Table::new("The same, beside the HMAC")
        .row("HMAC-SHA256 of the same bytes", || {
            bare_hmac(now, &delivery.body)
        })
        .row("stripegym, verify and parse", || ours(&delivery, &verifier))
        .at_most(Ratio::hundredths(220))
        .row("async-stripe 1.0.0-rc.10, construct_event", theirs)
        .print();
    Ok(())
}
