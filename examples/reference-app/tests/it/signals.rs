//! The real program, told to stop, killed, and started again.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use stripegym_core::ledger::Account;
use stripegym_sqlx::Database;
use stripegym_tests::{Sender, databases, paid_session, until};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::shop::{GOOD_CARD, http_client, registration};

const SECRET: &str = "whsec_signals_test_fake";

/// The program, started as a person starts it.
struct Program {
    process: Child,
    shop: String,
}

impl Program {
    async fn start(directory: &Path, variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_reference-app"))
            .current_dir(directory)
            .env_clear()
            // No proxy, no certificates, no home: nothing of this machine's.
            .env("SSL_CERT_FILE", "/nonexistent")
            .env("SSL_CERT_DIR", "/nonexistent")
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("SANDBOX_BIND_ADDR", "127.0.0.1:0")
            .env("LEASE_SECONDS", "1")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut words = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut shop = String::new();
        while let Some(line) = words.next_line().await.unwrap() {
            if let Some((_, url)) = line.split_once("Shop ") {
                shop = url.trim().trim_end_matches('/').to_owned();
            }
            if line.contains("Ctrl-C") {
                break;
            }
        }
        // What it says after that is read, or a full pipe would hold it up.
        tokio::spawn(async move { while let Ok(Some(_)) = words.next_line().await {} });
        assert!(
            shop.starts_with("http://127.0.0.1:"),
            "it says where the shop is: {shop:?}"
        );
        Self { process, shop }
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.process.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// True if it ended by itself, with success.
    async fn ended_well(mut self) -> bool {
        let ended = tokio::time::timeout(Duration::from_secs(20), self.process.wait()).await;
        ended.expect("it ends").unwrap().success()
    }
}

databases! {
    async fn ctrl_c_lets_a_request_finish_and_nothing_is_half_written(db: TestDb) {
        let directory = TempDir::new().unwrap();
        let variables = [
            ("DATABASE_URL", db.url()),
            ("STRIPE_SECRET_KEY", "sk_test_signals_fake"),
            ("STRIPE_WEBHOOK_SECRET", SECRET),
            ("STRIPE_API_BASE", "http://127.0.0.1:1"),
            ("PRICE_ID", "price_signals"),
        ];
        for (number, signal) in [(1, Signal::INT), (2, Signal::TERM)] {
            let program = Program::start(directory.path(), &variables).await;
            let body = paid_session(number).to_string();
            let (half, rest) = body.split_at(body.len() / 2);
            let address = program.shop.trim_start_matches("http://").to_owned();
            let mut connection = TcpStream::connect(&address).await.unwrap();
            let head = format!(
                "POST /webhook HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
                 stripe-signature: {}\r\ncontent-length: {}\r\n\r\n{half}",
                Sender::new(SECRET).sign(&body),
                body.len(),
            );
            connection.write_all(head.as_bytes()).await.unwrap();
            // A second request's answer tells that the first one is being read.
            http_client().get(format!("{}/health", program.shop)).send().await.unwrap();

            program.signal(signal);
            until("no new connection is taken", async || {
                TcpStream::connect(&address).await.is_err().then_some(())
            })
            .await;
            connection.write_all(rest.as_bytes()).await.unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(program.ended_well().await);

            let database = Database::connect(db.url()).await.unwrap();
            let mut read = database.store().read().await.unwrap();
            let balances = read.trial_balance().await.unwrap();
            let clearing = balances.iter().find(|b| b.account == Account::StripeClearing).unwrap();
            assert_eq!(clearing.balance.minor(), 4980 * i64::from(number));
            assert_eq!(read.inbox_summary().await.unwrap().oldest_open, None);
            drop(read);
            database.close().await;
        }
    }
}

async fn post(url: String, token: Option<&str>, body: &Value) -> Option<Value> {
    let mut request = http_client().post(url).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.ok()?.json().await.ok()
}

/// Shop and sandbox die together, at moments all over a payment. What the
/// sandbox took money for is a purchase after the next start, and nothing else is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_of_a_payment_what_was_paid_is_bought_once() {
    let directory = TempDir::new().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let register = format!("{}/api/register", program.shop);
    let member = post(register, None, &registration("hanako@example.com"))
        .await
        .unwrap();
    let token = member["session_token"].as_str().unwrap().to_owned();
    let mut sessions: Vec<(String, String)> = Vec::new();
    for round in 0..12 {
        let checkout = format!("{}/api/checkout", program.shop);
        let page = post(checkout, Some(&token), &json!({})).await.unwrap();
        let (id, url) = (
            page["id"].as_str().unwrap(),
            page["url"].as_str().unwrap().to_owned(),
        );
        let path = url[url.find("/c/pay/").unwrap()..].to_owned();
        sessions.push((id.to_owned(), path));
        let form = "email=hanako@example.com&number=GOOD&expiry=12/40&cvc=123&name=H"
            .replace("GOOD", GOOD_CARD);
        let paying = tokio::spawn(
            http_client()
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form)
                .send(),
        );
        // The moment is the subject here: later in each round.
        tokio::time::sleep(Duration::from_millis(round * 3)).await;
        program.signal(Signal::KILL);
        program.process.wait().await.unwrap();
        drop(paying.await);
        program = Program::start(directory.path(), &[]).await;
    }
    assert_history_is_what_was_paid(&program, &token, &sessions).await;
    program.signal(Signal::INT);
    assert!(program.ended_well().await);
}

async fn assert_history_is_what_was_paid(
    program: &Program,
    token: &str,
    sessions: &[(String, String)],
) {
    let catalogue = format!("{}/api/catalogue", program.shop);
    let answer: Value = http_client()
        .get(catalogue)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["sandbox"], true);
    // The page that a new checkout opens tells where the sandbox is now.
    let checkout = format!("{}/api/checkout", program.shop);
    let page = post(checkout, Some(token), &json!({})).await.unwrap();
    let url = page["url"].as_str().unwrap();
    let sandbox = &url[..url.find("/c/pay/").unwrap()];
    let mut paid = Vec::new();
    for (id, path) in sessions {
        let html = http_client()
            .get(format!("{sandbox}{path}"))
            .send()
            .await
            .unwrap();
        // A session that is still open shows the form; one that is paid does not.
        if !html.text().await.unwrap().contains("name=\"number\"") {
            paid.push(id.clone());
        }
    }
    paid.sort();
    let bought = until("the history is what was paid", async || {
        let history = format!("{}/api/user-purchase-history?limit=100", program.shop);
        let request = http_client().get(history).bearer_auth(token);
        let answer: Value = request.send().await.ok()?.json().await.ok()?;
        let purchases = answer["purchases"].as_array()?;
        let all_paid = purchases
            .iter()
            .all(|purchase| purchase["status"] == "paid");
        let mut ids: Vec<_> = purchases
            .iter()
            .map(|purchase| purchase["session_id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        (all_paid && ids.len() >= paid.len()).then_some(ids)
    })
    .await;
    assert_eq!(bought, paid);
    assert!(
        !paid.is_empty(),
        "no payment got through, so nothing was tested"
    );
}
