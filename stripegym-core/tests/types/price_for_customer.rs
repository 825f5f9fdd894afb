//! A price is not a customer.
use stripegym_core::customer::RetrieveCustomer;
use stripegym_core::id::PriceId;

fn retrieve(price: &PriceId) -> RetrieveCustomer {
    RetrieveCustomer::new(price)
}

fn main() {}
