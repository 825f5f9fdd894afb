#![doc = include_str!("../README.md")]

pub mod balance;
pub mod balance_transaction;
pub mod charge;
pub mod checkout;
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
pub mod coupon;
pub mod customer;
pub mod discount;
pub mod dispatch;
pub mod dispute;
pub mod event;
pub mod event_record;
pub mod form;
pub mod id;
pub mod invoice;
pub mod invoice_item;
pub mod invoice_payment;
#[cfg(feature = "client")]
pub mod journal;
pub mod ledger;
pub mod money;
pub mod object;
pub mod payment_intent;
pub mod payment_method;
pub mod payout;
pub mod portal;
pub mod price;
pub mod process;
pub mod product;
pub mod projection;
pub mod promotion_code;
#[cfg(feature = "client")]
pub mod reconcile;
pub mod refund;
pub mod retention;
pub mod secret;
pub mod setup_intent;
pub mod store;
pub mod subscription;
pub mod subscription_item;
pub mod subscription_schedule;
pub mod test_clock;
pub mod webhook;
pub mod webhook_endpoint;

#[cfg(feature = "client")]
#[doc(inline)]
pub use client::{ApiError, Client};
#[doc(inline)]
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
#[doc(inline)]
pub use dispatch::{Dispatcher, EffectHandler};
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
