//! A text is not an id before it was parsed.
use stripegym_core::portal::PortalFlow;

fn main() {
    let _call = PortalFlow::subscription_update("sub_1");
}
