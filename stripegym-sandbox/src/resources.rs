//! The resources: one file each, with its tables of parameters, its endpoints and its rules.

pub(crate) mod balance;
pub(crate) mod balance_transaction;
pub(crate) mod charge;
pub(crate) mod checkout_session;
pub(crate) mod coupon;
pub(crate) mod customer;
pub(crate) mod delayed;
pub(crate) mod discount;
pub(crate) mod dispute;
pub(crate) mod event;
pub(crate) mod invoice;
pub(crate) mod invoice_item;
pub(crate) mod invoice_payment;
pub(crate) mod payment_intent;
pub(crate) mod payment_method;
pub(crate) mod payout;
pub(crate) mod portal;
pub(crate) mod price;
pub(crate) mod product;
pub(crate) mod promotion_code;
pub(crate) mod refund;
pub(crate) mod schedule;
pub(crate) mod search;
pub(crate) mod setup_intent;
pub(crate) mod subscription;
pub(crate) mod test_clock;
pub(crate) mod webhook_endpoint;

use serde_json::Value;

use crate::error::ApiError;
use crate::kind::Kind;
use crate::params::{Args, Param};
use crate::state::{Entry, State};
use crate::tx::Tx;

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    pub(crate) fn parse(method: &str) -> Option<Self> {
        match method {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A request that reached its endpoint: checked parameters and the id from the path.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    /// What a second `{other}` in the path stands for.
    pub(crate) other: String,
    pub(crate) args: Args,
}

/// What an endpoint answers.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Value>) -> Result<Self, ApiError> {
        Ok(Self {
            status: 200,
            body: body.into(),
        })
    }

    /// An error whose traces stay: a declined card leaves a charge and events behind.
    pub(crate) fn kept(tx: &Tx<'_>, error: &ApiError) -> Self {
        let request_id = tx.origin.request_id.as_deref().unwrap_or_default();
        Self {
            status: error.status,
            body: error.body(request_id),
        }
    }
}

/// How an endpoint runs.
pub(crate) type Run = fn(&mut Tx<'_>, &Call) -> Result<Reply, ApiError>;
type Tables = &'static [&'static [Param]];

/// One method on one path. `{id}` in the path goes to [`Call::id`].
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) params: Tables,
    pub(crate) run: Run,
}

impl Endpoint {
    pub(crate) const fn get(path: &'static str, params: Tables, run: Run) -> Self {
        Self {
            method: Method::Get,
            path,
            params,
            run,
        }
    }

    pub(crate) const fn post(path: &'static str, params: Tables, run: Run) -> Self {
        Self {
            method: Method::Post,
            path,
            params,
            run,
        }
    }

    pub(crate) const fn delete(path: &'static str, params: Tables, run: Run) -> Self {
        Self {
            method: Method::Delete,
            path,
            params,
            run,
        }
    }
}

/// Answers the object that the path names.
pub(crate) fn show(tx: &Tx<'_>, kind: Kind, id: &str) -> Result<Reply, ApiError> {
    Reply::ok(tx.retrieve(kind, id)?.object.clone())
}

/// A field that is absent unless it is expanded.
#[derive(Debug)]
pub(crate) struct Includable {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&State, &Entry) -> Value,
}

/// All that the generic parts (routing, expansion, timers) need to know about a kind.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    /// Fields that hold an id and can be expanded, dotted when nested.
    pub(crate) expandable: &'static [&'static str],
    pub(crate) includable: &'static [Includable],
    /// Called when an entry's `wake_at` has come; must move or clear it.
    pub(crate) wake: Option<fn(&mut Tx<'_>, &Entry)>,
    pub(crate) endpoints: &'static [Endpoint],
}

/// Every resource there is.
pub(crate) const ALL: &[&Resource] = &[
    &balance_transaction::RESOURCE,
    &balance::RESOURCE,
    &charge::RESOURCE,
    &checkout_session::RESOURCE,
    &customer::RESOURCE,
    &coupon::RESOURCE,
    &discount::RESOURCE,
    &dispute::RESOURCE,
    &event::RESOURCE,
    &invoice::RESOURCE,
    &invoice_item::RESOURCE,
    &invoice_payment::RESOURCE,
    &payment_intent::RESOURCE,
    &payment_method::RESOURCE,
    &payout::RESOURCE,
    &portal::CONFIGURATIONS,
    &portal::SESSIONS,
    &price::RESOURCE,
    &product::RESOURCE,
    &promotion_code::RESOURCE,
    &refund::RESOURCE,
    &schedule::RESOURCE,
    &setup_intent::RESOURCE,
    &subscription::RESOURCE,
    &subscription::ITEMS,
    &test_clock::RESOURCE,
    &webhook_endpoint::RESOURCE,
];

pub(crate) fn of_kind(kind: Kind) -> Option<&'static Resource> {
    ALL.iter().copied().find(|resource| resource.kind == kind)
}

/// The resource whose objects call themselves `name`. Line items are no kind of their own (they
/// live inside their session) and borrow nothing but their embedded price.
pub(crate) fn of_object(name: &str) -> Option<&'static Resource> {
    ALL.iter()
        .copied()
        .find(|resource| resource.kind.name() == name)
}

/// What a path names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) other: String,
}

/// Lets the entry do what its time has come for.
pub(crate) fn wake(tx: &mut Tx<'_>, id: &str) {
    let Some(entry) = tx.state().entries.get(id).cloned() else {
        return;
    };
    match of_kind(entry.kind).and_then(|resource| resource.wake) {
        Some(wake) => wake(tx, &entry),
        None => tx.put(Entry {
            wake_at: None,
            ..entry
        }),
    }
}

/// Finds the endpoint for a path and the ids in the path. Endpoints are tried in the order of
/// their tables, so that a table puts literal segments before `{id}`.
pub(crate) fn route(method: Method, path: &str) -> Option<(&'static Endpoint, Named)> {
    let declared = ALL.iter().flat_map(|resource| resource.endpoints);
    search::ENDPOINTS
        .iter()
        .chain(declared)
        .filter(|endpoint| endpoint.method == method)
        .find_map(|endpoint| matches(endpoint.path, path).map(|named| (endpoint, named)))
}

fn matches(pattern: &str, path: &str) -> Option<Named> {
    let mut named = Named::default();
    let mut path = path.strip_suffix('/').unwrap_or(path).split('/');
    for expected in pattern.split('/') {
        let found = path.next()?;
        match expected {
            "{id}" if !found.is_empty() => found.clone_into(&mut named.id),
            "{other}" if !found.is_empty() => found.clone_into(&mut named.other),
            _ if expected != found => return None,
            _ => {}
        }
    }
    path.next().is_none().then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_their_endpoint() {
        let (endpoint, named) =
            route(Method::Get, "/v1/checkout/sessions/cs_1/line_items").unwrap();
        assert_eq!(
            (endpoint.path, named.id.as_str()),
            ("/v1/checkout/sessions/{id}/line_items", "cs_1")
        );
        assert!(route(Method::Delete, "/v1/events/evt_1").is_none());
        assert!(route(Method::Get, "/v1/customers/").is_some_and(|(_, named)| named.id.is_empty()));
        assert!(route(Method::Get, "/v1/nothing").is_none());
    }

    #[test]
    fn every_path_and_method_is_declared_once() {
        let mut seen = std::collections::HashSet::new();
        for endpoint in ALL.iter().flat_map(|resource| resource.endpoints) {
            assert!(seen.insert(format!("{:?} {}", endpoint.method, endpoint.path)));
        }
    }
}
