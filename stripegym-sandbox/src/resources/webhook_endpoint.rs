//! Webhook endpoints: where events go.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource, event};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, object, set, text};
use crate::params::{Args, PAGE, Param, TEXT, merge_metadata};
use crate::state::{Entry, Record, State};
use crate::tx::{Tx, assign};
use crate::version::{ApiVersion, is_version};

const ID: IdShape = IdShape::Modern("we_");
const ENDPOINTS_MAX: usize = 16;
const EVENTS_MAX: usize = 500;
const SECRET_LEN: usize = 32;

const FIELDS: &[Param] = &[Param::text("description").clearable(), Param::metadata()];

const CREATE: &[Param] = &[
    Param::url("url").required(),
    Param::list("enabled_events", &TEXT, EVENTS_MAX).required(),
    Param::text("api_version"),
    Param::boolean("connect"),
];

const UPDATE: &[Param] = &[
    Param::url("url"),
    Param::list("enabled_events", &TEXT, EVENTS_MAX),
    Param::boolean("disabled"),
];

const PATH: &str = "/v1/webhook_endpoints";

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::WebhookEndpoint,
    expandable: &[],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint {
            method: Method::Post,
            path: PATH,
            params: &[CREATE, FIELDS],
            run: create,
        },
        Endpoint {
            method: Method::Get,
            path: PATH,
            params: &[PAGE],
            run: |tx, call| list::page(tx, call, Kind::WebhookEndpoint, PATH, |_| true),
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/webhook_endpoints/{id}",
            params: &[],
            run: |tx, call| Reply::ok(tx.retrieve(Kind::WebhookEndpoint, &call.id)?.object.clone()),
        },
        Endpoint {
            method: Method::Post,
            path: "/v1/webhook_endpoints/{id}",
            params: &[UPDATE, FIELDS],
            run: update,
        },
        Endpoint {
            method: Method::Delete,
            path: "/v1/webhook_endpoints/{id}",
            params: &[],
            run: delete,
        },
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    if tx.state().entries.count(Kind::WebhookEndpoint) >= ENDPOINTS_MAX {
        return Err(ApiError::invalid(format!(
            "You have reached the maximum of {ENDPOINTS_MAX} test webhook endpoints."
        ))
        .while_executing());
    }
    if call.args.boolean("connect") == Some(true) {
        return Err(ApiError::unsupported(
            "connect",
            "endpoints for connected accounts",
        ));
    }
    if let Some(version) = call
        .args
        .text("api_version")
        .filter(|text| !is_version(text))
    {
        let message = format!("Invalid API version: {version}");
        return Err(ApiError::invalid(message).param("api_version"));
    }
    check_events(&call.args)?;
    let secret = new_secret(tx);
    let entry = build(tx, &call.args, &secret)?;
    let mut shown = entry.object.clone();
    tx.put(entry);
    // The only time it is shown.
    set(&mut shown, "secret", secret);
    Reply::ok(shown)
}

fn new_secret(tx: &mut Tx<'_>) -> String {
    format!("whsec_{}", tx.ids().alphanumerics(SECRET_LEN))
}

fn build(tx: &mut Tx<'_>, args: &Args, secret: &str) -> Result<Entry, ApiError> {
    let mut endpoint = object(json!({
        "api_version": null,
        "application": null,
        "description": null,
        "enabled_events": ["*"],
        "metadata": {},
        "status": "enabled",
        "url": null,
    }));
    assign(
        &mut endpoint,
        args,
        &["api_version", "description", "enabled_events", "url"],
    );
    if let Some(change) = args.value("metadata") {
        set(&mut endpoint, "metadata", merge_metadata(None, change)?);
    }
    let id = tx.new_id(ID);
    let mut entry = tx.entry(Kind::WebhookEndpoint, id, endpoint);
    set(&mut entry.hidden, "secrets", json!([secret]));
    Ok(entry)
}

fn check_events(args: &Args) -> Result<(), ApiError> {
    let events = args.list("enabled_events");
    if args.has("enabled_events") && events.is_empty() {
        return Err(ApiError::empty("enabled_events"));
    }
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
    for (at, name) in events.iter().filter_map(Value::as_str).enumerate() {
        if name != "*" && !(name.contains('.') && name.bytes().all(fits)) {
            let message = format!("Invalid enabled_events: {name} is no event type");
            return Err(ApiError::invalid(message).param(format!("enabled_events[{at}]")));
        }
    }
    Ok(())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::WebhookEndpoint, &call.id)?.clone();
    check_events(&call.args)?;
    assign(
        &mut entry.object,
        &call.args,
        &["description", "enabled_events", "url"],
    );
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    if let Some(disabled) = call.args.boolean("disabled") {
        set(
            &mut entry.object,
            "status",
            if disabled { "disabled" } else { "enabled" },
        );
    }
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

fn delete(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    tx.retrieve(Kind::WebhookEndpoint, &call.id)?;
    for key in tx.state().deliveries.of_endpoint(&call.id) {
        tx.write(Record::NoDelivery(key));
    }
    tx.remove(&call.id);
    Reply::ok(json!({ "id": call.id, "object": "webhook_endpoint", "deleted": true }))
}

/// The endpoint that the program itself keeps under `description`, moved to `url`; its secret
/// stays the same for life unless one is given. Answers the secret.
pub(crate) fn find_or_create(
    tx: &mut Tx<'_>,
    description: &str,
    url: &str,
    secret: Option<&str>,
) -> Result<String, ApiError> {
    let found = tx
        .state()
        .entries
        .newest_first(Kind::WebhookEndpoint)
        .find(|entry| text(&entry.object, "description") == Some(description))
        .cloned();
    let mut entry = match found {
        Some(entry) => entry,
        None => {
            let secret = secret.map_or_else(|| new_secret(tx), ToOwned::to_owned);
            let mut args = Args::default();
            set(&mut args.0, "description", description);
            build(tx, &args, &secret)?
        }
    };
    set(&mut entry.object, "url", url);
    set(&mut entry.object, "status", "enabled");
    if let Some(secret) = secret {
        set(&mut entry.hidden, "secrets", json!([secret]));
    }
    let secret = secrets(&entry.hidden)
        .into_iter()
        .next()
        .unwrap_or_default();
    if tx.state().entries.get(&entry.id) != Some(&entry) {
        tx.put(entry);
    }
    Ok(secret)
}

/// Where to send, and with what to sign.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) secrets: Vec<String>,
    /// The version that the endpoint asked for, if it did.
    pub(crate) version: Option<ApiVersion>,
}

/// The enabled endpoint of this id.
pub(crate) fn target(state: &State, id: &str) -> Option<Target> {
    let entry = state.entries.of(Kind::WebhookEndpoint, id)?;
    is_enabled(entry).then(|| Target {
        url: text(&entry.object, "url").unwrap_or_default().to_owned(),
        secrets: secrets(&entry.hidden),
        version: text(&entry.object, "api_version")
            .and_then(|version| ApiVersion::from_header(Some(version)).ok()),
    })
}

/// Enabled endpoints that select events of this type, oldest first.
pub(crate) fn listening(state: &State, kind: &str) -> Vec<String> {
    let selecting = |entry: &&Entry| {
        let events = entry.object.get("enabled_events").and_then(Value::as_array);
        let mut patterns = events.into_iter().flatten().filter_map(Value::as_str);
        patterns.any(|pattern| event::selects(pattern, kind))
    };
    let endpoints = state.entries.newest_first(Kind::WebhookEndpoint);
    let mut ids: Vec<String> = endpoints
        .filter(|entry| is_enabled(entry))
        .filter(selecting)
        .map(|entry| entry.id.clone())
        .collect();
    ids.reverse();
    ids
}

fn is_enabled(entry: &Entry) -> bool {
    text(&entry.object, "status") == Some("enabled")
}

fn secrets(hidden: &Object) -> Vec<String> {
    let secrets = hidden.get("secrets").and_then(Value::as_array);
    secrets
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned)
        .collect()
}
