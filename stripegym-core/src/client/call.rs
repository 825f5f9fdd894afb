//! Call types: a request with typed setters and a typed answer.

use serde_json::Value;

use super::{Method, Request};
use crate::form::Form;
use crate::money::{Amount, Currency};
use crate::object::{List, SearchPage, View, list_from_slice, search_from_slice};

/// A typed call: what it sends and what it answers with. Sealed by use: the
/// list of calls is the library's; [`super::Client::execute`] makes any other.
pub trait Call: Send {
    /// What the call answers with.
    type Output: Answer;

    /// Name, verb and path.
    const INFO: CallInfo;

    /// The request it makes.
    fn into_request(self) -> Request;
}

/// A call type in words; [`super::CALLS`] lists them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallInfo {
    /// The type's name, such as `CreateCustomer`.
    pub name: &'static str,
    /// The verb.
    pub method: Method,
    /// The path, with the names of its ids in braces.
    pub path: &'static str,
    /// The parameters that have a setter.
    pub params: &'static [&'static [&'static str]],
}

/// Every call type there is, module by module. A module that is not in this
/// list is a warning of the compiler: its own list is never used.
pub const CALLS: &[&[CallInfo]] = &[
    crate::balance::CALLS,
    crate::balance_transaction::CALLS,
    crate::charge::CALLS,
    crate::checkout::CALLS,
    crate::coupon::CALLS,
    crate::customer::CALLS,
    crate::dispute::CALLS,
    crate::event_record::CALLS,
    crate::invoice::CALLS,
    crate::invoice_item::CALLS,
    crate::invoice_payment::CALLS,
    crate::payment_intent::CALLS,
    crate::payment_method::CALLS,
    crate::payout::CALLS,
    crate::portal::CALLS,
    crate::price::CALLS,
    crate::product::CALLS,
    crate::promotion_code::CALLS,
    crate::refund::CALLS,
    crate::setup_intent::CALLS,
    crate::subscription::CALLS,
    crate::subscription_item::CALLS,
    crate::subscription_schedule::CALLS,
    crate::test_clock::CALLS,
    crate::webhook_endpoint::CALLS,
];

/// What can be read from the body of a successful answer.
pub trait Answer: Sized {
    /// Reads the body.
    ///
    /// # Errors
    /// When the body is not the JSON it should be.
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error>;
}

impl<T: View> Answer for T {
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        View::from_slice(bytes)
    }
}

impl<T: View> Answer for List<T> {
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        list_from_slice(bytes)
    }
}

impl<T: View> Answer for SearchPage<T> {
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        search_from_slice(bytes)
    }
}

/// A value that can be sent as a parameter.
pub trait Param {
    /// Writes it under `key`.
    fn put(self, form: &mut Form, key: &str);
}

impl Param for &str {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self);
    }
}

impl Param for i64 {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.to_string());
    }
}

impl Param for u32 {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.to_string());
    }
}

impl Param for bool {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, if self { "true" } else { "false" });
    }
}

impl Param for &Value {
    fn put(self, form: &mut Form, key: &str) {
        form.set_json(key, self);
    }
}

impl<T: crate::id::Id> Param for &T {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.as_str());
    }
}

/// A list: `key[0]`, `key[1]`, …
impl Param for &[&str] {
    fn put(self, form: &mut Form, key: &str) {
        for (index, item) in self.iter().enumerate() {
            form.set(format!("{key}[{index}]"), *item);
        }
    }
}

impl Param for Currency {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.as_str());
    }
}

/// The number under `key`, the currency beside it under `currency`.
impl Param for Amount {
    fn put(self, form: &mut Form, key: &str) {
        put_amount(form, key, self);
    }
}

/// The number goes under the given key, the currency under `currency`.
pub(crate) fn put_amount(form: &mut Form, key: &str, amount: Amount) {
    form.set(key, amount.minor().to_string());
    form.set("currency", amount.currency().as_str());
}

/// A span of time by which lists are filtered, in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    from: Option<i64>,
    before: Option<i64>,
}

impl TimeRange {
    /// At this second or later.
    #[must_use]
    pub const fn from(second: i64) -> Self {
        Self {
            from: Some(second),
            before: None,
        }
    }

    /// Earlier than this second.
    #[must_use]
    pub const fn before(second: i64) -> Self {
        Self {
            from: None,
            before: Some(second),
        }
    }

    /// From the first second on, up to but not including the second one.
    #[must_use]
    pub const fn between(from: i64, before: i64) -> Self {
        Self {
            from: Some(from),
            before: Some(before),
        }
    }
}

impl Param for TimeRange {
    fn put(self, form: &mut Form, key: &str) {
        for (bound, second) in [("gte", self.from), ("lt", self.before)] {
            if let Some(second) = second {
                form.set(format!("{key}[{bound}]"), second.to_string());
            }
        }
    }
}

/// Now, or a moment in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// At this second.
    At(i64),
}

impl Param for When {
    fn put(self, form: &mut Form, key: &str) {
        match self {
            Self::Now => form.set(key, "now"),
            Self::At(second) => second.put(form, key),
        }
    }
}
