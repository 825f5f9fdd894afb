//! The pages and what they are made of, all within the binary.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! page {
    ($name:literal) => {
        include_str!(concat!("../../pages/", $name))
    };
}

macro_rules! assets {
    ($($type:ident $name:literal,)*) => {
        [$(Asset { name: $name, kind: $type, content: page!($name) },)*]
    };
}

/// One file below `/assets`.
struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
}

/// All of them; a test compares this list with the directory.
static ASSETS: [Asset; 22] = assets![
    CSS "app.css",
    JS "app.js",
    SVG "favicon.svg",
    SVG "art/barbell.svg",
    SVG "art/bare-bar.svg",
    SVG "art/mark.svg",
    SVG "art/plates-premium.svg",
    SVG "art/plates-standard.svg",
    SVG "art/pouch.svg",
    JS "js/api.js",
    JS "js/checkout.js",
    JS "js/format.js",
    JS "js/forms.js",
    JS "js/home.js",
    JS "js/i18n.js",
    JS "js/lang.js",
    JS "js/login.js",
    JS "js/mypage.js",
    JS "js/purchase.js",
    JS "js/register.js",
    JS "js/sign-in.js",
    JS "js/success.js",
];

pub(super) fn routes() -> Router {
    Router::new()
        .route("/", public(page!("index.html")))
        .route("/register", public(page!("register.html")))
        .route("/login", public(page!("login.html")))
        .route("/success-checkout", public(page!("success-checkout.html")))
        .route("/cancel", public(page!("cancel.html")))
        .route("/mypage", get(my_page))
        // Where StripeGym's portal returns to.
        .route("/mypage.html", get(my_page))
        .route("/assets/{*name}", get(asset))
}

/// Everything else.
pub(super) async fn missing() -> Response {
    (StatusCode::NOT_FOUND, html(page!("404.html"), "no-cache")).into_response()
}

fn public(page: &'static str) -> axum::routing::MethodRouter {
    get(async move || html(page, "no-cache"))
}

async fn my_page() -> Response {
    html(page!("mypage.html"), "no-store")
}

fn html(page: &'static str, cache: &'static str) -> Response {
    ([(CONTENT_TYPE, HTML), (CACHE_CONTROL, cache)], page).into_response()
}

/// A file of the pages. Browsers ask every time whether theirs is still the
/// right one, so a new release is never mixed with an old one's scripts.
async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return missing().await;
    };
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(asset.content)[..8]));
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|value| mentions(value, &tag));
    let caching = [(ETAG, tag.as_str()), (CACHE_CONTROL, "no-cache")];
    if known {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, asset.kind)], asset.content).into_response()
}

/// Whether a list of tags has this one; a proxy may have made it weak.
fn mentions(list: &HeaderValue, tag: &str) -> bool {
    let list = list.to_str().unwrap_or_default();
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn walk(root: &Path, directory: &Path, found: &mut BTreeSet<String>) {
        for entry in directory.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else if path.extension().is_none_or(|extension| extension != "html") {
                found.insert(
                    path.strip_prefix(root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }

    #[test]
    fn every_file_of_the_pages_is_in_the_binary_but_the_html_is_no_asset() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
        let mut files = BTreeSet::new();
        walk(&root, &root, &mut files);
        let listed = ASSETS.iter().map(|asset| asset.name.to_owned()).collect();
        assert_eq!(files, listed);
    }
}
