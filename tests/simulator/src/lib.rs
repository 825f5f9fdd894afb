//! A deterministic simulation of everything around the event engine: a Stripe
//! of its own writing, a network that loses, doubles, delays and reorders, a
//! store that fails, and processes that die. A seed gives all of it.

// This crate is a test: what cannot be is allowed to stop it.
#![allow(clippy::expect_used)]

pub mod api;
pub mod consumer;
pub mod delivery;
pub mod faults;
pub mod oracle;
pub mod rng;
pub mod run;
pub mod schedule;
pub mod shrink;
pub mod tally;
pub mod world;

use tokio::runtime::{Builder, Runtime};

thread_local! {
    static ASKING: Runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime without threads");
}

/// Asks the store something from outside of the simulation.
pub(crate) fn ask<T>(question: impl Future<Output = T>) -> T {
    ASKING.with(|runtime| runtime.block_on(question))
}
