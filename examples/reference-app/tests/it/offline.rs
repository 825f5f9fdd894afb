//! The database and the sandbox's state: both or neither, and made for each other.

use std::path::Path;

use reference_app::{Config, Server, StartError, migrate};
use stripegym_tests::{TestDb, databases};
use tempfile::TempDir;

use crate::shop::{GOOD_CARD, Visitor, offline, refused, settings};

const DATABASE: &str = "stripegym.db";
const STATE: &str = "stripegym-sandbox.state";

/// Free ports and the files that nobody named.
fn unnamed(dir: &Path) -> Config {
    let pairs = [
        ("BIND_ADDR", "127.0.0.1:0"),
        ("SANDBOX_BIND_ADDR", "127.0.0.1:0"),
    ];
    settings(&pairs).in_directory(dir)
}

async fn start_and_stop(config: Config) {
    Server::new(config)
        .start()
        .await
        .expect("a start")
        .shutdown()
        .await;
}

fn files(dir: &Path) -> Vec<String> {
    let names = dir
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn one_of_the_two_files_alone_is_refused_and_left_alone() {
    for (missing, present) in [(STATE, DATABASE), (DATABASE, STATE)] {
        let dir = TempDir::new().unwrap();
        start_and_stop(unnamed(dir.path())).await;
        std::fs::remove_file(dir.path().join(missing)).unwrap();
        let before = std::fs::read(dir.path().join(present)).unwrap();
        let error = refused(unnamed(dir.path())).await;
        assert!(matches!(error, StartError::OneOfTwo { .. }), "{error:?}");
        let line = error.to_string();
        assert!(line.contains(&format!("{missing} is missing")), "{line}");
        assert!(
            line.contains("reset --yes") && !line.contains('\n'),
            "{line}"
        );
        assert!(!dir.path().join(missing).exists());
        assert_eq!(std::fs::read(dir.path().join(present)).unwrap(), before);
    }
}

#[tokio::test]
async fn the_files_of_two_shops_do_not_mix() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    start_and_stop(unnamed(one.path())).await;
    start_and_stop(unnamed(two.path())).await;
    std::fs::copy(two.path().join(STATE), one.path().join(STATE)).unwrap();
    let error = refused(unnamed(one.path())).await;
    assert!(
        matches!(error, StartError::StateOfAnother { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_first_start_that_fails_leaves_nothing_to_stumble_over() {
    let dir = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let pairs = [
        ("BIND_ADDR", "127.0.0.1:0"),
        ("SANDBOX_BIND_ADDR", address.as_str()),
    ];
    let error = refused(settings(&pairs).in_directory(dir.path())).await;
    assert!(
        error.to_string().starts_with("SANDBOX_BIND_ADDR: "),
        "{error}"
    );
    assert_eq!(files(dir.path()), Vec::<String>::new());
    start_and_stop(unnamed(dir.path())).await;
}

#[tokio::test]
async fn a_taken_port_names_its_variable() {
    let dir = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = refused(settings(&[("BIND_ADDR", &address)]).in_directory(dir.path())).await;
    let line = error.to_string();
    assert!(
        line.starts_with("BIND_ADDR: ") && line.contains(&address),
        "{line}"
    );
    assert_eq!(files(dir.path()), Vec::<String>::new());
}

#[tokio::test]
async fn only_a_start_makes_the_offline_files() {
    let dir = TempDir::new().unwrap();
    let error = migrate(&unnamed(dir.path())).await.unwrap_err();
    assert!(matches!(error, StartError::NoDatabase), "{error:?}");
    assert_eq!(files(dir.path()), Vec::<String>::new());
    start_and_stop(unnamed(dir.path())).await;
    migrate(&unnamed(dir.path())).await.unwrap();
    start_and_stop(unnamed(dir.path())).await;
}

databases! {
    async fn a_named_database_remembers_its_sandbox(db: TestDb) {
        let dir = TempDir::new().unwrap();
        start_and_stop(offline(&db, dir.path())).await;
        start_and_stop(offline(&db, dir.path())).await;

        let elsewhere = TempDir::new().unwrap();
        let error = refused(offline(&db, elsewhere.path())).await;
        assert!(matches!(error, StartError::StateMissing { .. }), "{error:?}");
        assert_eq!(files(elsewhere.path()), Vec::<String>::new());

        let fresh = TestDb::sqlite();
        let error = refused(offline(&fresh, dir.path())).await;
        assert!(matches!(error, StartError::StateOfAnother { .. }), "{error:?}");
        start_and_stop(offline(&db, dir.path())).await;
    }

    async fn any_number_of_processes_may_create_the_tables_at_once(db: TestDb) {
        let config = settings(&[("DATABASE_URL", db.url())]);
        let (a, b, c, d) =
            tokio::join!(migrate(&config), migrate(&config), migrate(&config), migrate(&config));
        for outcome in [a, b, c, d] {
            outcome.unwrap();
        }
    }

    async fn what_was_paid_while_the_shop_was_down_arrives_when_it_is_back(db: TestDb) {
        let dir = TempDir::new().unwrap();
        let running = Server::new(offline(&db, dir.path())).start().await.unwrap();
        let shop = crate::shop::registration("hanako@example.com");
        let mut hanako = Visitor::of(&running);
        let made = hanako.post("/api/register", &shop).await;
        hanako.token = made.json["session_token"].as_str().map(str::to_owned);
        let session = hanako.check_out().await;
        running.shutdown().await;

        // The sandbox alone, as Stripe would go on without us.
        let state = dir.path().join(STATE);
        let stripe = stripegym_sandbox::Sandbox::builder().state_file(state).start().await.unwrap();
        stripe.pay(&session, GOOD_CARD).await.unwrap();
        stripe.shutdown().await;

        let running = Server::new(offline(&db, dir.path())).start().await.unwrap();
        hanako.base = running.url().to_owned();
        assert_eq!(hanako.wait_for_purchases(1).await[0]["session_id"], session);
        running.shutdown().await;
    }
}
