use proptest::prelude::*;

use super::*;
use crate::checkout::CheckoutSession;

fn parse(body: &str) -> Result<Event, EventError> {
    Event::parse(&Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn an_unknown_type_with_unknown_fields_is_an_event() {
    let event = parse(
        r#"{"id":"evt_1","object":"event","type":"moon.landed","created":7,"new":{"x":[1]},
            "data":{"object":{"id":"moon_1","object":"moon"}}}"#,
    )
    .unwrap();
    assert_eq!((event.kind(), event.created()), ("moon.landed", 7));
    assert_eq!(event.object_id().as_deref(), Some("moon_1"));
    assert!(matches!(
        event.object::<CheckoutSession>(),
        Err(DecodeError::Kind { .. })
    ));
}

#[test]
fn an_event_without_an_object_still_parses() {
    let event = parse(r#"{"id":"evt_1","type":"x","created":7}"#).unwrap();
    assert_eq!(event.object_id(), None);
    assert!(matches!(
        event.object::<CheckoutSession>(),
        Err(DecodeError::NoObject)
    ));
}

#[test]
fn what_is_not_an_event_is_refused_and_never_panics() {
    let deep = format!(
        r#"{{"id":"evt_1","type":"x","created":1,"data":{}}}"#,
        "[".repeat(500)
    );
    for bad in [
        "",
        "null",
        "{}",
        r#"{"id":"evt_1","type":"x"}"#,
        r#"{"id":"evt_1","type":"x","created":"soon"}"#,
        r#"{"id":"cus_1","type":"x","created":1}"#,
        r#"{"id":"evt_1","id":"evt_2","type":"x","created":1}"#,
        r#"{"id":"evt_1","type":"x","created":1} trailing"#,
        &deep,
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
    assert!(Event::parse(&Bytes::from_static(b"{\"id\":\"\xff\"}")).is_err());
}

#[test]
fn a_thin_event_is_told_apart() {
    let body = r#"{"id":"evt_1","object":"v2.core.event","type":"v1.x","created":"2026-01-01"}"#;
    assert!(matches!(parse(body), Err(EventError::Thin)));
}

#[test]
fn the_whole_body_is_proved_to_be_text_and_json() {
    // Not within a field that is read: an unread one is proved as well.
    let mut body = br#"{"id":"evt_1","type":"x","created":1,"request":{"id":"??"}}"#.to_vec();
    assert!(Event::parse(&Bytes::from(body.clone())).is_ok());
    let at = body.len() - 5;
    for bad in [0xff, b'"', b'\n'] {
        body[at] = bad;
        assert!(Event::parse(&Bytes::from(body.clone())).is_err(), "{bad}");
    }
}

#[test]
fn a_name_written_with_escapes_is_still_that_name() {
    let twice = r#"{"id":"evt_1","\u0069d":"evt_2","type":"x","created":1}"#;
    assert!(matches!(parse(twice), Err(EventError::Shape(_))));
    let event = parse(r#"{"\u0069d":"evt_1","type":"\u0078","created":1}"#).unwrap();
    assert_eq!((event.id().as_str(), event.kind()), ("evt_1", "x"));
}

/// The quick way may give up, but what it takes it reads as the long way does.
fn agree(text: &str) -> Result<bool, TestCaseError> {
    let Some(quick) = Envelope::read_quickly(text) else {
        return Ok(false);
    };
    let thorough = Envelope::read_thoroughly(text);
    prop_assert!(thorough.is_ok(), "took {text:?}: {thorough:?}");
    prop_assert_eq!(quick, thorough.unwrap(), "of {:?}", text);
    Ok(true)
}

/// Any JSON, in all the ways in which it can be spaced and escaped.
fn json() -> impl Strategy<Value = String> {
    let space = "[ \n\r\t]{0,12}";
    let string = r#""([^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){0,20}""#;
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        string,
    ];
    let spaced = (space, leaf, space).prop_map(|(a, b, c)| a + &b + &c);
    spaced.prop_recursive(6, 40, 5, move |inner| {
        let member = (space, string, space, inner.clone());
        let member = member.prop_map(|(a, name, b, value)| format!("{a}{name}{b}:{value}"));
        let list = prop::collection::vec(inner, 0..5).prop_map(|items| items.join(","));
        let object = prop::collection::vec(member, 0..5).prop_map(|items| items.join(","));
        prop_oneof![
            list.prop_map(|items| format!("[{items}]")),
            object.prop_map(|items| format!(" {{{items} }}")),
        ]
    })
}

fn event_text() -> impl Strategy<Value = String> {
    (json(), json(), prop::bool::ANY).prop_map(|(object, other, live)| {
        format!(
            r#"{{"id": "evt_1", "object":"event",
    "created": 7, "livemode":{live}, "account":null, "api_version":"v",
    "data": {{"object":{object}, "previous_attributes": {other}}},
    "type":"x", "request":{other}}}"#
        )
    })
}

proptest! {
    #[test]
    fn any_json_inside_goes_the_quick_way(text in event_text()) {
        prop_assert!(agree(&text)?, "gave up on {text:?}");
    }

    #[test]
    fn the_quick_way_never_takes_what_is_refused(
        text in event_text(),
        at in any::<prop::sample::Index>(),
        by in r#"[{}\[\],:"\\0-9eE+.\-a-u \n\x00-\x1f\u{80}-\u{ff}]{0,2}"#,
    ) {
        let mut text: Vec<char> = text.chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, by.chars());
        agree(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn nor_what_is_cut_off(text in event_text(), at in any::<prop::sample::Index>()) {
        let cut: String = text.chars().take(at.index(text.chars().count())).collect();
        prop_assert!(!agree(&cut)?);
    }
}
