//! What a checkout says to Stripe, and what it refuses.

use reqwest::Method;
use serde_json::json;
use stripegym_tests::databases;

use crate::shop::{Answer, GOOD_CARD, Shop};

databases! {
    async fn the_session_carries_owner_product_and_way_back(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let id = hanako.get("/api/user-info").await.json["user"]["id"].to_string();
        let request = hanako.request(Method::POST, "/api/checkout").header("accept-language", "ja");
        let opened = Answer::to(request).await.json;
        assert!(opened["url"].as_str().unwrap().starts_with(&shop.sandbox().url()));
        let session = shop.sandbox().object(opened["id"].as_str().unwrap()).unwrap();
        let owner = session["client_reference_id"].as_str().unwrap();
        assert!(owner.len() > 16 && owner.ends_with(&format!("-{id}")), "{owner}");
        assert_eq!(session["metadata"]["user_id"], *id);
        assert_eq!(session["metadata"]["product_name"], "オリジナルプロテイン");
        assert_eq!(session["locale"], "ja");
        let base = shop.running.url();
        let back = format!("{base}/success-checkout?session_id={{CHECKOUT_SESSION_ID}}");
        assert_eq!(session["success_url"], back);
        assert_eq!(session["cancel_url"], format!("{base}/cancel"));
        let customer = shop.sandbox().object(session["customer"].as_str().unwrap()).unwrap();
        assert_eq!(customer["email"], "hanako@example.com");
        assert_eq!(customer["metadata"]["user_id"], *id);
        shop.close().await;
    }

    async fn only_the_shops_own_price_in_sane_numbers_is_sold(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let products = hanako.get("/api/catalogue").await.json["products"].clone();
        let protein = products[0]["price_id"].clone();
        let plan = products[1]["price_id"].clone();
        for (field, body) in [
            ("price", json!({ "price": plan })),
            ("price", json!({ "price": "price_of_another_shop" })),
            ("quantity", json!({ "quantity": 0 })),
            ("quantity", json!({ "quantity": 11 })),
        ] {
            let answer = hanako.post("/api/checkout", &body).await;
            assert_eq!(answer.problem(400), "invalid_input");
            assert!(answer.json["fields"][field].is_string(), "{}", answer.text);
        }
        let body = json!({ "price": protein, "quantity": 3, "user_id": 999 });
        let opened = hanako.post("/api/checkout", &body).await.json;
        shop.sandbox().pay(opened["id"].as_str().unwrap(), GOOD_CARD).await.unwrap();
        assert_eq!(hanako.wait_for_purchases(1).await[0]["amount"], 3 * 4980);
        shop.close().await;
    }

    async fn two_first_checkouts_at_once_make_one_customer(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let (one, two) = tokio::join!(hanako.check_out(), hanako.check_out());
        let customer = |id: &str| shop.sandbox().object(id).unwrap()["customer"].clone();
        assert_eq!(customer(&one), customer(&two));
        shop.close().await;
    }

    async fn the_catalogue_needs_no_session_and_checkout_does(db: TestDb) {
        let shop = Shop::open(&db).await;
        let catalogue = shop.visitor().get("/api/catalogue").await.json;
        assert_eq!((&catalogue["success"], &catalogue["sandbox"]), (&json!(true), &json!(true)));
        let told: Vec<_> = catalogue["products"].as_array().unwrap().iter().map(|product| {
            json!([product["name"], product["amount"], product["currency"], product["interval"],
                product["available"], product["plan_type"]])
        }).collect();
        assert_eq!(told, [
            json!(["オリジナルプロテイン", 4980, "jpy", null, true, null]),
            json!(["スタンダードプラン", 5800, "jpy", "month", false, "standard"]),
            json!(["プレミアムプラン", 9800, "jpy", "month", false, "premium"]),
        ]);
        assert_eq!(shop.visitor().post("/api/checkout", &json!({})).await.problem(401), "not_signed_in");
        shop.close().await;
    }
}
