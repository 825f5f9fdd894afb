//! The rules that every endpoint shares.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;
use stripegym_sandbox::Sandbox;
use tower_service::Service;

use crate::wire::{Wire, id};

#[tokio::test]
async fn keys_are_checked_in_stripes_words() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let with = async |value: &str| {
        let headers = [("authorization", value)];
        wire.send(Method::GET, "/v1/customers", &headers, "")
            .await
            .unwrap()
    };
    for good in [
        "Bearer sk_test_x",
        "Bearer rk_test_x",
        "Basic c2tfdGVzdF9hYmM6",
    ] {
        assert_eq!(with(good).await.status.as_u16(), 200, "{good}");
    }
    let missing = with("").await;
    assert_eq!(missing.status.as_u16(), 401);
    assert!(
        missing
            .error()
            .3
            .starts_with("You did not provide an API key.")
    );
    let live = with("Bearer sk_live_0123456789abcdef").await;
    assert_eq!(
        live.error().3,
        "Invalid API Key provided: sk_live_************cdef"
    );
    assert_eq!(live.json()["error"]["type"], "invalid_request_error");
    assert!(
        with(&format!("Bearer {}", sandbox.secret_key()))
            .await
            .status
            .is_success()
    );
}

#[tokio::test]
async fn every_answer_names_its_request_and_its_version() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    for path in [
        "/v1/customers",
        "/v1/customers/cus_none",
        "/v1/nothing",
        "/",
        "/_sandbox/health",
    ] {
        let answer = wire.get(path).await;
        assert!(answer.header("request-id").starts_with("req_"), "{path}");
    }
    let headers = [("stripe-version", "2025-07-30.basil")];
    let old = wire
        .send(Method::GET, "/v1/customers", &headers, "")
        .await
        .unwrap();
    assert_eq!(old.header("stripe-version"), "2025-07-30.basil");
    assert_eq!(
        wire.get("/v1/customers").await.header("stripe-version"),
        "2026-10-28.endive"
    );
    let headers = [("stripe-version", "tomorrow")];
    let bad = wire
        .send(Method::GET, "/v1/customers", &headers, "")
        .await
        .unwrap();
    assert_eq!(bad.error().3, "Invalid Stripe API version: tomorrow");
}

#[tokio::test]
async fn what_is_not_there_answers_404_with_the_right_words() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let cases = [
        ("/v1/customers/cus_x", "No such customer: 'cus_x'"),
        (
            "/v1/checkout/sessions/cs_x",
            "No such checkout.session: 'cs_x'",
        ),
        ("/v1/payment_intents/pi_x", "No such payment_intent: 'pi_x'"),
        ("/v1/events/evt_x", "No such event: 'evt_x'"),
    ];
    for (path, message) in cases {
        let expected = (
            404,
            "resource_missing".to_owned(),
            "id".to_owned(),
            message.to_owned(),
        );
        assert_eq!(wire.get(path).await.error(), expected);
    }
    let error = wire.delete("/v1/events/evt_x").await;
    assert_eq!(error.status.as_u16(), 404);
    assert!(
        error
            .error()
            .3
            .starts_with("Unrecognized request URL (DELETE: /v1/events/evt_x).")
    );
    let doc = wire.get("/v1/customers/cus_x").await.json();
    assert_eq!(
        doc["error"]["doc_url"],
        "https://stripe.com/docs/error-codes/resource-missing"
    );
}

#[tokio::test]
async fn parameters_are_checked_before_anything_happens() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let cases = [
        (
            "/v1/customers",
            "foo=1",
            "parameter_unknown",
            "foo",
            "Received unknown parameter: foo",
        ),
        (
            "/v1/products",
            "",
            "parameter_missing",
            "name",
            "Missing required param: name.",
        ),
        (
            "/v1/customers",
            "email=nonsense",
            "email_invalid",
            "email",
            "Invalid email address: nonsense",
        ),
        (
            "/v1/customers",
            "balance=1.5",
            "parameter_invalid_integer",
            "balance",
            "Invalid integer: 1.5",
        ),
        (
            "/v1/prices",
            "product=prod_x&currency=jpy&unit_amount=1",
            "resource_missing",
            "product",
            "No such product: 'prod_x'",
        ),
        (
            "/v1/prices",
            "product_data[name]=x&currency=jpy",
            "parameter_missing",
            "unit_amount",
            "Missing required param: unit_amount.",
        ),
        (
            "/v1/customers",
            "default_source=card_1",
            "-",
            "default_source",
            "The sandbox does not support the parameter `default_source` yet.",
        ),
    ];
    for (path, body, code, param, message) in cases {
        let expected = (400, code.to_owned(), param.to_owned(), message.to_owned());
        assert_eq!(
            wire.post(path, body).await.error(),
            expected,
            "{path} {body}"
        );
    }
    assert!(sandbox.events().is_empty());
}

#[tokio::test]
async fn updates_merge_metadata_and_an_empty_value_unsets() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let body = "name=Ann&description=old&metadata[a]=1&metadata[b]=2&address[city]=Kyoto";
    let customer = wire.post("/v1/customers", body).await.ok();
    assert_eq!(customer["address"]["city"], "Kyoto");
    assert_eq!(customer["address"]["line1"], Value::Null);
    let path = format!("/v1/customers/{}", id(&customer));
    let updated = wire
        .post(&path, "description=&metadata[a]=&metadata%5Bc%5D=x+y%20z")
        .await
        .ok();
    assert_eq!(updated["description"], Value::Null);
    assert_eq!(
        updated["metadata"],
        serde_json::json!({"b": "2", "c": "x y z"})
    );
    assert_eq!(updated["name"], "Ann");
    let event = sandbox.events().pop().unwrap();
    let previous = &event["data"]["previous_attributes"];
    assert_eq!(
        previous["metadata"],
        serde_json::json!({"a": "1", "c": null})
    );
    assert_eq!(previous["description"], "old");
    assert_eq!(
        wire.post(&path, "metadata=").await.ok()["metadata"],
        serde_json::json!({})
    );
    let count = sandbox.events().len();
    wire.post(&path, "name=Ann").await.ok();
    assert_eq!(
        sandbox.events().len(),
        count,
        "nothing changed, so nothing happened"
    );
}

#[tokio::test]
async fn bodies_of_other_kinds_and_sizes_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let headers = [("content-type", "application/json")];
    let json = wire
        .send(Method::POST, "/v1/customers", &headers, "{}")
        .await
        .unwrap();
    assert!(json.error().3.contains("application/x-www-form-urlencoded"));
    let large = format!("name={}", "x".repeat(2 * 1024 * 1024));
    if let Ok(answer) = wire.send(Method::POST, "/v1/customers", &[], &large).await {
        assert_eq!(answer.status.as_u16(), 413);
    }
    assert!(sandbox.events().is_empty());
}

#[tokio::test]
async fn the_service_answers_like_the_socket() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut service = sandbox.service();
    let request = Request::post("/v1/customers")
        .header("authorization", "Bearer sk_test_x")
        .body(Bytes::from("name=Ann"))
        .unwrap();
    let made = service.call(request).await.unwrap();
    let made: Value = serde_json::from_slice(made.body()).unwrap();
    let seen = Wire::to(&sandbox)
        .get(&format!("/v1/customers/{}", id(&made)))
        .await
        .ok();
    assert_eq!(seen, made);
    let large = Request::post("/v1/customers")
        .body(Bytes::from(vec![b'x'; 2 << 20]))
        .unwrap();
    assert_eq!(service.call(large).await.unwrap().status().as_u16(), 413);
}

#[tokio::test]
async fn products_and_prices_keep_what_they_are_given() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let body = "name=Tea&images[0]=http://shop.test/a.png&default_price_data[currency]=jpy\
                &default_price_data[unit_amount]=500&expand[]=default_price";
    let product = wire.post("/v1/products", body).await.ok();
    assert_eq!(product["default_price"]["unit_amount"], 500);
    assert_eq!(product["images"][0], "http://shop.test/a.png");
    let body = format!(
        "product={}&currency=usd&unit_amount_decimal=0.5",
        id(&product)
    );
    let price = wire.post("/v1/prices", &body).await.ok();
    assert_eq!(price["unit_amount"], Value::Null);
    assert_eq!(price["unit_amount_decimal"], "0.5");
    let twice = wire
        .post("/v1/products", &format!("name=X&id={}", id(&product)))
        .await;
    assert_eq!(twice.error().1, "resource_already_exists");
}

#[tokio::test]
async fn the_overview_and_the_health_page_say_how_things_are() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    wire.post("/v1/customers", "").await.ok();
    let index = wire.get("/").await;
    assert!(index.body.contains(sandbox.secret_key()) && index.body.contains("customer.created"));
    assert!(
        index
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let health = wire.get("/_sandbox/health").await.ok();
    assert_eq!(
        (&health["status"], &health["objects"]["customer"]),
        (&"ok".into(), &1.into())
    );
    let style = wire.get("/_sandbox/style.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(wire.get("/_sandbox/nothing").await.status.as_u16(), 404);
}
