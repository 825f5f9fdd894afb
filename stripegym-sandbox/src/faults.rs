//! Faults on request: what goes wrong with webhooks and API requests, by rule, chance and seed.
//!
//! This module decides and does nothing else; the queue of deliveries, the API and the HTTP edge
//! act on it. Every rule draws for itself, from the seed and the number of times it was asked:
//! the same seed and the same requests bring the same faults, whatever else goes on beside them.

mod decide;
mod rule;
mod spec;

use std::str::FromStr;

use serde_json::Value;

pub(crate) use decide::{Faults, OnDelivery};
pub(crate) use rule::RequestFault;
use rule::Rule;
use spec::RawRule;

/// Far more than anybody can reason about.
const RULES_MAX: usize = 100;

/// The profiles that have a name, mildest first.
pub(crate) const PROFILES: [(&str, &str); 4] = [
    ("none", ""),
    ("calm", "duplicate 2%; reorder 5%; tie 20%"),
    (
        "flaky",
        "duplicate 10%; reorder 20%; delay 10% seconds=5; tie 50%; rate-limit 3%; \
         fail-before 3%; fail-after 2%; hang-after 1% seconds=5",
    ),
    (
        "hostile",
        "duplicate 30% copies=2; reorder 40%; delay 30% seconds=20; drop 10%; tie; \
         outage after=60 every=120 for=10; rate-limit 10%; lock-timeout 5%; fail-before 10%; \
         fail-after 10%; hang-before 3% seconds=5; hang-after 3% seconds=5",
    ),
];

/// What is to go wrong: a list of rules.
///
/// Read from the name of a profile (`none`, `calm`, `flaky`, `hostile`), from rules separated by
/// `;`, or from JSON. A rule is a fault, a chance (100 % if left out), options, and what it is
/// about:
///
/// ```
/// use stripegym_sandbox::FaultPlan;
///
/// let plan: FaultPlan = "duplicate 30%; drop of invoice.* on http://127.0.0.1:8080/*; \
///                        fail-after times=1 on POST /v1/payment_intents".parse()?;
/// let same: FaultPlan = r#"[
///     {"fault": "duplicate", "percent": 30},
///     {"fault": "drop", "of": "invoice.*", "on": "http://127.0.0.1:8080/*"},
///     {"fault": "fail-after", "times": 1, "on": "POST /v1/payment_intents"}
/// ]"#.parse()?;
/// assert_eq!(plan, same);
/// # Ok::<(), stripegym_sandbox::FaultError>(())
/// ```
///
/// Webhooks: `duplicate` (`copies=`), `reorder` (behind the next one, or `seconds=` later),
/// `delay` (up to `seconds=`), `drop`, `tie` (`created` of the event before, if that is at most
/// `seconds=` older). API requests: `rate-limit`, `lock-timeout`, `fail-before` and `fail-after`
/// the effect (`status=`), `hang-before` and `hang-after` (`seconds=`, then the connection
/// breaks), `outage` (`after=`, `every=`, `for=` seconds). Any: `times=` at most, `skip=` first.
///
/// `on` names a webhook endpoint by id or URL, or requests by method and path; `of` names event
/// types; `*` stands for anything. The first rule about a request that hits decides; those about
/// a delivery add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultPlan {
    profile: Option<&'static str>,
    rules: Vec<Rule>,
}

impl FaultPlan {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    pub(crate) fn profile(&self) -> Option<&'static str> {
        self.profile
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// From JSON: a list of rules, or anything [`FromStr`] reads within a string.
    pub(crate) fn from_json(value: &Value) -> Result<Self, FaultError> {
        match value {
            Value::String(text) => text.parse(),
            Value::Array(rules) => {
                let rules = rules.iter().map(|rule| {
                    let raw: RawRule = serde_json::from_value(rule.clone())
                        .map_err(|error| FaultError(format!("the rule {rule}: {error}")))?;
                    raw.check()
                });
                Self::of(rules.collect::<Result<_, _>>()?)
            }
            _ => Err(FaultError(
                "faults are a text or a list of rules".to_owned(),
            )),
        }
    }

    fn of(rules: Vec<Rule>) -> Result<Self, FaultError> {
        if rules.len() > RULES_MAX {
            return Err(FaultError(format!(
                "there can be at most {RULES_MAX} rules"
            )));
        }
        Ok(Self {
            profile: None,
            rules,
        })
    }
}

impl FromStr for FaultPlan {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let text = text.trim();
        if text.starts_with('[') {
            let json = serde_json::from_str(text)
                .map_err(|error| FaultError(format!("this is no JSON: {error}")))?;
            return Self::from_json(&json);
        }
        let profile = PROFILES.iter().find(|(name, _)| *name == text);
        let spec = profile.map_or(text, |(_, spec)| spec);
        let rules = spec
            .split([';', '\n'])
            .map(str::trim)
            .filter(|rule| !rule.is_empty());
        let rules = rules.map(|rule| RawRule::parse(rule)?.check());
        Ok(Self {
            profile: profile.map(|(name, _)| *name),
            ..Self::of(rules.collect::<Result<_, _>>()?)?
        })
    }
}

/// Why faults could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(String);

#[cfg(test)]
mod tests;
