//! The one way that compiles.
use stripegym_core::Processor;
use stripegym_core::webhook::{Received, Verifier};

async fn deliver(processor: Processor, verifier: Verifier, received: Received) {
    if let Ok(verified) = received.verify(&verifier) {
        let _taken = processor.receive(verified).await;
    }
}

fn main() {
    let _ = deliver;
}
