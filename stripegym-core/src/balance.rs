//! The Balance. <https://docs.stripe.com/api/balance>

use crate::money::Currency;
use crate::object::views;

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// What there is in Stripe's hands. <https://docs.stripe.com/api/balance/balance_object>
    Balance("balance") {
        /// What can be paid out.
        available: Vec<BalanceAmount>;
        /// What will be.
        pending: Vec<BalanceAmount>;
        /// What can be paid out at once, for a fee.
        instant_available: Option<Vec<BalanceAmount>>;
        /// True for real money.
        livemode: bool;
    }

    /// What there is of one currency.
    BalanceAmount("balance_amount") {
        /// Minor units; may be negative.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
    }
}

#[cfg(feature = "client")]
mod requests {
    use crate::balance::Balance;
    use crate::client::calls;

    calls! {
        /// Retrieves the Balance. <https://docs.stripe.com/api/balance/balance_retrieve>
        ///
        /// ```no_run
        /// # use stripegym_core::Client;
        /// use stripegym_core::balance::RetrieveBalance;
        /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
        /// for part in RetrieveBalance::new().send(&stripe).await?.available()? {
        ///     println!("{} {}", part.amount()?, part.currency()?);
        /// }
        /// # Ok(()) }
        /// ```
        RetrieveBalance() -> Balance = Get "/v1/balance" {}
    }
}
