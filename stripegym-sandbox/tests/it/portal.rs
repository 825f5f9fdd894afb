//! The billing portal: what the page offers, it does. And a sandbox that is moved ahead.

use http::StatusCode;
use serde_json::Value;
use stripegym_sandbox::Sandbox;

use crate::billing::{Billing, DAY, NEW_YEAR};
use crate::receiver::Receiver;
use crate::wire::{Wire, id, types};

async fn open(billing: &Billing, more: &str) -> String {
    let body = format!(
        "customer={}&return_url=http://shop.test/account{more}",
        billing.customer
    );
    let session = billing
        .wire
        .post("/v1/billing_portal/sessions", &body)
        .await
        .ok();
    assert!(id(&session).starts_with("bps_"));
    session["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_cancels_changes_their_mind_and_switches_plan() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let url = open(&billing, "").await;
    assert!(types(&billing.sandbox.events()).contains(&"billing_portal.session.created"));
    let page = billing.wire.get(&url).await;
    for part in [
        "Basic, ¥1,000 / month",
        "Cancel subscription",
        "visa •••• 4242",
        "-0001",
        "Pro, ¥2,000",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(
        page.body.contains("href=\"http://shop.test/account\"") && !page.body.contains("<script")
    );
    let japanese = [("accept-language", "ja")];
    let page = billing
        .wire
        .send(http::Method::GET, &url, &japanese, "")
        .await
        .unwrap();
    assert!(page.body.contains("解約する"), "{}", page.body);

    let form = |action: &str, more: &str| format!("action={action}&subscription={made}{more}");
    let done = billing.wire.post(&url, &form("cancel", "")).await;
    assert_eq!(
        (done.status, done.header("location")),
        (StatusCode::SEE_OTHER, url.as_str())
    );
    assert_eq!(billing.get(&made).await["cancel_at_period_end"], true);
    assert!(
        billing
            .wire
            .get(&url)
            .await
            .body
            .contains("Ends on 2026-02-01")
    );
    billing.wire.post(&url, &form("resume", "")).await;
    assert_eq!(billing.get(&made).await["cancel_at"], Value::Null);
    let price = format!("&price={}", billing.pro);
    billing.wire.post(&url, &form("switch", &price)).await;
    let switched = billing.get(&made).await;
    assert_eq!(switched["items"]["data"][0]["price"]["id"], billing.pro);
    let nonsense = billing
        .wire
        .post(&url, &form("switch", "&price=price_no"))
        .await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stranger = billing
        .wire
        .post(&url, "action=cancel&subscription=sub_no")
        .await;
    assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_new_card_is_checked_by_its_bank_and_used_from_then_on() {
    let billing = Billing::start().await;
    let url = open(&billing, "").await;
    let card = |number: &str| format!("action=card&number={number}&expiry=12/34&cvc=123");
    let wrong = billing.wire.post(&url, &card("4242424242424241")).await;
    assert!(wrong.body.contains("number is incorrect"), "{}", wrong.body);
    let declined = billing.wire.post(&url, &card("4000000000000002")).await;
    assert!(declined.body.contains("declined"), "{}", declined.body);
    let saved = billing.wire.post(&url, &card("5555555555554444")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert!(
        billing
            .wire
            .get(&url)
            .await
            .body
            .contains("mastercard •••• 4444")
    );
    let asked = billing.wire.post(&url, &card("4000002500003155")).await;
    assert!(asked.header("location").contains("/c/3ds/seti_"));
    billing
        .wire
        .post(asked.header("location"), "answer=yes")
        .await;
    assert!(billing.wire.get(&url).await.body.contains("visa •••• 3155"));
}

#[tokio::test]
async fn configurations_and_flows_decide_what_is_offered() {
    let billing = Billing::start().await;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let body = "features[subscription_cancel][enabled]=true&features[subscription_cancel][mode]=immediately\
                &default_return_url=http://shop.test/";
    let own = billing
        .wire
        .post("/v1/billing_portal/configurations", body)
        .await
        .ok();
    assert_eq!(own["features"]["subscription_update"]["enabled"], false);
    let flow = format!(
        "&configuration={}&flow_data[type]=subscription_cancel\
         &flow_data[subscription_cancel][subscription]={made}\
         &flow_data[after_completion][type]=redirect\
         &flow_data[after_completion][redirect][return_url]=http://shop.test/bye",
        id(&own)
    );
    let url = open(&billing, &flow).await;
    let page = billing.wire.get(&url).await;
    assert!(!page.body.contains("Switch plan") && !page.body.contains("Card number"));
    let refused = billing
        .wire
        .post(&url, &format!("action=switch&subscription={made}"))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let left = billing
        .wire
        .post(&url, &format!("action=cancel&subscription={made}"))
        .await;
    assert_eq!(left.header("location"), "http://shop.test/bye");
    assert_eq!(billing.get(&made).await["status"], "canceled");
    billing.sandbox.advance(1).unwrap();
    assert_eq!(billing.wire.get(&url).await.status, StatusCode::GONE);
    let missing = format!(
        "customer={}&flow_data[type]=subscription_update",
        billing.customer
    );
    let missing = billing
        .wire
        .post("/v1/billing_portal/sessions", &missing)
        .await
        .error();
    assert_eq!(missing.2, "flow_data[subscription_update][subscription]");
}

#[tokio::test]
async fn a_sandbox_moved_ahead_renews_and_delivers() {
    let clock = std::sync::Arc::new(stripegym_sandbox::ManualClock::new(NEW_YEAR));
    let receiver = Receiver::answering(&[500]).await;
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let wire = Wire::to(&sandbox);
    sandbox.webhook_endpoint("shop", &receiver.url);
    let customer = id(&wire.post("/v1/customers", "").await.ok());
    // The first waits for the try that is under way, the second hurries the next.
    sandbox.deliver_now().await.unwrap();
    sandbox.deliver_now().await.unwrap();
    let again = receiver.until_count(2).await;
    assert_eq!(again[0].event()["id"], again[1].event()["id"]);
    let basic = crate::billing::price(&wire, "Basic", 1000, "month").await;
    let attach = format!("customer={customer}");
    let path = "/v1/payment_methods/pm_card_visa/attach";
    let method = id(&wire.post(path, &attach).await.ok());
    let body =
        format!("customer={customer}&items[0][price]={basic}&default_payment_method={method}");
    wire.post("/v1/subscriptions", &body).await.ok();
    sandbox.advance(32).unwrap();
    let paid = sandbox.events();
    let paid: Vec<&Value> = paid
        .iter()
        .filter(|event| event["type"] == "invoice.paid")
        .collect();
    assert_eq!(paid.len(), 2);
    assert_eq!(paid[1]["data"]["object"]["created"], NEW_YEAR + 31 * DAY);
}

#[tokio::test]
async fn the_failed_renewal_of_the_documentation() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let card = "invoice_settings[default_payment_method]=pm_card_chargeCustomerFail";
    let customer = id(&wire.post("/v1/customers", card).await.ok());
    let price = crate::billing::price(&wire, "Box", 900, "month").await;
    let form = format!("customer={customer}&items[0][price]={price}&trial_period_days=3");
    let subscription = id(&wire.post("/v1/subscriptions", &form).await.ok());
    sandbox.advance(4).unwrap();
    let now = sandbox.object(&subscription).unwrap();
    assert_eq!(now["status"], "past_due");
    assert!(types(&sandbox.events()).contains(&"invoice.payment_failed"));
}
