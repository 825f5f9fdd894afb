//! What a call carries besides its parameters, and what is refused before
//! anything is sent.

use std::time::Duration;

use serde_json::json;
use stripegym_core::client::{CALLS, IdempotencyKey, InputError, Request, TransportErrorKind};
use stripegym_core::customer::CreateCustomer;
use stripegym_core::id::CustomerId;
use stripegym_core::payment_intent::CreatePaymentIntent;
use stripegym_core::subscription::{PauseSubscription, RetrieveSubscription};
use stripegym_core::webhook_endpoint::CreateWebhookEndpoint;
use stripegym_core::{Amount, ApiError, ApiKey, Client, Currency};
use wiremock::matchers::{any, header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn client(server: &MockServer) -> Client {
    Client::builder(ApiKey::parse("sk_test_options").unwrap())
        .base(&server.uri())
        .retries(0)
        .build()
        .unwrap()
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn every_option_holds_for_one_call() {
    let server = MockServer::start().await;
    let answer = json!({ "id": "sub_1", "object": "subscription" });
    Mock::given(method("POST"))
        .and(header("idempotency-key", "pause-7"))
        .and(header("stripe-account", "acct_1"))
        .and(header("stripe-version", "2027-03-31.fennel"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .expect(1)
        .mount(&server)
        .await;
    let stripe = client(&server);
    let subscription = PauseSubscription::new(&"sub_1".parse().unwrap())
        .idempotent(IdempotencyKey::parse("pause-7").unwrap())
        .on_account("acct_1".parse().unwrap())
        .with_api_version("2027-03-31.fennel")
        .with_timeout(Duration::from_secs(5))
        .expand("customer")
        .expand("latest_invoice")
        .param("brand_new[parameter]", "x")
        .send(&stripe)
        .await
        .unwrap();
    assert_eq!(subscription.id(), Ok("sub_1"));
    let seen = server.received_requests().await.unwrap();
    assert_eq!(
        String::from_utf8_lossy(&seen[0].body),
        "expand[0]=customer&expand[1]=latest_invoice&brand_new[parameter]=x"
    );

    let plain = RetrieveSubscription::new(&"sub_1".parse().unwrap());
    drop(plain.send(&stripe).await);
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen[1].headers["stripe-version"], "2026-10-28.endive");
    assert!(!seen[1].headers.contains_key("stripe-account"));
}

#[tokio::test]
async fn a_call_may_have_a_shorter_time_than_its_client() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    let server = answering(slow).await;
    let call = CreateCustomer::new().with_timeout(Duration::from_millis(50));
    let error = call.send(&client(&server)).await.unwrap_err();
    let ApiError::Connection(fault) = error else {
        panic!("{error:?}")
    };
    assert_eq!(fault.kind(), TransportErrorKind::Timeout);
}

#[tokio::test]
async fn what_stripe_would_refuse_is_not_sent() {
    let server = answering(ResponseTemplate::new(200)).await;
    let stripe = client(&server);
    let too_long = "x".repeat(501);
    let metadata = CreateCustomer::new().metadata("note", &too_long);
    let small = CreatePaymentIntent::new(Amount::new(49, Currency::JPY));
    let version = CreateCustomer::new().with_api_version("not a version");
    let errors = [
        metadata.send(&stripe).await.unwrap_err(),
        small.send(&stripe).await.unwrap_err(),
        version.send(&stripe).await.unwrap_err(),
        // The same holds for requests without a call type.
        stripe
            .execute(Request::post("/v1/x").param("metadata[a[b]]", ""))
            .await
            .unwrap_err(),
    ];
    let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "not sent: metadata[note] has 501 characters, Stripe takes 500: \
             keep the text in your own database and send its id",
            "not sent: 49 JPY is less than Stripe charges: the least is 50 JPY",
            "not sent: the API version must be a text such as 2026-10-28.endive",
            "not sent: a key of metadata has a bracket: metadata is flat, use another character",
        ]
    );
    for error in &errors {
        assert!(!error.is_safe_to_retry() && error.refusal().is_none());
    }
    assert!(matches!(
        errors[1],
        ApiError::Input(InputError::AmountTooSmall { .. })
    ));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn an_id_of_another_kind_is_refused_at_once() {
    let error = "sub_1".parse::<CustomerId>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"sub_1\" is not a customer id: it should start with cus_"
    );
}

#[tokio::test]
async fn the_secret_of_a_new_endpoint_cannot_be_printed() {
    let secret = "whsec_hide_me_in_the_endpoint";
    let answer = json!({ "id": "we_1", "object": "webhook_endpoint", "secret": secret });
    let server = answering(ResponseTemplate::new(200).set_body_json(answer)).await;
    let created = CreateWebhookEndpoint::new("https://a.example/hook", &["*"])
        .send(&client(&server))
        .await
        .unwrap();
    assert!(created.secret().is_some());
    assert_eq!(created.endpoint().id(), Ok("we_1"));
    let shown = format!("{created:?} {:?}", created.endpoint().object().json());
    assert!(!shown.contains("hide_me"), "{shown}");
}

#[test]
fn the_list_of_calls_tells_verb_path_and_parameters() {
    let named = |name: &str| {
        let mut calls = CALLS.iter().copied().flatten();
        *calls.find(|call| call.name == name).unwrap()
    };
    let list = named("ListInvoicePayments");
    assert_eq!(list.path, "/v1/invoice_payments");
    let params: Vec<_> = list.params.iter().copied().flatten().copied().collect();
    assert_eq!(
        params,
        [
            "invoice",
            "status",
            "created",
            "limit",
            "starting_after",
            "ending_before"
        ]
    );
    let advance = named("AdvanceTestClock");
    assert_eq!(
        (advance.method.as_str(), advance.path),
        ("POST", "/v1/test_helpers/test_clocks/{id}/advance")
    );
}
