//! A running shop of one test, and a visitor who talks to it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use reference_app::{Config, Running, Server, StartError};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use stripegym_sandbox::Sandbox;
use stripegym_tests::{TestDb, until};
use tempfile::TempDir;

/// The card that is always good.
pub(crate) const GOOD_CARD: &str = "4242424242424242";
/// The card that is always declined.
pub(crate) const BAD_CARD: &str = "4000000000000002";

/// A shop with the sandbox, on free ports, with its state in a directory of its own.
pub(crate) struct Shop {
    pub(crate) running: Running,
    dir: TempDir,
}

/// Settings by name, as the environment would have them.
pub(crate) fn settings(pairs: &[(&str, &str)]) -> Config {
    try_settings(pairs).expect("good settings")
}

pub(crate) fn try_settings(pairs: &[(&str, &str)]) -> Result<Config, reference_app::ConfigError> {
    let map: HashMap<&str, &str> = pairs.iter().copied().collect();
    Config::read(|name| map.get(name).map(|value| (*value).to_owned()))
}

/// Free ports, and this database.
pub(crate) fn offline(db: &TestDb, dir: &Path) -> Config {
    let pairs = [
        ("BIND_ADDR", "127.0.0.1:0"),
        ("SANDBOX_BIND_ADDR", "127.0.0.1:0"),
        ("DATABASE_URL", db.url()),
    ];
    settings(&pairs).in_directory(dir)
}

impl Shop {
    pub(crate) async fn open(db: &TestDb) -> Self {
        Self::open_with(db, |server| server).await
    }

    pub(crate) async fn open_with(db: &TestDb, change: impl FnOnce(Server) -> Server) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let server = change(Server::new(offline(db, dir.path())));
        Self {
            running: server.start().await.expect("a start"),
            dir,
        }
    }

    /// Stops it in an orderly way and starts it again on the same files.
    pub(crate) async fn reopen(self, db: &TestDb) -> Self {
        let Self { running, dir } = self;
        running.shutdown().await;
        let running = Server::new(offline(db, dir.path()))
            .start()
            .await
            .expect("a start");
        Self { running, dir }
    }

    /// Stops it and lets its state vanish.
    pub(crate) async fn close(self) {
        self.running.shutdown().await;
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.running.sandbox().expect("the sandbox")
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::of(&self.running)
    }

    /// A new member, logged in.
    pub(crate) async fn member(&self, email: &str) -> Visitor {
        member_of(&self.running, email).await
    }
}

/// A new member of any shop, logged in.
pub(crate) async fn member_of(shop: &Running, email: &str) -> Visitor {
    let mut visitor = Visitor::of(shop);
    let answer = visitor.post("/api/register", &registration(email)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json);
    visitor.token = answer.json["session_token"].as_str().map(str::to_owned);
    visitor
}

/// Tries a start that must fail.
pub(crate) async fn refused(config: Config) -> StartError {
    match Server::new(config).start().await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

pub(crate) fn registration(email: &str) -> Value {
    json!({
        "email": email, "password": "correct horse", "name": "山田 花子",
        "terms": true, "privacy": true,
    })
}

/// Somebody with an HTTP client and, perhaps, a session.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pub(crate) http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    /// Null unless the text is JSON.
    pub(crate) json: Value,
}

impl Visitor {
    pub(crate) fn of(running: &Running) -> Self {
        Self {
            base: running.url().to_owned(),
            token: None,
            http: http_client(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path).json(body)).await
    }

    /// Opens a checkout; the session's id.
    pub(crate) async fn check_out(&self) -> String {
        let answer = self.post("/api/checkout", &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        answer.json["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn purchases(&self) -> Vec<Value> {
        let answer = self.get("/api/user-purchase-history").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
        answer.json["purchases"].as_array().expect("a list").clone()
    }

    /// Waits until the history holds so many purchases; newest first.
    pub(crate) async fn wait_for_purchases(&self, count: usize) -> Vec<Value> {
        until("the purchases appear", async || {
            let purchases = self.purchases().await;
            (purchases.len() >= count).then_some(purchases)
        })
        .await
    }
}

impl Answer {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.expect("a text");
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self {
            status,
            headers,
            text,
            json,
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Asserts the one shape of failures; the `code`.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.json["success"], false, "{}", self.text);
        assert!(
            self.json["error"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{}",
            self.text
        );
        self.json["code"].as_str().expect("a code")
    }
}

/// Plain HTTP only: no certificates are looked for.
pub(crate) fn http_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}
