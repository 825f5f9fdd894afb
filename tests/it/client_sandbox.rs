//! The client against the sandbox: two independent writings of Stripe's wire
//! format, which have to agree.

use std::sync::Arc;

use axum::Router;
use stripegym_axum::webhook;
use stripegym_core::checkout::{
    CheckoutSession, CheckoutStatus, CreateSession, ExpireSession, LineItem, ListSessions,
    PaymentStatus, RetrieveSession, ReturnUrls,
};
use stripegym_core::client::IdempotencyKey;
use stripegym_core::customer::{
    CreateCustomer, DeleteCustomer, ListCustomers, RetrieveCustomer, UpdateCustomer,
};
use stripegym_core::id::PriceId;
use stripegym_core::price::{
    CreatePrice, Interval, ListPrices, Recurring, RetrievePrice, UpdatePrice,
};
use stripegym_core::product::{CreateProduct, ListProducts, RetrieveProduct, UpdateProduct};
use stripegym_core::store::{InboxState, Owner};
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{
    Amount, ApiError, ApiKey, Client, Currency, ManualClock, Processor, Timestamp, WebhookSecret,
};
use stripegym_sandbox::Sandbox;
use stripegym_tests::{stores, until};

const YES: &str = "4242424242424242";
const NO: &str = "4000000000000002";

/// A client that talks to the sandbox without a socket.
fn client(sandbox: &Sandbox) -> Client {
    Client::builder(ApiKey::parse(sandbox.secret_key()).unwrap())
        .transport(sandbox.service())
        .build()
        .unwrap()
}

async fn price(stripe: &Client) -> PriceId {
    let product = CreateProduct::new("オリジナルプロテイン")
        .send(stripe)
        .await
        .unwrap();
    let amount = Amount::new(4980, Currency::JPY);
    let price = CreatePrice::one_time(&product.product_id().unwrap(), amount);
    price.send(stripe).await.unwrap().price_id().unwrap()
}

async fn session(stripe: &Client, owner: &str) -> CheckoutSession {
    let items = [LineItem {
        price: price(stripe).await,
        quantity: 2,
    }];
    let urls = ReturnUrls {
        success: "http://127.0.0.1/ok?session_id={CHECKOUT_SESSION_ID}".to_owned(),
        cancel: "http://127.0.0.1/no".to_owned(),
    };
    CreateSession::payment(&items, &urls)
        .client_reference_id(owner)
        .metadata("product_name", "オリジナルプロテイン")
        .send(stripe)
        .await
        .unwrap()
}

#[tokio::test]
async fn customers_live_from_creation_to_deletion() {
    let sandbox = Sandbox::start().await.unwrap();
    let stripe = client(&sandbox);
    let created = CreateCustomer::new()
        .email("hanako@example.com")
        .name("山田花子 & co = +%")
        .metadata("user_id", "41")
        .send(&stripe)
        .await
        .unwrap();
    let id = created.customer_id().unwrap();
    let found = RetrieveCustomer::new(&id).send(&stripe).await.unwrap();
    assert_eq!(found.name().unwrap(), Some("山田花子 & co = +%"));

    let changed = UpdateCustomer::new(&id)
        .name("")
        .phone("03-1234")
        .send(&stripe)
        .await
        .unwrap();
    assert_eq!(
        (changed.name().unwrap(), changed.phone().unwrap()),
        (None, Some("03-1234"))
    );
    let listed = ListCustomers::new()
        .email("hanako@example.com")
        .send(&stripe)
        .await
        .unwrap();
    assert_eq!((listed.data().len(), listed.has_more()), (1, false));

    let deleted = DeleteCustomer::new(&id).send(&stripe).await.unwrap();
    assert_eq!(deleted.deleted().unwrap(), Some(true));
    let unknown = "cus_nobody".parse().unwrap();
    let error = RetrieveCustomer::new(&unknown)
        .send(&stripe)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ApiError::NotFound(refusal) if refusal.code() == Some("resource_missing"))
    );
}

#[tokio::test]
async fn products_and_prices_are_found_by_name_and_never_change_their_amount() {
    let sandbox = Sandbox::start().await.unwrap();
    let stripe = client(&sandbox);
    let product = CreateProduct::new("プレミアム")
        .description("毎月")
        .send(&stripe)
        .await
        .unwrap();
    let id = product.product_id().unwrap();
    let monthly =
        CreatePrice::recurring(&id, Amount::new(9800, Currency::JPY), &Recurring::MONTHLY)
            .lookup_key("premium")
            .send(&stripe)
            .await
            .unwrap();
    assert_eq!(monthly.interval().unwrap(), Some(Interval::Month));
    assert_eq!(
        monthly.unit_price().unwrap(),
        Some(Amount::new(9800, Currency::JPY))
    );

    let by_name = ListPrices::new()
        .lookup_keys(&["premium"])
        .send(&stripe)
        .await
        .unwrap();
    assert_eq!(by_name.data()[0].id().unwrap(), monthly.id().unwrap());
    let price_id = monthly.price_id().unwrap();
    UpdatePrice::new(&price_id)
        .active(false)
        .send(&stripe)
        .await
        .unwrap();
    assert!(
        !RetrievePrice::new(&price_id)
            .send(&stripe)
            .await
            .unwrap()
            .active()
            .unwrap()
    );
    let active = ListPrices::new()
        .product(&id)
        .active(true)
        .send(&stripe)
        .await
        .unwrap();
    assert!(active.data().is_empty());

    UpdateProduct::new(&id)
        .name("プレミアムプラン")
        .send(&stripe)
        .await
        .unwrap();
    let renamed = RetrieveProduct::new(&id).send(&stripe).await.unwrap();
    assert_eq!(renamed.name().unwrap(), "プレミアムプラン");
    assert_eq!(
        ListProducts::new()
            .limit(1)
            .send(&stripe)
            .await
            .unwrap()
            .data()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_session_is_open_then_paid_or_expired() {
    let sandbox = Sandbox::start().await.unwrap();
    let stripe = client(&sandbox);
    let open = session(&stripe, "41").await;
    let id = open.session_id().unwrap();
    assert_eq!(open.status().unwrap(), Some(CheckoutStatus::Open));
    assert_eq!(
        (open.amount_total().unwrap(), open.currency().unwrap()),
        (9960, Currency::JPY)
    );
    assert!(open.payment_intent().unwrap().is_none() && open.url().unwrap().is_some());

    sandbox.pay(id.as_str(), NO).await.unwrap_err();
    let still = RetrieveSession::new(&id).send(&stripe).await.unwrap();
    assert_eq!(
        still.status().unwrap(),
        Some(CheckoutStatus::Open),
        "a decline can be tried again"
    );
    sandbox.pay(id.as_str(), YES).await.unwrap();
    let paid = RetrieveSession::new(&id).send(&stripe).await.unwrap();
    assert_eq!(paid.payment_status().unwrap(), PaymentStatus::Paid);
    assert!(paid.payment_intent().unwrap().is_some() && paid.url().unwrap().is_none());

    let other = session(&stripe, "41").await.session_id().unwrap();
    let expired = ExpireSession::new(&other).send(&stripe).await.unwrap();
    assert_eq!(expired.status().unwrap(), Some(CheckoutStatus::Expired));
    let again = ExpireSession::new(&other).send(&stripe).await.unwrap_err();
    assert!(matches!(again, ApiError::Invalid(_)), "{again}");
    assert_eq!(
        ListSessions::new()
            .send(&stripe)
            .await
            .unwrap()
            .data()
            .len(),
        2
    );
}

#[tokio::test]
async fn one_key_makes_one_customer_and_refuses_another_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let stripe = client(&sandbox);
    let key = || IdempotencyKey::parse("owner-41").unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let stripe = stripe.clone();
        callers.spawn(async move {
            let call = CreateCustomer::new().name("花子").idempotent(key());
            call.send(&stripe).await.unwrap().customer_id().unwrap()
        });
    }
    let mut made = callers.join_all().await;
    made.dedup();
    assert_eq!(made.len(), 1);
    let other = CreateCustomer::new()
        .name("太郎")
        .idempotent(key())
        .send(&stripe)
        .await;
    assert!(
        matches!(other, Err(ApiError::IdempotencyMisuse(_))),
        "{other:?}"
    );
}

#[tokio::test]
async fn a_wrong_key_a_wrong_price_and_too_small_a_sum_are_told_apart() {
    let sandbox = Sandbox::start().await.unwrap();
    let stranger = Client::builder(ApiKey::parse("rk_live_notarealkey").unwrap())
        .transport(sandbox.service())
        .build()
        .unwrap();
    let error = ListProducts::new().send(&stranger).await.unwrap_err();
    assert!(matches!(error, ApiError::Authentication(_)), "{error}");

    let stripe = client(&sandbox);
    let urls = ReturnUrls {
        success: "http://a.example".into(),
        cancel: "http://a.example".into(),
    };
    let items = [LineItem {
        price: "price_nobody".parse().unwrap(),
        quantity: 1,
    }];
    let error = CreateSession::payment(&items, &urls)
        .send(&stripe)
        .await
        .unwrap_err();
    assert_eq!(
        error.refusal().unwrap().param(),
        Some("line_items[0][price]")
    );

    let product = CreateProduct::new("飴")
        .send(&stripe)
        .await
        .unwrap()
        .product_id()
        .unwrap();
    let cheap = CreatePrice::one_time(&product, Amount::new(49, Currency::JPY));
    let cheap = cheap.send(&stripe).await.unwrap().price_id().unwrap();
    let items = [LineItem {
        price: cheap,
        quantity: 1,
    }];
    let error = CreateSession::payment(&items, &urls)
        .send(&stripe)
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Invalid(_)), "{error}");
}

/// With a seed and a clock that stands still, everything repeats: so this is
/// the whole object, to the letter.
#[tokio::test]
async fn a_session_looks_like_this() {
    let clock = Arc::new(stripegym_sandbox::ManualClock::new(1_760_000_000));
    let start = Sandbox::builder()
        .seed(7)
        .clock(clock)
        .public_url("http://sandbox.example");
    let sandbox = start.start().await.unwrap();
    let id = session(&client(&sandbox), "41").await.session_id().unwrap();
    sandbox.pay(id.as_str(), YES).await.unwrap();
    insta::assert_json_snapshot!(sandbox.object(id.as_str()).unwrap());
}

#[test]
fn the_sandbox_signs_what_core_verifies() {
    let body = r#"{"id":"evt_1","object":"event","type":"x","created":1}"#;
    let clock = ManualClock::at(Timestamp::from_unix_s(1_760_000_000));
    let secret = WebhookSecret::parse("whsec_shared_fake").unwrap();
    let verifier = Verifier::new(secret).clock(Arc::new(clock));
    let header =
        stripegym_sandbox::signature::sign("whsec_shared_fake", 1_760_000_000, body.as_bytes());
    assert!(
        Received::new(body.into(), Some(header.as_bytes()))
            .verify(&verifier)
            .is_ok()
    );
}

stores! {
    async fn a_payment_at_the_sandbox_arrives_through_its_signed_webhook(store: TestStore) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let sandbox = Sandbox::start().await.unwrap();
        let secret = WebhookSecret::parse(&sandbox.webhook_endpoint("shop", &url)).unwrap();
        let processor = Processor::new(store.shared());
        let app = Router::new().route("/webhook", webhook(Verifier::new(secret), processor));
        let server = tokio::spawn(async move { axum::serve(listener, app).await });

        let stripe = client(&sandbox);
        let id = session(&stripe, "41").await.session_id().unwrap();
        sandbox.pay(id.as_str(), YES).await.unwrap();
        let paid = until("the purchase is there", async || {
            let mut read = store.read().await.unwrap();
            read.purchases(&Owner::new("41").unwrap(), None, 10).await.unwrap().pop()
        })
        .await;
        assert_eq!((paid.session_id, paid.amount.minor()), (id, 9960));

        // Whatever is sent again changes nothing.
        for event in sandbox.events() {
            sandbox.resend(event["id"].as_str().unwrap()).unwrap();
        }
        until("every event of the payment is done", async || {
            let inbox = store.read().await.unwrap().inbox_summary().await.unwrap();
            (inbox.oldest_open.is_none() && inbox.count(InboxState::Done) >= 5).then_some(())
        })
        .await;
        let balances = store.read().await.unwrap().trial_balance().await.unwrap();
        assert!(balances.iter().any(|b| b.balance.minor() == 9960), "{balances:?}");
        sandbox.shutdown().await;
        server.abort();
    }
}
