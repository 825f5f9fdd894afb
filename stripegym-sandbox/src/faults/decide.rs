//! Decisions: a rule, its seed and how often it was asked give the answer.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::FaultPlan;
use super::rule::{DeliveryFault, Fault, RequestFault, Rule};

/// The plan in force, and how often each rule was asked and hit.
#[derive(Debug)]
pub(crate) struct Faults {
    plan: FaultPlan,
    seed: u64,
    /// When the plan was made, in seconds.
    since: i64,
    counts: Vec<Count>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    asked: u64,
    hit: u32,
}

/// What happens to an event on its way to one endpoint.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OnDelivery {
    /// Further deliveries after the first that arrived.
    pub(crate) copies: u32,
    /// How much later it sets out, in milliseconds.
    pub(crate) delay_ms: i64,
    /// It waits so long for the next one to overtake it, in milliseconds.
    pub(crate) behind_ms: Option<i64>,
    /// It never sets out.
    pub(crate) dropped: bool,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan, seed: u64, since: i64) -> Self {
        let counts = vec![Count::default(); plan.rules().len()];
        Self {
            plan,
            seed,
            since,
            counts,
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Without rules: nothing has to be asked.
    pub(crate) fn is_quiet(&self) -> bool {
        self.counts.is_empty()
    }

    /// What happens to a request; the first rule that hits decides.
    pub(crate) fn on_request(
        &mut self,
        method: &str,
        path: &str,
        now: i64,
    ) -> Option<RequestFault> {
        let (seed, since) = (self.seed, self.since);
        self.rules().find_map(|(index, rule, count)| {
            let fault = match rule.fault {
                Fault::Request(fault) => fault,
                Fault::Outage {
                    after,
                    every,
                    lasts,
                } if is_out(now.saturating_sub(since), (after, every, lasts)) => {
                    RequestFault::FailBefore { status: 503 }
                }
                _ => return None,
            };
            (rule.is_about_request(method, path) && draw(rule, count, seed, index).is_some())
                .then_some(fault)
        })
    }

    /// How many seconds older the event before may be whose time this one gets.
    pub(crate) fn on_event(&mut self, kind: &str) -> Option<i64> {
        let seed = self.seed;
        self.rules().find_map(|(index, rule, count)| {
            let Fault::Delivery(DeliveryFault::Tie { seconds }) = rule.fault else {
                return None;
            };
            (rule.is_about(kind, "", "") && draw(rule, count, seed, index).is_some())
                .then_some(i64::from(seconds))
        })
    }

    /// What happens to an event on its way to an endpoint; everything that hits adds up.
    pub(crate) fn on_delivery(&mut self, kind: &str, endpoint: &str, url: &str) -> OnDelivery {
        let seed = self.seed;
        let mut all = OnDelivery::default();
        for (index, rule, count) in self.rules() {
            let Fault::Delivery(fault) = rule.fault else {
                continue;
            };
            if matches!(fault, DeliveryFault::Tie { .. }) || !rule.is_about(kind, endpoint, url) {
                continue;
            }
            let Some(drawn) = draw(rule, count, seed, index) else {
                continue;
            };
            match fault {
                DeliveryFault::Duplicate { copies } => {
                    all.copies = all.copies.saturating_add(copies);
                }
                DeliveryFault::Reorder { seconds } => {
                    all.behind_ms = Some(i64::from(seconds).saturating_mul(1000));
                }
                DeliveryFault::Delay { seconds } => {
                    let seconds = 1 + drawn.checked_rem(u64::from(seconds)).unwrap_or_default();
                    let ms = i64::try_from(seconds)
                        .unwrap_or_default()
                        .saturating_mul(1000);
                    all.delay_ms = all.delay_ms.saturating_add(ms);
                }
                DeliveryFault::Drop => all.dropped = true,
                DeliveryFault::Tie { .. } => {}
            }
        }
        all
    }

    /// The plan with what became of it, as the control API shows it.
    pub(crate) fn show(&self) -> Value {
        let rules: Vec<Value> = self
            .plan
            .rules()
            .iter()
            .zip(&self.counts)
            .map(|(rule, count)| {
                json!({ "rule": rule.to_string(), "asked": count.asked, "hit": count.hit })
            })
            .collect();
        json!({
            "profile": self.plan.profile(),
            "seed": self.seed,
            "since": self.since,
            "rules": rules,
        })
    }

    fn rules(&mut self) -> impl Iterator<Item = (usize, &Rule, &mut Count)> {
        let both = self.plan.rules().iter().zip(&mut self.counts);
        both.enumerate()
            .map(|(index, (rule, count))| (index, rule, count))
    }
}

/// Asks a rule once: a number of its own when it hits.
fn draw(rule: &Rule, count: &mut Count, seed: u64, index: usize) -> Option<u64> {
    let nth = count.asked;
    count.asked = count.asked.saturating_add(1);
    let used_up = rule.times.is_some_and(|times| count.hit >= times);
    if nth < u64::from(rule.skip) || used_up {
        return None;
    }
    let mut hash = Sha256::new();
    hash.update(b"stripegym-sandbox fault ");
    hash.update(seed.to_be_bytes());
    hash.update(u64::try_from(index).unwrap_or_default().to_be_bytes());
    hash.update(nth.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let number = |from: usize| {
        let bytes = digest.iter().skip(from).take(8);
        bytes.fold(0_u64, |all, byte| (all << 8) | u64::from(*byte))
    };
    if number(0) % 100 >= u64::from(rule.percent) {
        return None;
    }
    count.hit = count.hit.saturating_add(1);
    Some(number(8))
}

fn is_out(since: i64, (after, every, lasts): (u32, Option<u32>, u32)) -> bool {
    let into = since.saturating_sub(i64::from(after));
    let into = match every {
        Some(every) if into >= 0 => into.rem_euclid(i64::from(every)),
        _ => into,
    };
    (0..i64::from(lasts)).contains(&into)
}
