//! A price is not a subscription.
use stripegym_core::id::PriceId;
use stripegym_core::portal::PortalFlow;

fn flow(price: &PriceId) -> PortalFlow {
    PortalFlow::subscription_update(price)
}

fn main() {}
