//! Sessions and their pages.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::Value;
use stripegym_sandbox::{ManualClock, Sandbox};

use crate::wire::{Wire, card, id, tea_session, types};

const NOW: i64 = 1_760_000_000;

async fn at_a_fixed_time() -> (Sandbox, ManualClock, Wire) {
    let clock = ManualClock::new(NOW);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .start()
        .await
        .unwrap();
    let wire = Wire::to(&sandbox);
    (sandbox, clock, wire)
}

#[tokio::test]
async fn a_new_session_has_stripes_fields() {
    let (_sandbox, _clock, wire) = at_a_fixed_time().await;
    let session = tea_session(&wire, "&customer_email=ann@example.com&locale=ja").await;
    let session_id = id(&session);
    assert!(
        session_id.starts_with("cs_test_a1") && session_id.len() == 66,
        "{session_id}"
    );
    assert_eq!(session["url"], format!("{}/c/pay/{session_id}", wire.base));
    assert_eq!(
        session["success_url"],
        "http://shop.test/thanks?session={CHECKOUT_SESSION_ID}"
    );
    assert_eq!(session["expires_at"], NOW + 24 * 60 * 60);
    for (field, value) in [
        ("status", "open"),
        ("payment_status", "unpaid"),
        ("mode", "payment"),
        ("currency", "jpy"),
        ("customer_creation", "if_required"),
        ("ui_mode", "hosted_page"),
        ("locale", "ja"),
    ] {
        assert_eq!(session[field], value, "{field}");
    }
    for field in [
        "customer",
        "customer_details",
        "invoice",
        "payment_intent",
        "subscription",
    ] {
        assert_eq!(session[field], Value::Null, "{field}");
    }
    assert!(session.get("line_items").is_none());
    assert!(session.get("secret").is_none());
}

const URLS: &str = "success_url=http://shop.test/ok";

/// A session for one thing of so many yen.
fn yen(amount: u32, more: &str) -> String {
    format!(
        "mode=payment&{URLS}&line_items[0][quantity]=1&line_items[0][price_data][currency]=jpy\
         &line_items[0][price_data][unit_amount]={amount}\
         &line_items[0][price_data][product_data][name]=x{more}"
    )
}

/// Each of these bodies is refused, about this parameter and in these words.
async fn assert_refused(wire: &Wire, cases: &[(String, &str, &str)]) {
    for (body, param, message) in cases {
        let (status, _, found, said) = wire.post("/v1/checkout/sessions", body).await.error();
        assert_eq!(
            (status, found.as_str(), said.as_str()),
            (400, *param, *message),
            "{body}"
        );
    }
    let sessions = wire.get("/v1/checkout/sessions").await.ok();
    assert!(sessions["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn wrong_line_items_are_refused_in_stripes_words() {
    let (_sandbox, _clock, wire) = at_a_fixed_time().await;
    let monthly = "product_data[name]=Box&currency=jpy&unit_amount=900&recurring[interval]=month";
    let monthly = id(&wire.post("/v1/prices", monthly).await.ok());
    let dollars = "product_data[name]=Pen&currency=usd&unit_amount=900";
    let dollars = id(&wire.post("/v1/prices", dollars).await.ok());
    let one = |price: &str| {
        format!("mode=payment&{URLS}&line_items[0][price]={price}&line_items[0][quantity]=1")
    };
    let mixed = format!("&line_items[1][price]={dollars}&line_items[1][quantity]=1");
    let cases = [
        (
            format!("mode=payment&{URLS}"),
            "line_items",
            "Missing required param: line_items.",
        ),
        (
            one("price_x"),
            "line_items[0][price]",
            "No such price: 'price_x'",
        ),
        (
            one(&monthly),
            "line_items[0][price]",
            "You specified `payment` mode but passed a recurring price. Either switch to \
             `subscription` mode or use only one-time prices.",
        ),
        (
            format!("mode=payment&{URLS}&line_items[0][price]={dollars}"),
            "line_items[0][quantity]",
            "Quantity is required. Add `quantity` to `line_items[0]`",
        ),
        (
            yen(100, &mixed),
            "line_items[1][price]",
            "The price specified only supports `usd`. This doesn't match the expected currency: \
             `jpy`.",
        ),
        (
            yen(49, ""),
            "-",
            "The Checkout Session's total amount due must add up to at least ¥50 jpy",
        ),
    ];
    assert_refused(&wire, &cases).await;
}

#[tokio::test]
async fn wrong_sessions_are_refused_in_stripes_words() {
    let (_sandbox, _clock, wire) = at_a_fixed_time().await;
    let line = "line_items[0][price]=price_x&line_items[0][quantity]=1";
    let (soon, late) = (NOW + 29 * 60, NOW + 24 * 60 * 60 + 1);
    let cases = [
        (
            format!("{URLS}&{line}"),
            "mode",
            "Missing required param: mode.",
        ),
        (
            format!("mode=payment&{line}"),
            "success_url",
            "Missing required param: success_url.",
        ),
        (
            yen(50, &format!("&expires_at={late}")),
            "expires_at",
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        ),
        (
            yen(50, &format!("&expires_at={soon}")),
            "expires_at",
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
        ),
        (
            yen(50, "&customer=cus_x"),
            "customer",
            "No such customer: 'cus_x'",
        ),
        (
            yen(50, "&customer=cus_x&customer_email=a@b.c"),
            "customer",
            "You may only specify one of these parameters: customer, customer_email.",
        ),
        (
            format!("mode=subscription&{URLS}&{line}"),
            "line_items[0][price]",
            "No such price: 'price_x'",
        ),
        (
            format!("mode=setup&{URLS}"),
            "currency",
            "Missing required param: currency.",
        ),
        (
            yen(50, "&cancel_url=javascript:alert(1)"),
            "cancel_url",
            "Not a valid URL",
        ),
    ];
    assert_refused(&wire, &cases).await;
}

#[tokio::test]
async fn older_versions_keep_their_own_names() {
    let (_sandbox, _clock, wire) = at_a_fixed_time().await;
    let body = "mode=payment&success_url=http://shop.test/ok&line_items[0][quantity]=1\
                &line_items[0][price_data][currency]=jpy&line_items[0][price_data][unit_amount]=100\
                &line_items[0][price_data][product_data][name]=x&payment_method_types[0]=card";
    let refused = wire.post("/v1/checkout/sessions", body).await.error();
    assert_eq!(refused.1, "payment_method_types_no_longer_supported");
    let basil = [("stripe-version", "2025-07-30.basil")];
    let body = format!("{body}&ui_mode=hosted");
    let old = wire
        .send(Method::POST, "/v1/checkout/sessions", &basil, &body)
        .await
        .unwrap()
        .ok();
    assert_eq!(old["ui_mode"], "hosted");
    let new = wire
        .get(&format!("/v1/checkout/sessions/{}", id(&old)))
        .await
        .ok();
    assert_eq!(new["ui_mode"], "hosted_page");
}

#[tokio::test]
async fn sessions_expire_by_request_and_by_time() {
    let (sandbox, clock, wire) = at_a_fixed_time().await;
    let by_hand = tea_session(&wire, "").await;
    let by_time = tea_session(&wire, &format!("&expires_at={}", NOW + 1800)).await;
    let path = format!("/v1/checkout/sessions/{}/expire", id(&by_hand));
    let expired = wire.post(&path, "").await.ok();
    assert_eq!(
        (&expired["status"], &expired["url"]),
        (&"expired".into(), &Value::Null)
    );
    let again = wire.post(&path, "").await.error();
    assert_eq!(
        again.3,
        "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session \
         has a status of expired."
    );
    clock.advance(Duration::from_secs(1799));
    assert_eq!(
        wire.get(by_time["url"].as_str().unwrap()).await.status,
        StatusCode::OK
    );
    clock.advance(Duration::from_secs(1));
    let page = wire.get(by_time["url"].as_str().unwrap()).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("This checkout has expired"));
    assert!(page.body.contains("href=\"http://shop.test/cart\""));
    let late = wire
        .post(by_time["url"].as_str().unwrap(), &card("4242424242424242"))
        .await;
    assert_eq!(late.status, StatusCode::GONE);
    let events = sandbox.events();
    let expirations: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "checkout.session.expired")
        .collect();
    assert_eq!(expirations.len(), 2, "{:?}", types(&events));
    assert_eq!(expirations[1]["request"]["id"], Value::Null);
    assert!(
        wire.get("/v1/charges").await.ok()["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_page_is_safe_and_speaks_the_customers_language() {
    let (_sandbox, _clock, wire) = at_a_fixed_time().await;
    let body = "mode=payment&success_url=http://shop.test/ok&cancel_url=http://shop.test/cart?a=1%26b=2\
                &line_items[0][quantity]=1&line_items[0][price_data][currency]=usd\
                &line_items[0][price_data][unit_amount]=123456\
                &line_items[0][price_data][product_data][name]=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let session = wire.post("/v1/checkout/sessions", body).await.ok();
    let url = session["url"].as_str().unwrap();
    let page = wire.get(url).await;
    assert!(!page.body.contains("<script"), "{}", page.body);
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.body.contains("$1,234.56"));
    assert!(
        page.body
            .contains("href=\"http://shop.test/cart?a=1&amp;b=2\"")
    );
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("style-src 'self'"));
    assert!(!policy.contains("unsafe"));
    assert!(page.body.contains("<html lang=\"en\">"));

    let japanese = [("accept-language", "ja-JP,ja;q=0.9,en;q=0.8")];
    let page = wire.send(Method::GET, url, &japanese, "").await.unwrap();
    assert!(page.body.contains("<html lang=\"ja\">") && page.body.contains("カード番号"));
    let form = card("4000000000000002");
    let declined = wire
        .send(Method::POST, url, &japanese, &form)
        .await
        .unwrap();
    assert!(declined.body.contains("カードが拒否されました。"));

    let hostile = "email=%22%3E%3Cscript%3E@x&number=4242424242424241&expiry=1/34&cvc=1&name=%22x";
    let page = wire.post(url, hostile).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!page.body.contains("<script"), "{}", page.body);
    assert!(
        page.body
            .contains("aria-invalid=\"true\" aria-describedby=\"problem\"")
    );
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_and_nothing_is_charged() {
    let (sandbox, _clock, wire) = at_a_fixed_time().await;
    let session = tea_session(&wire, "").await;
    let before = sandbox.events().len();
    let url = session["url"].as_str().unwrap();
    let cases = [
        (
            "email=&number=4242424242424242&expiry=12/34&cvc=123&name=A",
            "complete email",
        ),
        (
            "email=a@b.c&number=4242424242424242&expiry=12/34&cvc=123&name=",
            "name on the card",
        ),
        (
            "email=a@b.c&number=4242424242424241&expiry=12/34&cvc=123&name=A",
            "number is incorrect",
        ),
        (
            "email=a@b.c&number=4242424242424242&expiry=13/34&cvc=123&name=A",
            "expiration month",
        ),
        (
            "email=a@b.c&number=4242424242424242&expiry=12/20&cvc=123&name=A",
            "expiration year",
        ),
        (
            "email=a@b.c&number=4242424242424242&expiry=12/34&cvc=99&name=A",
            "security code",
        ),
        ("", "complete email"),
    ];
    for (form, message) in cases {
        let page = wire.post(url, form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(page.body.contains(message), "{form}: {}", page.body);
    }
    assert_eq!(sandbox.events().len(), before);
    assert_eq!(
        wire.get(&format!("{}/c/pay/cs_test_none", wire.base))
            .await
            .status
            .as_u16(),
        404
    );
}

#[tokio::test]
async fn funds_become_available_in_time() {
    let (sandbox, clock, wire) = at_a_fixed_time().await;
    let session = tea_session(&wire, "").await;
    sandbox
        .pay(&id(&session), "4242424242424242")
        .await
        .unwrap();
    let list = async || wire.get("/v1/balance_transactions").await.ok()["data"][0].clone();
    let pending = list().await;
    assert_eq!(pending["status"], "pending");
    let wait = pending["available_on"].as_u64().unwrap() - NOW.unsigned_abs();
    clock.advance(Duration::from_secs(wait));
    assert_eq!(list().await["status"], "available");
}
