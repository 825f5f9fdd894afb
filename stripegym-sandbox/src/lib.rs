#![doc = include_str!("../README.md")]
// A checkout session has more fields than `json!` can nest by default.
#![recursion_limit = "256"]

mod builder;
mod calendar;
mod cards;
mod clock;
mod control;
mod dashboard;
mod edge;
mod engine;
mod error;
mod expand;
mod faults;
mod fees;
mod form;
#[cfg(test)]
mod fuzz;
mod guard;
mod hosted;
mod ids;
mod journal;
mod kind;
mod list;
mod money;
mod object;
mod params;
mod render;
mod resources;
mod sandbox;
mod settings;
pub mod signature;
mod state;
mod tx;
mod version;
mod web;
mod webhooks;

pub use builder::{Builder, StartError};
pub use clock::{Clock, ManualClock, Sleep, SystemClock};
pub use edge::SandboxService;
pub use faults::{FaultError, FaultPlan};
pub use sandbox::{PayError, Sandbox, SandboxError};
pub use settings::AfterRetries;
