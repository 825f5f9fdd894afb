//! One binary for all behaviour across the crates.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)] // how tests fail

mod bad_input;
mod chaos;
mod client_sandbox;
mod client_wire;
mod contract;
mod crossing;
mod dispatching;
mod docs;
mod errors;
mod fuzz_seeds;
mod journal;
mod ledger_rules;
mod migrations;
mod order;
mod processing;
mod redaction;
mod requests;
mod retention;
mod shapes;
mod stripe_mock;
mod tls;
mod walks;
mod webhook_route;
mod workers;
