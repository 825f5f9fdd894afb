//! The dashboard: pages that show everything, and buttons that only its own pages may press.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use stripegym_sandbox::{ManualClock, Sandbox};

use crate::receiver::Receiver;
use crate::wire::{Answer, Wire, id, tea_session, types};

const NOON: i64 = 1_760_000_000;

async fn start() -> (Sandbox, ManualClock, Wire) {
    let clock = ManualClock::new(NOON);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .start()
        .await
        .unwrap();
    let wire = Wire::to(&sandbox);
    (sandbox, clock, wire)
}

/// Presses a button as a browser does, and follows it.
async fn press(wire: &Wire, path: &str, form: &str) -> Answer {
    let origin = [
        ("origin", wire.base.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let done = wire.send(Method::POST, path, &origin, form).await.unwrap();
    if done.status.as_u16() == 303 {
        wire.get(done.header("location")).await
    } else {
        done
    }
}

/// Ids linked from a page, in its order.
fn linked(page: &Answer) -> Vec<String> {
    let links = page.body.split("href=\"/dashboard/objects/").skip(1);
    links
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_section_says_what_to_do_when_it_is_empty() {
    let (_sandbox, _clock, wire) = start().await;
    for section in [
        "customers",
        "checkout",
        "payments",
        "subscriptions",
        "invoices",
        "balance",
        "events",
        "endpoints",
        "clocks",
    ] {
        let page = wire.get(&format!("/dashboard/{section}")).await;
        assert_eq!(page.status.as_u16(), 200, "{section}");
        assert!(page.body.contains("Nothing here yet."), "{section}");
        assert!(page.body.contains("curl -u sk_test_anything:"), "{section}");
        let mark = format!("href=\"/dashboard/{section}\" aria-current=\"page\"");
        assert!(page.body.contains(&mark), "{section}");
        assert!(!page.body.contains("<script") && !page.body.contains("style=\""));
    }
    let page = wire.get("/dashboard/faults").await;
    assert!(page.body.contains("Nothing goes wrong."));
    for path in ["/dashboard/nothing", "/dashboard/objects/cus_none"] {
        assert_eq!(wire.get(path).await.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_purchase_shows_up_wherever_it_belongs() {
    let (sandbox, _clock, wire) = start().await;
    let session = id(&tea_session(&wire, "&customer_email=ann%40example.com").await);
    sandbox.pay(&session, "4242424242424242").await.unwrap();
    let intent = sandbox.object(&session).unwrap()["payment_intent"].clone();
    let intent = intent.as_str().unwrap().to_owned();
    let expectations = [
        ("/dashboard/checkout", session.as_str(), "complete"),
        ("/dashboard/payments", &intent, "¥2,000"),
        ("/dashboard/balance", "txn_", "¥1,928"),
        ("/dashboard/events", "evt_", "checkout.session.completed"),
        ("/", &session, "checkout.session.completed"),
    ];
    for (path, id, text) in expectations {
        let page = wire.get(path).await;
        assert!(
            linked(&page).iter().any(|found| found.starts_with(id)),
            "{path}"
        );
        assert!(page.body.contains(text), "{path} does not show {text}");
    }
    let page = wire.get(&format!("/dashboard/objects/{intent}")).await;
    let charge = sandbox.object(&intent).unwrap()["latest_charge"].clone();
    assert!(linked(&page).contains(&charge.as_str().unwrap().to_owned()));
    assert!(page.body.contains("payment_intent.succeeded"));
}

#[tokio::test]
async fn lists_go_on_page_by_page_until_the_oldest() {
    let (_sandbox, _clock, wire) = start().await;
    let mut made = Vec::new();
    for _ in 0..60 {
        made.push(id(&wire.post("/v1/customers", "").await.ok()));
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/dashboard/customers".to_owned();
    loop {
        let page = wire.get(&path).await;
        seen.extend(linked(&page));
        let Some((_, rest)) = page.body.split_once("rel=\"next\" href=\"") else {
            break;
        };
        path = rest.split('"').next().unwrap().to_owned();
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn an_object_is_shown_in_the_shape_of_each_version() {
    let (_sandbox, _clock, wire) = start().await;
    let customer = id(&wire
        .post("/v1/customers", "payment_method=pm_card_visa")
        .await
        .ok());
    let body = "currency=jpy&unit_amount=900&recurring[interval]=month&product_data[name]=Box";
    let price = id(&wire.post("/v1/prices", body).await.ok());
    let body =
        format!("customer={customer}&items[0][price]={price}&payment_behavior=default_incomplete");
    let subscription = id(&wire.post("/v1/subscriptions", &body).await.ok());
    let shown = async |version: &str| {
        let path = format!("/dashboard/objects/{subscription}?version={version}");
        let page = wire.get(&path).await;
        let (_, json) = page.body.split_once("aria-label=\"JSON\"><code>").unwrap();
        let json = json
            .split("</code>")
            .next()
            .unwrap()
            .replace("&quot;", "\"");
        let mut text = String::new();
        for piece in json.split('<') {
            text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        }
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let (endive, acacia) = (shown("endive").await, shown("acacia").await);
    assert!(endive.get("current_period_end").is_none());
    assert!(acacia["current_period_end"].is_i64());
    assert!(endive.get("billing_schedules").is_some());
    assert!(shown("basil").await.get("billing_schedules").is_none());
    let page = wire.get("/dashboard/subscriptions").await;
    assert!(page.body.contains(">Box<"), "what the subscription is for");
}

#[tokio::test]
async fn nothing_that_somebody_typed_becomes_markup() {
    let (sandbox, _clock, wire) = start().await;
    let nasty = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%3E%3Cimg+src%3Dx%3E";
    let body = format!("name={nasty}&email=a%40b.test&description={nasty}&metadata[x]={nasty}");
    let customer = id(&wire.post("/v1/customers", &body).await.ok());
    let event = id(&sandbox.events()[0]);
    let mut paths = vec!["/dashboard/customers".to_owned()];
    paths.extend([customer, event].map(|id| format!("/dashboard/objects/{id}")));
    for path in paths {
        let page = wire.get(&path).await;
        assert_eq!(page.status.as_u16(), 200);
        assert!(
            !page.body.contains("<script") && !page.body.contains("<img"),
            "{path}"
        );
        assert!(page.body.contains("&lt;script&gt;"), "{path}");
    }
    let typed = press(&wire, "/dashboard/faults", &format!("faults={nasty}")).await;
    assert_eq!(typed.status.as_u16(), 400);
    assert!(!typed.body.contains("<script") && typed.body.contains("&lt;script&gt;"));
}

#[tokio::test]
async fn an_event_shows_its_deliveries_and_is_sent_again_at_a_press() {
    let receiver = Receiver::answering(&[500]).await;
    let (sandbox, _clock, wire) = start().await;
    sandbox.webhook_endpoint("shop", &receiver.url);
    wire.post("/v1/customers", "").await.ok();
    let event = id(&sandbox.events()[0]);
    let path = format!("/dashboard/objects/{event}");
    let mut page = wire.get(&path).await;
    while !page.body.contains("the answer was 500") {
        page = wire.get(&path).await;
    }
    assert!(page.body.contains(&receiver.url) && page.body.contains("not delivered"));
    assert!(
        page.body
            .contains("next attempt at 2025-10-09 08:53:21 UTC")
    );
    press(&wire, &format!("{path}/resend"), "").await;
    receiver.until_count(2).await;
    while sandbox.object(&event).unwrap()["pending_webhooks"] == 1 {
        tokio::task::yield_now().await;
    }
    let page = wire.get(&path).await;
    assert!(page.body.contains("2 (by hand)") && !page.body.contains("not delivered"));
}

#[tokio::test]
async fn clocks_are_advanced_at_a_press() {
    let (sandbox, _clock, wire) = start().await;
    let body = format!("frozen_time={NOON}&name=Year");
    let clock = id(&wire.post("/v1/test_helpers/test_clocks", &body).await.ok());
    let path = format!("/dashboard/objects/{clock}");
    assert!(wire.get("/dashboard/clocks").await.body.contains("Year"));
    press(&wire, &format!("{path}/advance"), "days=31").await;
    let after = sandbox.object(&clock).unwrap();
    assert_eq!(after["status"], "ready");
    assert_eq!(after["frozen_time"], NOON + 31 * 86_400);
    let refused = press(&wire, &format!("{path}/advance"), "days=0").await;
    assert_eq!(refused.status.as_u16(), 400);
    assert!(refused.body.contains("role=\"alert\""));

    // The sandbox's own time as well: a session expires on the way.
    tea_session(&wire, "").await;
    press(&wire, "/dashboard/clocks/advance", "days=1").await;
    assert!(types(&sandbox.events()).contains(&"checkout.session.expired"));
}

#[tokio::test]
async fn faults_are_switched_at_a_press() {
    let (sandbox, _clock, wire) = start().await;
    let page = press(&wire, "/dashboard/faults", "faults=hostile").await;
    assert!(page.body.contains("profile <strong>hostile</strong>"));
    assert!(page.body.contains("aria-pressed=\"true\">hostile<"));
    let own = "faults=rate-limit+on+POST+%2Fv1%2Fcustomers%0D%0Adrop&seed=9";
    let page = press(&wire, "/dashboard/faults", own).await;
    assert!(
        page.body
            .contains("rate-limit on POST /v1/customers\ndrop</textarea>")
    );
    assert_eq!(sandbox.faults()["seed"], 9);
    assert_eq!(wire.post("/v1/customers", "").await.status.as_u16(), 429);
    let page = press(&wire, "/dashboard/faults", "faults=explode").await;
    assert!(page.body.contains("is no fault") && page.body.contains(">explode</textarea>"));
    let quiet = press(&wire, "/dashboard/faults", "faults=none").await;
    assert!(quiet.body.contains("Nothing goes wrong."));
}

#[tokio::test]
async fn pages_of_other_sites_press_nothing() {
    let (sandbox, _clock, wire) = start().await;
    wire.post("/v1/customers", "").await.ok();
    let before = sandbox.faults();
    let elsewhere: [&[(&str, &str)]; 4] = [
        &[("origin", "http://evil.test")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("host", "evil.test"), ("origin", "http://evil.test")],
    ];
    for headers in elsewhere {
        for path in [
            "/dashboard/faults",
            "/_sandbox/faults",
            "/dashboard/clocks/advance",
        ] {
            let refused = wire
                .send(Method::POST, path, headers, "faults=hostile&days=1")
                .await;
            assert_eq!(refused.unwrap().status.as_u16(), 403, "{path} {headers:?}");
        }
    }
    let read = wire
        .send(
            Method::GET,
            "/dashboard/customers",
            &[("host", "evil.test")],
            "",
        )
        .await;
    assert_eq!(
        read.unwrap().status.as_u16(),
        403,
        "nor do they read anything"
    );
    assert_eq!(sandbox.faults(), before);
    assert!(
        wire.get("/dashboard/clocks")
            .await
            .body
            .contains("2025-10-09 08:53:20")
    );
    assert_eq!(sandbox.faults()["rules"], json!([]));
}
