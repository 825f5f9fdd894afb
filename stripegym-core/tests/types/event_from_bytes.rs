//! An event does not come from bytes that nobody verified.
use stripegym_core::Event;

fn main() {
    let _forged = Event::parse(&b"{}"[..].into());
}
