#![doc = include_str!("../README.md")]

pub mod checkout;
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
pub mod customer;
pub mod event;
pub mod form;
pub mod id;
#[cfg(feature = "client")]
pub mod journal;
pub mod ledger;
pub mod money;
pub mod object;
pub mod price;
pub mod process;
pub mod product;
pub mod projection;
pub mod secret;
pub mod store;
pub mod webhook;

#[cfg(feature = "client")]
#[doc(inline)]
pub use client::{ApiError, Client};
#[doc(inline)]
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
#[doc(inline)]
pub use event::Event;
#[doc(inline)]
pub use form::Form;
#[cfg(feature = "client")]
#[doc(inline)]
pub use journal::Journal;
#[doc(inline)]
pub use money::{Amount, Currency, MoneyError};
#[doc(inline)]
pub use process::{Handler, HandlerError, Processor};
#[doc(inline)]
pub use secret::{ApiKey, WebhookSecret};
#[doc(inline)]
pub use store::{MemoryStore, Owner, Store, Tx};
