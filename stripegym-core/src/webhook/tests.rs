use super::*;
use crate::clock::{ManualClock, Timestamp};

// Made by the official SDKs.
const SECRET: &str = "whsec_test_secret";
const BODY: &str = r#"{"id":"evt_test_1","object":"event"}"#;
const SIGNED_AT: i64 = 1_760_000_000;
const V1: &str = "ccfd5edd0f51e29cc3b9ad1511a963409a6bf0d12064f0f6fd686c32ff0ec721";

fn verifier_at(now: i64) -> Verifier {
    let clock = ManualClock::at(Timestamp::from_unix_s(now));
    Verifier::new(WebhookSecret::parse(SECRET).unwrap()).clock(Arc::new(clock))
}

fn verify_at(now: i64, header: &str) -> Result<(), VerifyError> {
    let received = Received::new(BODY.into(), Some(header.as_bytes()));
    received.verify(&verifier_at(now)).map(|_| ())
}

#[test]
fn the_signature_of_the_official_sdks_is_accepted() {
    let header = format!("t={SIGNED_AT},v1={V1},v0=abcdef");
    assert_eq!(verify_at(SIGNED_AT, &header), Ok(()));
}

#[test]
fn during_a_rotation_either_of_two_signatures_and_secrets_is_enough() {
    let other = "0".repeat(64);
    let header = format!("t={SIGNED_AT},v1={other},v1={V1}");
    let secrets = WebhookSecret::parse_list(&format!("whsec_newer_one,{SECRET}")).unwrap();
    let clock = ManualClock::at(Timestamp::from_unix_s(SIGNED_AT));
    let verifier = Verifier::rotating(secrets).clock(Arc::new(clock));
    let received = Received::new(BODY.into(), Some(header.as_bytes()));
    assert!(received.verify(&verifier).is_ok());
}

#[test]
fn without_any_secret_nothing_passes() {
    let header = format!("t={SIGNED_AT},v1={V1}");
    let received = Received::new(BODY.into(), Some(header.as_bytes()));
    let error = received
        .verify(&Verifier::rotating(Vec::new()))
        .unwrap_err();
    assert_eq!(error, VerifyError::NoMatch);
}

#[test]
fn time_is_checked_both_ways_to_the_second() {
    let header = format!("t={SIGNED_AT},v1={V1}");
    assert_eq!(verify_at(SIGNED_AT + 300, &header), Ok(()));
    assert_eq!(
        verify_at(SIGNED_AT + 301, &header),
        Err(VerifyError::Expired { age_s: 301 })
    );
    assert_eq!(verify_at(SIGNED_AT - 300, &header), Ok(()));
    let skew = verify_at(SIGNED_AT - 301, &header).unwrap_err();
    assert_eq!(skew, VerifyError::ClockSkew { ahead_s: 301 });
    assert_eq!(skew.reason(), "clock_skew");
}

#[test]
fn a_malformed_header_is_refused_with_the_reason() {
    let cases = [
        ("", "an item has no `=`"),
        ("nonsense", "an item has no `=`"),
        ("v1=00", "it has no timestamp"),
        ("t=1760000000", "it has no v1 signature"),
        ("t=1760000000,v1=zz", "it has no v1 signature"),
        ("t=-5,v1=00", "its timestamp is not a number of seconds"),
        (
            "t=99999999999999999999,v1=00",
            "its timestamp is out of range",
        ),
        ("t=1,t=2,v1=00", "it has two timestamps"),
    ];
    for (header, why) in cases {
        assert_eq!(
            verify_at(SIGNED_AT, header),
            Err(VerifyError::MalformedHeader(why)),
            "{header}"
        );
    }
    let many = format!("t=1{}", format!(",v1={V1}").repeat(17));
    assert_eq!(
        verify_at(SIGNED_AT, &many),
        Err(VerifyError::MalformedHeader("it has too many signatures"))
    );
}

#[test]
fn a_v0_signature_alone_proves_nothing() {
    let error = verify_at(SIGNED_AT, &format!("t={SIGNED_AT},v0={V1}")).unwrap_err();
    assert_eq!(
        error,
        VerifyError::MalformedHeader("it has no v1 signature")
    );
}

#[test]
fn a_body_over_the_limit_is_refused_before_any_hashing() {
    let body = Bytes::from(vec![b' '; BODY_BYTES_MAX + 1]);
    let received = Received::new(body, Some(b"t=1,v1=00"));
    assert_eq!(
        received.verify(&verifier_at(1)).unwrap_err(),
        VerifyError::BodyTooLarge
    );
}

proptest::proptest! {
    #[test]
    fn one_flipped_bit_anywhere_in_the_body_is_refused(
        at in 0..BODY.len(), bit in 0..8_u32,
    ) {
        let mut body = BODY.as_bytes().to_vec();
        body[at] ^= 1 << bit;
        let header = format!("t={SIGNED_AT},v1={V1}");
        let received = Received::new(body.into(), Some(header.as_bytes()));
        proptest::prop_assert_eq!(
            received.verify(&verifier_at(SIGNED_AT)).unwrap_err(),
            VerifyError::NoMatch
        );
    }

    #[test]
    fn no_header_makes_it_panic(header in proptest::collection::vec(0_u8..=255, 0..200)) {
        let received = Received::new(BODY.into(), Some(&header));
        proptest::prop_assert!(received.verify(&verifier_at(SIGNED_AT)).is_err());
    }

    #[test]
    fn no_text_header_makes_it_panic(header in "(t=[0-9]{0,20}|v1=[0-9a-f]{0,70}|,|=|v0=x| ){0,8}") {
        let received = Received::new(BODY.into(), Some(header.as_bytes()));
        proptest::prop_assert!(received.verify(&verifier_at(SIGNED_AT)).is_err());
    }
}
