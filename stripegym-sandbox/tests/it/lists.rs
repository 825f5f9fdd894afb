//! Lists, cursors, filters and expansion.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use stripegym_sandbox::{ManualClock, Sandbox};

use crate::wire::{Wire, id, tea_session};

fn names(list: &Value) -> Vec<&str> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_walk_from_the_newest_to_the_oldest_and_back() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    for at in 0..5 {
        wire.post("/v1/customers", &format!("name=c{at}"))
            .await
            .ok();
    }
    let first = wire.get("/v1/customers?limit=2").await.ok();
    assert_eq!(names(&first), ["c4", "c3"]);
    assert_eq!(
        (&first["has_more"], &first["url"]),
        (&true.into(), &"/v1/customers".into())
    );
    let after = |list: &Value| {
        let last = list["data"].as_array().unwrap().last().unwrap();
        format!("/v1/customers?limit=2&starting_after={}", id(last))
    };
    let second = wire.get(&after(&first)).await.ok();
    assert_eq!(names(&second), ["c2", "c1"]);
    let third = wire.get(&after(&second)).await.ok();
    assert_eq!(
        (names(&third), &third["has_more"]),
        (vec!["c0"], &false.into())
    );

    let back = format!(
        "/v1/customers?limit=2&ending_before={}",
        id(&third["data"][0])
    );
    let back = wire.get(&back).await.ok();
    assert_eq!(
        (names(&back), &back["has_more"]),
        (vec!["c2", "c1"], &true.into())
    );
}

#[tokio::test]
async fn a_page_ends_where_the_limit_says() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    for _ in 0..11 {
        wire.post("/v1/customers", "name=x").await.ok();
    }
    assert_eq!(names(&wire.get("/v1/customers").await.ok()).len(), 10);
    for bad in ["0", "101", "x"] {
        let error = wire
            .get(&format!("/v1/customers?limit={bad}"))
            .await
            .error();
        assert_eq!(
            (error.0, error.1.as_str(), error.2.as_str()),
            (400, "parameter_invalid_integer", "limit")
        );
    }
    let both = wire
        .get("/v1/customers?starting_after=a&ending_before=b")
        .await
        .error();
    assert_eq!(both.1, "parameters_exclusive");
    let unknown = wire
        .get("/v1/customers?starting_after=cus_none")
        .await
        .error();
    assert_eq!(
        (unknown.1.as_str(), unknown.2.as_str()),
        ("resource_missing", "starting_after")
    );
}

#[tokio::test]
async fn deleted_customers_leave_the_list_but_can_still_be_retrieved() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let gone = wire.post("/v1/customers", "name=gone").await.ok();
    wire.post("/v1/customers", "name=here").await.ok();
    let path = format!("/v1/customers/{}", id(&gone));
    let deleted = wire.delete(&path).await.ok();
    assert_eq!(deleted["deleted"], true);
    assert_eq!(wire.get(&path).await.ok(), deleted);
    assert_eq!(wire.post(&path, "name=x").await.error().0, 404);
    assert_eq!(names(&wire.get("/v1/customers").await.ok()), ["here"]);
}

#[tokio::test]
async fn events_filter_by_type_and_time() {
    let clock = ManualClock::new(1_760_000_000);
    let sandbox = Sandbox::builder()
        .clock(Arc::new(clock.clone()))
        .start()
        .await
        .unwrap();
    let wire = Wire::to(&sandbox);
    let customer = wire.post("/v1/customers", "").await.ok();
    clock.advance(Duration::from_secs(10));
    wire.post(&format!("/v1/customers/{}", id(&customer)), "name=Ann")
        .await
        .ok();
    wire.post("/v1/products", "name=Tea").await.ok();
    let count = async |query: &str| {
        let list = wire.get(&format!("/v1/events?{query}")).await.ok();
        list["data"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 3);
    assert_eq!(count("type=customer.*").await, 2);
    assert_eq!(count("type=product.created").await, 1);
    assert_eq!(
        count("types[]=customer.created&types[]=product.created").await,
        2
    );
    assert_eq!(count("created=1760000000").await, 1);
    assert_eq!(count("created[gt]=1760000000").await, 2);
    assert_eq!(
        count("created[gte]=1760000000&created[lt]=1760000010").await,
        1
    );
    let newest = wire.get("/v1/events?limit=1").await.ok();
    assert_eq!(newest["data"][0]["type"], "product.created");
    let updated = wire.get("/v1/events?type=customer.updated").await.ok();
    assert_eq!(
        updated["data"][0]["data"]["previous_attributes"]["name"],
        Value::Null
    );
    clock.advance(Duration::from_secs(31 * 24 * 60 * 60));
    assert_eq!(count("").await, 0);
}

#[tokio::test]
async fn prices_filter_by_product_key_type_and_activity() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let tea = id(&wire.post("/v1/products", "name=Tea").await.ok());
    let once = format!("product={tea}&currency=jpy&unit_amount=500&lookup_key=tea-once");
    let once = wire.post("/v1/prices", &once).await.ok();
    let monthly = "product_data[name]=Box&currency=usd&unit_amount=900&lookup_key=box\
                   &recurring[interval]=month";
    let monthly = wire.post("/v1/prices", monthly).await.ok();
    assert_eq!(monthly["recurring"]["interval_count"], 1);
    wire.post(&format!("/v1/prices/{}", id(&once)), "active=false")
        .await
        .ok();
    let found = async |query: &str| {
        let list = wire.get(&format!("/v1/prices?{query}")).await.ok();
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(id)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&format!("product={tea}")).await, [id(&once)]);
    assert_eq!(found("active=true").await, [id(&monthly)]);
    assert_eq!(found("type=recurring").await, [id(&monthly)]);
    assert_eq!(
        found("lookup_keys[]=tea-once&lookup_keys[]=box").await,
        [id(&monthly), id(&once)]
    );

    let taken = "product_data[name]=X&currency=usd&unit_amount=1&lookup_key=box";
    assert!(
        wire.post("/v1/prices", taken)
            .await
            .error()
            .3
            .contains("already uses that lookup key")
    );
    let moved = format!("{taken}&transfer_lookup_key=true");
    assert_eq!(
        wire.post("/v1/prices", &moved).await.ok()["lookup_key"],
        "box"
    );
    assert_eq!(
        sandbox.object(&id(&monthly)).unwrap()["lookup_key"],
        Value::Null
    );
}

#[tokio::test]
async fn expansion_follows_declared_paths_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let session = id(&tea_session(&wire, "").await);
    let path = format!("/v1/checkout/sessions/{session}");
    let plain = wire.get(&path).await.ok();
    assert_eq!(plain["line_items"], Value::Null);
    let expanded = wire
        .get(&format!(
            "{path}?expand[]=line_items.data.price.product&expand[]=payment_intent"
        ))
        .await
        .ok();
    let line = &expanded["line_items"]["data"][0];
    assert_eq!(line["price"]["product"]["name"], "Tea");
    assert_eq!(
        (&line["description"], &line["amount_total"]),
        (&"Tea".into(), &2000.into())
    );
    let listed = wire
        .get("/v1/checkout/sessions?expand[]=data.line_items")
        .await
        .ok();
    assert_eq!(listed["data"][0]["line_items"]["data"][0]["quantity"], 2);
    let own = wire.get(&format!("{path}/line_items?limit=1")).await.ok();
    assert_eq!(own["data"][0]["id"], line["id"]);
    assert_eq!(own["has_more"], false);

    for bad in ["url", "id", "nothing", "metadata.a", "client_reference_id"] {
        let error = wire.get(&format!("{path}?expand[]={bad}")).await.error();
        assert_eq!(
            error.3,
            format!("This property cannot be expanded ({bad}).")
        );
    }
    let deep = wire
        .get(&format!("{path}?expand[]=a.b.c.d.e"))
        .await
        .error();
    assert!(
        deep.3.starts_with("You cannot expand more than 4 levels"),
        "{}",
        deep.3
    );
}

#[tokio::test]
async fn a_refused_expansion_undoes_the_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let refused = wire
        .post("/v1/customers", "name=Ann&expand[]=nothing")
        .await;
    assert_eq!(refused.status.as_u16(), 400);
    assert!(sandbox.events().is_empty());
    assert!(
        wire.get("/v1/customers").await.ok()["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

/// The SDK for Go sends an empty list as an empty text.
#[tokio::test]
async fn an_empty_list_of_expansions_is_none() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    wire.post("/v1/customers", "expand=").await.ok();
    let refused = wire.post("/v1/customers", "expand=email").await.error();
    assert_eq!(refused.2, "expand");
}
