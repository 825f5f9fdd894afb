//! Any bytes as a `Stripe-Signature` header.
#![no_main]

#[path = "../../stripegym-core/tests/fuzz/properties.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|header: &[u8]| properties::signature_header(header));
