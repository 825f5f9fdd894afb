//! Search: queries, pages, and errors in Stripe's words.

use serde_json::{Value, json};
use stripegym_sandbox::Sandbox;

use crate::wire::{Answer, Wire, id};

fn encode(query: &str) -> String {
    let bytes = query.bytes().map(|byte| format!("%{byte:02X}"));
    bytes.collect()
}

async fn search(wire: &Wire, kind: &str, query: &str) -> Answer {
    wire.get(&format!("/v1/{kind}/search?query={}", encode(query)))
        .await
}

/// The names of what was found, oldest first.
async fn names(wire: &Wire, query: &str) -> Vec<String> {
    let found = search(wire, "customers", query).await.ok();
    let found = found["data"].as_array().unwrap().clone();
    let names = found
        .iter()
        .rev()
        .map(|one| one["name"].as_str().unwrap().to_owned());
    names.collect()
}

async fn three() -> (Sandbox, Wire) {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    for body in [
        "name=Ann+Lee&email=ann%40example.com&metadata[order]=6735",
        "name=Bea+O%27Hara&email=bea%40example.com&metadata[order]=6736&metadata[vip]=yes",
        "name=Cleo&email=cleo%40other.test",
    ] {
        wire.post("/v1/customers", body).await.ok();
    }
    (sandbox, wire)
}

#[tokio::test]
async fn clauses_match_texts_parts_metadata_and_what_is_not_there() {
    let (_sandbox, wire) = three().await;
    let cases: [(&str, &[&str]); 13] = [
        ("email:'ann@example.com'", &["Ann Lee"]),
        ("email:\"ANN@Example.com\"", &["Ann Lee"]),
        ("email~\"example\"", &["Ann Lee", "Bea O'Hara"]),
        ("-email~'example'", &["Cleo"]),
        ("name:'Bea O\\'Hara'", &["Bea O'Hara"]),
        ("metadata['order']:'6735'", &["Ann Lee"]),
        ("metadata[\"order\"]:null", &["Cleo"]),
        ("-metadata[\"vip\"]:null", &["Bea O'Hara"]),
        ("email~'example' -metadata['vip']:'yes'", &["Ann Lee"]),
        ("email~'example' AND metadata['vip']:'yes'", &["Bea O'Hara"]),
        (
            "name:'cleo' or metadata['order']:'6735'",
            &["Ann Lee", "Cleo"],
        ),
        (
            "created>0 created<=99999999999",
            &["Ann Lee", "Bea O'Hara", "Cleo"],
        ),
        ("phone:null name~'lee'", &["Ann Lee"]),
    ];
    for (query, expected) in cases {
        assert_eq!(names(&wire, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn amounts_and_times_compare_as_numbers() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    for amount in [500, 1000, 2000] {
        let body = format!(
            "amount={amount}&currency=jpy&payment_method=pm_card_visa&confirm=true\
             &return_url=http://shop.test/"
        );
        wire.post("/v1/payment_intents", &body).await.ok();
    }
    let amounts = async |kind: &str, query: &str| {
        let found = search(&wire, kind, query).await.ok();
        let found = found["data"].as_array().unwrap().clone();
        let amounts = found.iter().map(|one| one["amount"].as_i64().unwrap());
        amounts.collect::<Vec<_>>()
    };
    assert_eq!(
        amounts("payment_intents", "amount>=1000").await,
        [2000, 1000]
    );
    assert_eq!(amounts("payment_intents", "amount<1000").await, [500]);
    assert_eq!(amounts("payment_intents", "amount=1000").await, [1000]);
    assert_eq!(
        amounts("payment_intents", "amount>500 amount<2000").await,
        [1000]
    );
    assert_eq!(
        amounts("payment_intents", "status:'canceled'").await,
        [0; 0]
    );
    let last4 = "payment_method_details.card.last4:4242 amount>1000 refunded:'false'";
    assert_eq!(amounts("charges", last4).await, [2000]);
}

#[tokio::test]
async fn catalogue_subscriptions_and_invoices_are_found_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::to(&sandbox);
    let customer = id(&wire
        .post("/v1/customers", "payment_method=pm_card_visa")
        .await
        .ok());
    let body = "currency=jpy&unit_amount=900&recurring[interval]=month&product_data[name]=Big+Box\
                &lookup_key=box";
    let price = id(&wire.post("/v1/prices", body).await.ok());
    let body = format!(
        "customer={customer}&items[0][price]={price}&metadata[plan]=a&payment_behavior=default_incomplete"
    );
    let subscription = wire.post("/v1/subscriptions", &body).await.ok();
    let cases = [
        (
            "products",
            "active:'true' AND name~'big'".to_owned(),
            subscription["items"]["data"][0]["price"]["product"].clone(),
        ),
        (
            "prices",
            "lookup_key:'box' type:'recurring'".to_owned(),
            json!(price),
        ),
        (
            "subscriptions",
            "metadata['plan']:'a' status:'incomplete'".to_owned(),
            subscription["id"].clone(),
        ),
        (
            "invoices",
            format!("subscription:'{}' total>0", id(&subscription)),
            subscription["latest_invoice"].clone(),
        ),
    ];
    for (kind, query, expected) in cases {
        let found = search(&wire, kind, &query).await.ok();
        assert_eq!(found["data"][0]["id"], expected, "{kind} {query}");
        assert_eq!(found["url"], format!("/v1/{kind}/search"));
    }
}

#[tokio::test]
async fn results_come_in_pages_and_count_on_request() {
    let (_sandbox, wire) = three().await;
    let path = format!("/v1/customers/search?limit=2&query={}", encode("created>0"));
    let first = wire.get(&path).await.ok();
    assert_eq!(first["object"], "search_result");
    assert_eq!(
        (&first["has_more"], first.get("total_count")),
        (&json!(true), None)
    );
    let next = first["next_page"].as_str().unwrap();
    let second = wire
        .get(&format!("{path}&page={next}&expand[]=total_count"))
        .await
        .ok();
    assert_eq!(second["data"][0]["name"], "Ann Lee");
    assert_eq!(second["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&second["has_more"], &second["next_page"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(second["total_count"], 3);
    let wrong = wire.get(&format!("{path}&page=nonsense")).await;
    assert_eq!((wrong.error().0, wrong.error().2), (400, "page".to_owned()));
}

#[tokio::test]
async fn queries_that_cannot_be_understood_are_refused() {
    let (_sandbox, wire) = three().await;
    let unreadable = "We were unable to parse your search query.";
    let cases = [
        ("", "empty string"),
        ("ann", unreadable),
        ("email:", unreadable),
        ("email:'ann", unreadable),
        ("metadata['a':'b'", unreadable),
        ("metadata:'b'", unreadable),
        ("email['a']:'b'", unreadable),
        ("email:'a'name:'b'", unreadable),
        (
            "shoe_size:'42'",
            "Field `shoe_size` is an unsupported search field for resource `customers`.",
        ),
        (
            "email:'a' AND name:'b' OR name:'c'",
            "You can't combine AND and OR",
        ),
        (
            "email>'a'",
            "Operator `>` is not supported for field `email`.",
        ),
        (
            "created~'1'",
            "Operator `~` is not supported for field `created`.",
        ),
        ("created>'soon'", "takes a whole number"),
        ("name~'an'", "at least 3 characters"),
        (&"name:'a' ".repeat(11), "at most 10 clauses"),
    ];
    for (query, message) in cases {
        let refused = search(&wire, "customers", query).await.error();
        assert_eq!((refused.0, refused.2.as_str()), (400, "query"), "{query}");
        assert!(refused.3.contains(message), "{query}: {}", refused.3);
    }
    let missing = wire.get("/v1/customers/search").await.error();
    assert_eq!(
        (missing.1.as_str(), missing.2.as_str()),
        ("parameter_missing", "query")
    );
}
