//! The sandbox from outside: over HTTP, as a service, and as a program.

#[cfg(test)]
mod api;
#[cfg(test)]
mod billing;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod checkout;
#[cfg(test)]
mod dashboard;
#[cfg(test)]
mod delayed;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod invoices;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod portal;
#[cfg(feature = "cli")]
#[cfg(test)]
mod program;
#[cfg(test)]
mod purchase;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod sdk;
#[cfg(test)]
mod search;
#[cfg(test)]
mod signup;
#[cfg(test)]
mod state;
#[cfg(test)]
mod subscriptions;
#[cfg(test)]
mod upcoming;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod wire;
