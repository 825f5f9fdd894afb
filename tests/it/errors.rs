//! Errors say what happened once: no `Display` repeats its source, and the
//! chain reads as one sentence.

use std::error::Error;

use stripegym_core::process::{Chain, HandlerError};
use stripegym_core::store::{StoreError, StoreErrorKind};
use stripegym_sqlx::Database;
use stripegym_tests::{Sender, TestDb, paid_session};

fn assert_leaves_the_cause_to_its_source(error: &dyn Error) {
    let said = error.to_string();
    let cause = error
        .source()
        .unwrap_or_else(|| panic!("{said} has a cause"));
    assert!(
        !said.contains(&cause.to_string()),
        "{said:?} repeats {cause}"
    );
}

#[tokio::test]
async fn every_error_with_a_cause_leaves_the_cause_to_its_source() {
    let mut event = paid_session(1);
    event["id"] = "cus_1".into();
    let no_event = Sender::new("whsec_errors")
        .verified(&event)
        .parse()
        .unwrap_err();
    let store = StoreError::with_source(StoreErrorKind::Failed, "the disk is gone");
    let not_a_database = Database::connect("sqlite:/nonexistent/x.db")
        .await
        .unwrap_err();
    let malformed = Database::connect("postgres://[::1").await.unwrap_err();
    let errors: Vec<Box<dyn Error>> = vec![
        Box::new(no_event),
        Box::new(HandlerError::from(store)),
        Box::new(not_a_database),
        Box::new(malformed),
    ];
    for error in &errors {
        assert_leaves_the_cause_to_its_source(error.as_ref());
    }
}

#[tokio::test]
async fn a_database_that_would_not_outlive_its_connections_is_refused() {
    for address in [
        "sqlite:",
        "sqlite://",
        "sqlite:?mode=rwc",
        "sqlite::memory:",
    ] {
        assert!(Database::connect(address).await.is_err(), "{address}");
    }
}

#[test]
fn the_chain_names_every_cause_once() {
    let store = StoreError::with_source(StoreErrorKind::Unavailable, "connection refused");
    let handler = HandlerError::from(store);
    assert_eq!(
        Chain(&handler).to_string(),
        "the handler failed: the database cannot be reached: connection refused"
    );
}

#[tokio::test]
async fn a_driver_that_repeats_itself_is_quoted_once() {
    let error = Database::connect("sqlite:/nonexistent/x.db")
        .await
        .unwrap_err();
    let text = Chain(&error).to_string();
    assert_eq!(text.matches("unable to open").count(), 1, "{text}");
}

#[tokio::test]
async fn an_address_with_a_password_is_never_repeated() {
    for address in [
        "postgres://user:hunter2@127.0.0.1:1/x",
        "postgres://user:hunter2@[broken",
        "mysql://user:hunter2@h/x",
    ] {
        let error = Database::connect(address).await.unwrap_err();
        let text = format!("{} {error:?}", Chain(&error));
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_database_that_would_forget_is_refused() {
    let error = Database::connect("sqlite::memory:").await.unwrap_err();
    assert!(error.to_string().contains("name a file"), "{error}");
    drop(TestDb::sqlite());
}
