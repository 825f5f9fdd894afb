//! One test per class of failure: whoever notices it, axum, poem or we, the
//! answer has one shape and speaks the language of the request.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Method, StatusCode};
use serde_json::json;
use stripegym_core::store::{Read, Store, StoreError, StoreErrorKind, Tx};
use stripegym_tests::TestDb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::shop::{Answer, Shop};

/// A shop on SQLite: none of this depends on the database.
async fn shop() -> (TestDb, Shop) {
    let db = TestDb::sqlite();
    let shop = Shop::open(&db).await;
    (db, shop)
}

#[tokio::test]
async fn unreadable_json_is_400() {
    let (_db, shop) = shop().await;
    for body in ["{", "[]", "\"text\"", "{\"email\": \"\\ud800\"}"] {
        let request = shop
            .visitor()
            .request(Method::POST, "/api/login")
            .body(body);
        let answer = Answer::to(request.header("content-type", "application/json")).await;
        assert_eq!(answer.problem(400), "invalid_request", "{body}");
    }
}

#[tokio::test]
async fn a_parameter_of_another_type_is_400() {
    let (_db, shop) = shop().await;
    let hanako = shop.member("hanako@example.com").await;
    for query in ["limit=x", "limit=-1", "limit=99999999999"] {
        let answer = hanako
            .get(&format!("/api/user-purchase-history?{query}"))
            .await;
        assert_eq!(answer.problem(400), "invalid_request", "{query}");
    }
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=zz", "cursor"),
    ] {
        let answer = hanako
            .get(&format!("/api/user-purchase-history?{query}"))
            .await;
        assert_eq!(answer.problem(400), "invalid_input");
        assert!(answer.json["fields"][field].is_string(), "{query}");
    }
}

#[tokio::test]
async fn no_session_is_401() {
    let (_db, shop) = shop().await;
    let mut visitor = shop.visitor();
    let paths = [
        "/api/user-info",
        "/api/verify-session",
        "/api/user-purchase-history",
    ];
    for token in [None, Some("x".to_owned()), Some("0".repeat(64))] {
        visitor.token = token;
        for path in paths {
            assert_eq!(
                visitor.get(path).await.problem(401),
                "not_signed_in",
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_path_of_the_api_is_404() {
    let (_db, shop) = shop().await;
    for path in ["/api", "/api/", "/api/nope", "/api/register/x"] {
        assert_eq!(
            shop.visitor().get(path).await.problem(404),
            "not_found",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_method_that_is_not_taken_is_405_on_both_sides() {
    let (_db, shop) = shop().await;
    for (method, path) in [
        (Method::GET, "/api/register"),
        (Method::DELETE, "/api/user-info"),
        (Method::POST, "/"),
        (Method::POST, "/health"),
        (Method::GET, "/webhook"),
    ] {
        let answer = Answer::to(shop.visitor().request(method, path)).await;
        assert_eq!(answer.problem(405), "method_not_allowed", "{path}");
    }
}

#[tokio::test]
async fn a_large_body_is_413() {
    let (_db, shop) = shop().await;
    let request = |body: String| {
        let request = shop.visitor().request(Method::POST, "/api/login");
        Answer::to(
            request
                .header("content-type", "application/json")
                .body(body),
        )
    };
    let padded = |length: usize| " ".repeat(length - 2) + "{}";
    assert_eq!(
        request(padded(64 * 1024 + 1)).await.problem(413),
        "body_too_large"
    );
    assert_eq!(
        request(padded(64 * 1024)).await.problem(400),
        "invalid_input"
    );
}

#[tokio::test]
async fn a_large_body_is_413_even_if_it_hides_its_length() {
    let (_db, shop) = shop().await;
    let mut stream = TcpStream::connect(shop.running.addr()).await.unwrap();
    let head = "POST /api/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..9 {
        let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000));
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[tokio::test]
async fn anything_but_json_is_415_so_no_foreign_form_gets_in() {
    let (_db, shop) = shop().await;
    let hanako = shop.member("hanako@example.com").await;
    for path in ["/api/login", "/api/checkout", "/api/user-info"] {
        for kind in [
            "application/x-www-form-urlencoded",
            "text/plain",
            "application/jsonx",
        ] {
            let request = hanako
                .request(Method::POST, path)
                .header("content-type", kind);
            let answer = Answer::to(request.body("{}")).await;
            assert_eq!(
                answer.problem(415),
                "unsupported_media_type",
                "{path} {kind}"
            );
        }
        let untyped = Answer::to(hanako.request(Method::POST, path).body("{}")).await;
        assert_eq!(untyped.problem(415), "unsupported_media_type", "{path}");
    }
    let request = hanako.request(Method::POST, "/api/user-info");
    let typed = request
        .header("content-type", "Application/JSON; charset=utf-8")
        .body("{}");
    assert_eq!(Answer::to(typed).await.status, StatusCode::OK);
}

/// A store that can write but not read.
#[derive(Debug)]
struct Unreadable {
    inner: Arc<dyn Store>,
    /// Panics instead of failing.
    panics: bool,
}

#[async_trait]
impl Store for Unreadable {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        self.inner.begin().await
    }

    async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
        assert!(
            !self.panics,
            "a handler panics: the words of a panic stay here"
        );
        Err(StoreError::with_source(
            StoreErrorKind::Unavailable,
            "the driver's own words",
        ))
    }
}

async fn history_of_unreadable(panics: bool) -> Answer {
    let db = TestDb::sqlite();
    let wrap = move |inner| Arc::new(Unreadable { inner, panics }) as Arc<dyn Store>;
    let shop = Shop::open_with(&db, |server| server.wrap_store(wrap)).await;
    let hanako = shop.member("hanako@example.com").await;
    let answer = hanako.get("/api/user-purchase-history").await;
    assert!(!answer.text.contains("words"), "{}", answer.text);
    assert_eq!(answer.header("x-request-id").len(), 16);
    shop.close().await;
    answer
}

#[tokio::test]
async fn a_panic_is_500_and_tells_nothing() {
    assert_eq!(history_of_unreadable(true).await.problem(500), "internal");
}

#[tokio::test]
async fn a_database_that_is_away_is_503_and_tells_nothing() {
    let answer = history_of_unreadable(false).await;
    assert_eq!(answer.problem(503), "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn problems_speak_the_language_of_the_request() {
    let (_db, shop) = shop().await;
    for (path, method) in [("/api/nope", Method::GET), ("/health", Method::POST)] {
        let ask = async |lang: &str| {
            let request = shop.visitor().request(method.clone(), path);
            let answer = Answer::to(request.header("accept-language", lang)).await;
            answer.json["error"].as_str().unwrap().to_owned()
        };
        assert!(ask("en").await.is_ascii());
        assert!(!ask("ja").await.is_ascii());
    }
}

#[tokio::test]
async fn a_sane_request_id_is_taken_over_and_no_other() {
    let (_db, shop) = shop().await;
    let ask = async |id: &str| {
        let request = shop
            .visitor()
            .request(Method::GET, "/health")
            .header("x-request-id", id);
        Answer::to(request).await.header("x-request-id").to_owned()
    };
    assert_eq!(ask("from-the-proxy_1").await, "from-the-proxy_1");
    assert_eq!(ask("two words").await.len(), 16);
    assert_ne!(ask(&"x".repeat(65)).await.len(), 65);
    assert_eq!(
        shop.visitor()
            .post("/api/checkout", &json!({}))
            .await
            .header("x-request-id")
            .len(),
        16
    );
}

#[tokio::test]
async fn health_tells_a_working_database_from_a_lost_one() {
    let (_db, shop) = shop().await;
    let answer = shop.visitor().get("/health").await;
    assert_eq!(
        (answer.status, &answer.json["status"]),
        (StatusCode::OK, &json!("healthy"))
    );
    assert!(answer.json["message"].is_string());

    let Some(db) = TestDb::postgres().await else {
        return;
    };
    let shop = Shop::open(&db).await;
    assert_eq!(shop.visitor().get("/health").await.status, StatusCode::OK);
    // Its database is dropped under its feet.
    drop(db);
    assert_eq!(
        shop.visitor().get("/health").await.problem(503),
        "unavailable"
    );
}
