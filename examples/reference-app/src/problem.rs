//! Every failure that a client sees, from axum's routes and from poem's alike,
//! in one shape: `{success: false, error, code, fields?}`.
//!
//! A failing handler attaches a [`Problem`] to an empty answer; [`render`], the
//! outermost of them all, writes it in the language of the request. Texts are
//! ours, never an error's own: those go to the log.

mod code;
mod field;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::lang::Lang;

pub(crate) use code::Code;
pub(crate) use field::FieldFault;

/// A failure, as the client will see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    code: Code,
    fields: Vec<(&'static str, FieldFault)>,
}

impl Problem {
    pub(crate) fn new(code: Code) -> Self {
        Self {
            code,
            fields: Vec::new(),
        }
    }

    /// What is wrong with which field of the input.
    pub(crate) fn in_fields(code: Code, fields: Vec<(&'static str, FieldFault)>) -> Self {
        Self { code, fields }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.code.status()
    }

    fn body(&self, lang: Lang) -> Value {
        let mut body = json!({
            "success": false, "error": self.code.text(lang), "code": self.code.as_str(),
        });
        if !self.fields.is_empty() {
            let texts = self
                .fields
                .iter()
                .map(|(name, fault)| ((*name).to_owned(), Value::from(fault.text(lang))));
            body["fields"] = Value::Object(texts.collect::<Map<_, _>>());
        }
        body
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = self.status().into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        let mut error = Self::from_status(problem.status());
        error.set_data(problem);
        error
    }
}

/// Writes problems out. Under `/api` this includes the ones that poem makes by
/// itself, for paths, methods, bodies and parameters.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let lang = Lang::preferred(request.headers());
    let is_api = request.uri().path().starts_with("/api");
    let mut answer = next.run(request).await;
    let problem = match answer.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_api && !answer.status().is_success() => {
            Problem::new(Code::of_status(answer.status()))
        }
        None => return answer,
    };
    let (mut parts, _) = answer.into_parts();
    parts.status = problem.status();
    parts.headers.remove(CONTENT_LENGTH);
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if parts.status == StatusCode::SERVICE_UNAVAILABLE {
        parts
            .headers
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Response::from_parts(parts, problem.body(lang).to_string().into())
}
