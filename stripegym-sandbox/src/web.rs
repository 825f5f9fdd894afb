//! What every page has in common: its frame, its headers, the one style sheet.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

/// A whole page. The note at its top says that this is no bank.
pub(crate) fn page(
    (language, title): (&str, &str),
    note: &Markup,
    body: &Markup,
    status: StatusCode,
) -> Response<Bytes> {
    let page = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (title) }
                link rel="stylesheet" href="/_sandbox/style.css";
            }
            body {
                p.note role="note" { (note) }
                (body)
            }
        }
    };
    let mut response = Response::new(Bytes::from(page.into_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Nothing from elsewhere, no script at all. `form-action` cannot be `'self'`: browsers apply it
/// to the redirect after the form too, and that leads to the merchant's own site.
const HEADERS: [(header::HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http: https:; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// The one style sheet.
pub(crate) fn style_sheet() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(include_bytes!("web/style.css")));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/css; charset=utf-8"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("max-age=300"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Sends a browser on with a GET.
pub(crate) fn redirect(url: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    // Control characters were refused when the session was made; the rest of Unicode is escaped.
    let ascii: String = url
        .chars()
        .map(|c| match c {
            c if c.is_ascii_graphic() => c.to_string(),
            c => c
                .to_string()
                .bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect(),
        })
        .collect();
    if let Ok(location) = HeaderValue::from_str(&ascii) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
