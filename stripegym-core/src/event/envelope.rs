//! The fields around an event's object, as slices of the body.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use super::scan::Scanner;

/// What the envelope says. Texts are unescaped; the rest is JSON as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) object: Option<Cow<'a, str>>,
    pub(super) kind: Cow<'a, str>,
    pub(super) created: &'a str,
    pub(super) livemode: bool,
    pub(super) account: Option<Cow<'a, str>>,
    pub(super) api_version: Option<Cow<'a, str>>,
    pub(super) data_object: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// Proves the whole body to be UTF-8 and JSON, and keeps slices of it.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom)?;
        // Whatever is odd or wrong goes the long way, which knows what to say.
        Self::read_quickly(text).map_or_else(|| Self::read_thoroughly(text), Ok)
    }

    pub(super) fn read_thoroughly(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<Written<'a>>(text).map(Self::from)
    }

    /// `None` says nothing about the text: it may still be an event.
    pub(super) fn read_quickly(text: &'a str) -> Option<Self> {
        let mut found = Found::default();
        let mut scanner = Scanner::new(text);
        scanner.members(|name, value| found.member(name, value))?;
        scanner.end()?;
        Some(Self {
            id: found.id?.into(),
            object: found.object.flatten().map(Into::into),
            kind: found.kind?.into(),
            created: found.created.unwrap_or_default(),
            livemode: found.livemode.unwrap_or_default(),
            account: found.account.flatten().map(Into::into),
            api_version: found.api_version.flatten().map(Into::into),
            data_object: found.data.flatten(),
        })
    }
}

/// What the walk has come across: `None` is absent, `Some(None)` is `null`.
#[derive(Default)]
struct Found<'a> {
    id: Option<&'a str>,
    object: Option<Option<&'a str>>,
    kind: Option<&'a str>,
    created: Option<&'a str>,
    livemode: Option<bool>,
    account: Option<Option<&'a str>>,
    api_version: Option<Option<&'a str>>,
    data: Option<Option<&'a str>>,
}

impl<'a> Found<'a> {
    fn member(&mut self, name: &str, value: &mut Scanner<'a>) -> Option<()> {
        match name {
            "id" => once(&mut self.id, value.plain_string()?),
            "object" => once(&mut self.object, text_or_null(value)?),
            "type" => once(&mut self.kind, value.plain_string()?),
            "created" => once(&mut self.created, value.value()?),
            "livemode" => once(&mut self.livemode, value.value()?.parse().ok()?),
            "account" => once(&mut self.account, text_or_null(value)?),
            "api_version" => once(&mut self.api_version, text_or_null(value)?),
            "data" => once(&mut self.data, data_object(value)?),
            _ => value.value().map(drop),
        }
    }
}

/// A name that comes twice is for the long way to refuse.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn text_or_null<'a>(value: &mut Scanner<'a>) -> Option<Option<&'a str>> {
    if value.peek()? == b'"' {
        return value.plain_string().map(Some);
    }
    (value.value()? == "null").then_some(None)
}

fn data_object<'a>(data: &mut Scanner<'a>) -> Option<Option<&'a str>> {
    let mut object = None;
    data.members(|name, value| {
        let value = value.value()?;
        if name == "object" {
            once(&mut object, value)?;
        }
        Some(())
    })?;
    Some(object.filter(|object| *object != "null"))
}

/// The same for serde.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    object: Option<Cow<'a, str>>,
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    created: Option<&'a RawValue>,
    #[serde(default)]
    livemode: bool,
    account: Option<Cow<'a, str>>,
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<WrittenData<'a>>,
}

#[derive(Deserialize)]
struct WrittenData<'a> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

impl<'a> From<Written<'a>> for Envelope<'a> {
    fn from(written: Written<'a>) -> Self {
        Self {
            id: written.id,
            object: written.object,
            kind: written.kind,
            created: written.created.map_or("", RawValue::get),
            livemode: written.livemode,
            account: written.account,
            api_version: written.api_version,
            data_object: written.data.and_then(|data| data.object).map(RawValue::get),
        }
    }
}
