//! `GET /`: what this is, how to talk to it, and what happened last.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::engine::Engine;
use crate::html::Html;
use crate::kind::Kind;
use crate::money;
use crate::object::{integer, text};
use crate::sandbox::SECRET_KEY;
use crate::state::{Entry, State};

const EVENTS_SHOWN: usize = 20;
const SESSIONS_SHOWN: usize = 10;

pub(crate) fn respond(engine: &Engine) -> Response<Bytes> {
    let url = &engine.settings.public_url;
    let mut page = Html::document("en", "stripegym-sandbox");
    page.markup(
        "<p class=\"note\" role=\"note\"><strong>Sandbox: no money moves here.</strong></p>",
    );
    page.markup("<main class=\"index\"><h1>stripegym-sandbox</h1>");
    page.element("p", "A local Stripe that keeps state, sends signed webhooks and shows a checkout page. Point any Stripe SDK at it.");
    page.markup("<h2>How to reach it</h2><table><tr><th scope=\"row\">API base</th><td><code>");
    page.text(url)
        .markup("</code></td></tr><tr><th scope=\"row\">Secret key</th><td><code>");
    page.text(SECRET_KEY)
        .markup("</code> (any <code>sk_test_...</code> works)</td></tr></table>");
    page.markup("<pre><code>");
    page.text(&format!(
        "curl {url}/v1/customers -u {SECRET_KEY}: -d email=ann@example.com"
    ));
    page.markup("</code></pre>");
    engine.read(|state| {
        sessions(&mut page, state);
        events(&mut page, state);
    });
    page.markup("<h2>More</h2><ul><li>");
    page.link("", "/_sandbox/health", "Health").markup("</li><li><code>GET /_sandbox/events/{id}/deliveries</code>: every attempt to deliver an event</li><li><code>POST /_sandbox/events/{id}/resend</code>: deliver it again</li></ul></main>");
    page.respond(StatusCode::OK)
}

fn sessions(page: &mut Html, state: &State) {
    page.markup("<h2>Checkout sessions</h2>");
    let newest: Vec<&Entry> = state
        .entries
        .newest_first(Kind::CheckoutSession)
        .take(SESSIONS_SHOWN)
        .collect();
    if newest.is_empty() {
        page.element("p", "None yet.");
        return;
    }
    page.markup("<table><tr><th>Session</th><th>Status</th><th>Total</th></tr>");
    for entry in newest {
        let field = |name: &str| text(&entry.object, name).unwrap_or_default();
        page.markup("<tr><td>");
        match text(&entry.object, "url") {
            Some(_) => page.link("", &format!("/c/pay/{}", entry.id), &entry.id),
            None => page.text(&entry.id),
        };
        let total = integer(&entry.object, "amount_total").unwrap_or_default();
        page.markup("</td>").element("td", field("status"));
        page.element("td", &money::format(field("currency"), total))
            .markup("</tr>");
    }
    page.markup("</table>");
}

fn events(page: &mut Html, state: &State) {
    page.markup("<h2>Events</h2>");
    if state.entries.count(Kind::Event) == 0 {
        page.element("p", "None yet.");
        return;
    }
    page.markup("<table><tr><th>Type</th><th>Event</th><th>Not acknowledged</th></tr>");
    for entry in state.entries.newest_first(Kind::Event).take(EVENTS_SHOWN) {
        page.markup("<tr>")
            .element("td", text(&entry.object, "type").unwrap_or_default());
        page.markup("<td>");
        page.link(
            "",
            &format!("/_sandbox/events/{}/deliveries", entry.id),
            &entry.id,
        );
        page.markup("</td><td>");
        page.number(integer(&entry.object, "pending_webhooks").unwrap_or_default());
        page.markup("</td></tr>");
    }
    page.markup("</table>");
}
