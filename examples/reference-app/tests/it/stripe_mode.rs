//! With a key: the same shop on a Stripe that it did not start itself.

use std::collections::HashMap;

use reference_app::{Config, Running, Server, StartError};
use serde_json::json;
use stripegym_core::price::CreatePrice;
use stripegym_core::product::CreateProduct;
use stripegym_core::{Amount, ApiKey, Client, Currency};
use stripegym_sandbox::Sandbox;
use stripegym_tests::{TestDb, databases};

use crate::shop::{GOOD_CARD, Visitor, offline, refused, registration};

const ENDPOINT: &str = "the shop";

/// A Stripe with one product, and the settings that lead to it.
async fn stripe(db: &TestDb) -> (Sandbox, HashMap<&'static str, String>) {
    let stripe = Sandbox::start().await.unwrap();
    let client = Client::builder(ApiKey::parse(stripe.secret_key()).unwrap());
    let client = client.base(&stripe.url()).build().unwrap();
    let product = CreateProduct::new("Tea")
        .send(&client)
        .await
        .unwrap()
        .product_id()
        .unwrap();
    let price = CreatePrice::one_time(&product, Amount::new(1999, Currency::USD));
    let price = price.send(&client).await.unwrap().price_id().unwrap();
    let settings = HashMap::from([
        ("BIND_ADDR", "127.0.0.1:0".to_owned()),
        ("DATABASE_URL", db.url().to_owned()),
        ("STRIPE_SECRET_KEY", "sk_test_example".to_owned()),
        ("STRIPE_API_BASE", stripe.url()),
        (
            "STRIPE_WEBHOOK_SECRET",
            stripe.webhook_endpoint(ENDPOINT, "http://127.0.0.1:9/webhook"),
        ),
        ("PRICE_ID", price.as_str().to_owned()),
    ]);
    (stripe, settings)
}

fn config(settings: &HashMap<&'static str, String>) -> Config {
    Config::read(|name| settings.get(name).cloned()).unwrap()
}

async fn member(running: &Running) -> Visitor {
    let mut visitor = Visitor::of(running);
    let made = visitor
        .post("/api/register", &registration("hanako@example.com"))
        .await;
    visitor.token = made.json["session_token"].as_str().map(str::to_owned);
    visitor
}

databases! {
    async fn the_shop_sells_what_the_account_has(db: TestDb) {
        let (stripe, settings) = stripe(&db).await;
        let running = Server::new(config(&settings)).start().await.unwrap();
        assert!(running.sandbox().is_none());
        let hook = format!("{}/webhook", running.url());
        assert_eq!(stripe.webhook_endpoint(ENDPOINT, &hook), settings["STRIPE_WEBHOOK_SECRET"]);
        let hanako = member(&running).await;
        let catalogue = hanako.get("/api/catalogue").await.json;
        assert_eq!(catalogue, json!({
            "success": true, "sandbox": false, "products": [{
                "name": "Tea", "price_id": settings["PRICE_ID"], "amount": 1999, "currency": "usd",
                "interval": null, "available": true, "plan_type": null,
            }],
        }));
        let session = hanako.check_out().await;
        stripe.pay(&session, GOOD_CARD).await.unwrap();
        let bought = hanako.wait_for_purchases(1).await;
        assert_eq!((&bought[0]["product_name"], &bought[0]["amount"]), (&json!("Tea"), &json!(1999)));
        running.shutdown().await;
    }

    async fn a_database_is_for_one_kind_of_stripe(db: TestDb) {
        let (_stripe, mut settings) = stripe(&db).await;
        Server::new(config(&settings)).start().await.unwrap().shutdown().await;
        let dir = tempfile::TempDir::new().unwrap();
        let error = refused(offline(&db, dir.path())).await;
        assert!(matches!(error, StartError::OtherCounterpart { .. }), "{error:?}");
        settings.insert("STRIPE_SECRET_KEY", "sk_live_notarealkey".to_owned());
        settings.insert("STRIPE_API_BASE", "https://stripe.invalid".to_owned());
        let error = refused(config(&settings)).await;
        assert!(error.to_string().contains("Stripe in test mode"), "{error}");
    }
}

#[tokio::test]
async fn a_live_key_never_travels_over_plain_http() {
    let db = TestDb::sqlite();
    let (_stripe, mut settings) = stripe(&db).await;
    settings.insert("STRIPE_SECRET_KEY", "sk_live_notarealkey".to_owned());
    let error = refused(config(&settings)).await;
    assert!(
        error.to_string().starts_with("STRIPE_API_BASE: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_stripe_that_is_away_is_503_and_one_that_refuses_is_502() {
    let db = TestDb::sqlite();
    let (stripe, mut settings) = stripe(&db).await;
    settings.insert("PRICE_ID", "price_that_is_not_there".to_owned());
    let running = Server::new(config(&settings)).start().await.unwrap();
    let hanako = member(&running).await;
    let answer = hanako.post("/api/checkout", &json!({})).await;
    assert_eq!(answer.problem(502), "payment_service_failed");
    assert!(!answer.text.contains("price_that"), "{}", answer.text);
    stripe.shutdown().await;
    assert_eq!(
        hanako.get("/api/catalogue").await.problem(503),
        "payment_service_unavailable"
    );
    assert_eq!(
        hanako.post("/api/checkout", &json!({})).await.problem(503),
        "payment_service_unavailable"
    );
    running.shutdown().await;
}
