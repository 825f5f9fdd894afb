//! Stripe's objects as plain structs, each with its own JSON in the shape of
//! API version 2026-10-28.endive.

mod billing;
mod customer;
mod money_moves;
mod payment;
mod schedule;
mod session;
mod subscription;

pub use billing::{Invoice, InvoicePayment, InvoiceStatus};
pub use customer::Customer;
pub use money_moves::{Dispute, Payout, Refund, Txn, TxnType};
pub use payment::{Charge, Intent};
pub use schedule::{Phase, Schedule};
pub use session::{Session, SessionMode, WayToPay};
pub use subscription::{Item, Subscription};
