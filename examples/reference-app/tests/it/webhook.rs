//! The webhook as anybody on the network sees it.

use reference_app::Server;
use reqwest::Method;
use stripegym_tests::{Sender, TestDb, databases, paid_session};
use tempfile::TempDir;

use crate::shop::{Answer, GOOD_CARD, Shop, member_of, offline};

databases! {
    async fn a_forged_payment_buys_nothing(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let hers = shop.sandbox().object(&hanako.check_out().await).unwrap();
        let mut event = paid_session(1);
        event["data"]["object"]["client_reference_id"] = hers["client_reference_id"].clone();
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

    async fn another_installation_on_the_same_account_sells_nothing_here(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let elsewhere = TempDir::new().unwrap();
        let theirs = TestDb::sqlite();
        let other = Server::new(offline(&theirs, elsewhere.path())).start().await.unwrap();
        let taro = member_of(&other, "taro@example.com").await;
        let session = taro.check_out().await;
        other.sandbox().unwrap().pay(&session, GOOD_CARD).await.unwrap();
        taro.wait_for_purchases(1).await;

        // Both are member 1 of their shop, and Stripe tells everybody.
        let url = format!("{}/webhook", shop.running.url());
        let secret = shop.sandbox().webhook_endpoint("reference-app", &url);
        let events = other.sandbox().unwrap().events();
        let sold = events.iter().find(|event| event["type"] == "checkout.session.completed");
        let body = sold.unwrap().to_string();
        let signature = Sender::new(&secret).sign(&body);
        let request = shop.visitor().request(Method::POST, "/webhook").body(body);
        let answer = Answer::to(request.header("stripe-signature", signature)).await;
        assert_eq!((answer.status.as_u16(), &answer.json["done"]), (200, &true.into()));
        assert!(hanako.purchases().await.is_empty());
        other.shutdown().await;
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
