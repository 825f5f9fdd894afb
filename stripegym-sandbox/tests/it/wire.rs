//! A small HTTP client for the stories. Not reqwest: built together with the rest of the
//! workspace it would want a TLS provider that this crate has no use for.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use stripegym_sandbox::Sandbox;

/// Longer than anything here takes; a condition that fails, fails in the end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The object, if all went well.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.json()
    }

    /// Status, code, parameter and message of an error.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String, String, String) {
        let error = &self.json()["error"];
        let text = |name: &str| error[name].as_str().unwrap_or("-").to_owned();
        (
            self.status.as_u16(),
            text("code"),
            text("param"),
            text("message"),
        )
    }
}

/// A client of one sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Wire {
    pub(crate) fn to(sandbox: &Sandbox) -> Self {
        Self::at(sandbox.url())
    }

    pub(crate) fn at(base: String) -> Self {
        Self {
            base,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, String> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let mut request = Request::builder().method(method).uri(url);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", "Bearer sk_test_story");
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body.to_owned())).unwrap();
        let exchange = self.client.request(request);
        let response = tokio::time::timeout(PATIENCE, exchange)
            .await
            .map_err(|elapsed| elapsed.to_string())?
            .map_err(|error| error.to_string())?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| error.to_string())?
            .to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(Method::POST, path, &[], body).await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], "").await.unwrap()
    }

    pub(crate) async fn keyed(&self, path: &str, key: &str, body: &str) -> Answer {
        self.send(Method::POST, path, &[("idempotency-key", key)], body)
            .await
            .unwrap()
    }
}

/// A session for two teas of 1,000 yen, with what `more` adds.
pub(crate) async fn tea_session(wire: &Wire, more: &str) -> Value {
    let body = format!(
        "mode=payment&line_items[0][price_data][currency]=jpy\
         &line_items[0][price_data][unit_amount]=1000\
         &line_items[0][price_data][product_data][name]=Tea&line_items[0][quantity]=2\
         &success_url=http://shop.test/thanks?session={{CHECKOUT_SESSION_ID}}\
         &cancel_url=http://shop.test/cart{more}"
    );
    wire.post("/v1/checkout/sessions", &body).await.ok()
}

/// A filled-in payment form.
pub(crate) fn card(number: &str) -> String {
    format!("email=ann%40example.com&number={number}&expiry=12%2F34&cvc=123&name=Ann+Lee")
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub(crate) fn types(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}
