//! HTML that cannot be broken out of: text is escaped where it is put in.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

/// Escapes text for element content and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A page under construction. Markup is `&'static str`, so that nothing from outside can be one.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// A whole document up to its body.
    pub(crate) fn document(language: &str, title: &str) -> Self {
        let mut page = Self::default();
        page.markup("<!doctype html><html lang=\"")
            .text(language)
            .markup(
                "\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\">\
             <link rel=\"icon\" href=\"data:,\"><title>",
            );
        page.text(title)
            .markup("</title><link rel=\"stylesheet\" href=\"/_sandbox/style.css\"></head><body>");
        page
    }

    /// Adds markup as it is.
    pub(crate) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escape(text));
        self
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: impl Into<i128>) -> &mut Self {
        // Writing to a string cannot fail.
        write!(self.0, "{}", number.into()).ok();
        self
    }

    /// `<tag>text</tag>`, for tags without attributes.
    pub(crate) fn element(&mut self, tag: &'static str, text: &str) -> &mut Self {
        self.markup("<")
            .markup(tag)
            .markup(">")
            .text(text)
            .markup("</")
            .markup(tag)
            .markup(">")
    }

    /// A link; its target is escaped as well.
    pub(crate) fn link(&mut self, class: &'static str, href: &str, text: &str) -> &mut Self {
        self.markup("<a class=\"")
            .markup(class)
            .markup("\" href=\"")
            .text(href)
            .markup("\">");
        self.text(text).markup("</a>")
    }

    /// Ends the document and wraps it into an answer.
    pub(crate) fn respond(mut self, status: StatusCode) -> Response<Bytes> {
        self.markup("</body></html>");
        let mut response = Response::new(Bytes::from(self.0));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
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
    let mut response = Response::new(Bytes::from_static(include_bytes!("hosted/style.css")));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup_or_leave_its_attribute() {
        let mut page = Html::default();
        page.link("x", "http://a/?q=\"><script>", "<b>'&'</b>");
        assert!(!page.0.contains("<script>"));
        assert!(page.0.contains("&quot;&gt;&lt;script&gt;"));
        assert!(page.0.contains("&lt;b&gt;&#39;&amp;&#39;&lt;/b&gt;"));
    }
}
