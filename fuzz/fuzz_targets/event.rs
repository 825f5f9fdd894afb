//! Any bytes as the signed body of a delivery.
#![no_main]

#[path = "../../stripegym-core/tests/fuzz/properties.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|body: &[u8]| properties::event(body));
