//! Register, log in, log out, and sessions that end.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use stripegym_core::{Clock, ManualClock, SystemClock};
use stripegym_tests::databases;

use crate::shop::{Answer, Shop, registration};

fn log_in(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

databases! {
    async fn a_member_registers_logs_in_and_logs_out(db: TestDb) {
        let shop = Shop::open(&db).await;
        let visitor = shop.visitor();
        let mut body = registration("Hanako@Example.com");
        body["phone"] = json!("03-0000-0000");
        body["birthdate"] = json!("1990-04-01");
        let made = visitor.post("/api/register", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(made.json["success"], true);
        assert_eq!(made.json["user"]["email"], "Hanako@Example.com");
        let cookie = made.header("set-cookie");
        assert!(cookie.ends_with("; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"), "{cookie}");
        assert_eq!(made.header("cache-control"), "no-store");

        let mut hanako = visitor.clone();
        let answer = visitor.post("/api/login", &log_in("hanako@example.com", "correct horse")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        for (field, value) in [("user_name", "山田 花子"), ("user_email", "Hanako@Example.com")] {
            assert_eq!(answer.json[field], value);
        }
        assert_eq!(answer.json["user_id"], made.json["user"]["id"]);
        hanako.token = answer.json["session_token"].as_str().map(str::to_owned);
        let user = hanako.get("/api/user-info").await.json["user"].clone();
        assert_eq!((&user["phone"], &user["birthdate"]), (&json!("03-0000-0000"), &json!("1990-04-01")));
        assert_eq!(user["created_at"].as_str().unwrap().len(), "2026-01-31 09:00:00".len());

        let out = hanako.post("/api/logout", &json!({})).await;
        assert_eq!(out.status, StatusCode::OK, "{}", out.text);
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(hanako.get("/api/user-info").await.problem(401), "not_signed_in");
        assert_eq!(hanako.post("/api/logout", &json!({})).await.problem(401), "not_signed_in");
        // The session of the registration is another one, and lasts.
        let cookie = cookie.split(';').next().unwrap();
        let request = visitor.request(Method::GET, "/api/verify-session").header("cookie", cookie);
        assert_eq!(Answer::to(request).await.json["user_id"], made.json["user"]["id"]);
        shop.close().await;
    }

    async fn a_token_in_the_body_counts_where_it_always_did(db: TestDb) {
        let shop = Shop::open(&db).await;
        let hanako = shop.member("hanako@example.com").await;
        let visitor = shop.visitor();
        let body = json!({ "session_token": hanako.token });
        assert_eq!(visitor.post("/api/verify-session", &body).await.status, StatusCode::OK);
        assert_eq!(visitor.post("/api/logout", &body).await.status, StatusCode::OK);
        assert_eq!(visitor.post("/api/verify-session", &body).await.problem(401), "not_signed_in");
        // Not even a good header makes up for a bad token in the body.
        let taro = shop.member("taro@example.com").await;
        let foreign = json!({ "session_token": "x" });
        assert_eq!(taro.post("/api/logout", &foreign).await.problem(401), "not_signed_in");
        shop.close().await;
    }

    async fn one_address_is_one_account_whatever_the_case(db: TestDb) {
        let shop = Shop::open(&db).await;
        let visitor = shop.visitor();
        let spellings = ["hanako@example.com", "HANAKO@example.com", "Hanako@Example.COM"];
        let bodies = spellings.map(registration);
        let (a, b, c) = tokio::join!(
            visitor.post("/api/register", &bodies[0]),
            visitor.post("/api/register", &bodies[1]),
            visitor.post("/api/register", &bodies[2]),
        );
        let mut statuses = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400, 400]);
        for taken in [a, b, c].iter().filter(|answer| answer.status == StatusCode::BAD_REQUEST) {
            assert_eq!(taken.problem(400), "email_taken");
            assert!(taken.json["fields"]["email"].is_string());
        }
        for spelling in spellings {
            let answer = visitor.post("/api/login", &log_in(spelling, "correct horse")).await;
            assert_eq!(answer.status, StatusCode::OK, "{spelling}");
        }
        shop.close().await;
    }

    async fn a_wrong_password_and_an_unknown_address_look_the_same(db: TestDb) {
        let shop = Shop::open(&db).await;
        shop.member("hanako@example.com").await;
        let visitor = shop.visitor();
        let wrong = visitor.post("/api/login", &log_in("hanako@example.com", "wrong horse")).await;
        assert_eq!(wrong.problem(401), "wrong_credentials");
        assert!(!wrong.headers.contains_key("set-cookie"));
        let long = "x".repeat(10_000);
        for (email, password) in [
            ("nobody@example.com", "correct horse"),
            ("not an address", "correct horse"),
            ("hanako@example.com", "Correct horse"),
            ("hanako@example.com", &long),
        ] {
            let answer = visitor.post("/api/login", &log_in(email, password)).await;
            assert_eq!((answer.problem(401), &answer.text), ("wrong_credentials", &wrong.text));
        }
        let empty = visitor.post("/api/login", &json!({})).await;
        assert_eq!(empty.problem(400), "invalid_input");
        assert!(empty.json["fields"]["email"].is_string() && empty.json["fields"]["password"].is_string());
        shop.close().await;
    }

    async fn a_session_lasts_a_day_and_no_longer(db: TestDb) {
        let clock = ManualClock::at(SystemClock.now());
        let same = Arc::new(clock.clone());
        let shop = Shop::open_with(&db, |server| server.clock(same)).await;
        let hanako = shop.member("hanako@example.com").await;
        clock.advance(Duration::from_secs(24 * 60 * 60 - 1));
        assert_eq!(hanako.get("/api/verify-session").await.status, StatusCode::OK);
        clock.advance(Duration::from_secs(1));
        assert_eq!(hanako.get("/api/verify-session").await.problem(401), "not_signed_in");
        assert_eq!(hanako.post("/api/logout", &json!({})).await.problem(401), "not_signed_in");
        let again = hanako.post("/api/login", &log_in("hanako@example.com", "correct horse")).await;
        assert_eq!(again.status, StatusCode::OK);
        shop.close().await;
    }

    async fn what_is_wrong_with_a_registration_is_told_field_by_field(db: TestDb) {
        let shop = Shop::open(&db).await;
        let visitor = shop.visitor();
        let body = json!({
            "email": "hanako", "password": "short", "name": "", "birthdate": "tomorrow", "terms": "off",
        });
        for (lang, text) in [("ja-JP,ja;q=0.9", "お名前を入力してください。"), ("en", "Enter your name.")] {
            let request = visitor.request(Method::POST, "/api/register").json(&body);
            let answer = Answer::to(request.header("accept-language", lang)).await;
            assert_eq!(answer.problem(400), "invalid_input");
            let fields: Vec<_> = answer.json["fields"].as_object().unwrap().keys().collect();
            assert_eq!(fields, ["birthdate", "email", "name", "password", "privacy", "terms"]);
            assert_eq!(answer.json["fields"]["name"], text);
        }
        // What StripeGym answered 500 to, with the password's hash.
        let mut body = registration("hanako@example.com");
        body["birthdate"] = json!("");
        body["privacy"] = json!("on");
        assert_eq!(visitor.post("/api/register", &body).await.status, StatusCode::CREATED);
        shop.close().await;
    }
}
