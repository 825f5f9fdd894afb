//! The billing portal: sessions that lead to its page, configurations that say what it offers.

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, show};
use crate::calendar::HOUR;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, integer, is_true, object, set, text};
use crate::params::{Args, PAGE, Param, Shape, TEXT, merge_metadata};
use crate::state::{Entry, State};
use crate::tx::{Tx, assign};

const SESSION_ID: IdShape = IdShape::Modern("bps_");
const ID: IdShape = IdShape::Modern("bpc_");
const PATH: &str = "/v1/billing_portal/configurations";
const SECRET_LEN: usize = 40;
/// How long the address of a session is good.
const LIFE_SECONDS: i64 = HOUR;

const ENABLED: Param = Param::boolean("enabled").required();
const PRORATION: Param = Param::choice(
    "proration_behavior",
    &["always_invoice", "create_prorations", "none"],
);

const PRODUCT: Shape = Shape::Hash(&[
    Param::text("product").required(),
    Param::list("prices", &TEXT, 20).required(),
    Param::not_yet("adjustable_quantity"),
]);

const FEATURES: &[Param] = &[
    Param::hash(
        "customer_update",
        &[
            ENABLED,
            Param::list("allowed_updates", &TEXT, 10).clearable(),
        ],
    ),
    Param::hash("invoice_history", &[ENABLED]),
    Param::hash("payment_method_update", &[ENABLED]),
    Param::hash(
        "subscription_cancel",
        &[
            ENABLED,
            Param::choice("mode", &["at_period_end", "immediately"]),
            PRORATION,
            Param::not_yet("cancellation_reason"),
        ],
    ),
    Param::hash(
        "subscription_update",
        &[
            ENABLED,
            Param::list("default_allowed_updates", &TEXT, 5).clearable(),
            Param::list("products", &PRODUCT, 10).clearable(),
            PRORATION,
            Param::not_yet("billing_cycle_anchor"),
            Param::not_yet("schedule_at_period_end"),
            Param::not_yet("trial_update_behavior"),
        ],
    ),
    Param::not_yet("subscription_pause"),
];

const BUSINESS: &[Param] = &[
    Param::text_up_to("headline", 60).clearable(),
    Param::url("privacy_policy_url"),
    Param::url("terms_of_service_url"),
];

const FIELDS: &[Param] = &[
    Param::hash("business_profile", BUSINESS),
    Param::url("default_return_url").clearable(),
    Param::metadata(),
    Param::text("name").clearable(),
    Param::not_yet("login_page"),
];

const CREATE: &[Param] = &[Param::hash("features", FEATURES).required()];
const UPDATE: &[Param] = &[Param::hash("features", FEATURES), Param::boolean("active")];
const LIST: &[Param] = &[Param::boolean("active"), Param::boolean("is_default")];

const ITEM: Shape = Shape::Hash(&[
    Param::text("id").required(),
    Param::text("price"),
    Param::integer_in("quantity", 0, 999_999),
]);

const FLOW: &[Param] = &[
    Param::choice(
        "type",
        &[
            "payment_method_update",
            "subscription_cancel",
            "subscription_update",
            "subscription_update_confirm",
        ],
    )
    .required(),
    Param::hash(
        "after_completion",
        &[
            Param::choice(
                "type",
                &["hosted_confirmation", "portal_homepage", "redirect"],
            )
            .required(),
            Param::hash("redirect", &[Param::url("return_url").required()]),
            Param::hash(
                "hosted_confirmation",
                &[Param::text_up_to("custom_message", 500)],
            ),
        ],
    ),
    Param::hash(
        "subscription_cancel",
        &[
            Param::text("subscription").required(),
            Param::not_yet("retention"),
        ],
    ),
    Param::hash(
        "subscription_update",
        &[Param::text("subscription").required()],
    ),
    Param::hash(
        "subscription_update_confirm",
        &[
            Param::text("subscription").required(),
            Param::list("items", &ITEM, 20).required(),
            Param::not_yet("discounts"),
        ],
    ),
];

const SESSION: &[Param] = &[
    Param::text("customer").required(),
    Param::text("configuration"),
    Param::hash("flow_data", FLOW),
    Param::text("locale"),
    Param::url("return_url"),
    Param::not_yet("after_expiration"),
    Param::not_yet("customer_account"),
    Param::not_yet("on_behalf_of"),
];

pub(crate) const CONFIGURATIONS: Resource = Resource {
    kind: Kind::PortalConfiguration,
    expandable: &[],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::post(PATH, &[CREATE, FIELDS], create),
        Endpoint::get(PATH, &[PAGE, LIST], |tx, call| {
            list::matching(
                tx,
                call,
                Kind::PortalConfiguration,
                PATH,
                &["active", "is_default"],
            )
        }),
        Endpoint::get("/v1/billing_portal/configurations/{id}", &[], |tx, call| {
            show(tx, Kind::PortalConfiguration, &call.id)
        }),
        Endpoint::post(
            "/v1/billing_portal/configurations/{id}",
            &[UPDATE, FIELDS],
            update,
        ),
    ],
};

pub(crate) const SESSIONS: Resource = Resource {
    kind: Kind::PortalSession,
    expandable: &["configuration"],
    includable: &[],
    wake: None,
    endpoints: &[Endpoint::post(
        "/v1/billing_portal/sessions",
        &[SESSION],
        open,
    )],
};

fn blank(tx: &Tx<'_>) -> Object {
    object(json!({
        "active": true,
        "application": null,
        "business_profile": {
            "headline": null, "privacy_policy_url": null, "terms_of_service_url": null,
        },
        "default_return_url": null,
        "features": {
            "customer_update": { "allowed_updates": [], "enabled": false },
            "invoice_history": { "enabled": false },
            "payment_method_update": { "enabled": false, "payment_method_configuration": null },
            "subscription_cancel": {
                "cancellation_reason": { "enabled": false, "feedback_options": null, "options": [] },
                "enabled": false,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_pause": {
                "duration": { "interval_options": [], "type": "indefinite" }, "enabled": false,
            },
            "subscription_update": {
                "billing_cycle_anchor": null,
                "default_allowed_updates": [],
                "enabled": false,
                "products": [],
                "proration_behavior": "none",
                "schedule_at_period_end": { "conditions": [] },
                "trial_update_behavior": "end_trial",
            },
        },
        "is_default": false,
        "login_page": { "enabled": false, "url": null },
        "metadata": {},
        "name": null,
        "updated": tx.now(),
    }))
}

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut configuration = blank(tx);
    apply(&mut configuration, &call.args)?;
    let id = tx.new_id(ID);
    let entry = tx.entry(Kind::PortalConfiguration, id, configuration);
    let shown = entry.object.clone();
    tx.create(entry, "billing_portal.configuration.created");
    Reply::ok(shown)
}

fn apply(configuration: &mut Object, args: &Args) -> Result<(), ApiError> {
    assign(
        configuration,
        args,
        &["active", "default_return_url", "name"],
    );
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(configuration.get("metadata"), change)?;
        set(configuration, "metadata", merged);
    }
    for name in ["business_profile", "features"] {
        if let (Some(given), Some(kept)) = (args.value(name), configuration.get_mut(name)) {
            merge(kept, given);
        }
    }
    Ok(())
}

/// What was given, over what was there, hash by hash; an unset list is empty.
fn merge(kept: &mut Value, given: &Value) {
    match (kept, given) {
        (Value::Object(kept), Value::Object(given)) => {
            for (name, value) in given {
                merge(kept.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (kept @ Value::Array(_), Value::Null) => *kept = json!([]),
        (kept, given) => *kept = given.clone(),
    }
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::PortalConfiguration, &call.id)?.clone();
    let before = entry.object.clone();
    apply(&mut entry.object, &call.args)?;
    set(&mut entry.object, "updated", tx.now());
    let after = entry.object.clone();
    tx.update(&before, entry, "billing_portal.configuration.updated");
    Reply::ok(after)
}

/// The account's own configuration offers everything; it arises when it is first needed.
fn default_configuration(tx: &mut Tx<'_>) -> String {
    let all = tx.state().entries.newest_first(Kind::PortalConfiguration);
    let found = all
        .into_iter()
        .find(|entry| is_true(&entry.object, "is_default"));
    if let Some(found) = found.map(|entry| entry.id.clone()) {
        return found;
    }
    let mut configuration = blank(tx);
    set(&mut configuration, "is_default", true);
    let enable = json!({
        "customer_update": { "enabled": false },
        "invoice_history": { "enabled": true },
        "payment_method_update": { "enabled": true },
        "subscription_cancel": { "enabled": true },
        "subscription_update": {
            "default_allowed_updates": ["price"],
            "enabled": true,
            "proration_behavior": "create_prorations",
        },
    });
    if let Some(features) = configuration.get_mut("features") {
        merge(features, &enable);
        // No list: every plan there is.
        features["subscription_update"]["products"] = Value::Null;
    }
    let id = tx.new_id(ID);
    let entry = tx.entry(Kind::PortalConfiguration, id.clone(), configuration);
    tx.create(entry, "billing_portal.configuration.created");
    id
}

fn open(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let customer = args.text("customer").unwrap_or_default();
    let customer = tx.refer(Kind::Customer, customer, "customer")?.id.clone();
    let configuration = match args.text("configuration") {
        Some(id) => tx
            .refer(Kind::PortalConfiguration, id, "configuration")?
            .id
            .clone(),
        None => default_configuration(tx),
    };
    let own = tx.known(Kind::PortalConfiguration, &configuration)?;
    let back = args
        .text("return_url")
        .or(text(&own.object, "default_return_url"));
    let flow = args
        .hash("flow_data")
        .map(|flow| flow_of(tx, &flow, &customer))
        .transpose()?;
    let id = tx.new_id(SESSION_ID);
    let secret = tx.ids().alphanumerics(SECRET_LEN);
    let session = json!({
        "after_expiration": null,
        "configuration": configuration,
        "customer": customer,
        "customer_account": null,
        "flow": flow,
        "locale": args.text("locale"),
        "on_behalf_of": null,
        "return_url": back,
        "url": format!("{}/p/session/test_{secret}", tx.settings.public_url),
    });
    let mut entry = tx.entry(Kind::PortalSession, id, object(session));
    set(&mut entry.hidden, "secret", secret);
    let shown = entry.object.clone();
    tx.create(entry, "billing_portal.session.created");
    Reply::ok(shown)
}

fn flow_of(tx: &Tx<'_>, flow: &Args, customer: &str) -> Result<Value, ApiError> {
    let kind = flow.text("type").unwrap_or_default();
    let details = flow.hash(kind);
    if kind != "payment_method_update" {
        let param = format!("flow_data[{kind}][subscription]");
        let details = details.as_ref().ok_or_else(|| ApiError::missing(&param))?;
        let id = details.text("subscription").unwrap_or_default();
        let subscription = tx.refer(Kind::Subscription, id, &param)?;
        if text(&subscription.object, "customer") != Some(customer) {
            let message = format!("The subscription {id} does not belong to {customer}.");
            return Err(ApiError::invalid(message).param(param).while_executing());
        }
    }
    let after = flow.hash("after_completion").unwrap_or_default();
    let mut shown = json!({
        "after_completion": {
            "hosted_confirmation": after.value("hosted_confirmation"),
            "redirect": after.value("redirect"),
            "type": after.text("type").unwrap_or("portal_homepage"),
        },
        "customer_update": null,
        "subscription_cancel": null,
        "subscription_pause": null,
        "subscription_update": null,
        "subscription_update_confirm": null,
        "type": kind,
    });
    if let Some(details) = details {
        shown[kind] = Value::Object(details.0);
    }
    Ok(shown)
}

/// The session of a secret, if its hour is not over.
pub(crate) fn find(state: &State, secret: &str, now: i64) -> Option<Entry> {
    let secret = secret.strip_prefix("test_")?;
    let mut sessions = state.entries.newest_first(Kind::PortalSession);
    let session = sessions.find(|entry| text(&entry.hidden, "secret") == Some(secret))?;
    let created = integer(&session.object, "created").unwrap_or_default();
    (created.saturating_add(LIFE_SECONDS) > now).then(|| session.clone())
}

/// The features of a session's configuration.
pub(crate) fn features(state: &State, session: &Entry) -> Object {
    let id = text(&session.object, "configuration").unwrap_or_default();
    let configuration = state.entries.of(Kind::PortalConfiguration, id);
    let features = configuration.map(|entry| dig(&entry.object, "features").clone());
    features.map(object).unwrap_or_default()
}
