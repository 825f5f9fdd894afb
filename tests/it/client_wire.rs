//! What the client really puts on the wire, seen by wiremock.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
use stripegym_core::client::{IdempotencyKey, Request, TransportErrorKind};
use stripegym_core::customer::{CreateCustomer, ListCustomers, RetrieveCustomer, UpdateCustomer};
use stripegym_core::{ApiError, ApiKey, Client, Clock, Timestamp};
use wiremock::matchers::{any, body_string, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Does not wait: sleeping is over at once, except for what is as long as the
/// time-out of a request.
#[derive(Debug)]
struct Hasty;

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_s(1_760_000_000)
    }

    async fn sleep(&self, wait: Duration) {
        if wait > Duration::from_secs(10) {
            std::future::pending::<()>().await;
        }
    }
}

fn client(server: &MockServer) -> Client {
    Client::builder(ApiKey::parse("sk_test_wire").unwrap())
        .base(&server.uri())
        .clock(Arc::new(Hasty))
        .build()
        .unwrap()
}

fn customer() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "id": "cus_1", "object": "customer" }))
}

async fn answer_to(response: ResponseTemplate) -> (ApiError, usize) {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(response)
        .mount(&server)
        .await;
    let error = CreateCustomer::new()
        .send(&client(&server))
        .await
        .unwrap_err();
    (error, server.received_requests().await.unwrap().len())
}

#[tokio::test]
async fn a_checkout_session_is_asked_for_in_stripes_form() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/checkout/sessions"))
        .and(header("authorization", "Bearer sk_test_wire"))
        .and(header("stripe-version", "2026-10-28.endive"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(header("idempotency-key", "order-7"))
        .and(body_string(
            "mode=payment&line_items[0][price]=price_1&line_items[0][quantity]=2\
             &success_url=https%3A%2F%2Fshop.example%2Fok%3Fid%3D%7BCHECKOUT_SESSION_ID%7D\
             &cancel_url=https%3A%2F%2Fshop.example%2Fno&customer=cus_1&locale=ja\
             &metadata[product_name]=%E8%8C%B6&expand[0]=line_items",
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "id": "cs_test_1", "object": "checkout.session", "url": "https://pay.example" }),
        ))
        .expect(1)
        .mount(&server)
        .await;

    let items = [LineItem {
        price: "price_1".parse().unwrap(),
        quantity: 2,
    }];
    let urls = ReturnUrls {
        success: "https://shop.example/ok?id={CHECKOUT_SESSION_ID}".to_owned(),
        cancel: "https://shop.example/no".to_owned(),
    };
    let session = CreateSession::payment(&items, &urls)
        .customer(&"cus_1".parse().unwrap())
        .locale("ja")
        .metadata("product_name", "茶")
        .expand("line_items")
        .idempotent(IdempotencyKey::parse("order-7").unwrap())
        .send(&client(&server))
        .await
        .unwrap();
    assert_eq!(session.url().unwrap(), Some("https://pay.example"));
    assert!(
        session.payment_status().is_err(),
        "only the accessor of an absent field fails"
    );
}

#[tokio::test]
async fn a_get_carries_its_parameters_in_the_query_and_no_idempotency_key() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/customers"))
        .and(query_param("email", "a+b@example.com"))
        .and(query_param("expand[0]", "data.subscriptions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "object": "list", "data": [{ "id": "cus_1" }, { "id": "cus_2" }], "has_more": true }),
        ))
        .mount(&server)
        .await;
    let list = ListCustomers::new()
        .email("a+b@example.com")
        .expand("data.subscriptions")
        .send(&client(&server))
        .await
        .unwrap();
    assert_eq!((list.data().len(), list.has_more()), (2, true));
    let sent = &server.received_requests().await.unwrap()[0];
    assert!(!sent.headers.contains_key("idempotency-key"));
    assert!(sent.body.is_empty());
}

#[tokio::test]
async fn every_try_of_a_post_carries_the_same_fresh_key() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(503);
    Mock::given(any())
        .respond_with(busy)
        .up_to_n_times(2)
        .mount(&server)
        .await;
    Mock::given(any())
        .respond_with(customer())
        .mount(&server)
        .await;
    let stripe = client(&server);
    CreateCustomer::new().send(&stripe).await.unwrap();
    CreateCustomer::new().send(&stripe).await.unwrap();

    let keys: Vec<_> = server.received_requests().await.unwrap();
    let keys: Vec<_> = keys
        .iter()
        .map(|sent| &sent.headers["idempotency-key"])
        .collect();
    assert_eq!(keys.len(), 4);
    assert_eq!(
        (keys[0], keys[1]),
        (keys[1], keys[2]),
        "three tries of one call"
    );
    assert_ne!(keys[2], keys[3], "another call, another key");
}

#[tokio::test]
async fn calls_are_tried_as_often_as_the_official_sdks_do() {
    for (status, word, tries) in [
        (409, None, 3),
        (500, None, 3),
        (503, None, 3),
        (429, None, 1),
        (429, Some("true"), 3),
        (500, Some("false"), 1),
        (400, Some("true"), 3),
        (402, None, 1),
        (404, None, 1),
    ] {
        let mut response = ResponseTemplate::new(status);
        if let Some(word) = word {
            response = response.insert_header("stripe-should-retry", word);
        }
        let (_, made) = answer_to(response).await;
        assert_eq!(made, tries, "{status} {word:?}");
    }
}

#[tokio::test]
async fn a_decline_tells_what_the_customer_can_do() {
    let body = json!({ "error": {
        "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
        "param": "payment_method", "message": "Your card has insufficient funds.",
    }});
    let response = ResponseTemplate::new(402)
        .set_body_json(body)
        .insert_header("request-id", "req_1");
    let (error, _) = answer_to(response).await;
    let refusal = error.refusal().unwrap();
    assert!(matches!(error, ApiError::Declined(_)));
    assert_eq!(refusal.decline_code(), Some("insufficient_funds"));
    assert_eq!(refusal.message(), Some("Your card has insufficient funds."));
    assert!(!error.is_safe_to_retry());
    assert_eq!(
        error.to_string(),
        "declined: status 402, type card_error, code card_declined, \
         decline_code insufficient_funds, param payment_method, request req_1"
    );
}

#[tokio::test]
async fn each_status_is_the_error_that_says_what_to_do() {
    type IsRight = fn(&ApiError) -> bool;
    let kinds: [(u16, &str, IsRight); 8] = [
        (400, "invalid_request_error", |e| {
            matches!(e, ApiError::Invalid(_))
        }),
        (400, "idempotency_error", |e| {
            matches!(e, ApiError::IdempotencyMisuse(_))
        }),
        (401, "invalid_request_error", |e| {
            matches!(e, ApiError::Authentication(_))
        }),
        (403, "invalid_request_error", |e| {
            matches!(e, ApiError::Permission(_))
        }),
        (404, "invalid_request_error", |e| {
            matches!(e, ApiError::NotFound(_))
        }),
        (409, "invalid_request_error", |e| {
            matches!(e, ApiError::Conflict(_))
        }),
        (429, "invalid_request_error", |e| {
            matches!(e, ApiError::RateLimited(_))
        }),
        (500, "api_error", |e| matches!(e, ApiError::Fault(_))),
    ];
    for (status, kind, is_right) in kinds {
        let body = json!({ "error": { "type": kind } });
        let (error, _) = answer_to(ResponseTemplate::new(status).set_body_json(body)).await;
        assert!(is_right(&error), "{status} {kind}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_stripes_keeps_its_status_and_request_id() {
    let html = ResponseTemplate::new(502)
        .set_body_string("<html>Bad gateway</html>")
        .insert_header("request-id", "req_2");
    let (error, _) = answer_to(html).await;
    let refusal = error.refusal().unwrap();
    assert_eq!(
        (refusal.status(), refusal.request_id()),
        (502, Some("req_2"))
    );

    let cut_short = ResponseTemplate::new(200)
        .set_body_string("{\"id\": \"cus_")
        .insert_header("request-id", "req_3");
    let (error, made) = answer_to(cut_short).await;
    assert_eq!(made, 1);
    assert_eq!(
        error.to_string(),
        "the answer (status 200, request req_3) cannot be read"
    );
}

#[tokio::test]
async fn however_large_an_answer_its_status_and_request_id_are_kept() {
    let page = |status: u16, megabytes: usize| {
        ResponseTemplate::new(status)
            .set_body_string("<p>".repeat(megabytes * 1024 * 1024 / 3))
            .insert_header("request-id", "req_4")
    };
    let (error, _) = answer_to(page(502, 10)).await;
    let refusal = error.refusal().unwrap();
    assert_eq!(
        (refusal.status(), refusal.request_id()),
        (502, Some("req_4"))
    );
    let (error, _) = answer_to(page(200, 20)).await;
    assert_eq!(
        error.to_string(),
        "the answer (status 200, request req_4) cannot be read"
    );
}

#[tokio::test]
async fn a_replayed_failure_is_final_for_its_key() {
    let replayed = ResponseTemplate::new(500).insert_header("idempotent-replayed", "true");
    let (error, _) = answer_to(replayed).await;
    assert!(error.refusal().unwrap().is_replayed());
    assert!(!error.is_safe_to_retry());
    let (fresh, _) = answer_to(ResponseTemplate::new(500)).await;
    assert!(fresh.is_safe_to_retry());
}

#[tokio::test]
async fn with_nobody_there_the_error_says_that_nothing_was_done() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let stripe = Client::builder(ApiKey::parse("sk_test_wire").unwrap())
        .base(&base)
        .clock(Arc::new(Hasty))
        .build()
        .unwrap();
    let error = CreateCustomer::new().send(&stripe).await.unwrap_err();
    assert!(error.is_safe_to_retry());
    let ApiError::Connection(fault) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (fault.kind(), fault.may_have_acted()),
        (TransportErrorKind::Connect, false)
    );
}

#[tokio::test]
async fn a_silent_server_is_given_up_on_in_time_and_may_have_acted() {
    let server = MockServer::start().await;
    let never = customer().set_delay(Duration::from_secs(60));
    Mock::given(any()).respond_with(never).mount(&server).await;
    let stripe = Client::builder(ApiKey::parse("sk_test_wire").unwrap())
        .base(&server.uri())
        .timeout(Duration::from_millis(50))
        .retries(0)
        .build()
        .unwrap();
    let error = CreateCustomer::new().send(&stripe).await.unwrap_err();
    let ApiError::Connection(fault) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (fault.kind(), fault.may_have_acted()),
        (TransportErrorKind::Timeout, true)
    );
}

#[tokio::test]
async fn an_empty_text_unsets_and_a_raw_request_reaches_any_endpoint() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/customers/cus_1"))
        .and(body_string("description=&metadata[k]="))
        .respond_with(customer())
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/tax/settings"))
        .and(body_string("defaults[tax_behavior]=inclusive"))
        .respond_with(ResponseTemplate::new(200).set_body_string("{}"))
        .expect(1)
        .mount(&server)
        .await;
    let stripe = client(&server);
    let id = "cus_1".parse().unwrap();
    UpdateCustomer::new(&id)
        .description("")
        .metadata("k", "")
        .send(&stripe)
        .await
        .unwrap();
    let raw = Request::post("/v1/tax/settings").param("defaults[tax_behavior]", "inclusive");
    assert_eq!(stripe.execute(raw).await.unwrap().body(), "{}");
}

#[tokio::test]
async fn the_second_call_opens_no_new_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let seen = Arc::clone(&connections);
    let app = axum::Router::new().fallback(async || r#"{"id":"cus_1","object":"customer"}"#);
    let server = tokio::spawn(async move {
        let counting = axum::serve::ListenerExt::tap_io(listener, move |_| {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        });
        axum::serve(counting, app).await
    });
    let stripe = Client::builder(ApiKey::parse("sk_test_wire").unwrap())
        .base(&base)
        .build()
        .unwrap();
    for _ in 0..5 {
        let id = "cus_1".parse().unwrap();
        RetrieveCustomer::new(&id)
            .send(&stripe.clone())
            .await
            .unwrap();
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
    server.abort();
}
