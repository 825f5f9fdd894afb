//! The consumer: everything of the library that a process runs. The rest of the
//! simulator knows nothing else of it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stripegym_core::client::Transport;
use stripegym_core::process::{HandlerError, Mode, ProcessorConfig, ReceiveError, Worker};
use stripegym_core::reconcile::{Reconciler, Run, Sweep};
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{ApiKey, Client, Clock, Event, Handler, Processor, Store, Tx, WebhookSecret};

/// How often a worker looks. Not a round number, so that the clock knows a poll
/// from any other wait.
pub const POLL: Duration = Duration::from_millis(1_009);

/// The secret of the one endpoint.
const SECRET: &str = "whsec_simulated";
/// How often a reconciliation is tried anew.
const TRIES_MAX: u32 = 20;

/// Somebody's own effect, of a kind that does not bear repeating: it counts,
/// in the event's own transaction, how often the event was handled.
#[derive(Debug)]
struct Count;

/// What the count of an event is kept under.
#[must_use]
pub fn counter(event_id: &str) -> String {
    format!("handled:{event_id}")
}

#[async_trait]
impl Handler for Count {
    async fn handle(&self, event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError> {
        let name = counter(event.id().as_str());
        let so_far = tx.watermark(&name).await?.unwrap_or(0);
        Ok(tx.put_watermark(&name, so_far + 1).await?)
    }
}

/// One process of the consumer. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Consumer {
    processor: Processor,
    verifier: Verifier,
    reconciler: Reconciler,
    clock: Arc<dyn Clock>,
    _workers: Arc<Vec<Worker>>,
}

impl Consumer {
    /// Starts a process, within its runtime.
    ///
    /// # Panics
    /// Never: the settings are constants that are right.
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        api: impl Transport + 'static,
        workers: usize,
        mode: Mode,
    ) -> Self {
        let mut config = ProcessorConfig::default();
        config.poll = POLL;
        config.mode = mode;
        let secret = WebhookSecret::parse(SECRET).expect("a secret");
        let client = Client::builder(ApiKey::parse("sk_test_simulated").expect("a key"))
            .base("http://api.example")
            .transport(api)
            .clock(Arc::clone(&clock))
            .build()
            .expect("settings that are right");
        let processor = Processor::builder(store)
            .clock(Arc::clone(&clock))
            .config(config)
            .source(client.clone())
            .on("*", Count)
            .build();
        let reconciler = Reconciler::new(&processor, client);
        let workers = (0..workers).map(|_| processor.start_worker()).collect();
        Self {
            processor,
            verifier: Verifier::new(secret).clock(Arc::clone(&clock)),
            reconciler,
            clock,
            _workers: Arc::new(workers),
        }
    }

    /// Takes a delivery as the webhook route does; answers with the status.
    pub async fn deliver(&self, body: Bytes, signature: &str) -> u16 {
        let received = Received::new(body, Some(signature.as_bytes()));
        let Ok(verified) = received.verify(&self.verifier) else {
            return 400;
        };
        match self.processor.receive(verified).await {
            Ok(_) => 200,
            Err(ReceiveError::NotAnEvent(_)) => 400,
            Err(_) => 503,
        }
    }

    /// Asks Stripe for what never came, until it works. Answers whether every
    /// object was read.
    pub async fn reconcile(&self, sweep: Sweep) -> Option<bool> {
        let run = Run {
            sweep,
            ..Run::default()
        };
        for _ in 0..TRIES_MAX {
            if let Ok(report) = self.reconciler.run(run).await {
                return report.unbooked.is_empty().then_some(report.swept);
            }
            self.clock.sleep(Duration::from_secs(30)).await;
        }
        None
    }
}

/// The `Stripe-Signature` of a body, in a few lines of our own.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn sign(unix_s: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(unix_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("t={unix_s},v1={}", hex::encode(mac.finalize().into_bytes()))
}
