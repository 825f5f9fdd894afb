//! The webhook as anybody on the network sees it.

use reqwest::Method;
use serde_json::json;
use stripegym_tests::{Sender, databases, paid_session};

use crate::shop::{Answer, GOOD_CARD, Shop};

databases! {
    async fn a_forged_payment_buys_nothing(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let id = hanako.get("/api/user-info").await.json["user"]["id"].to_string();
        let mut event = paid_session(1);
        event["data"]["object"]["client_reference_id"] = json!(id);
        let body = event.to_string();
        let forger = Sender::new("whsec_of_somebody_else");
        for signature in [None, Some("t=1,v1=00".to_owned()), Some(forger.sign(&body))] {
            let mut request = shop.visitor().request(Method::POST, "/webhook").body(body.clone());
            if let Some(signature) = signature {
                request = request.header("stripe-signature", signature);
            }
            assert_eq!(Answer::to(request).await.problem(400), "invalid_signature");
        }
        assert!(hanako.purchases().await.is_empty());
        shop.close().await;
    }

    async fn an_event_told_again_and_again_counts_once(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let session = hanako.check_out().await;
        shop.sandbox().pay(&session, GOOD_CARD).await.unwrap();
        hanako.wait_for_purchases(1).await;
        let events = shop.sandbox().events();
        let completed = events.iter().find(|event| event["type"] == "checkout.session.completed");
        for _ in 0..5 {
            shop.sandbox().resend(completed.unwrap()["id"].as_str().unwrap()).unwrap();
        }
        // A second purchase comes after them through the same door.
        let second = hanako.check_out().await;
        shop.sandbox().pay(&second, GOOD_CARD).await.unwrap();
        assert_eq!(hanako.wait_for_purchases(2).await.len(), 2);
        shop.close().await;
    }
}
