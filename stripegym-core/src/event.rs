//! Events: the envelope is read at once, the object inside when it is asked for.
//! <https://docs.stripe.com/api/events/object>

mod envelope;
mod scan;

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::id::{EventId, ID_LENGTH_MAX};
use crate::object::{Object, View};
use envelope::Envelope;

/// An event that Stripe sent. It exists only for bytes whose signature was
/// verified, or that were stored after such a verification.
#[derive(Clone)]
pub struct Event {
    id: EventId,
    kind: Box<str>,
    created: i64,
    livemode: bool,
    account: Option<Box<str>>,
    api_version: Option<Box<str>>,
    object: Option<Bytes>,
    payload: Bytes,
}

/// Why bytes are not a snapshot event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// Not JSON, not UTF-8, a key given twice, or a required field missing or of another type.
    #[error("the body is not a Stripe event")]
    Shape(#[source] serde_json::Error),
    /// The id is not one that Stripe could have made.
    #[error("the event's id is not an event id")]
    Id(#[source] crate::id::IdError),
    /// A name in the envelope has a character that no name of Stripe's has.
    #[error("the event's {0} is not a name")]
    Name(&'static str),
    /// A thin event of `/v2`, which carries no object.
    #[error("this is a thin event (v2); point a snapshot event destination here instead")]
    Thin,
}

/// Why the object inside an event could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// `data.object` is absent or not an object.
    #[error("the event carries no object")]
    NoObject,
    /// `data.object` is another kind than the one asked for.
    #[error("the event carries another kind of object than {expected}")]
    Kind {
        /// The kind that was asked for.
        expected: &'static str,
    },
    /// `data.object` is not a JSON object.
    #[error("the event's object is not readable")]
    Json(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct ObjectHead<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

impl Event {
    /// Reads the envelope. Private to the crate: bytes come here verified.
    pub(crate) fn parse(payload: &Bytes) -> Result<Self, EventError> {
        let envelope = Envelope::read(payload).map_err(EventError::Shape)?;
        if envelope.object.as_deref() == Some("v2.core.event") {
            return Err(EventError::Thin);
        }
        // Such names go into text columns and logs.
        let names = [
            ("type", Some(&envelope.kind)),
            ("account", envelope.account.as_ref()),
            ("api_version", envelope.api_version.as_ref()),
        ];
        for (field, name) in names {
            if name.is_some_and(|name| !is_name(name)) {
                return Err(EventError::Name(field));
            }
        }
        Ok(Self {
            id: EventId::parse(&envelope.id).map_err(EventError::Id)?,
            kind: envelope.kind.into(),
            created: serde_json::from_str(envelope.created).map_err(EventError::Shape)?,
            livemode: envelope.livemode,
            account: envelope.account.map(Into::into),
            api_version: envelope.api_version.map(Into::into),
            object: envelope
                .data_object
                .map(|object| payload.slice_ref(object.as_bytes())),
            payload: payload.clone(),
        })
    }

    /// The event's id, the same on every redelivery.
    #[must_use]
    pub fn id(&self) -> &EventId {
        &self.id
    }

    /// The type, such as `checkout.session.completed`. Types unknown to this
    /// library are fine.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// When Stripe made it, in seconds since the Unix epoch.
    #[must_use]
    pub fn created(&self) -> i64 {
        self.created
    }

    /// True for real money.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// The connected account it belongs to, if any.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The API version in which the object is written.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.api_version.as_deref()
    }

    /// The bytes as received.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The id of the object inside; `None` where it has none (`invoice.upcoming`).
    #[must_use]
    pub fn object_id(&self) -> Option<String> {
        let head: ObjectHead<'_> = serde_json::from_slice(self.object.as_deref()?).ok()?;
        let id: String = serde_json::from_str(head.id?.get()).ok()?;
        is_name(&id).then_some(id)
    }

    /// The object inside, whatever its kind, read now.
    ///
    /// # Errors
    /// When there is none.
    pub fn any_object(&self) -> Result<Object, DecodeError> {
        let bytes = self.object.as_deref().ok_or(DecodeError::NoObject)?;
        Object::from_slice(bytes).map_err(DecodeError::Json)
    }

    /// The object inside, read now.
    ///
    /// # Errors
    /// When there is none or it is of another kind than `T`.
    pub fn object<T: View>(&self) -> Result<T, DecodeError> {
        let bytes = self.object.as_deref().ok_or(DecodeError::NoObject)?;
        let head: ObjectHead<'_> = serde_json::from_slice(bytes).map_err(DecodeError::Json)?;
        let kind: Option<String> = head
            .object
            .and_then(|raw| serde_json::from_str(raw.get()).ok());
        if kind.as_deref() != Some(T::OBJECT) {
            return Err(DecodeError::Kind {
                expected: T::OBJECT,
            });
        }
        T::from_slice(bytes).map_err(DecodeError::Json)
    }
}

fn is_name(text: &str) -> bool {
    (1..=ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

// Payloads hold personal data and stay out of logs.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({}, {}, {})", self.id, self.kind, self.created)
    }
}

#[cfg(test)]
mod tests;
