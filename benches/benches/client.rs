//! A hundred calls at once, all of one client, against a hundred calls at once,
//! each of a client of its own: what the calls of one client lose to each other
//! is the difference. It shows twice: in the time that passes, and in the
//! processor time, where waiting for a lock and passing its cache line around
//! are work. A row beside it makes the same calls one after another, without
//! the cost of a hundred tasks.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use rustix::time::{ClockId, clock_gettime};
use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::client::ConfigError;
use stripegym_core::customer::{CreateCustomer, RetrieveCustomer};
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

async fn at_once(clients: Vec<Client>, customer: CustomerId) {
    let calls = clients
        .into_iter()
        .map(|client| call(client, customer.clone()));
    calls.collect::<JoinSet<_>>().join_all().await;
}

#[expect(clippy::expect_used, reason = "a call that fails must not be timed")]
async fn call(client: Client, customer: CustomerId) {
    let customer = RetrieveCustomer::new(&customer).send(&client).await;
    customer.expect("the customer is there");
}

fn tables(
    runtime: &Runtime,
    over: &str,
    customer: &CustomerId,
    client: impl Fn() -> Result<Client, ConfigError>,
) -> Result<(), ConfigError> {
    let shared = vec![client()?; CALLS];
    let own: Vec<_> = (0..CALLS).map(|_| client()).collect::<Result<_, _>>()?;
    let own = || run(runtime, at_once(own.clone(), customer.clone()));
    let same = || run(runtime, at_once(shared.clone(), customer.clone()));
    let sequence = || {
        run(
            runtime,
            one_after_another(shared[0].clone(), customer.clone()),
        )
    };
    let title = format!("{CALLS} calls over {over}");
    Table::new(&title)
        .rounds_at_most(ROUNDS)
        .row("at once, each of its own client", own)
        .row("at once, all of one client", same)
        .at_most(Ratio::hundredths(110))
        .row("one after another, of one client", sequence)
        .print();
    Table::new(&format!("{title}, processor time of all threads"))
        .rounds_at_most(ROUNDS)
        .timed("at once, each of its own client", |n| {
            processor_time(n, own)
        })
        .timed("at once, all of one client", |n| processor_time(n, same))
        .at_most(Ratio::hundredths(110))
        .timed("one after another, of one client", |n| {
            processor_time(n, sequence)
        })
        .print();
    Ok(())
}

#[expect(clippy::expect_used, reason = "a task that fails must not be timed")]
fn run(runtime: &Runtime, calls: impl Future<Output = ()> + Send + 'static) {
    // As a task: the thread that waits is none of the runtime's own.
    let calls = runtime.spawn(calls);
    runtime.block_on(calls).expect("the calls are made");
}

/// Of all threads, waiting not included.
fn processor_time(repeats: u32, run: impl Fn()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
    let started = now();
    (0..repeats).for_each(|_| run());
    now().saturating_sub(started)
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", describe());
    let runtime = Runtime::new()?;
    let key = ApiKey::parse("sk_test_benchmarks_only")?;

    let constant = tower::service_fn(|_request: Request<Bytes>| async {
        Ok::<_, Infallible>(Response::new(Bytes::from_static(CUSTOMER.as_bytes())))
    });
    let customer = CustomerId::parse("cus_Tbench00000001")?;
    tables(&runtime, "a service that only answers", &customer, || {
        Client::builder(key.clone()).transport(constant).build()
    })?;

    let sandbox = runtime.block_on(Sandbox::builder().seed(7).start())?;
    let service = sandbox.service();
    let client = || {
        Client::builder(key.clone())
            .transport(service.clone())
            .build()
    };
    let create = CreateCustomer::new().email("hanako@example.com");
    let created = runtime.block_on(async {
        create
            .send(&client()?)
            .await
            .map_err(Box::<dyn Error>::from)
    })?;
    let customer = CustomerId::parse(created.id()?)?;
    tables(&runtime, "the sandbox, in process", &customer, client)?;
    runtime.block_on(sandbox.shutdown());
    Ok(())
}
