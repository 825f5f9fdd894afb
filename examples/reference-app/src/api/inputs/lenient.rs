//! Types that take whatever JSON comes, so that the checks can name the field.

use std::borrow::Cow;

use poem::{FromRequest, Request, RequestBody};
use poem_openapi::error::ParseRequestPayloadError;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

/// A text. Missing, null and anything else read as empty.
#[derive(Default)]
pub(super) struct Text(String);

/// A ticked box: `true`, or `"on"` as a form's box says it.
#[derive(Default)]
pub(super) struct Consent(bool);

/// A JSON body, or none at all.
pub(in crate::api) struct MaybeJson<T>(pub(in crate::api) Option<T>);

impl Text {
    /// As sent.
    pub(super) fn into_inner(self) -> String {
        self.0
    }

    /// Without white space at its ends.
    pub(super) fn trimmed(&self) -> String {
        self.0.trim().to_owned()
    }

    /// Trimmed; `None` if nothing is left.
    pub(super) fn told(self) -> Option<String> {
        Some(self.trimmed()).filter(|text| !text.is_empty())
    }
}

impl Consent {
    pub(super) fn is_given(&self) -> bool {
        self.0
    }
}

impl ParseFromJSON for Text {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            // PostgreSQL takes no NUL in a text, and no field has a use for one.
            Some(Value::String(text)) if !text.contains('\0') => Ok(Self(text)),
            _ => Ok(Self::default()),
        }
    }
}

impl ParseFromJSON for Consent {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(match value {
            Some(Value::Bool(given)) => given,
            Some(Value::String(word)) => word == "on",
            _ => false,
        }))
    }
}

macro_rules! schema {
    ($type:ty, $name:literal) => {
        impl Type for $type {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(MetaSchema::new($name)))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        // Asked for of whatever is part of an object, used by nobody.
        impl ToJSON for $type {
            fn to_json(&self) -> Option<Value> {
                Some(Value::from(self.0.clone()))
            }
        }
    };
}

schema!(Text, "string");
schema!(Consent, "boolean");

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for MaybeJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType {
            content_type: Json::<T>::CONTENT_TYPE,
            schema: T::schema_ref(),
        };
        Some(MetaRequest {
            description: None,
            content: vec![content],
            required: false,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let unreadable = |reason: String| ParseRequestPayloadError { reason };
        let value =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        let parsed = Option::<T>::parse_from_json(Some(value));
        Ok(Self(
            parsed.map_err(|error| unreadable(error.into_message()))?,
        ))
    }
}
