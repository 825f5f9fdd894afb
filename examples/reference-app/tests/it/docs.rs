//! The API's documents: complete, current and without any other host.

use std::path::Path;

use reqwest::StatusCode;
use serde_json::Value;
use stripegym_tests::TestDb;

use crate::shop::Shop;

#[test]
fn the_checked_in_document_is_the_programs_own() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let checked_in = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        checked_in == reference_app::spec(),
        "the API has changed; see what it means for clients, then write the document anew: \
         cargo run -p reference-app -- openapi > examples/reference-app/openapi.json"
    );
}

#[test]
fn the_document_names_every_call_with_its_failures_and_sessions() {
    let spec: Value = serde_json::from_str(&reference_app::spec()).unwrap();
    let paths = spec["paths"].as_object().unwrap();
    let with_session = [
        "/api/checkout",
        "/api/user-info",
        "/api/user-purchase-history",
    ];
    for (path, operations) in paths {
        assert!(path.starts_with("/api/"), "{path}");
        for (method, operation) in operations.as_object().unwrap() {
            let failure =
                &operation["responses"]["default"]["content"]["application/json"]["schema"];
            assert_eq!(
                failure["$ref"], "#/components/schemas/Problem",
                "{method} {path}"
            );
            let is_guarded = operation["security"].as_array().is_some_and(|schemes| {
                schemes
                    .iter()
                    .all(|scheme| scheme != &serde_json::json!({}))
            });
            assert_eq!(
                is_guarded,
                with_session.contains(&path.as_str()),
                "{method} {path}"
            );
        }
    }
    let known: Vec<_> = paths.keys().map(|path| &path["/api/".len()..]).collect();
    for path in [
        "register",
        "login",
        "logout",
        "verify-session",
        "checkout",
        "user-info",
        "user-purchase-history",
        "catalogue",
    ] {
        assert!(known.contains(&path), "{path}");
    }
    let required = &spec["components"]["schemas"]["RegisterInput"]["required"];
    assert_eq!(
        *required,
        serde_json::json!(["email", "password", "name", "terms", "privacy"])
    );
}

#[tokio::test]
async fn the_docs_page_needs_nothing_from_elsewhere() {
    let db = TestDb::sqlite();
    let shop = Shop::open(&db).await;
    let visitor = shop.visitor();
    let page = visitor.get("/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(
        !policy.contains("http") && !policy.contains("script-src 'unsafe"),
        "{policy}"
    );
    // Outside of the scripts and styles, which are inline, no tag names an address.
    let mut markup = page.text.clone();
    for (open, close) in [("<script", "</script>"), ("<style", "</style>")] {
        while let Some((before, rest)) = markup.split_once(open) {
            let (tag, rest) = rest.split_once('>').unwrap();
            assert!(!tag.contains("src"), "{tag}");
            let (_, after) = rest.split_once(close).unwrap();
            markup = format!("{before}{after}");
        }
    }
    for word in ["http:", "https:", "src=", "href=", "url("] {
        assert!(!markup.contains(word), "{word} in {markup}");
    }
    assert!(
        page.text.contains("/api/user-purchase-history"),
        "the document is within"
    );
    assert_eq!(
        visitor.get("/openapi.json").await.text,
        reference_app::spec()
    );
}
