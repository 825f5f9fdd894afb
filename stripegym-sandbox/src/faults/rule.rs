//! One rule: what goes wrong, how often, and what it is about.

use std::fmt;
use std::time::Duration;

use crate::error::ApiError;

/// A rule that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(super) fault: Fault,
    /// 1 to 100.
    pub(super) percent: u32,
    pub(super) times: Option<u32>,
    pub(super) skip: u32,
    /// Event types.
    pub(super) of: Option<String>,
    pub(super) on: Option<Target>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Delivery(DeliveryFault),
    Request(RequestFault),
    /// Requests are refused in windows of time, all in seconds since the plan was made.
    Outage {
        after: u32,
        every: Option<u32>,
        lasts: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveryFault {
    Duplicate { copies: u32 },
    Reorder { seconds: u32 },
    Delay { seconds: u32 },
    Drop,
    Tie { seconds: u32 },
}

/// What happens to an API request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestFault {
    /// 429 by the limiter, before anything else happens.
    RateLimit,
    /// 429 because somebody else holds the object.
    LockTimeout,
    /// An error of the server's own, and nothing happened.
    FailBefore { status: u16 },
    /// An error of the server's own, though everything happened.
    FailAfter { status: u16 },
    /// No answer, and nothing happened.
    HangBefore { seconds: u32 },
    /// No answer, though everything happened.
    HangAfter { seconds: u32 },
}

impl RequestFault {
    /// The answer of a request that is not even begun.
    pub(crate) fn refusal(self) -> Option<ApiError> {
        match self {
            Self::RateLimit => Some(ApiError::rate_limited()),
            Self::LockTimeout => Some(ApiError::lock_timeout()),
            Self::FailBefore { status } => Some(ApiError::broken(status)),
            // Seen only without a socket: a broken connection is no answer.
            Self::HangBefore { .. } => Some(ApiError::broken(504)),
            Self::FailAfter { .. } | Self::HangAfter { .. } => None,
        }
    }

    /// The status that stands in for the answer of a request that did what it should.
    pub(crate) fn status_after(self) -> Option<u16> {
        match self {
            Self::FailAfter { status } => Some(status),
            _ => None,
        }
    }

    /// How long there is no answer, until the connection breaks.
    pub(crate) fn hangs(self) -> Option<Duration> {
        match self {
            Self::HangBefore { seconds } | Self::HangAfter { seconds } => {
                Some(Duration::from_secs(u64::from(seconds)))
            }
            _ => None,
        }
    }
}

/// Which endpoint, or which requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Endpoint(String),
    Requests { method: String, path: String },
}

impl Rule {
    /// Whether it is about this event on its way to this endpoint.
    pub(super) fn is_about(&self, kind: &str, endpoint: &str, url: &str) -> bool {
        let there = match &self.on {
            None => true,
            Some(Target::Endpoint(pattern)) => matches(pattern, endpoint) || matches(pattern, url),
            Some(Target::Requests { .. }) => false,
        };
        there
            && self
                .of
                .as_ref()
                .is_none_or(|pattern| matches(pattern, kind))
    }

    /// Whether it is about this request.
    pub(super) fn is_about_request(&self, method: &str, path: &str) -> bool {
        match &self.on {
            None => true,
            Some(Target::Requests {
                method: wanted,
                path: pattern,
            }) => matches(wanted, method) && matches(pattern, path),
            Some(Target::Endpoint(_)) => false,
        }
    }
}

/// The short notation, which reads back as the same rule.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)?;
        if self.percent < 100 {
            write!(f, " {}%", self.percent)?;
        }
        if let Some(times) = self.times {
            write!(f, " times={times}")?;
        }
        if self.skip > 0 {
            write!(f, " skip={}", self.skip)?;
        }
        if let Some(of) = &self.of {
            write!(f, " of {of}")?;
        }
        match &self.on {
            None => Ok(()),
            Some(Target::Endpoint(pattern)) => write!(f, " on {pattern}"),
            Some(Target::Requests { method, path }) => write!(f, " on {method} {path}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery(fault) => match fault {
                DeliveryFault::Duplicate { copies } => write!(f, "duplicate copies={copies}"),
                DeliveryFault::Reorder { seconds } => write!(f, "reorder seconds={seconds}"),
                DeliveryFault::Delay { seconds } => write!(f, "delay seconds={seconds}"),
                DeliveryFault::Drop => f.write_str("drop"),
                DeliveryFault::Tie { seconds } => write!(f, "tie seconds={seconds}"),
            },
            Self::Request(fault) => fault.fmt(f),
            Self::Outage {
                after,
                every,
                lasts,
            } => {
                write!(f, "outage after={after} for={lasts}")?;
                every.map_or(Ok(()), |every| write!(f, " every={every}"))
            }
        }
    }
}

impl fmt::Display for RequestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimit => f.write_str("rate-limit"),
            Self::LockTimeout => f.write_str("lock-timeout"),
            Self::FailBefore { status } => write!(f, "fail-before status={status}"),
            Self::FailAfter { status } => write!(f, "fail-after status={status}"),
            Self::HangBefore { seconds } => write!(f, "hang-before seconds={seconds}"),
            Self::HangAfter { seconds } => write!(f, "hang-after seconds={seconds}"),
        }
    }
}

/// Whether `text` is `pattern`, in which `*` stands for anything.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    true
}
