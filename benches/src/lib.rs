//! What the benchmarks share: a table whose rows are timed in turns, and the
//! bytes they work on.
//!
//! A time in itself says more about the machine and its other tenants than
//! about the code. So every row stands beside the row it is compared with, both
//! are timed in turns many times over, and what counts is the median of the
//! ratios.

pub mod inputs;
mod machine;
mod table;

pub use machine::describe;
pub use table::{Ratio, Table};
