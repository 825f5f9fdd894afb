//! What may happen in a world. Each act checks first whether it can be; one
//! that cannot changes nothing and answers `None`.

mod checkout;
mod customers;
mod invoices;
mod money_moves;
mod pay;
mod subscriptions;
pub mod terms;
