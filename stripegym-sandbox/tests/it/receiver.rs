//! A merchant's webhook receiver that checks signatures with an HMAC of its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::{Notify, watch};

use crate::wire::PATIENCE;

/// One request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }

    pub(crate) fn signature(&self) -> &str {
        self.headers["stripe-signature"].to_str().unwrap()
    }

    /// Verifies as the documentation says, and answers the time of the signature.
    #[track_caller]
    pub(crate) fn verify(&self, secret: &str) -> i64 {
        let (time, signature) = self.signature().split_once(",v1=").unwrap();
        let time = time.strip_prefix("t=").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.").as_bytes());
        mac.update(&self.body);
        mac.verify_slice(&hex::decode(signature).unwrap()).unwrap();
        time.parse().unwrap()
    }
}

#[derive(Clone)]
struct Shop {
    received: watch::Sender<Vec<Received>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
    held: Option<Arc<Notify>>,
}

pub(crate) struct Receiver {
    pub(crate) url: String,
    shop: Shop,
}

impl Receiver {
    /// Answers 200 to everything.
    pub(crate) async fn start() -> Self {
        Self::answering(&[]).await
    }

    /// Answers these first, then 200.
    pub(crate) async fn answering(answers: &[u16]) -> Self {
        Self::build(answers, None).await
    }

    /// Answers nothing until released.
    pub(crate) async fn held(release: Arc<Notify>) -> Self {
        Self::build(&[], Some(release)).await
    }

    async fn build(answers: &[u16], held: Option<Arc<Notify>>) -> Self {
        let shop = Shop {
            received: watch::Sender::new(Vec::new()),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            held,
        };
        let router = Router::new()
            .route("/webhook", post(receive))
            .with_state(shop.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shop }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shop.received.borrow().clone()
    }

    /// Waits until what came in satisfies `condition`.
    pub(crate) async fn until(&self, condition: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let mut changes = self.shop.received.subscribe();
        let waited = tokio::time::timeout(PATIENCE, changes.wait_for(|all| condition(all))).await;
        match waited {
            Ok(found) => found.unwrap().clone(),
            Err(_) => panic!("only this came in: {:?}", kinds(&self.received())),
        }
    }

    pub(crate) async fn until_count(&self, count: usize) -> Vec<Received> {
        self.until(|received| received.len() >= count).await
    }
}

pub(crate) fn kinds(received: &[Received]) -> Vec<String> {
    received.iter().map(Received::kind).collect()
}

async fn receive(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    shop.received
        .send_modify(|all| all.push(Received { headers, body }));
    if let Some(held) = &shop.held {
        held.notified().await;
    }
    let answer = shop.answers.lock().unwrap().pop_front();
    StatusCode::from_u16(answer.unwrap_or(200)).unwrap()
}
