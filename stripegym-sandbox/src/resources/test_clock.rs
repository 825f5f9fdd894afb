//! Test clocks: simulated time for some customers and everything that is theirs.

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, show, subscription};
use crate::calendar::DAY;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, integer, object, set, text};
use crate::params::{PAGE, Param};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Modern("clock_");
const PATH: &str = "/v1/test_helpers/test_clocks";
const LIFE_DAYS: i64 = 30;
const CUSTOMERS_MAX: usize = 3;
/// The longest way without any subscription.
const EMPTY_SECONDS_MAX: i64 = 2 * 366 * DAY;
/// Things that may happen in one advance; more is taken for a loop.
const WAKES_MAX: usize = 10_000;

const CREATE: &[Param] = &[
    Param::integer_in("frozen_time", 0, i64::MAX / 4).required(),
    Param::text_up_to("name", 300),
    Param::not_yet("customer"),
];

const ADVANCE: &[Param] = &[Param::integer_in("frozen_time", 0, i64::MAX / 4).required()];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::TestClock,
    expandable: &[],
    includable: &[],
    wake: Some(go),
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE], |tx, call| {
            list::page(tx, call, Kind::TestClock, PATH, |_| true)
        }),
        Endpoint::get("/v1/test_helpers/test_clocks/{id}", &[], |tx, call| {
            show(tx, Kind::TestClock, &call.id)
        }),
        Endpoint::delete("/v1/test_helpers/test_clocks/{id}", &[], delete),
        Endpoint::post(
            "/v1/test_helpers/test_clocks/{id}/advance",
            &[ADVANCE],
            advance,
        ),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let id = tx.new_id(ID);
    let mut clock = object(json!({
        "deletes_after": tx.now().saturating_add(LIFE_DAYS * DAY),
        "frozen_time": 0,
        "name": null,
        "status": "ready",
        "status_details": {},
    }));
    assign(&mut clock, &call.args, &["frozen_time", "name"]);
    let entry = tx.entry(Kind::TestClock, id, clock);
    let shown = entry.object.clone();
    tx.create(entry, "test_helpers.test_clock.created");
    Reply::ok(shown)
}

/// A new customer enters the time of a clock.
pub(crate) fn join(tx: &mut Tx<'_>, id: &str) -> Result<(), ApiError> {
    tx.refer(Kind::TestClock, id, "test_clock")?;
    if customers(tx, id).count() >= CUSTOMERS_MAX {
        return Err(ApiError::invalid(format!(
            "A test clock can have at most {CUSTOMERS_MAX} customers."
        ))
        .param("test_clock")
        .while_executing());
    }
    tx.enter_clock(Some(id));
    Ok(())
}

fn customers<'t>(tx: &'t Tx<'_>, clock: &'t str) -> impl Iterator<Item = &'t Entry> {
    let customers = tx.state().entries.newest_first(Kind::Customer);
    customers.filter(move |entry| text(&entry.object, "test_clock") == Some(clock))
}

pub(crate) fn advance(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::TestClock, &call.id)?.clone();
    let refuse = |message: String| {
        Err(ApiError::invalid(message)
            .param("frozen_time")
            .while_executing())
    };
    if text(&entry.object, "status") != Some("ready") {
        return refuse("The test clock is advancing already.".to_owned());
    }
    let from = integer(&entry.object, "frozen_time").unwrap_or_default();
    let target = call.args.integer("frozen_time").unwrap_or_default();
    if target <= from {
        return refuse(
            "You can only advance a test clock to a time after its current frozen time.".to_owned(),
        );
    }
    let shortest = subscription::shortest_interval(tx, &call.id);
    let limit = shortest.map_or(EMPTY_SECONDS_MAX, |seconds| seconds.saturating_mul(2));
    if target.saturating_sub(from) > limit {
        return refuse(match shortest {
            Some(_) => "You can only advance a test clock by up to two intervals of its shortest \
                        subscription at a time."
                .to_owned(),
            None => "You can only advance a test clock by up to two years at a time.".to_owned(),
        });
    }
    set(&mut entry.object, "status", "advancing");
    let details = json!({ "advancing": { "target_frozen_time": target } });
    set(&mut entry.object, "status_details", details);
    entry.wake_at = Some(tx.now());
    let shown = entry.object.clone();
    tx.create(entry, "test_helpers.test_clock.advancing");
    Reply::ok(shown)
}

/// Everything on the way happens, in order and at its own time; then the clock is ready.
fn go(tx: &mut Tx<'_>, entry: &Entry) {
    let target = entry.object.get("status_details");
    let target = target.and_then(|details| details["advancing"]["target_frozen_time"].as_i64());
    let machine = tx.machine_now();
    let mut entry = entry.clone();
    entry.wake_at = None;
    let Some(target) = target else {
        return tx.put(entry);
    };
    let clock = Some(entry.id.clone());
    for _ in 0..WAKES_MAX {
        let next = tx.state().entries.next_wake_of(&clock);
        let Some((at, id)) = next.filter(|(at, _)| *at <= target) else {
            break;
        };
        let id = id.to_owned();
        set(&mut entry.object, "frozen_time", at);
        tx.set_time(clock.clone(), at);
        super::wake(tx, &id);
    }
    tx.set_time(None, machine);
    set(&mut entry.object, "frozen_time", target);
    set(&mut entry.object, "status", "ready");
    set(&mut entry.object, "status_details", json!({}));
    tx.create(entry, "test_helpers.test_clock.ready");
}

fn delete(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let last: Object = tx.retrieve(Kind::TestClock, &call.id)?.object.clone();
    let ids: Vec<String> = customers(tx, &call.id)
        .map(|entry| entry.id.clone())
        .collect();
    for id in ids {
        let call = Call {
            id,
            other: String::new(),
            args: crate::params::Args::default(),
        };
        super::customer::delete(tx, &call)?;
    }
    tx.remove(&call.id);
    tx.emit("test_helpers.test_clock.deleted", &last, None);
    let name = Value::from(Kind::TestClock.name());
    Reply::ok(json!({ "id": call.id, "object": name, "deleted": true }))
}
