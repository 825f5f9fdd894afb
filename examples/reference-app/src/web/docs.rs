//! The API's documents for people: Swagger UI, which poem-openapi carries
//! within itself. It loads nothing from elsewhere, so it works offline.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use sha2::{Digest, Sha256};

use crate::api;

/// The page and the policy that lets it, and only it, run its scripts; and the
/// document alone, for programs. Written once, at the start.
#[derive(Clone)]
struct Docs {
    page: Bytes,
    policy: HeaderValue,
    spec: Bytes,
}

pub(super) fn routes() -> Router {
    let page = api::docs();
    // A policy is ASCII; were it not, the page would show nothing rather than too much.
    let policy = HeaderValue::from_str(&policy(&page));
    let docs = Docs {
        policy: policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        page: page.into(),
        spec: api::spec().into(),
    };
    Router::new()
        .route("/docs", get(show))
        .route("/openapi.json", get(spec))
        .with_state(docs)
}

async fn show(State(docs): State<Docs>) -> Response {
    let kind = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (kind, [(CONTENT_SECURITY_POLICY, docs.policy)], docs.page).into_response()
}

async fn spec(State(docs): State<Docs>) -> Response {
    (
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-cache"),
        ],
        docs.spec,
    )
        .into_response()
}

/// The page's scripts are inline; each is let in by its hash. Swagger UI styles
/// its elements one by one, which only `unsafe-inline` allows.
fn policy(page: &str) -> String {
    let hashes: String = inline_scripts(page)
        .map(|script| {
            format!(
                " 'sha256-{}'",
                BASE64_STANDARD.encode(Sha256::digest(script))
            )
        })
        .collect();
    format!(
        "default-src 'none'; script-src{hashes}; style-src 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    // As browsers see it: from the end of the tag to the next closing tag,
    // whatever is in between.
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, tag) = rest.split_once("<script")?;
        let (_, script) = tag.split_once('>')?;
        let (script, after) = script.split_once("</script>")?;
        rest = after;
        Some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::inline_scripts;

    #[test]
    fn scripts_are_found_one_after_the_other() {
        let page = "<p><script charset=\"x\">a = '<script>'</script><script>\nb\n</script></p>";
        assert_eq!(
            inline_scripts(page).collect::<Vec<_>>(),
            ["a = '<script>'", "\nb\n"]
        );
    }
}
