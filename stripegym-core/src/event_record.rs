//! Events as the API tells them, up to 30 days back: for reconciliation. What
//! arrives by webhook is an [`Event`](crate::event::Event), which exists only
//! for bytes whose signature was verified; these came over an authenticated
//! connection instead. <https://docs.stripe.com/api/events>

use serde_json::{Map, Value};

use crate::id::EventId;
use crate::object::{FieldError, View, views};

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// An Event. <https://docs.stripe.com/api/events/object>
    EventRecord("event") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        event_id: EventId = "id";
        /// The type, such as `checkout.session.completed`.
        kind: &str = "type";
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// The connected account that it belongs to.
        account: Option<&str>;
        /// The API version in which the object is written.
        api_version: Option<&str>;
        /// The object, as it was then.
        data_object: &Map<String, Value> = "data"."object";
        /// What was different before; on updates only.
        previous_attributes: Option<&Map<String, Value>> = "data"."previous_attributes";
        /// How many endpoints have not taken it yet.
        pending_webhooks: i64;
        /// The request that caused it; `None` where Stripe did it by itself.
        request_id: Option<&str> => request_id ["request"];
        /// The idempotency key of that request.
        idempotency_key: Option<&str> => idempotency_key ["request"];
    }
}

/// A text before 2017-05-25.
fn request_id(event: &crate::object::Object) -> Result<Option<&str>, FieldError> {
    match event.json().get("request") {
        Some(Value::String(id)) => Ok(Some(id)),
        _ => event.get_in("request", "id"),
    }
}

fn idempotency_key(event: &crate::object::Object) -> Result<Option<&str>, FieldError> {
    match event.json().get("request") {
        Some(Value::String(_)) => Ok(None),
        _ => event.get_in("request", "idempotency_key"),
    }
}

impl EventRecord {
    /// The object, as it was then, if it is of this kind.
    ///
    /// # Errors
    /// When there is none.
    pub fn object_as<T: View>(&self) -> Result<Option<T>, FieldError> {
        let json = self.data_object()?;
        let is_one = json.get("object").and_then(Value::as_str) == Some(T::OBJECT);
        Ok(is_one.then(|| T::from_object(json.clone())))
    }
}

#[cfg(feature = "client")]
mod requests {
    use super::EventRecord;
    use crate::client::{List, TimeRange, calls};
    use crate::id::EventId;

    calls! {
        /// Retrieves an Event. <https://docs.stripe.com/api/events/retrieve>
        RetrieveEvent(id: &EventId) -> EventRecord = Get "/v1/events/{id}" {}

        /// Lists Events, newest first. <https://docs.stripe.com/api/events/list>
        ///
        /// ```no_run
        /// # use stripegym_core::Client;
        /// use stripegym_core::client::{AtMost, TimeRange};
        /// use stripegym_core::event_record::ListEvents;
        /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
        /// // What happened since, from the newest to older ones.
        /// let mut events = ListEvents::new()
        ///     .created(TimeRange::from(1_760_000_000))
        ///     .walk(&stripe, AtMost::Items(10_000));
        /// while let Some(event) = events.next().await {
        ///     println!("{}", event?.kind()?);
        /// }
        /// assert!(!events.is_cut_short());
        /// # Ok(()) }
        /// ```
        ListEvents() -> List<EventRecord> = Get "/v1/events" {
            /// Only those of this type; `*` at the end stands for anything.
            kind: &str = "type";
            /// Only those of one of these types; at most twenty.
            types: &[&str];
            /// Only those that every endpoint took, or that one did not.
            delivery_success: bool;
            /// Only those made at this time.
            created: TimeRange;
        } + list(EventRecord, EventId);
    }
}
