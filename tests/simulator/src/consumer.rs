//! The consumer: everything of the library that a process runs. The rest of the
//! simulator knows nothing else of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stripegym_core::client::{ApiError, AtMost, TimeRange, Transport};
use stripegym_core::event_record::ListEvents;
use stripegym_core::process::{Mode, ProcessorConfig, ReceiveError, Worker};
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{ApiKey, Client, Clock, Processor, Store, WebhookSecret};

/// How often a worker looks. Not a round number, so that the clock knows a poll
/// from any other wait.
pub const POLL: Duration = Duration::from_millis(1_009);

/// The secret of the one endpoint.
const SECRET: &str = "whsec_simulated";
/// Events asked for at once: more than any world has.
const EVENTS_MAX: usize = 10_000;
/// How often a look at Stripe's events is tried anew.
const TRIES_MAX: u32 = 20;

/// What the library can do so far; the oracle asks for no more.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// Sees what happened to an object though no event of it came within 30 days.
    pub sweeps: bool,
    /// Knows of money that was taken later, of which no session's event tells.
    pub sees_captures: bool,
}

/// Today's abilities.
pub const ABILITIES: Abilities = Abilities {
    sweeps: false,
    sees_captures: false,
};

/// One process of the consumer. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Consumer {
    processor: Processor,
    verifier: Verifier,
    client: Client,
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
        let processor = Processor::builder(store)
            .clock(Arc::clone(&clock))
            .config(config)
            .build();
        let secret = WebhookSecret::parse(SECRET).expect("a secret");
        let client = Client::builder(ApiKey::parse("sk_test_simulated").expect("a key"))
            .base("http://api.example")
            .transport(api)
            .clock(Arc::clone(&clock))
            .build()
            .expect("settings that are right");
        let workers = (0..workers).map(|_| processor.start_worker()).collect();
        Self {
            processor,
            verifier: Verifier::new(secret).clock(Arc::clone(&clock)),
            client,
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

    /// Looks at Stripe's own list of events for what never came. Tried until it works.
    pub async fn reconcile(&self) {
        for _ in 0..TRIES_MAX {
            if self.look_once().await.is_ok_and(|all_taken| all_taken) {
                return;
            }
            self.clock.sleep(Duration::from_secs(30)).await;
        }
    }

    async fn look_once(&self) -> Result<bool, ApiError> {
        let now = self.clock.now().unix_s();
        let since = TimeRange::from(now - 30 * 86_400);
        let mut walk = ListEvents::new()
            .created(since)
            .walk(&self.client, AtMost::Items(EVENTS_MAX));
        let mut missing = Vec::new();
        while let Some(event) = walk.next().await {
            let json = serde_json::to_vec(event?.object().json()).unwrap_or_default();
            missing.push(Bytes::from(json));
        }
        // The oldest first, as they would have come.
        for body in missing.into_iter().rev() {
            let signature = sign(self.clock.now().unix_s(), &body);
            if self.deliver(body, &signature).await != 200 {
                return Ok(false);
            }
        }
        Ok(true)
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
