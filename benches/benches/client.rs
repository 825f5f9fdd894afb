//! A hundred calls of one client at once, against the same calls one after
//! another. What threads lose to each other shows twice: in the time that
//! passes, and in the processor time, where waiting for a lock and passing its
//! cache line around are work.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use rustix::time::{ClockId, clock_gettime};
use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::customer::RetrieveCustomer;
use stripegym_core::id::CustomerId;
use stripegym_core::{ApiKey, Client};
use stripegym_sandbox::Sandbox;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const CALLS: usize = 100;
const ROUNDS: usize = 41;
/// Nothing but a place to come back from.
const CUSTOMER: &str = r#"{"id":"cus_Tbench00000001","object":"customer"}"#;

async fn one_after_another(client: Client, customer: CustomerId) {
    for _ in 0..CALLS {
        call(client.clone(), customer.clone()).await;
    }
}

async fn at_once(client: Client, customer: CustomerId) {
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        calls.spawn(call(client.clone(), customer.clone()));
    }
    calls.join_all().await;
}

#[expect(clippy::expect_used, reason = "a call that fails must not be timed")]
async fn call(client: Client, customer: CustomerId) {
    let customer = RetrieveCustomer::new(&customer).send(&client).await;
    customer.expect("the customer is there");
}

/// Processor time of all threads, waiting not included.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

fn tables(runtime: &Runtime, over: &str, client: &Client, customer: &CustomerId) {
    let sequence = || runtime.spawn(one_after_another(client.clone(), customer.clone()));
    let crowd = || runtime.spawn(at_once(client.clone(), customer.clone()));
    let title = format!("{CALLS} calls of one client over {over}");
    let per_round = |repeats: u32, run: &dyn Fn() -> tokio::task::JoinHandle<()>| {
        let started = processor_time();
        for _ in 0..repeats {
            assert!(runtime.block_on(run()).is_ok());
        }
        processor_time().saturating_sub(started)
    };
    Table::new(&title)
        .rounds_at_most(ROUNDS)
        .row("one after another", || runtime.block_on(sequence()))
        .row("at once", || runtime.block_on(crowd()))
        .at_most(Ratio::hundredths(100))
        .print();
    Table::new(&format!("{title}, processor time of all threads"))
        .rounds_at_most(ROUNDS)
        .timed("one after another", |repeats| per_round(repeats, &sequence))
        .timed("at once", |repeats| per_round(repeats, &crowd))
        .at_most(Ratio::hundredths(150))
        .print();
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", describe());
    let runtime = Runtime::new()?;
    let key = ApiKey::parse("sk_test_benchmarks_only")?;

    let constant = tower::service_fn(|_request: Request<Bytes>| async {
        Ok::<_, Infallible>(Response::new(Bytes::from_static(CUSTOMER.as_bytes())))
    });
    let client = Client::builder(key.clone()).transport(constant).build()?;
    let customer = CustomerId::parse("cus_Tbench00000001")?;
    tables(&runtime, "a service that only answers", &client, &customer);

    let sandbox = runtime.block_on(Sandbox::builder().seed(7).start())?;
    let client = Client::builder(key).transport(sandbox.service()).build()?;
    let create = stripegym_core::customer::CreateCustomer::new().email("hanako@example.com");
    let created = runtime.block_on(create.send(&client))?;
    let customer = CustomerId::parse(created.id()?)?;
    tables(&runtime, "the sandbox, in process", &client, &customer);
    runtime.block_on(sandbox.shutdown());
    Ok(())
}
