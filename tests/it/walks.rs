//! Walks over lists and searches, against wiremock: what is asked for, and
//! where a walk ends.

use std::collections::BTreeMap;
use std::pin::{Pin, pin};

use futures_core::Stream;
use serde_json::{Value, json};
use stripegym_core::client::{AtMost, List, Request, SearchPage, Walk};
use stripegym_core::customer::{Customer, ListCustomers, SearchCustomers};
use stripegym_core::object::Object;
use stripegym_core::{ApiError, ApiKey, Client};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

fn client(server: &MockServer) -> Client {
    Client::builder(ApiKey::parse("sk_test_walk").unwrap())
        .base(&server.uri())
        .retries(0)
        .build()
        .unwrap()
}

/// Customers `cus_1` (the newest) to `cus_<count>`, paged as Stripe pages them.
struct Customers(usize);

impl Respond for Customers {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let query: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
        let number = |key: &str| -> Option<usize> {
            let text = query.get(key)?.trim_start_matches("cus_");
            Some(text.parse().unwrap())
        };
        let limit = number("limit").unwrap_or(10);
        let (from, to) = if let Some(before) = number("ending_before") {
            (before.saturating_sub(limit).max(1), before)
        } else {
            let from = number("starting_after").or(number("page")).unwrap_or(0) + 1;
            (from, (from + limit).min(self.0 + 1))
        };
        let data: Vec<_> = (from..to)
            .map(|n| json!({ "id": format!("cus_{n}"), "object": "customer" }))
            .collect();
        let has_more = if query.contains_key("ending_before") {
            from > 1
        } else {
            to <= self.0
        };
        let mut page = json!({ "object": "list", "data": data, "has_more": has_more });
        if request.url.path().ends_with("/search") {
            page["object"] = "search_result".into();
            page["next_page"] = has_more.then(|| (to - 1).to_string()).into();
        }
        ResponseTemplate::new(200).set_body_json(page)
    }
}

async fn customers(count: usize) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::method("GET"))
        .respond_with(Customers(count))
        .mount(&server)
        .await;
    server
}

async fn read(walk: &mut Walk<Customer>) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(customer) = walk.next().await {
        ids.push(customer.unwrap().id().unwrap().to_owned());
    }
    ids
}

fn numbered(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|n| format!("cus_{n}")).collect()
}

async fn queries(server: &MockServer) -> Vec<String> {
    let seen = server.received_requests().await.unwrap();
    seen.iter()
        .map(|request| request.url.query().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_walk_reads_every_page_with_the_same_filters_and_ends_with_the_last() {
    let server = customers(5).await;
    let call = ListCustomers::new().email("a@example.com").limit(2);
    let mut walk = call.walk(&client(&server), AtMost::Items(100));
    assert_eq!(read(&mut walk).await, numbered(1..=5));
    assert!(!walk.is_cut_short());
    let filter = "email=a%40example.com&limit=2";
    assert_eq!(
        queries(&server).await,
        [
            filter.to_owned(),
            format!("{filter}&starting_after=cus_2"),
            format!("{filter}&starting_after=cus_4"),
        ]
    );
}

#[tokio::test]
async fn a_walk_back_reads_from_the_cursor_to_the_newest() {
    let server = customers(6).await;
    let call = ListCustomers::new()
        .limit(2)
        .ending_before(&"cus_6".parse().unwrap());
    let mut walk = call.walk(&client(&server), AtMost::Pages(10));
    assert_eq!(read(&mut walk).await, numbered((1..=5).rev()));
    assert_eq!(
        queries(&server).await,
        ["cus_6", "cus_4", "cus_2"].map(|id| format!("limit=2&ending_before={id}"))
    );
}

#[tokio::test]
async fn a_bound_ends_a_walk_and_says_so() {
    let server = customers(5).await;
    let stripe = client(&server);
    let list = || ListCustomers::new().limit(2);
    for (bound, read_to, cut_short) in [
        (AtMost::Items(0), 0, true),
        (AtMost::Items(3), 3, true),
        (AtMost::Items(4), 4, true),
        (AtMost::Items(5), 5, false),
        (AtMost::Pages(2), 4, true),
        (AtMost::Pages(3), 5, false),
    ] {
        let mut walk = list().walk(&stripe, bound);
        assert_eq!(read(&mut walk).await, numbered(1..=read_to), "{bound:?}");
        assert_eq!(walk.is_cut_short(), cut_short, "{bound:?}");
        assert!(walk.next().await.is_none(), "an ended walk stays ended");
    }
}

#[tokio::test]
async fn a_walk_asks_for_no_more_than_it_may_use() {
    let server = customers(5).await;
    let stripe = client(&server);
    for bound in [AtMost::Items(3), AtMost::Items(1_000), AtMost::Pages(1)] {
        let mut walk = ListCustomers::new().walk(&stripe, bound);
        assert!(walk.next().await.is_some());
    }
    assert_eq!(
        queries(&server).await,
        ["limit=3", "limit=100", "limit=100"]
    );
}

#[tokio::test]
async fn a_search_goes_from_page_to_page() {
    let server = customers(5).await;
    let call = SearchCustomers::new("email:'a'").limit(2);
    let mut walk = call.walk(&client(&server), AtMost::Items(100));
    assert_eq!(read(&mut walk).await, numbered(1..=5));
    let first = "query=email%3A%27a%27&limit=2";
    assert_eq!(
        queries(&server).await,
        [
            first.to_owned(),
            format!("{first}&page=2"),
            format!("{first}&page=4"),
        ]
    );
}

#[tokio::test]
async fn a_page_of_a_search_tells_how_many_there_are() {
    let server = answering(json!({ "object": "search_result", "has_more": true,
        "data": [{ "id": "cus_1", "object": "customer" }], "next_page": "p2", "total_count": 7 }))
    .await;
    let stripe = client(&server);
    let request = Request::get("/v1/customers");
    let page: SearchPage<Customer> = stripe.read(request.clone()).await.unwrap();
    assert_eq!((page.data().len(), page.has_more()), (1, true));
    assert_eq!(
        (page.next_page(), page.total_count()),
        (Some("p2"), Some(7))
    );
    let raw: List<Object> = stripe.read(request).await.unwrap();
    assert_eq!(raw.data()[0].get("id"), Ok("cus_1"));
}

#[tokio::test]
async fn a_walk_is_a_stream() {
    let server = customers(3).await;
    let walk = ListCustomers::new()
        .limit(2)
        .walk(&client(&server), AtMost::Items(100));
    let mut walk = pin!(walk);
    let mut count = 0;
    while let Some(customer) =
        std::future::poll_fn(|context| Pin::as_mut(&mut walk).poll_next(context)).await
    {
        customer.unwrap();
        count += 1;
    }
    assert_eq!(count, 3);
}

async fn answering(body: Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/v1/customers"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn more_without_a_way_to_it_is_an_error_and_not_an_end() {
    for data in [json!([]), json!([{ "object": "customer" }])] {
        let page = json!({ "object": "list", "data": data, "has_more": true });
        let server = answering(page).await;
        let mut walk = ListCustomers::new().walk(&client(&server), AtMost::Items(100));
        let error = loop {
            match walk.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("a silent end"),
            }
        };
        assert!(matches!(error, ApiError::Unreadable(_)), "{error:?}");
        assert!(walk.next().await.is_none());
    }
}

#[tokio::test]
async fn an_error_ends_a_walk() {
    let server = MockServer::start().await;
    let mut walk = ListCustomers::new().walk(&client(&server), AtMost::Pages(5));
    let error = walk.next().await.unwrap().unwrap_err();
    assert!(matches!(error, ApiError::NotFound(_)), "{error:?}");
    assert!(walk.next().await.is_none());
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
