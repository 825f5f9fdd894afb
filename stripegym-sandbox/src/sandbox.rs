//! The handle of a running sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::builder::{Builder, StartError};
use crate::cards::{CardInput, year_and_month};
use crate::edge::SandboxService;
use crate::engine::Engine;
use crate::error::ApiError;
use crate::faults::FaultPlan;
use crate::hosted::{self, Means, PayError as Failure};
use crate::resources::checkout_session::{Outcome, Payer};
use crate::resources::delayed::Delayed;
use crate::resources::webhook_endpoint;
use crate::tx::Origin;
use crate::webhooks::{self, Sender, stopped};

/// Works with every sandbox, and is a secret of nobody.
pub(crate) const SECRET_KEY: &str = "sk_test_sandbox_not_a_real_key";

/// How long requests in flight may take when the sandbox stops.
const DRAIN: Duration = Duration::from_secs(15);

/// A little longer than one request to an endpoint may take.
const DELIVERY_WAIT: Duration = Duration::from_secs(35);

/// How long to leave a timer alone that could not run.
const TIMER_PAUSE: Duration = Duration::from_secs(1);

/// A running local Stripe. Dropping it stops it at once; [`shutdown`](Self::shutdown) stops it
/// in an orderly way.
#[derive(Debug)]
pub struct Sandbox {
    engine: Arc<Engine>,
    address: SocketAddr,
    url: String,
    tasks: Tasks,
}

impl Sandbox {
    /// Starts one with defaults: in memory, on a free port of this machine.
    ///
    /// # Errors
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Starts one with settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(engine: Arc<Engine>, address: SocketAddr, url: String, tasks: Tasks) -> Self {
        Self {
            engine,
            address,
            url,
            tasks,
        }
    }

    /// The base for API calls and pages, such as `http://127.0.0.1:4242`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// A key that works. So does any other that starts with `sk_test_` or `rk_test_`.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        SECRET_KEY
    }

    /// The same answers without a socket.
    #[must_use]
    pub fn service(&self) -> SandboxService {
        SandboxService::new(Arc::clone(&self.engine))
    }

    /// The webhook endpoint with this description, made if there is none, moved to `url`.
    /// Answers its secret, which stays the same for the life of the state.
    ///
    /// If the state file cannot be written, nothing is registered and the secret is empty, which
    /// no verifier accepts; the log says why.
    #[expect(
        clippy::must_use_candidate,
        reason = "who moves an endpoint may know its secret"
    )]
    pub fn webhook_endpoint(&self, description: &str, url: &str) -> String {
        let made = self.engine.transact(Origin::default(), |tx| {
            webhook_endpoint::find_or_create(tx, description, url, None)
        });
        made.unwrap_or_else(|error| {
            tracing::error!("no webhook endpoint was registered: {}", error.message());
            String::new()
        })
    }

    /// Pays a checkout session as its page would, and waits as the page does. Answers the
    /// session.
    ///
    /// # Errors
    /// When the card is declined or wrong, or the session is not there or not open.
    pub async fn pay(&self, session_id: &str, card_number: &str) -> Result<Value, PayError> {
        let email = self
            .engine
            .read(|state| hosted::email_of(state, session_id));
        let email = email.unwrap_or_else(|| "customer@example.com".to_owned());
        let (year, _) = year_and_month(self.engine.now_ms().div_euclid(1000));
        let expiry = format!("12/{}", year + 1);
        let payer = Payer {
            email: &email,
            name: "Sandbox Customer",
        };
        let card = CardInput {
            number: card_number,
            expiry: &expiry,
            cvc: "123",
        };
        self.complete(session_id, payer, Means::Card(card)).await
    }

    /// Completes a checkout session with a method whose money comes later, as its page would:
    /// `konbini` (yen) or `sepa_debit` (euro). The session is `unpaid` until
    /// [`settle`](Self::settle), or until the clock has moved a few minutes: then the money comes.
    ///
    /// # Errors
    /// When the session does not offer the method, or is not there or not open.
    pub async fn pay_later(&self, session_id: &str, method: &str) -> Result<Value, PayError> {
        let Some(method) = Delayed::parse(method) else {
            let error = ApiError::invalid(format!("The sandbox does not know {method}."));
            return Err(PayError::Failed(SandboxError(error)));
        };
        let email = self
            .engine
            .read(|state| hosted::email_of(state, session_id));
        let payer = Payer {
            email: email.as_deref().unwrap_or("customer@example.com"),
            name: "Sandbox Customer",
        };
        let typed = match method {
            Delayed::Konbini => "11111111110",
            Delayed::SepaDebit => "DE08370400440532013003",
        };
        self.complete(session_id, payer, Means::Later(method, typed))
            .await
    }

    /// The money of a session that was to be paid later has come (`true`), or never will.
    ///
    /// # Errors
    /// When there is no such session, or it does not wait for its money.
    pub fn settle(&self, session_id: &str, paid: bool) -> Result<(), SandboxError> {
        self.engine.settle(session_id, paid).map_err(SandboxError)
    }

    async fn complete(
        &self,
        session_id: &str,
        payer: Payer<'_>,
        means: Means<'_>,
    ) -> Result<Value, PayError> {
        match hosted::complete(&self.engine, session_id, payer, means).await {
            Ok(Outcome::Paid { .. }) => self
                .object(session_id)
                .ok_or(PayError::Failed(SandboxError(ApiError::unavailable()))),
            Ok(Outcome::Declined(error)) | Err(Failure::Card(error)) => Err(PayError::Declined {
                code: error.code.to_owned(),
                decline_code: error.decline_code.map(ToOwned::to_owned),
                message: error.message().to_owned(),
            }),
            Ok(Outcome::NeedsAction { url }) => Err(PayError::ActionRequired { url }),
            Ok(Outcome::NotOpen { status }) => Err(PayError::NotOpen { status }),
            Err(Failure::Api(error)) if error.status == 404 => Err(PayError::NotFound),
            Err(Failure::Api(error)) => Err(PayError::Failed(SandboxError(error))),
        }
    }

    /// Answers the bank's question (3D Secure) about a payment or setup intent, as its page
    /// would. Answers the intent.
    ///
    /// # Errors
    /// When there is no such intent, or none that waits for an answer.
    pub async fn authenticate(&self, intent: &str, approve: bool) -> Result<Value, SandboxError> {
        let missing = || SandboxError(ApiError::not_found("payment_intent", intent));
        let entry = self.engine.read(|state| state.entries.get(intent).cloned());
        let entry = entry.ok_or_else(missing)?;
        hosted::bank::decide(&self.engine, &entry, approve)
            .await
            .map_err(SandboxError)?;
        self.object(intent).ok_or_else(missing)
    }

    /// An object as the API shows it, in the newest version.
    #[must_use]
    pub fn object(&self, id: &str) -> Option<Value> {
        self.engine.object(id)
    }

    /// All events, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.engine.events()
    }

    /// Moves the sandbox ahead by so many days: subscriptions renew, retries come, sessions
    /// expire, each at its own time on the way. Customers of test clocks keep their clock's time.
    ///
    /// The move lasts as long as this process; it is not part of a state file.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub fn advance(&self, days: u16) -> Result<(), SandboxError> {
        let by_ms = i64::from(days).saturating_mul(86_400_000);
        self.engine.move_ahead(by_ms).map_err(SandboxError)
    }

    /// Makes every delivery that waits due now, and comes back once each was tried.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub async fn deliver_now(&self) -> Result<(), SandboxError> {
        let due = self.engine.hurry().map_err(SandboxError)?;
        let mut commits = self.engine.watch();
        let tried = async {
            while !self.engine.is_closed() && !self.engine.were_tried(&due) {
                if commits.changed().await.is_err() {
                    break;
                }
            }
        };
        if tokio::time::timeout(DELIVERY_WAIT, tried).await.is_err() {
            tracing::warn!("some deliveries were not tried in time");
        }
        Ok(())
    }

    /// Delivers an event again, to every endpoint that it went to or would go to now. Answers
    /// to how many.
    ///
    /// # Errors
    /// When there is no such event, or the sandbox is shut down.
    pub fn resend(&self, event_id: &str) -> Result<usize, SandboxError> {
        self.engine.resend(event_id).map_err(SandboxError)
    }

    /// From here on, this goes wrong; [`FaultPlan::none`] ends it. Counting starts anew, under the
    /// same seed.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.engine.set_faults(plan, None);
    }

    /// What goes wrong, by which seed, and how often each rule was asked and hit; as
    /// `GET /_sandbox/faults` shows it.
    #[must_use]
    pub fn faults(&self) -> Value {
        self.engine.faults()
    }

    /// Stops accepting, lets what is in flight finish (within bounds), and puts the state file
    /// on the disk.
    pub async fn shutdown(mut self) {
        self.tasks.stop.send_replace(true);
        self.engine.stop_waiting();
        for task in self.tasks.handles.drain(..) {
            let abort = task.abort_handle();
            if tokio::time::timeout(DRAIN, task).await.is_err() {
                tracing::warn!("something did not finish in time and was cut off");
                abort.abort();
            }
        }
        self.engine.close();
    }
}

/// What runs beside the handle.
#[derive(Debug)]
pub(crate) struct Tasks {
    stop: watch::Sender<bool>,
    handles: Vec<JoinHandle<()>>,
}

impl Tasks {
    pub(crate) fn spawn(
        engine: &Arc<Engine>,
        service: SandboxService,
        listener: TcpListener,
    ) -> Self {
        let stop = watch::Sender::new(false);
        let handles = vec![
            tokio::spawn(serve(listener, service, stop.subscribe())),
            tokio::spawn(webhooks::run(
                Arc::clone(engine),
                Sender::new(),
                stop.subscribe(),
            )),
            tokio::spawn(keep_time(Arc::clone(engine), stop.subscribe())),
        ];
        Self { stop, handles }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks.handles {
            task.abort();
        }
        // Services that were handed out may live on; the file must not stay locked for them.
        self.engine.close();
    }
}

async fn serve(listener: TcpListener, service: SandboxService, mut stop: watch::Receiver<bool>) {
    let router = Router::new().fallback(move |request: Request| service.clone().serve(request));
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(async move { stopped(&mut stop).await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the server ended");
    }
}

/// Wakes what is due: sessions expire even if nobody asks.
async fn keep_time(engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    let mut commits = engine.watch();
    loop {
        commits.mark_unchanged();
        if let Err(error) = engine.wake() {
            tracing::error!("a timer could not run: {}", error.message());
            // It is still due; without a pause this would spin.
            tokio::time::sleep(TIMER_PAUSE).await;
        }
        let due = async {
            match engine.next_wake_ms() {
                Some(at_ms) => engine.sleep_until(at_ms).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            changed = commits.changed() => if changed.is_err() { break },
            () = stopped(&mut stop) => break,
        }
    }
}

/// The sandbox could not do it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message())]
pub struct SandboxError(ApiError);

/// Why a session was not paid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayError {
    /// The card was declined, or is no card.
    #[error("{message}")]
    Declined {
        /// Stripe's error code, such as `card_declined`.
        code: String,
        /// What the issuer said, such as `insufficient_funds`; none if it was never asked.
        decline_code: Option<String>,
        /// Stripe's words for it.
        message: String,
    },
    /// The bank asks first: [`Sandbox::authenticate`] answers for the customer.
    #[error("the customer's bank asks at {url}")]
    ActionRequired {
        /// The page that asks.
        url: String,
    },
    /// It is paid or expired already.
    #[error("the session is {status}, not open")]
    NotOpen {
        /// `complete` or `expired`.
        status: String,
    },
    /// There is no such session.
    #[error("there is no such session")]
    NotFound,
    /// The sandbox could not do it.
    #[error("the sandbox could not take the payment")]
    Failed(#[source] SandboxError),
}
