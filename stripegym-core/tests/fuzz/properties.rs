//! What holds for any bytes at all. The fuzz targets in `fuzz/` and the long
//! test beside this file ask the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use stripegym_core::balance_transaction::BalanceTransaction;
use stripegym_core::event::Event;
use stripegym_core::ledger::{self, BalanceSource, KnownPayments, Transaction};
use stripegym_core::projection::{advance, project};
use stripegym_core::store::{EventSelection, InboxState, ObjectKind};
use stripegym_core::webhook::{Received, Verified, Verifier};
use stripegym_core::{ManualClock, MemoryStore, Processor, Store, Timestamp, WebhookSecret};

const SECRET: &str = "whsec_fuzz_fake";
const NOW_S: i64 = 1_760_000_000;
const TOLERANCE_S: i64 = 300;
/// Within a header, this stands for the signature that fits its first timestamp.
const RIGHT: &str = "{right}";

/// The signature, written once more.
fn sign(timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

fn verifier() -> Verifier {
    let clock = ManualClock::at(Timestamp::from_unix_s(NOW_S));
    Verifier::new(WebhookSecret::parse(SECRET).unwrap()).clock(Arc::new(clock))
}

/// A header is taken only if it names one time, near enough, and the right
/// signature for it.
pub(crate) fn signature_header(header: &[u8]) {
    const BODY: &[u8] = b"{}";
    let header = std::str::from_utf8(header).map(|text| {
        let first = text
            .split(',')
            .find_map(|item| item.trim().strip_prefix("t="));
        text.replace(RIGHT, &sign(first.unwrap_or_default(), BODY))
    });
    let given = header.as_ref().map_or(&[0xff][..], |text| text.as_bytes());
    let taken = Received::new(Bytes::from_static(BODY), Some(given)).verify(&verifier());
    let Ok(header) = header else {
        assert!(taken.is_err(), "a header that is not text");
        return;
    };
    let items: Vec<_> = header
        .split(',')
        .filter_map(|item| item.trim().split_once('='))
        .collect();
    let of = |scheme| items.iter().filter(move |(name, _)| *name == scheme);
    let times: Vec<_> = of("t").map(|(_, value)| *value).collect();
    let is_near = |time: &str| {
        let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let time = time.parse::<i64>().ok().filter(|_| digits);
        time.is_some_and(|time| (NOW_S - time).abs() <= TOLERANCE_S)
    };
    let fits = |time: &str| {
        let right = sign(time, BODY);
        of("v1").any(|(_, value)| value.eq_ignore_ascii_case(&right))
    };
    let may_pass = matches!(times[..], [time] if is_near(time) && fits(time));
    assert!(may_pass || taken.is_err(), "taken: {header:?}");
    let is_plain = header == format!("t={NOW_S},v1={}", sign(&NOW_S.to_string(), BODY));
    assert!(!is_plain || taken.is_ok(), "refused: {header:?}");
}

fn verified(body: &[u8]) -> Option<Verified> {
    let header = format!("t={NOW_S},v1={}", sign(&NOW_S.to_string(), body));
    let received = Received::new(Bytes::copy_from_slice(body), Some(header.as_bytes()));
    received.verify(&verifier()).ok()
}

/// Whatever was signed is refused, or is an event: JSON to everybody else, too,
/// with rows that repeat, books that balance, and an end in the inbox.
pub(crate) fn event(body: &[u8]) {
    let Some(delivery) = verified(body) else {
        assert!(body.len() > stripegym_core::webhook::BODY_BYTES_MAX);
        return;
    };
    let Ok(event) = delivery.parse() else {
        return;
    };
    let json: Value = serde_json::from_slice(body).expect("an event is JSON");
    assert_eq!(json["id"], event.id().as_str());
    assert_eq!(json["type"], event.kind());
    assert_eq!(json["created"].as_i64(), Some(event.created()));
    drop(event.object_id());
    rows(&event);
    facts(&event);
    engine(delivery, &event);
}

fn rows(event: &Event) {
    let Ok(object) = event.any_object() else {
        return;
    };
    for kind in ObjectKind::ALL {
        let Ok(row) = project(*kind, &object, event.livemode()) else {
            continue;
        };
        assert_eq!(
            project(*kind, &object, event.livemode()).ok().as_ref(),
            Some(&row)
        );
        assert_eq!(advance(Some(row.clone()), row.clone()), row, "told twice");
    }
}

fn facts(event: &Event) {
    let Ok(object) = event.any_object() else {
        return;
    };
    let at = event.created();
    let transaction: BalanceTransaction = object.view();
    let booked = [
        ledger::checkout_paid(&object.view(), at).map(Vec::from_iter),
        ledger::payment_captured(&object.view(), at).map(Vec::from_iter),
        ledger::invoice_paid(&object.view(), KnownPayments::Some(&[]), at).map(Vec::from_iter),
        ledger::invoice_paid(&object.view(), KnownPayments::All(&[]), at).map(Vec::from_iter),
        ledger::refund(&object.view(), at),
        BalanceSource::of(&transaction)
            .and_then(|source| ledger::balance_transaction(&transaction, &source))
            .map(Vec::from_iter),
    ];
    booked.iter().flatten().flatten().for_each(assert_balanced);
}

fn assert_balanced(transaction: &Transaction) {
    let mut sums = BTreeMap::new();
    for posting in transaction.postings() {
        *sums.entry(posting.amount.currency()).or_insert(0_i128) +=
            i128::from(posting.amount.minor());
    }
    assert!(sums.values().all(|sum| *sum == 0), "{transaction:?}");
}

/// Once received, it comes to an end: done, dead with a reason, or it waits for
/// what another attempt may bring. A panic is none of these.
fn engine(delivery: Verified, event: &Event) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Arc::new(MemoryStore::new());
        let clock = ManualClock::at(Timestamp::from_unix_s(NOW_S));
        let processor = Processor::builder(store.clone())
            .clock(Arc::new(clock))
            .build();
        let taken = processor.receive(delivery).await.expect("memory takes it");
        let mut read = store.read().await.unwrap();
        let stored = read.events(&EventSelection::default(), 2).await.unwrap();
        let [stored] = &stored[..] else {
            panic!("{} events of one", stored.len());
        };
        assert_eq!(stored.payload, event.payload());
        assert_eq!(taken.done, stored.state == InboxState::Done);
        let why = stored.last_error.as_deref().unwrap_or_default();
        assert!(!why.contains("panic"), "{why}");
        let is_told = taken.done || !why.is_empty();
        assert!(is_told, "{:?} without a reason", stored.state);
        assert_eq!(read.unbalanced().await.unwrap(), Vec::new());
        let lines = read.trial_balance().await.unwrap();
        assert!(taken.done || lines.is_empty(), "booked, and not done");
    });
}
