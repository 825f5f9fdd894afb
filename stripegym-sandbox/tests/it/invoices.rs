//! Invoices by hand, discounts, and test clocks themselves.

use serde_json::Value;
use stripegym_sandbox::Sandbox;

use crate::billing::{Billing, DAY, HOUR, NEW_YEAR};
use crate::wire::id;

#[tokio::test]
async fn an_invoice_is_written_finalized_and_paid_by_hand() {
    let billing = Billing::start().await;
    let wire = &billing.wire;
    let customer = &billing.customer;
    let invoice = wire
        .post("/v1/invoices", &format!("customer={customer}&currency=jpy"))
        .await
        .ok();
    assert_eq!(
        (&invoice["status"], &invoice["billing_reason"]),
        (&"draft".into(), &"manual".into())
    );
    let item = format!(
        "customer={customer}&amount=700&currency=jpy&description=Advice&invoice={}",
        id(&invoice)
    );
    let item = wire.post("/v1/invoiceitems", &item).await.ok();
    assert_eq!(item["invoice"], invoice["id"]);
    let path = format!("/v1/invoices/{}", id(&invoice));
    let open = wire.post(&format!("{path}/finalize"), "").await.ok();
    assert_eq!(
        (&open["status"], &open["amount_due"]),
        (&"open".into(), &700.into())
    );
    assert_eq!(open["lines"]["data"][0]["description"], "Advice");
    let fixed = wire.post(&path, "due_date=1").await.error();
    assert_eq!(fixed.1, "invoice_not_editable");
    assert_eq!(
        wire.post(&path, "metadata[po]=7").await.ok()["metadata"]["po"],
        "7"
    );
    let paid = wire.post(&format!("{path}/pay"), "").await.ok();
    assert_eq!(
        (&paid["status"], &paid["amount_paid"]),
        (&"paid".into(), &700.into())
    );
    assert_eq!(
        wire.post(&format!("{path}/void"), "").await.status.as_u16(),
        400
    );
    let lines = wire.get(&format!("{path}/lines")).await.ok();
    assert_eq!(lines["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_invoice_can_be_sent_voided_given_up_or_deleted() {
    let billing = Billing::start().await;
    let wire = &billing.wire;
    let draft = async |more: &str| {
        let item = format!("customer={}&amount=500&currency=jpy", billing.customer);
        wire.post("/v1/invoiceitems", &item).await.ok();
        let body = format!(
            "customer={}&currency=jpy&pending_invoice_items_behavior=include{more}",
            billing.customer
        );
        id(&wire.post("/v1/invoices", &body).await.ok())
    };
    let sent = draft("&collection_method=send_invoice&days_until_due=14").await;
    let sent = wire
        .post(&format!("/v1/invoices/{sent}/send"), "")
        .await
        .ok();
    assert_eq!(
        (&sent["status"], &sent["due_date"]),
        (&"open".into(), &(NEW_YEAR + 14 * DAY).into())
    );
    assert_eq!(*billing.told(0).last().unwrap(), "invoice.sent");
    let void = wire
        .post(&format!("/v1/invoices/{}/void", id(&sent)), "")
        .await
        .ok();
    assert_eq!(void["status"], "void");
    let given_up = draft("").await;
    wire.post(&format!("/v1/invoices/{given_up}/finalize"), "")
        .await
        .ok();
    let given_up = wire
        .post(&format!("/v1/invoices/{given_up}/mark_uncollectible"), "")
        .await
        .ok();
    assert_eq!(given_up["status"], "uncollectible");
    let late = wire
        .post(
            &format!("/v1/invoices/{}/pay", id(&given_up)),
            "paid_out_of_band=true",
        )
        .await
        .ok();
    assert_eq!(late["status"], "paid");
    let gone = draft("").await;
    let deleted = wire.delete(&format!("/v1/invoices/{gone}")).await.ok();
    assert_eq!(deleted["deleted"], true);
    assert_eq!(
        wire.get(&format!("/v1/invoices/{gone}"))
            .await
            .status
            .as_u16(),
        404
    );
}

#[tokio::test]
async fn discounts_last_as_long_as_their_coupon_says() {
    let billing = Billing::start().await;
    let wire = &billing.wire;
    wire.post(
        "/v1/coupons",
        "id=HALF&percent_off=50&duration=once&name=Half",
    )
    .await
    .ok();
    let code = "promotion[type]=coupon&promotion[coupon]=HALF&code=Spring&max_redemptions=1";
    let code = wire.post("/v1/promotion_codes", code).await.ok();
    assert_eq!(code["promotion"]["coupon"], "HALF");
    let found = wire
        .get("/v1/promotion_codes?code=spring&active=true")
        .await
        .ok();
    assert_eq!(found["data"][0]["id"], code["id"]);
    let more = format!(
        "&discounts[0][promotion_code]={}&expand[]=discounts.source.coupon&expand[]=latest_invoice",
        id(&code)
    );
    let made = billing.subscribe(&billing.basic, &more).await;
    assert_eq!(made["discounts"][0]["source"]["coupon"]["percent_off"], 50);
    let first = &made["latest_invoice"];
    assert_eq!(
        (&first["subtotal"], &first["total"]),
        (&1000.into(), &500.into())
    );
    assert_eq!(first["total_discount_amounts"][0]["amount"], 500);
    billing.advance_to(NEW_YEAR + 31 * DAY + HOUR).await;
    assert_eq!(billing.latest_invoice(&id(&made)).await["total"], 1000);
    assert!(
        billing
            .told(0)
            .contains(&"customer.discount.deleted".to_owned())
    );
    let body = format!(
        "customer={}&items[0][price]={}&discounts[0][promotion_code]={}",
        billing.customer,
        billing.basic,
        id(&code)
    );
    let again = wire.post("/v1/subscriptions", &body).await.error();
    assert!(again.3.contains("cannot be redeemed"), "{}", again.3);
    wire.post(
        "/v1/coupons",
        "id=OFF300&amount_off=300&currency=jpy&duration=forever",
    )
    .await
    .ok();
    let other = billing
        .subscribe(&billing.pro, "&discounts[0][coupon]=OFF300")
        .await;
    assert_eq!(billing.latest_invoice(&id(&other)).await["total"], 1700);
}

#[tokio::test]
async fn coupons_that_make_no_sense_are_refused() {
    let billing = Billing::start().await;
    let wire = &billing.wire;
    wire.post("/v1/coupons", "id=HALF&percent_off=50")
        .await
        .ok();
    let wrong = [
        ("percent_off=0", "percent_off"),
        ("percent_off=101", "percent_off"),
        ("amount_off=5", "currency"),
        ("percent_off=5&amount_off=5", "percent_off"),
        ("percent_off=5&duration=repeating", "duration_in_months"),
    ];
    for (body, param) in wrong {
        assert_eq!(
            wire.post("/v1/coupons", body).await.error().2,
            param,
            "{body}"
        );
    }
    let odd = wire.post("/v1/coupons", "percent_off=25.5").await.ok();
    assert_eq!(odd["percent_off"], serde_json::json!(25.5));
    assert_eq!(wire.delete("/v1/coupons/HALF").await.ok()["deleted"], true);
    assert_eq!(wire.get("/v1/coupons/HALF").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_clock_takes_its_customers_with_it() {
    let billing = Billing::start().await;
    let wire = &billing.wire;
    let made = id(&billing.subscribe(&billing.basic, "").await);
    let listed = wire.get("/v1/customers").await.ok();
    assert_eq!(
        listed["data"],
        Value::Array(vec![]),
        "only their clock lists them"
    );
    let listed = wire
        .get(&format!("/v1/customers?test_clock={}", billing.clock))
        .await
        .ok();
    assert_eq!(listed["data"][0]["id"], billing.customer);
    let body = format!("test_clock={}", billing.clock);
    wire.post("/v1/customers", &body).await.ok();
    wire.post("/v1/customers", &body).await.ok();
    assert_eq!(wire.post("/v1/customers", &body).await.status.as_u16(), 400);
    let path = format!("/v1/test_helpers/test_clocks/{}", billing.clock);
    assert_eq!(wire.delete(&path).await.ok()["deleted"], true);
    assert_eq!(wire.get(&path).await.status.as_u16(), 404);
    assert_eq!(billing.get(&made).await["status"], "canceled");
    assert_eq!(billing.get(&billing.customer).await["deleted"], true);
}

#[tokio::test]
async fn seconds_of_a_machine_do_as_well_as_a_clock() {
    let clock = stripegym_sandbox::ManualClock::new(NEW_YEAR);
    let builder = Sandbox::builder().clock(std::sync::Arc::new(clock.clone()));
    let sandbox = builder.start().await.unwrap();
    let wire = crate::wire::Wire::to(&sandbox);
    let basic = crate::billing::price(&wire, "Basic", 1000, "month").await;
    let customer = id(&wire.post("/v1/customers", "").await.ok());
    let path = "/v1/payment_methods/pm_card_visa/attach";
    let method = id(&wire.post(path, &format!("customer={customer}")).await.ok());
    let body =
        format!("customer={customer}&items[0][price]={basic}&default_payment_method={method}");
    let made = wire.post("/v1/subscriptions", &body).await.ok();
    assert_eq!(made["status"], "active");
    // A laptop that slept for half a year: everything still happens at its own time.
    clock.advance(std::time::Duration::from_secs(180 * 86_400));
    let invoices = wire
        .get(&format!("/v1/invoices?subscription={}", id(&made)))
        .await
        .ok();
    let invoices = invoices["data"].as_array().unwrap();
    assert_eq!(invoices.len(), 6);
    assert_eq!(invoices[4]["created"], NEW_YEAR + 31 * DAY);
    assert_eq!(
        invoices[4]["status_transitions"]["paid_at"],
        NEW_YEAR + 31 * DAY + HOUR
    );
}

#[tokio::test]
async fn a_customer_pays_on_the_page_of_the_invoice() {
    let billing = Billing::with(Sandbox::builder(), "").await;
    let wire = &billing.wire;
    let made = billing
        .subscribe(
            &billing.basic,
            "&collection_method=send_invoice&days_until_due=7",
        )
        .await;
    assert_eq!(made["status"], "active");
    billing.advance_to(NEW_YEAR + HOUR).await;
    let open = billing.latest_invoice(&id(&made)).await;
    assert_eq!(
        (&open["status"], &open["due_date"]),
        (&"open".into(), &(NEW_YEAR + HOUR + 7 * DAY).into())
    );
    let url = open["hosted_invoice_url"].as_str().unwrap();
    let page = wire.get(url).await;
    assert!(
        page.body.contains("1 × Basic") && page.body.contains("Pay ¥1,000"),
        "{}",
        page.body
    );
    let declined = wire
        .post(url, "number=4000000000000002&expiry=12/34&cvc=123")
        .await;
    assert!(
        declined.body.contains("Your card was declined."),
        "{}",
        declined.body
    );
    let paid = wire
        .post(url, "number=4242424242424242&expiry=12/34&cvc=123")
        .await;
    assert_eq!(paid.status.as_u16(), 303, "{}", paid.body);
    assert_eq!(billing.latest_invoice(&id(&made)).await["status"], "paid");
    assert!(!wire.get(url).await.body.contains("<form"));
}
