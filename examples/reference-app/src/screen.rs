//! The first thing that somebody who starts the server reads.

use std::fmt::Write as _;

use crate::config::{Config, Stripe};
use crate::server::Running;

/// What to open, what to pay with, and where the data is.
#[must_use]
pub fn first_screen(config: &Config, running: &Running) -> String {
    let url = running.url();
    let mut text =
        format!("stripegym reference app\n\n  Shop      {url}/\n  API docs  {url}/docs\n");
    let database = config.database_address();
    // Writing to a string cannot fail.
    let written = match (&config.stripe, running.sandbox()) {
        (Stripe::Offline { .. }, Some(sandbox)) => write!(
            text,
            "  Sandbox   {}  (stands in for Stripe: no real money moves)\n\n  \
             Pay with  4242 4242 4242 4242, any future date, any three digits\n            \
             4000 0000 0000 0002 is declined\n\n  \
             Data      {database} and {}\n            \
             `reference-app reset --yes` starts over\n",
            sandbox.url(),
            config.state_file().display(),
        ),
        (Stripe::Api(account), _) => {
            let mode = if account.key.is_live() {
                "live: REAL MONEY"
            } else {
                "test"
            };
            let base = account.base.as_deref().unwrap_or("https://api.stripe.com");
            write!(
                text,
                "  Stripe    {base}  (mode: {mode})\n  Webhook   {url}/webhook\n\n  Data      {database}\n",
            )
        }
        (Stripe::Offline { .. }, None) => Ok(()),
    };
    if written.is_ok() {
        text.push_str("\nCtrl-C stops.\n");
    }
    text
}
