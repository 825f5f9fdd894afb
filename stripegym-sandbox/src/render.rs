//! From the one model inside to the shape of an API version outside.
//!
//! The model is the newest version; each rule undoes one change for callers that speak an older
//! one, newest change first. Answers of the API and bodies of webhooks both pass through, each
//! with its own version.

mod pre_basil;

use serde_json::{Value, json};

use crate::kind::Kind;
use crate::object::Object;
use crate::state::State;
use crate::version::ApiVersion;

/// A field that came with a version.
struct Added {
    since: &'static str,
    object: &'static str,
    fields: &'static [&'static str],
}

const ADDED: &[Added] = &[
    Added {
        since: ApiVersion::ENDIVE,
        object: "subscription",
        fields: &["status_details"],
    },
    Added {
        since: ApiVersion::ENDIVE,
        object: "payment_intent",
        fields: &["payment_record"],
    },
    Added {
        since: "2026-07-29.dahlia",
        object: "payment_intent",
        fields: &["allowed_payment_method_types"],
    },
    Added {
        since: "2026-07-29.dahlia",
        object: "setup_intent",
        fields: &["allowed_payment_method_types"],
    },
    Added {
        since: "2026-07-29.dahlia",
        object: "refund",
        fields: &["customer", "customer_account", "payment_method"],
    },
    Added {
        since: "2026-05-27.dahlia",
        object: "subscription",
        fields: &["billing_schedules"],
    },
    Added {
        since: ApiVersion::DAHLIA,
        object: "line_item",
        fields: &["quantity_decimal"],
    },
    Added {
        since: ApiVersion::DAHLIA,
        object: "invoiceitem",
        fields: &["quantity_decimal"],
    },
    Added {
        since: ApiVersion::DAHLIA,
        object: "checkout.session",
        fields: &["integration_identifier"],
    },
    Added {
        since: "2025-05-28.basil",
        object: "subscription",
        fields: &["billing_mode"],
    },
];

/// Rewrites `value` and everything inside it for `version`.
pub(crate) fn render(state: &State, value: &mut Value, version: &ApiVersion) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| render(state, item, version)),
        Value::Object(fields) => {
            let name = fields.get("object").and_then(Value::as_str);
            let name = name.unwrap_or_default().to_owned();
            if name == "event" {
                // A stored event never changes its shape: its version was fixed when it arose.
                return;
            }
            fields
                .values_mut()
                .for_each(|field| render(state, field, version));
            one(state, fields, &name, version);
        }
        _ => {}
    }
}

/// An event as an endpoint of its own version receives it.
pub(crate) fn render_event(state: &State, event: &mut Object, version: &ApiVersion) {
    event.insert("api_version".to_owned(), json!(version.as_str()));
    if let Some(subject) = event
        .get_mut("data")
        .and_then(|data| data.get_mut("object"))
    {
        render(state, subject, version);
    }
}

fn one(state: &State, fields: &mut Object, name: &str, version: &ApiVersion) {
    for added in ADDED {
        if added.object == name && !version.is_at_least(added.since) {
            for field in added.fields {
                fields.remove(*field);
            }
        }
    }
    if name == "checkout.session"
        && !version.is_at_least(ApiVersion::DAHLIA)
        && let Some(mode) = fields.get_mut("ui_mode")
        && mode == "hosted_page"
    {
        *mode = Value::from("hosted");
    }
    if !version.is_at_least(ApiVersion::CLOVER) {
        let place = match name {
            "discount" => Some("source"),
            "promotion_code" => Some("promotion"),
            _ => None,
        };
        if let Some(holder) = place.and_then(|place| fields.remove(place)) {
            fields.insert(
                "coupon".to_owned(),
                whole(state, Kind::Coupon, &holder["coupon"]),
            );
        }
    }
    if !version.is_at_least(ApiVersion::BASIL) {
        pre_basil::rewrite(state, fields, name);
    }
}

/// The object behind an id that older versions show whole.
fn whole(state: &State, kind: Kind, id: &Value) -> Value {
    let entry = id.as_str().and_then(|id| state.entries.of(kind, id));
    match entry {
        Some(entry) => Value::Object(entry.object.clone()),
        None => id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn as_of(version: &str, mut value: Value) -> Value {
        let version = ApiVersion::from_header(Some(version)).unwrap();
        render(&State::default(), &mut value, &version);
        value
    }

    #[test]
    fn sessions_show_the_old_name_of_hosted_pages_to_old_versions_only() {
        let session = json!({"data": [{"object": "checkout.session", "ui_mode": "hosted_page"}]});
        let old = as_of("2025-07-30.basil", session.clone());
        assert_eq!(old["data"][0]["ui_mode"], "hosted");
        assert_eq!(as_of(ApiVersion::DEFAULT, session.clone()), session);
    }

    #[test]
    fn fields_appear_with_their_version() {
        let refund = json!({"object": "refund", "customer": "cus_1", "amount": 1});
        let old = as_of("2026-06-24.dahlia", refund.clone());
        assert_eq!(old, json!({"object": "refund", "amount": 1}));
        assert_eq!(as_of("2026-07-29.dahlia", refund.clone()), refund);
    }
}
