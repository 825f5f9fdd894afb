//! Every call against stripe-mock, which knows Stripe's own description of the
//! API: each is accepted with every parameter that has a setter, and its
//! answer is read by our view. The list of calls is the code's own
//! (`client::CALLS`): a call, or a setter, without a check here fails the test.

mod billing;
mod catalogue;
mod invoices;
mod money;
mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Mutex;

use serde_json::{Value, json};
use stripegym_core::client::{Answer, CALLS, Call, CallInfo, Client, List, Request, SearchPage};
use stripegym_core::object::View;
use stripegym_core::{ApiError, ApiKey};
use stripegym_tests::StripeMock;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Sends calls and remembers what was sent.
struct Checks {
    stripe: Client,
    sent: Mutex<BTreeMap<&'static str, BTreeSet<String>>>,
}

impl Checks {
    fn remember(&self, info: &CallInfo, request: &Request) {
        assert_eq!(request.method(), info.method, "{}", info.name);
        let shape = |path: &str| path.split('/').count();
        assert_eq!(shape(request.path()), shape(info.path), "{}", info.name);
        let mut sent = self.sent.lock().unwrap();
        let keys = sent.entry(info.name).or_default();
        keys.extend(request.form().iter().map(|(key, _)| key.to_owned()));
    }

    /// Sends the call to stripe-mock; its answer is an `object` of this kind.
    async fn accepts<C: Call>(&self, call: C, object: &str) -> Value {
        let request = call.into_request();
        self.remember(&C::INFO, &request);
        let sent = format!("{} {}", C::INFO.name, request.form().encode());
        let answer = match self.stripe.execute(request).await {
            Ok(answer) => answer,
            Err(error) => {
                let message = error.refusal().and_then(|refusal| refusal.message());
                panic!("{sent}: {error}: {message:?}");
            }
        };
        C::Output::from_slice(answer.body()).unwrap_or_else(|error| panic!("{sent}: {error}"));
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(body["object"], object, "{sent}");
        body
    }

    /// The answer is one object of the view's kind.
    async fn one<C: Call>(&self, call: C)
    where
        C::Output: View,
    {
        self.accepts(call, C::Output::OBJECT).await;
    }

    /// The answer is a list of objects of the view's kind.
    async fn list<T: View, C: Call<Output = List<T>>>(&self, call: C) {
        let body = self.accepts(call, "list").await;
        assert_eq!(body["data"][0]["object"], T::OBJECT, "{}", C::INFO.name);
    }

    /// The answer is a page of a search for objects of the view's kind.
    async fn search<T: View, C: Call<Output = SearchPage<T>>>(&self, call: C) {
        let body = self.accepts(call, "search_result").await;
        assert_eq!(body["data"][0]["object"], T::OBJECT, "{}", C::INFO.name);
    }

    /// What stripe-mock's description does not have yet, and why: its form is
    /// checked instead.
    async fn newer<C: Call>(&self, call: C, why: &str, form: &str) {
        let server = MockServer::start().await;
        let answer = json!({ "id": "x_1", "object": "x" });
        Mock::given(any())
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&server)
            .await;
        let request = call.into_request();
        self.remember(&C::INFO, &request);
        client(&server.uri())
            .execute(request.clone())
            .await
            .unwrap();
        let seen = server.received_requests().await.unwrap();
        assert_eq!(seen[0].url.path(), request.path(), "{why}");
        assert_eq!(String::from_utf8_lossy(&seen[0].body), form, "{why}");
        let known = self.stripe.execute(request).await;
        assert!(
            matches!(known, Err(ApiError::Invalid(_) | ApiError::NotFound(_))),
            "stripe-mock has it now, check it there: {} ({why})",
            C::INFO.name
        );
    }

    /// Each call type, and each of its parameters, was sent.
    fn are_complete(&self) {
        let sent = self.sent.lock().unwrap();
        let mut missing = Vec::new();
        for call in CALLS.iter().copied().flatten() {
            let Some(keys) = sent.get(call.name) else {
                missing.push(call.name.to_owned());
                continue;
            };
            let is_sent = |param: &str| {
                let below = format!("{param}[");
                keys.iter()
                    .any(|key| key == param || key.starts_with(&below))
            };
            let unsent = call
                .params
                .iter()
                .copied()
                .flatten()
                .filter(|param| !is_sent(param));
            missing.extend(unsent.map(|param| format!("{}.{param}", call.name)));
        }
        assert!(
            missing.is_empty(),
            "calls and setters without a check: {missing:#?}"
        );
    }
}

fn client(base: &str) -> Client {
    let key = ApiKey::parse("sk_test_mock").unwrap();
    Client::builder(key).base(base).retries(0).build().unwrap()
}

/// An id, a currency or whatever else is read from a text.
fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

#[tokio::test]
async fn stripe_mock_accepts_every_call_and_its_answers_are_read() {
    let Some(mock) = StripeMock::start() else {
        return;
    };
    let checks = Checks {
        stripe: client(mock.base()),
        sent: Mutex::default(),
    };
    people::check(&checks).await;
    catalogue::check(&checks).await;
    billing::check(&checks).await;
    invoices::check(&checks).await;
    money::check(&checks).await;
    checks.are_complete();
}

#[test]
fn the_list_of_calls_names_each_once() {
    let mut names: Vec<_> = CALLS
        .iter()
        .copied()
        .flatten()
        .map(|call| call.name)
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count > 120, "{count}");
}
