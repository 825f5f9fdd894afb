use serde_json::{Value, json};

use poem_openapi::types::ParseFromJSON;

use super::*;

/// 2026-01-31T00:00:00Z
const NOW: Timestamp = Timestamp::from_unix_s(1_769_817_600);

fn register(changes: &Value) -> Result<Registration, Problem> {
    let mut body = json!({
        "email": " Hanako@Example.com ", "password": "password", "name": "花子",
        "phone": "", "birthdate": "", "terms": true, "privacy": "on", "user_id": 1,
    });
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    let Ok(input) = RegisterInput::parse_from_json(Some(body)) else {
        panic!("unreadable")
    };
    input.checked(NOW)
}

fn fault_of(changes: &Value) -> Problem {
    match register(changes) {
        Ok(_) => panic!("taken: {changes}"),
        Err(problem) => problem,
    }
}

#[test]
fn what_is_optional_may_be_empty_or_absent() {
    let Ok(taken) = register(&json!({})) else {
        panic!("refused")
    };
    assert_eq!(taken.email, "Hanako@Example.com");
    assert_eq!((taken.phone, taken.birthdate), (None, None));
    assert!(register(&json!({ "phone": null, "birthdate": null })).is_ok());
    assert!(register(&json!({ "birthdate": "2026-01-31", "phone": "03-0000-0000" })).is_ok());
}

#[test]
fn each_wrong_field_is_named() {
    for (field, value, fault) in [
        ("name", json!("  "), FieldFault::Name),
        ("name", json!(null), FieldFault::Name),
        ("name", json!(["x"]), FieldFault::Name),
        ("name", json!("花".repeat(101)), FieldFault::NameLong),
        ("email", json!("hanako"), FieldFault::Email),
        ("email", json!("hanako@example"), FieldFault::Email),
        ("email", json!("ha nako@example.com"), FieldFault::Email),
        ("email", json!("@example.com"), FieldFault::Email),
        ("email", json!("a@b@example.com"), FieldFault::Email),
        ("email", json!("a@example..com"), FieldFault::Email),
        ("email", json!("a@-example.com"), FieldFault::Email),
        ("email", json!("花子@example.com"), FieldFault::Email),
        ("email", json!("<a>@example.com"), FieldFault::Email),
        ("email", json!("a\u{0}@example.com"), FieldFault::Email),
        (
            "email",
            json!(format!("{}@example.com", "a".repeat(243))),
            FieldFault::Email,
        ),
        ("password", json!("1234567"), FieldFault::PasswordLength),
        (
            "password",
            json!("x".repeat(129)),
            FieldFault::PasswordLength,
        ),
        ("password", json!(12_345_678), FieldFault::PasswordLength),
        ("phone", json!("0".repeat(41)), FieldFault::PhoneLong),
        ("birthdate", json!("2026-02-02"), FieldFault::Birthdate),
        ("birthdate", json!("1899-12-31"), FieldFault::Birthdate),
        ("birthdate", json!("2025-02-29"), FieldFault::Birthdate),
        ("birthdate", json!("2000-1-1"), FieldFault::Birthdate),
        ("birthdate", json!("20000101"), FieldFault::Birthdate),
        ("birthdate", json!("+2000-01-1"), FieldFault::Birthdate),
        ("terms", json!("off"), FieldFault::Terms),
        ("terms", json!(false), FieldFault::Terms),
        ("privacy", json!(null), FieldFault::Privacy),
    ] {
        let problem = fault_of(&json!({ field: value }));
        let expected = Problem::in_fields(crate::problem::Code::InvalidInput, vec![(field, fault)]);
        assert_eq!(problem, expected, "{field} = {value}");
    }
}

#[test]
fn all_wrong_fields_are_told_at_once() {
    let Ok(empty) = RegisterInput::parse_from_json(Some(json!({}))) else {
        panic!("unreadable")
    };
    let Err(problem) = empty.checked(NOW) else {
        panic!("taken")
    };
    let text = format!("{problem:?}");
    for field in ["name", "email", "password", "terms", "privacy"] {
        assert!(text.contains(&format!("{field:?}")), "{text}");
    }
}

#[test]
fn a_cursor_reads_back_and_nothing_else_does() {
    let place = PurchaseCursor {
        created: 1_769_817_600,
        session_id: "cs_test_1".to_owned(),
    };
    let text = cursor(&place);
    let wanted = HistoryInput::new(Some(100), Some(text)).checked();
    assert_eq!(wanted.ok().and_then(|wanted| wanted.after), Some(place));
    for bad in ["x", "00", "3a", "313a00", &"31".repeat(10_000)] {
        assert!(
            HistoryInput::new(None, Some(bad.to_owned()))
                .checked()
                .is_err(),
            "{bad}"
        );
    }
    for bad in [0, 101, u32::MAX] {
        assert!(
            HistoryInput::new(Some(bad), None).checked().is_err(),
            "{bad}"
        );
    }
}
