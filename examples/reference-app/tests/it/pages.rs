//! The pages, their files and their headers.

use reqwest::{Method, StatusCode};
use stripegym_tests::TestDb;

use crate::shop::{Answer, Shop};

const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

#[tokio::test]
async fn every_page_is_there_and_guarded() {
    let db = TestDb::sqlite();
    let shop = Shop::open(&db).await;
    for (path, mark, cache) in [
        ("/", "id=\"buy-protein\"", "no-cache"),
        ("/register", "id=\"register-form\"", "no-cache"),
        ("/login", "id=\"login-form\"", "no-cache"),
        (
            "/success-checkout?session_id=cs_test_1",
            "id=\"purchase-confirmed\"",
            "no-cache",
        ),
        ("/cancel", "cancel.heading", "no-cache"),
        ("/mypage", "id=\"purchases\"", "no-store"),
        ("/mypage.html", "id=\"purchases\"", "no-store"),
    ] {
        let page = shop.visitor().get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(mark), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("content-security-policy"), POLICY);
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cache-control"), cache, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_page_is_404_with_a_page() {
    let db = TestDb::sqlite();
    let shop = Shop::open(&db).await;
    for path in [
        "/nope",
        "/index.html",
        "/assets/index.html",
        "/assets/../Cargo.toml",
        "/assets/nope.js",
        "/assets",
    ] {
        let page = shop.visitor().get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("missing.heading"), "{path}");
        assert_eq!(page.header("content-security-policy"), POLICY);
    }
}

#[tokio::test]
async fn assets_have_types_and_are_asked_for_again() {
    let db = TestDb::sqlite();
    let shop = Shop::open(&db).await;
    for (path, kind) in [
        ("/assets/app.css", "text/css; charset=utf-8"),
        ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/assets/js/i18n.js", "text/javascript; charset=utf-8"),
        ("/assets/favicon.svg", "image/svg+xml"),
        ("/assets/art/pouch.svg", "image/svg+xml"),
    ] {
        let asset = shop.visitor().get(path).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert_eq!(asset.header("content-type"), kind, "{path}");
        assert_eq!(asset.header("cache-control"), "no-cache");
        let tag = asset.header("etag");
        let request = shop.visitor().request(Method::GET, path);
        let again = Answer::to(request.header("if-none-match", format!("\"x\", W/{tag}"))).await;
        assert_eq!(
            (again.status, again.text.as_str()),
            (StatusCode::NOT_MODIFIED, "")
        );
        let request = shop.visitor().request(Method::GET, path);
        let other = Answer::to(request.header("if-none-match", "\"0000\"")).await;
        assert_eq!(other.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_the_pages_ask_for_is_there() {
    let db = TestDb::sqlite();
    let shop = Shop::open(&db).await;
    let visitor = shop.visitor();
    for path in [
        "/",
        "/register",
        "/login",
        "/success-checkout",
        "/cancel",
        "/mypage",
        "/nope",
    ] {
        let page = visitor.get(path).await.text;
        for part in page
            .split(['"', '\''])
            .filter(|part| part.starts_with("/assets/"))
        {
            assert_eq!(
                visitor.get(part).await.status,
                StatusCode::OK,
                "{path} asks for {part}"
            );
        }
    }
}
