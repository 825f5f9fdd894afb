//! The main job: from registration to the purchase in the history.

use serde_json::json;
use stripegym_core::ledger::Account;
use stripegym_core::store::InboxState;
use stripegym_tests::databases;

use crate::shop::{BAD_CARD, GOOD_CARD, Shop};

databases! {
    async fn a_member_buys_and_after_a_restart_buys_again(db: TestDb) {
        let shop = Shop::open(&db).await;
        let catalogue = shop.visitor().get("/api/catalogue").await.json;
        let mut hanako = shop.member("hanako@example.com").await;
        let session = hanako.check_out().await;
        assert_eq!(hanako.purchases().await, Vec::<serde_json::Value>::new(), "nothing paid yet");

        shop.sandbox().pay(&session, GOOD_CARD).await.unwrap();
        let bought = hanako.wait_for_purchases(1).await;
        assert_eq!(bought[0]["session_id"], session);
        assert_eq!(bought[0]["product_name"], "オリジナルプロテイン");
        assert_eq!((&bought[0]["amount"], &bought[0]["currency"]), (&json!(4980), &json!("jpy")));
        assert_eq!(bought[0]["status"], "paid");
        let time = bought[0]["created_at"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == 20, "{time}");

        // Members, sessions, products and the customer outlive the process.
        let shop = shop.reopen(&db).await;
        hanako.base = shop.running.url().to_owned();
        assert_eq!(shop.visitor().get("/api/catalogue").await.json, catalogue);
        let again = hanako.check_out().await;
        shop.sandbox().pay(&again, GOOD_CARD).await.unwrap();
        let bought = hanako.wait_for_purchases(2).await;
        assert_eq!(bought.len(), 2);
        let customer = |id: &str| shop.sandbox().object(id).unwrap()["customer"].clone();
        assert_eq!(customer(&again), customer(&session));
        assert!(customer(&again).as_str().unwrap().starts_with("cus_"));

        // And the books agree.
        let mut read = shop.running.store().read().await.unwrap();
        let balance = read.trial_balance().await.unwrap();
        let sales = balance.iter().find(|line| line.account == Account::Sales).unwrap();
        assert_eq!(sales.balance.minor(), -2 * 4980);
        let inbox = read.inbox_summary().await.unwrap();
        assert_eq!(inbox.count(InboxState::Dead), 0, "{inbox:?}");
        drop(read);
        shop.close().await;
    }

    async fn a_declined_card_buys_nothing_and_a_good_one_then_does(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let session = hanako.check_out().await;
        shop.sandbox().pay(&session, BAD_CARD).await.unwrap_err();
        assert!(hanako.purchases().await.is_empty());
        shop.sandbox().pay(&session, GOOD_CARD).await.unwrap();
        assert_eq!(hanako.wait_for_purchases(1).await.len(), 1);
        shop.close().await;
    }

    async fn nobody_sees_what_another_bought(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let session = hanako.check_out().await;
        shop.sandbox().pay(&session, GOOD_CARD).await.unwrap();
        hanako.wait_for_purchases(1).await;

        let taro = shop.member("taro@example.com").await;
        assert!(taro.purchases().await.is_empty());
        let hanako_id = hanako.get("/api/user-info").await.json["user"]["id"].clone();
        let body = json!({ "user_id": hanako_id });
        let answer = taro.post("/api/user-purchase-history", &body).await;
        assert_eq!(answer.json["purchases"], json!([]));
        let info = taro.post("/api/user-info", &body).await;
        assert_eq!(info.json["user"]["email"], "taro@example.com");
        let verified = taro.post("/api/verify-session", &body).await;
        assert_ne!(verified.json["user_id"], hanako_id);
        assert_eq!(shop.visitor().post("/api/user-info", &body).await.problem(401), "not_signed_in");
        shop.close().await;
    }

    async fn the_history_comes_in_pages(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        for _ in 0..3 {
            let session = hanako.check_out().await;
            shop.sandbox().pay(&session, GOOD_CARD).await.unwrap();
        }
        let all = hanako.wait_for_purchases(3).await;
        let first = hanako.get("/api/user-purchase-history?limit=2").await.json;
        assert_eq!(first["purchases"], json!(all[..2]));
        let cursor = &first["next_cursor"];
        let path = format!("/api/user-purchase-history?limit=2&cursor={}", cursor.as_str().unwrap());
        let last = hanako.get(&path).await.json;
        assert_eq!(last["purchases"], json!(all[2..]));
        assert_eq!(last["next_cursor"], json!(null));
        // The same by POST, and a page that fits exactly has no next one.
        let body = json!({ "limit": 2, "cursor": cursor });
        assert_eq!(hanako.post("/api/user-purchase-history", &body).await.json, last);
        let exact = hanako.get("/api/user-purchase-history?limit=3").await.json;
        assert_eq!(exact["next_cursor"], json!(null));
        shop.close().await;
    }
}
