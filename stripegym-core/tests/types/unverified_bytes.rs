//! What came in is not what was verified.
use stripegym_core::Processor;
use stripegym_core::webhook::Received;

async fn deliver(processor: Processor, received: Received) {
    let _taken = processor.receive(received).await;
}

fn main() {}
