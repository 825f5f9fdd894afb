//! Delivery: one lane per endpoint, so that a slow one holds up nobody else.
//!
//! A lane starts its deliveries in order and gives each a short head start before the next, so
//! that a quick receiver sees events in the order they arose, while a slow one still gets
//! several at once. No lock is held while a request is out.

mod sender;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::engine::{Claim, Engine, Job};
use crate::resources::webhook_endpoint;
use crate::state::DeliveryKey;

pub(crate) use sender::Sender;

/// Requests that one endpoint may have open at a time.
const LANE_WIDTH_MAX: usize = 8;
/// How long a delivery runs alone before the next one starts beside it.
const HEAD_START: Duration = Duration::from_millis(250);
/// How long requests that are out may take to end when the sandbox stops.
const DRAIN: Duration = Duration::from_secs(5);

/// Keeps a lane for every endpoint that is owed something, until `stop` says so.
pub(crate) async fn run(engine: Arc<Engine>, sender: Sender, mut stop: watch::Receiver<bool>) {
    let mut commits = engine.watch();
    let mut lanes = JoinSet::new();
    let mut running: HashMap<String, tokio::task::AbortHandle> = HashMap::new();
    loop {
        commits.mark_unchanged();
        running.retain(|_, lane| !lane.is_finished());
        // Only those that can be sent to now: a lane for a disabled one would end at once.
        let owed: Vec<String> = engine.read(|state| {
            let owed = state.deliveries.endpoints();
            let ready = owed.filter(|endpoint| webhook_endpoint::target(state, endpoint).is_some());
            ready.map(ToOwned::to_owned).collect()
        });
        for endpoint in owed {
            running.entry(endpoint).or_insert_with_key(|endpoint| {
                let (engine, sender) = (Arc::clone(&engine), sender.clone());
                lanes.spawn(lane(engine, sender, endpoint.clone(), stop.clone()))
            });
        }
        tokio::select! {
            changed = commits.changed() => if changed.is_err() { break },
            Some(_ended) = lanes.join_next() => {}
            () = stopped(&mut stop) => break,
        }
    }
    while lanes.join_next().await.is_some() {}
}

async fn lane(
    engine: Arc<Engine>,
    sender: Sender,
    endpoint: String,
    mut stop: watch::Receiver<bool>,
) {
    let mut commits = engine.watch();
    let mut under_way = HashSet::new();
    let mut requests: JoinSet<Option<String>> = JoinSet::new();
    while !*stop.borrow() {
        commits.mark_unchanged();
        let claim = if under_way.len() < LANE_WIDTH_MAX {
            engine.claim(&endpoint, &under_way)
        } else {
            Claim::Idle
        };
        let wake_at = match claim {
            Claim::Ready(job) => {
                under_way.insert(job.key.event.clone());
                requests.spawn(deliver(Arc::clone(&engine), sender.clone(), *job));
                let head_start = tokio::time::timeout(HEAD_START, requests.join_next());
                if let Ok(Some(Ok(Some(event)))) = head_start.await {
                    under_way.remove(&event);
                }
                continue;
            }
            Claim::Wait(at_ms) => Some(at_ms),
            Claim::Idle if under_way.is_empty() => break,
            Claim::Idle => None,
        };
        let due = async {
            match wake_at {
                Some(at_ms) => engine.sleep_until(at_ms).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(ended) = requests.join_next() => {
                if let Ok(Some(event)) = ended {
                    under_way.remove(&event);
                }
            }
            () = due => {}
            changed = commits.changed() => if changed.is_err() { break },
            () = stopped(&mut stop) => break,
        }
    }
    // What is still out gets a moment; what does not end is tried again after a restart.
    let drained = async { while requests.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("a delivery to {endpoint} was cut off by the shutdown");
    }
}

/// Sends and remembers. Answers the event if that is settled; an attempt that could not be
/// recorded leaves it under way, so that a full disk does not make a storm of repeats.
async fn deliver(engine: Arc<Engine>, sender: Sender, job: Job) -> Option<String> {
    let now = engine.clock.now_ms().div_euclid(1000);
    let outcome = sender.send(&job, now).await;
    let DeliveryKey { event, endpoint } = &job.key;
    match (outcome.status, &outcome.error) {
        (Some(status), None) => tracing::info!("{status} from {endpoint} for {event}"),
        (_, error) => tracing::warn!(
            "{event} was not delivered to {endpoint}: {}",
            error.as_deref().unwrap_or("no answer")
        ),
    }
    match engine.attempted(&job.key, job.manual, outcome) {
        Ok(()) => Some(job.key.event),
        Err(error) => {
            tracing::error!("an attempt could not be recorded: {}", error.message());
            None
        }
    }
}

/// Ends when the sandbox is told to stop, or is gone.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("the sandbox was dropped");
    }
}
