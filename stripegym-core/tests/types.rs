//! What must not compile: the promises that the types make. After a change of
//! compiler, `TRYBUILD=overwrite` writes its new words down; read them.

#[test]
fn unverified_bytes_and_mixed_ids_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/types/verified.rs");
    cases.compile_fail("tests/types/unverified_bytes.rs");
    cases.compile_fail("tests/types/made_up_verified.rs");
    cases.compile_fail("tests/types/event_from_bytes.rs");
    cases.compile_fail("tests/types/price_for_subscription.rs");
    cases.compile_fail("tests/types/text_for_id.rs");
}
