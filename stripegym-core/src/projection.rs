//! From Stripe's objects to our rows: pure functions that decide what a row
//! becomes. They never take a row back to where it has been, so a late or
//! repeated event cannot undo a newer one.

mod checkout_session;

pub use checkout_session::{ProjectionError, advance, project};
