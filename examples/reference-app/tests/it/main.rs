//! The app from outside: over HTTP and as a program.
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)] // how tests fail

mod accounts;
mod api_errors;
mod browser;
mod checkout;
mod config;
mod crash;
mod docs;
mod offline;
mod outbox;

mod pages;
mod program;
mod purchase;
mod shop;
mod signals;
mod stripe_mode;
mod webhook;
