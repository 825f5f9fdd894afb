//! How a rule is written, in either notation.

use serde::Deserialize;

use super::rule::{DeliveryFault, Fault, RequestFault, Rule, Target};
use super::{FaultError, PROFILES};

const NAMES: &str = "duplicate, reorder, delay, drop, tie, rate-limit, lock-timeout, fail-before, \
                     fail-after, hang-before, hang-after, outage";
const METHODS: [&str; 4] = ["GET", "POST", "DELETE", "*"];

/// A day: nothing here needs longer.
const SECONDS_MAX: u32 = 86_400;
const COPIES_MAX: u32 = 20;
/// Longer than the official SDKs wait for an answer.
const HANG_SECONDS: u32 = 90;

/// A rule as it is written, in either notation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    fault: String,
    percent: Option<u32>,
    times: Option<u32>,
    skip: Option<u32>,
    copies: Option<u32>,
    seconds: Option<u32>,
    status: Option<u32>,
    after: Option<u32>,
    every: Option<u32>,
    #[serde(rename = "for")]
    lasts: Option<u32>,
    of: Option<String>,
    on: Option<String>,
}

impl RawRule {
    /// Reads `fault 10% key=value of TYPE on TARGET`.
    pub(super) fn parse(text: &str) -> Result<Self, FaultError> {
        let mut words = text.split_whitespace();
        let mut raw = Self {
            fault: words.next().unwrap_or_default().to_owned(),
            ..Self::default()
        };
        let missing = || FaultError(format!("`{text}`: something is missing at its end"));
        while let Some(word) = words.next() {
            if let Some(percent) = word.strip_suffix('%') {
                raw.percent = Some(number(text, percent)?);
            } else if word == "of" {
                raw.of = Some(words.next().ok_or_else(missing)?.to_owned());
            } else if word == "on" {
                let first = words.next().ok_or_else(missing)?;
                raw.on = Some(if METHODS.contains(&first) {
                    format!("{first} {}", words.next().ok_or_else(missing)?)
                } else {
                    first.to_owned()
                });
            } else if let Some((name, value)) = word.split_once('=') {
                *raw.option(text, name)? = Some(number(text, value)?);
            } else {
                return Err(FaultError(format!("`{text}`: `{word}` means nothing")));
            }
        }
        Ok(raw)
    }

    fn option(&mut self, text: &str, name: &str) -> Result<&mut Option<u32>, FaultError> {
        Ok(match name {
            "times" => &mut self.times,
            "skip" => &mut self.skip,
            "copies" => &mut self.copies,
            "seconds" => &mut self.seconds,
            "status" => &mut self.status,
            "after" => &mut self.after,
            "every" => &mut self.every,
            "for" => &mut self.lasts,
            _ => {
                return Err(FaultError(format!("`{text}`: there is no option `{name}`")));
            }
        })
    }

    /// Understands it, or says what is wrong.
    pub(super) fn check(mut self) -> Result<Rule, FaultError> {
        let fault = self.fault()?;
        let name = self.fault;
        let wrong = |what: &str| FaultError(format!("`{name}`: {what}"));
        let left = [
            ("copies", self.copies),
            ("seconds", self.seconds),
            ("status", self.status),
            ("after", self.after),
            ("every", self.every),
            ("for", self.lasts),
        ];
        if let Some((option, _)) = left.iter().find(|(_, value)| value.is_some()) {
            return Err(wrong(&format!("it has no option `{option}`")));
        }
        let percent = self.percent.unwrap_or(100);
        if !(1..=100).contains(&percent) {
            return Err(wrong("the chance is between 1 % and 100 %"));
        }
        let on = self.on.map(|on| target(&on)).transpose().map_err(wrong)?;
        match (&fault, &on) {
            (Fault::Delivery(_), Some(Target::Requests { .. })) => {
                return Err(wrong(
                    "`on` names a webhook endpoint here: its id or its URL",
                ));
            }
            (Fault::Delivery(DeliveryFault::Tie { .. }), Some(_)) => {
                return Err(wrong("an event is the same for every endpoint: use `of`"));
            }
            (Fault::Request(_) | Fault::Outage { .. }, Some(Target::Endpoint(_))) => {
                return Err(wrong("`on` names requests here: a method and a path"));
            }
            (Fault::Request(_) | Fault::Outage { .. }, _) if self.of.is_some() => {
                return Err(wrong("`of` names event types, and this is about requests"));
            }
            _ => {}
        }
        Ok(Rule {
            fault,
            percent,
            times: self.times,
            skip: self.skip.unwrap_or_default(),
            of: self.of,
            on,
        })
    }

    /// The fault, with the options that belong to it taken out.
    fn fault(&mut self) -> Result<Fault, FaultError> {
        let name = std::mem::take(&mut self.fault);
        let fault = match name.as_str() {
            "duplicate" => Fault::Delivery(DeliveryFault::Duplicate {
                copies: bounded(&name, self.copies.take(), 1, COPIES_MAX)?,
            }),
            "reorder" => Fault::Delivery(DeliveryFault::Reorder {
                seconds: bounded(&name, self.seconds.take(), 2, SECONDS_MAX)?,
            }),
            "delay" => Fault::Delivery(DeliveryFault::Delay {
                seconds: bounded(&name, self.seconds.take(), 5, SECONDS_MAX)?,
            }),
            "drop" => Fault::Delivery(DeliveryFault::Drop),
            "tie" => Fault::Delivery(DeliveryFault::Tie {
                seconds: bounded(&name, self.seconds.take(), 5, SECONDS_MAX)?,
            }),
            "rate-limit" => Fault::Request(RequestFault::RateLimit),
            "lock-timeout" => Fault::Request(RequestFault::LockTimeout),
            "fail-before" => Fault::Request(RequestFault::FailBefore {
                status: self.status(&name)?,
            }),
            "fail-after" => Fault::Request(RequestFault::FailAfter {
                status: self.status(&name)?,
            }),
            "hang-before" => Fault::Request(RequestFault::HangBefore {
                seconds: self.hang(&name)?,
            }),
            "hang-after" => Fault::Request(RequestFault::HangAfter {
                seconds: self.hang(&name)?,
            }),
            "outage" => self.outage(&name)?,
            _ => return Err(unknown(&name)),
        };
        self.fault = name;
        Ok(fault)
    }

    fn status(&mut self, name: &str) -> Result<u16, FaultError> {
        match self.status.take().unwrap_or(500) {
            500 => Ok(500),
            502 => Ok(502),
            503 => Ok(503),
            504 => Ok(504),
            _ => Err(FaultError(format!(
                "`{name}`: the status is 500, 502, 503 or 504"
            ))),
        }
    }

    /// Zero breaks the connection at once.
    fn hang(&mut self, name: &str) -> Result<u32, FaultError> {
        match self.seconds.take() {
            Some(0) => Ok(0),
            seconds => bounded(name, seconds, HANG_SECONDS, SECONDS_MAX),
        }
    }

    fn outage(&mut self, name: &str) -> Result<Fault, FaultError> {
        let lasts = bounded(name, self.lasts.take(), 10, SECONDS_MAX)?;
        let every = self.every.take();
        if every.is_some_and(|every| every <= lasts) {
            return Err(FaultError(format!(
                "`{name}`: `every` must be longer than `for`, or it never ends"
            )));
        }
        Ok(Fault::Outage {
            after: self.after.take().unwrap_or_default(),
            every,
            lasts,
        })
    }
}

fn unknown(name: &str) -> FaultError {
    let profiles = PROFILES.map(|(name, _)| name).join(", ");
    FaultError(format!(
        "`{name}` is no fault; faults are {NAMES}; profiles are {profiles}"
    ))
}

fn number(rule: &str, text: &str) -> Result<u32, FaultError> {
    text.parse()
        .map_err(|_| FaultError(format!("`{rule}`: `{text}` is no whole number")))
}

fn bounded(name: &str, value: Option<u32>, default: u32, max: u32) -> Result<u32, FaultError> {
    let value = value.unwrap_or(default);
    if (1..=max).contains(&value) {
        Ok(value)
    } else {
        Err(FaultError(format!(
            "`{name}`: {value} is not between 1 and {max}"
        )))
    }
}

fn target(on: &str) -> Result<Target, &'static str> {
    let requests = |method: &str, path: &str| Target::Requests {
        method: method.to_owned(),
        path: path.trim().to_owned(),
    };
    match on.split_once(' ') {
        Some((method, path)) if METHODS.contains(&method) => Ok(requests(method, path)),
        Some(_) => Err("`on` starts with GET, POST, DELETE or *, or is one word"),
        None if on.starts_with('/') => Ok(requests("*", on)),
        None => Ok(Target::Endpoint(on.to_owned())),
    }
}
