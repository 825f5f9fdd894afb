//! The buttons.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::{PATH, Page, failed, frame, not_found, objects, panels};
use crate::calendar::DAY;
use crate::control;
use crate::engine::Engine;
use crate::error::ApiError;
use crate::form;
use crate::kind::Kind;
use crate::object::{integer, set};
use crate::params::Args;
use crate::resources::{Call, test_clock};
use crate::tx::Origin;
use crate::web;

/// Does what a form asks for and shows the page that it came from.
pub(super) fn respond(engine: &Engine, segments: &[&str], body: &[u8]) -> Response<Bytes> {
    let form = std::str::from_utf8(body).unwrap_or_default();
    let form = form::decode("", form).map(|form| form.to_json());
    let form = form.unwrap_or_default();
    let (done, back): (_, String) = match segments {
        ["objects", id, "resend"] => (engine.resend(id).map(drop), format!("objects/{id}")),
        ["objects", id, "advance"] => (advance(engine, id, &form), format!("objects/{id}")),
        ["clocks", "advance"] => (move_ahead(engine, &form), "clocks".to_owned()),
        ["faults"] => (control::set_faults(engine, &form), "faults".to_owned()),
        _ => return frame::respond(&not_found()),
    };
    match done {
        Ok(()) => web::redirect(&format!("{PATH}/{back}")),
        Err(error) => frame::respond(&again(engine, segments, &form, &error)),
    }
}

/// The same page, with what went wrong.
fn again(engine: &Engine, segments: &[&str], form: &Value, error: &ApiError) -> Page {
    let status = failed(error).status;
    let page = match segments {
        ["objects", id, _] => objects::page(engine, id, None, Some(error.message())),
        ["clocks", _] => Some(panels::clocks(engine, Some(error.message()))),
        _ => {
            let typed = form["faults"].as_str().unwrap_or_default();
            Some(panels::faults(engine, Some((typed, error.message()))))
        }
    };
    match page {
        Some(page) => Page { status, ..page },
        None => not_found(),
    }
}

fn days(form: &Value) -> Result<u16, ApiError> {
    let days = form["days"].as_str().and_then(|days| days.parse().ok());
    days.filter(|days| *days > 0)
        .ok_or_else(|| ApiError::invalid("How many days? A whole number.").param("days"))
}

fn move_ahead(engine: &Engine, form: &Value) -> Result<(), ApiError> {
    let by_ms = i64::from(days(form)?)
        .saturating_mul(DAY)
        .saturating_mul(1000);
    engine.move_ahead(by_ms)
}

fn advance(engine: &Engine, id: &str, form: &Value) -> Result<(), ApiError> {
    let seconds = i64::from(days(form)?).saturating_mul(DAY);
    let origin = Origin {
        request_id: Some(engine.request_id()),
        ..Origin::default()
    };
    engine.transact(origin, |tx| {
        let clock = tx.retrieve(Kind::TestClock, id)?;
        let now = integer(&clock.object, "frozen_time").unwrap_or_default();
        let mut args = Args::default();
        set(&mut args.0, "frozen_time", now.saturating_add(seconds));
        let call = Call {
            id: id.to_owned(),
            other: String::new(),
            args,
        };
        test_clock::advance(tx, &call).map(drop)
    })?;
    // It goes in the background; whoever pressed the button wants to see where it came to.
    engine.wake()
}
