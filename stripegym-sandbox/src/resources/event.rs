//! Events: read only; they arise from everything else.

use super::{Call, Endpoint, Method, Reply, Resource};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::{integer, text};
use crate::params::{PAGE, Param, TEXT};
use crate::tx::Tx;

/// Stripe answers for events of the last 30 days.
const REACH_SECONDS: i64 = 30 * 24 * 60 * 60;

const LIST: &[Param] = &[
    Param::text("type"),
    Param::list("types", &TEXT, 20),
    Param::boolean("delivery_success"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Event,
    expandable: &[],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Get,
            path: "/v1/events",
            params: &[PAGE, LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/events/{id}",
            params: &[],
            run: retrieve,
        },
    ],
};

fn retrieve(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(tx.retrieve(Kind::Event, &call.id)?.object.clone())
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    if call.args.has("type") && call.args.has("types") {
        return Err(ApiError::exclusive(&["type", "types"]));
    }
    let pattern = call.args.text("type");
    let types = call.args.has("types").then(|| call.args.list("types"));
    let success = call.args.boolean("delivery_success");
    let oldest = tx.now().saturating_sub(REACH_SECONDS);
    list::page_of(tx, call, (Kind::Event, "/v1/events"), |entry| {
        let event = &entry.object;
        // Test clocks may stand in the past; their events are as young as any.
        let reached = entry.clock.is_some() || integer(event, "created") >= Some(oldest);
        let kind = text(event, "type").unwrap_or_default();
        let delivered = integer(event, "pending_webhooks") == Some(0);
        reached
            && pattern.is_none_or(|pattern| selects(pattern, kind))
            && types.is_none_or(|types| types.iter().any(|wanted| wanted == kind))
            && success.is_none_or(|wanted| wanted == delivered)
    })
}

/// `customer.created`, `customer.*` and `*`.
pub(crate) fn selects(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_select_by_prefix_or_whole_name() {
        assert!(selects("*", "charge.failed"));
        assert!(selects("charge.*", "charge.failed"));
        assert!(!selects("charge.*", "customer.created"));
        assert!(!selects("charge", "charge.failed"));
    }
}
