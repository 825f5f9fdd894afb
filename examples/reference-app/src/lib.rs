#![doc = include_str!("../README.md")]

mod accounts;
mod api;
mod config;
mod database;
mod instance;
mod lang;
mod operator;
mod problem;
mod reset;
mod screen;
mod server;
mod shop;
mod web;

pub use api::spec;
pub use config::{Account, Config, ConfigError, DatabaseAddress, LogLevel, Prices, Stripe};
pub use operator::{Order, OutboxOrder, Report, operate};
pub use reset::{ResetRefused, delete, resettable};
pub use screen::first_screen;
pub use server::{Running, Server, StartError, migrate};
