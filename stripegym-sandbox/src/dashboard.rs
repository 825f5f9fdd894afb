//! The dashboard: everything the sandbox knows, as plain pages without any script.

mod actions;
mod frame;
mod json;
mod lists;
mod objects;
mod overview;
mod panels;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use maud::{Markup, html};

use crate::engine::Engine;
use crate::error::ApiError;
use crate::form;
use crate::guard;
use crate::object::text;

/// Below here, and at `/`, are the pages.
pub(crate) const PATH: &str = "/dashboard";

/// What goes between the navigation and the end of a page.
struct Page {
    title: String,
    /// The section that the navigation marks.
    section: &'static str,
    body: Markup,
    status: StatusCode,
}

impl Page {
    fn new(title: impl Into<String>, section: &'static str, body: Markup) -> Self {
        Self {
            title: title.into(),
            section,
            body,
            status: StatusCode::OK,
        }
    }
}

/// Answers `/` and everything below `/dashboard`.
pub(crate) fn respond(engine: &Engine, request: &Request<Bytes>) -> Response<Bytes> {
    let public_url = &engine.settings.public_url;
    if let Err(error) = guard::own_name(request, public_url) {
        return frame::respond(&failed(&error));
    }
    let path = request.uri().path();
    let path = path.strip_prefix(PATH).unwrap_or(path).trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    if *request.method() == Method::POST {
        if let Err(error) = guard::same_site(request, public_url) {
            return frame::respond(&failed(&error));
        }
        return actions::respond(engine, &segments, request.body());
    }
    // What is due happens before anyone looks.
    if let Err(error) = engine.wake() {
        return frame::respond(&failed(&error));
    }
    let query = form::decode(request.uri().query().unwrap_or_default(), "");
    let query = query.map(|query| query.to_json()).unwrap_or_default();
    let asked = |name: &str| query[name].as_str();
    let page = match (request.method(), segments.as_slice()) {
        (&Method::GET, [""]) => Some(overview::page(engine)),
        (&Method::GET, ["clocks"]) => Some(panels::clocks(engine, None)),
        (&Method::GET, ["faults"]) => Some(panels::faults(engine, None)),
        (&Method::GET, ["balance"]) => {
            Some(engine.read(|state| panels::balance(state, asked("after"))))
        }
        (&Method::GET, ["objects", id]) => objects::page(engine, id, asked("version"), None),
        (&Method::GET, [slug]) => engine.read(|state| lists::page(state, slug, asked("after"))),
        _ => None,
    };
    frame::respond(&page.unwrap_or_else(not_found))
}

fn not_found() -> Page {
    let body = html! {
        h1 { "Not found" }
        p { "There is no such page or object. It may have been deleted, or the sandbox was "
            "started anew without its state." }
        p { a href="/" { "Back to the overview" } }
    };
    Page {
        status: StatusCode::NOT_FOUND,
        ..Page::new("Not found", "", body)
    }
}

fn failed(error: &ApiError) -> Page {
    let body = html! {
        h1 { "That did not work" }
        div.alert role="alert" { (error.message()) }
        p { a href="/" { "Back to the overview" } }
    };
    Page {
        status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        ..Page::new("Error", "", body)
    }
}

/// The title of an object: what people call it.
fn name_of(object: &crate::object::Object) -> &str {
    ["type", "name", "email", "number", "description", "url"]
        .iter()
        .find_map(|field| text(object, field))
        .unwrap_or_default()
}
