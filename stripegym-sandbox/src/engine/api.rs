//! One API request from its bytes to its answer.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Engine, auth};
use crate::error::ApiError;
use crate::expand;
use crate::faults::RequestFault;
use crate::form::{self, Node};
use crate::params;
use crate::render::render;
use crate::resources::{self, Call, Endpoint, Method, Named};
use crate::state::{Record, Replay};
use crate::tx::{Origin, Tx};
use crate::version::ApiVersion;

/// Stripe forgets keys after a day at the earliest.
pub(crate) const REPLAY_SECONDS: i64 = 24 * 60 * 60;

const KEY_LEN_MAX: usize = 255;

/// A request on its way to its endpoint.
struct Routed<'a> {
    endpoint: &'static Endpoint,
    named: Named,
    form: Node,
    key: Option<String>,
    path: &'a str,
    /// A fault: this status stands in for the answer.
    fail_after: Option<u16>,
}

/// What goes back, before it is an HTTP response.
struct Answer {
    status: u16,
    body: String,
    version: String,
    /// The request that first had this answer, for keyed requests.
    original: Option<String>,
    replayed: bool,
    header: Option<(&'static str, &'static str)>,
}

impl Engine {
    /// Answers anything under `/v1`.
    pub(crate) fn answer(
        &self,
        request: &Request<Bytes>,
        request_id: &str,
        fault: Option<RequestFault>,
    ) -> Response<Bytes> {
        let key = text(request.headers(), "idempotency-key").filter(|key| !key.is_empty());
        let outcome = match fault.and_then(RequestFault::refusal) {
            Some(error) => Err(error),
            None => {
                let fail_after = fault.and_then(RequestFault::status_after);
                self.try_answer(request, request_id, key, fail_after)
            }
        };
        let answer = outcome.unwrap_or_else(|error| Answer {
            status: error.status,
            body: pretty(&error.body(request_id)),
            version: text(request.headers(), "stripe-version")
                .unwrap_or(ApiVersion::DEFAULT)
                .to_owned(),
            original: None,
            replayed: false,
            header: error.header(),
        });
        respond(answer, key, request_id)
    }

    fn try_answer(
        &self,
        request: &Request<Bytes>,
        request_id: &str,
        key: Option<&str>,
        fail_after: Option<u16>,
    ) -> Result<Answer, ApiError> {
        auth::authorize(text(request.headers(), "authorization"))?;
        let version = ApiVersion::from_header(text(request.headers(), "stripe-version"))?;
        let path = request.uri().path();
        let (endpoint, named) = Method::parse(request.method().as_str())
            .and_then(|method| resources::route(method, path))
            .ok_or_else(|| ApiError::unrecognized_url(request.method().as_str(), path))?;
        let form = decode(request)?;
        // Stripe ignores keys on GET and DELETE.
        let key = key
            .filter(|_| endpoint.method == Method::Post)
            .map(ToOwned::to_owned);
        if key.as_ref().is_some_and(|key| key.len() > KEY_LEN_MAX) {
            return Err(ApiError::invalid(format!(
                "Idempotency keys can be at most {KEY_LEN_MAX} characters long."
            )));
        }
        let routed = Routed {
            endpoint,
            named,
            form,
            key: key.clone(),
            path,
            fail_after,
        };
        let origin = Origin {
            request_id: Some(request_id.to_owned()),
            idempotency_key: key,
            version,
        };
        self.transact(origin, |tx| routed.execute(tx, request_id))
    }
}

impl Routed<'_> {
    fn execute(mut self, tx: &mut Tx<'_>, request_id: &str) -> Result<Answer, ApiError> {
        let fingerprint = self.fingerprint();
        if let Some(replay) = self.find_replay(tx) {
            return replayed(replay, &fingerprint);
        }
        let paths = expand::take_paths(&mut self.form)?;
        let args = params::check(self.endpoint.params, &self.form)?;
        let Named { id, other } = self.named;
        let call = Call { id, other, args };
        let reply = (self.endpoint.run)(tx, &call).and_then(|mut reply| {
            expand::apply(tx.state(), &mut reply.body, &paths)?;
            render(tx.state(), &mut reply.body, &tx.origin.version);
            Ok(reply)
        });
        let (status, body) = match reply {
            Ok(reply) => (reply.status, pretty(&reply.body)),
            Err(error) if error.stored && self.key.is_some() => {
                tx.roll_back();
                (error.status, pretty(&error.body(request_id)))
            }
            Err(error) => return Err(error),
        };
        // The effect stands, and for its key the failure stands as well.
        let (status, body) = match self.fail_after {
            Some(status) => (status, pretty(&ApiError::broken(status).body(request_id))),
            None => (status, body),
        };
        let version = tx.origin.version.as_str().to_owned();
        let original = self.key.as_ref().map(|_| request_id.to_owned());
        if let Some(key) = self.key {
            tx.write(Record::Replay(Replay {
                key,
                fingerprint,
                status,
                body: body.clone(),
                request_id: request_id.to_owned(),
                version: version.clone(),
                created: tx.machine_now(),
            }));
        }
        Ok(Answer {
            status,
            body,
            version,
            original,
            replayed: false,
            header: None,
        })
    }

    fn find_replay<'t>(&self, tx: &'t Tx<'_>) -> Option<&'t Replay> {
        let replay = tx.replay(self.key.as_deref()?)?;
        (replay.created > tx.machine_now().saturating_sub(REPLAY_SECONDS)).then_some(replay)
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {}\n", self.endpoint.method, self.path));
        hash.update(self.form.to_json().to_string());
        hex::encode(hash.finalize())
    }
}

fn replayed(replay: &Replay, fingerprint: &str) -> Result<Answer, ApiError> {
    if replay.fingerprint != fingerprint {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used with the same parameters they were \
             first used with. Try using a key other than '{}' if you meant to execute a different \
             request.",
            replay.key
        )));
    }
    Ok(Answer {
        status: replay.status,
        body: replay.body.clone(),
        version: replay.version.clone(),
        original: Some(replay.request_id.clone()),
        replayed: true,
        header: None,
    })
}

fn decode(request: &Request<Bytes>) -> Result<Node, ApiError> {
    let query = request.uri().query().unwrap_or_default();
    if request.method() != http::Method::POST || request.body().is_empty() {
        return form::decode(query, "");
    }
    let content_type = text(request.headers(), "content-type").unwrap_or_default();
    let is_other = ["application/json", "multipart/"]
        .iter()
        .any(|t| content_type.starts_with(t));
    if is_other {
        return Err(ApiError::invalid(format!(
            "Invalid request: the v1 API takes application/x-www-form-urlencoded, not \
             {content_type}."
        )));
    }
    let body = std::str::from_utf8(request.body())
        .map_err(|_| ApiError::invalid("Invalid UTF-8 in the request."))?;
    form::decode(query, body)
}

fn respond(answer: Answer, key: Option<&str>, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(answer.body));
    *response.status_mut() =
        http::StatusCode::from_u16(answer.status).unwrap_or(http::StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store"),
    );
    let mut set = |name: &'static str, value: &str| {
        // A header that came in can go out; anything else was made here.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set("request-id", request_id);
    set("stripe-version", &answer.version);
    if answer.status == 401 {
        set("www-authenticate", "Bearer realm=\"Stripe\"");
    }
    if answer.status == 402 {
        set("stripe-should-retry", "false");
    }
    if let Some(key) = key {
        set("idempotency-key", key);
    }
    if let Some(original) = &answer.original {
        set("original-request", original);
    }
    if let Some((name, value)) = answer.header {
        set(name, value);
    }
    if answer.replayed {
        set("idempotent-replayed", "true");
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Stripe indents its JSON; people read it in terminals and logs.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
