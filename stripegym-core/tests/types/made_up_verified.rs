//! Nobody but the verification makes a `Verified`.
use stripegym_core::webhook::Verified;

fn main() {
    let _forged = Verified { body: "{}".into() };
}
