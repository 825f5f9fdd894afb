//! The webhook route: what gets in, what stays out, and what is answered.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;
use stripegym_axum::webhook;
use stripegym_core::ledger::Account;
use stripegym_core::store::{InboxState, Owner};
use stripegym_core::webhook::Verifier;
use stripegym_core::{Clock, Processor, Store, SystemClock, WebhookSecret};
use stripegym_tests::{Proxy, Sender, TestDb, TestStore, paid_session, stores, until};
use tower::ServiceExt;

const SECRET: &str = "whsec_route_test";

fn route(store: Arc<dyn Store>) -> Router {
    let verifier = Verifier::new(WebhookSecret::parse(SECRET).unwrap());
    Router::new().route("/webhook", webhook(verifier, Processor::new(store)))
}

async fn deliver(route: &Router, header: Option<String>, body: &str) -> (StatusCode, Value) {
    let mut request = Request::post("/webhook");
    if let Some(header) = header {
        request = request.header("stripe-signature", header);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = route.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 10_000)
        .await
        .unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn deliver_signed(route: &Router, event: &Value) -> StatusCode {
    let body = event.to_string();
    deliver(route, Some(Sender::new(SECRET).sign(&body)), &body)
        .await
        .0
}

async fn stored(store: &dyn Store) -> usize {
    store
        .read()
        .await
        .unwrap()
        .inbox_summary()
        .await
        .unwrap()
        .counts
        .len()
}

/// The one effect: one purchase of 4,980 yen, booked once.
async fn assert_one_purchase(store: &dyn Store) {
    let mut read = store.read().await.unwrap();
    let purchases = read
        .purchases(&Owner::new("41").unwrap(), None, 100)
        .await
        .unwrap();
    assert_eq!(purchases.len(), 1);
    assert_eq!(purchases[0].amount.minor(), 4980);
    let balances = read.trial_balance().await.unwrap();
    let clearing = balances
        .iter()
        .find(|b| b.account == Account::StripeClearing)
        .unwrap();
    assert_eq!(clearing.balance.minor(), 4980);
    assert_eq!(balances.iter().map(|b| b.balance.minor()).sum::<i64>(), 0);
    let inbox = read.inbox_summary().await.unwrap();
    assert_eq!(
        (inbox.count(InboxState::Done), inbox.oldest_open),
        (1, None)
    );
}

stores! {
    async fn a_signed_payment_becomes_a_purchase_before_the_answer(store: TestStore) {
        let route = route(store.shared());
        let body = paid_session(1).to_string();
        let signed = Some(Sender::new(SECRET).sign(&body));
        let (status, answer) = deliver(&route, signed, &body).await;
        assert_eq!((status, answer["done"].as_bool()), (StatusCode::OK, Some(true)));
        assert_one_purchase(&*store).await;
    }

    async fn sixty_four_copies_at_once_have_one_effect_and_are_all_acknowledged(store: TestStore) {
        let route = route(store.shared());
        let mut copies = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let route = route.clone();
            copies.spawn(async move { deliver_signed(&route, &paid_session(1)).await });
        }
        let answers = copies.join_all().await;
        assert_eq!(answers.len(), 64);
        assert!(answers.iter().all(|status| *status == StatusCode::OK), "{answers:?}");
        until("the one that works on it is done", async || {
            let inbox = store.read().await.unwrap().inbox_summary().await.unwrap();
            (inbox.count(InboxState::Done) == 1).then_some(())
        })
        .await;
        assert_one_purchase(&*store).await;
    }

    async fn what_stripe_did_not_sign_is_refused_and_leaves_nothing(store: TestStore) {
        let route = route(store.shared());
        let body = paid_session(1).to_string();
        let (sender, now) = (Sender::new(SECRET), SystemClock.now().unix_s());
        let right = sender.sign(&body);
        let altered = body.replace("4980", "1");
        let cases: [(&str, Option<String>, &str, &str); 9] = [
            ("unsigned", None, &body, "missing_header"),
            ("forged", Some(Sender::new("whsec_foreign").sign(&body)), &body, "no_match"),
            ("altered", Some(right.clone()), &altered, "no_match"),
            ("truncated body", Some(right.clone()), &body[..body.len() - 1], "no_match"),
            ("stale", Some(sender.sign_at(now - 400, &body)), &body, "expired"),
            ("future", Some(sender.sign_at(now + 400, &body)), &body, "clock_skew"),
            ("truncated header", Some(right[..right.len() - 2].to_owned()), &body, "malformed_header"),
            ("empty header", Some(String::new()), &body, "malformed_header"),
            ("another scheme", Some(right.replace("v1=", "v0=")), &body, "malformed_header"),
        ];
        for (what, header, body, reason) in cases {
            let (status, answer) = deliver(&route, header, body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{what}");
            assert_eq!(answer["error"], "invalid signature", "{what}");
            assert_eq!(answer["reason"], reason, "{what}");
            assert_eq!(stored(&*store).await, 0, "{what}");
        }
        assert_eq!(deliver_signed(&route, &paid_session(1)).await, StatusCode::OK);
    }

    async fn signed_bytes_that_are_no_event_are_refused_with_their_own_code(store: TestStore) {
        let route = route(store.shared());
        for body in ["", "[]", "{\"id\":\"evt_1\"}", "{\"id\":\"evt_1\",\"type\":\"\\u0000\",\"created\":1}"] {
            let signed = Some(Sender::new(SECRET).sign(body));
            let (status, answer) = deliver(&route, signed, body).await;
            assert_eq!((status, answer["code"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_event")), "{body}");
            assert_eq!(stored(&*store).await, 0);
        }
    }

    async fn the_answers_are_these_to_the_letter(store: TestStore) {
        let route = route(store.shared());
        let body = paid_session(1).to_string();
        let signed = || Some(Sender::new(SECRET).sign(&body));
        let (_, taken) = deliver(&route, signed(), &body).await;
        let (_, refused) = deliver(&route, None, &body).await;
        let (_, no_event) = deliver(&route, Some(Sender::new(SECRET).sign("[]")), "[]").await;
        let answers =
            serde_json::json!({ "taken": taken, "refused": refused, "no_event": no_event });
        insta::assert_json_snapshot!("webhook_answers", answers);
    }

    async fn an_event_of_an_unknown_type_is_stored_and_acknowledged(store: TestStore) {
        let route = route(store.shared());
        let mut event = paid_session(1);
        event["type"] = "moon.landed".into();
        assert_eq!(deliver_signed(&route, &event).await, StatusCode::OK);
        assert_eq!(stored(&*store).await, 1);
    }

    async fn a_body_over_a_mebibyte_is_refused_unread(store: TestStore) {
        let route = route(store.shared());
        let body = " ".repeat(1024 * 1024 + 1);
        let signed = Some(Sender::new(SECRET).sign(&body));
        let (status, answer) = deliver(&route, signed, &body).await;
        assert_eq!((status, answer["code"].as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Some("body_too_large")));
        assert_eq!(stored(&*store).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_postgresql_out_of_reach_stripe_is_told_to_come_back_and_the_effect_is_one() {
    let Some(db) = TestDb::postgres().await else {
        return;
    };
    let (proxy, url) = Proxy::before(db.url()).await;
    let database = stripegym_sqlx::Database::connect(&url).await.unwrap();
    database.migrate().await.unwrap();
    let route = route(database.store());

    proxy.cut();
    assert_eq!(
        deliver_signed(&route, &paid_session(1)).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    proxy.mend();
    until("the resent event is taken", async || {
        (deliver_signed(&route, &paid_session(1)).await == StatusCode::OK).then_some(())
    })
    .await;
    assert_one_purchase(&*database.store()).await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sqlite_locked_away_stripe_is_told_to_come_back_and_the_effect_is_one() {
    use sqlx::{Connection, Executor, SqliteConnection};
    let db = TestDb::sqlite();
    let url = db.url().to_owned();
    let store = TestStore::on(db).await;
    let route = route(store.shared());

    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert_eq!(
        deliver_signed(&route, &paid_session(1)).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(
        deliver_signed(&route, &paid_session(1)).await,
        StatusCode::OK
    );
    assert_one_purchase(&*store).await;
}
