//! A text is not an id before it was parsed.
use stripegym_core::customer::RetrieveCustomer;

fn main() {
    let _call = RetrieveCustomer::new("cus_1");
}
