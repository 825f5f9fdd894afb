//! The process that delivers: HTTP/1.1 over connections that stay open, written
//! by hand, because every cycle it takes is taken from what it measures.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stripegym_benches::inputs::Delivery;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Outcome;
use super::events::{self, Kind};

/// Whoever gets no answer for so long counts it as refused.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(15);
const RECONNECT_WAIT: Duration = Duration::from_millis(20);
const ANSWER_BYTES_MAX: usize = 4096;

/// What to deliver.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Where to.
    pub(crate) address: SocketAddr,
    /// Over so many connections at once.
    pub(crate) connections: usize,
    /// What the events tell.
    pub(crate) kind: Kind,
    /// The number of the first event.
    pub(crate) first: u64,
    /// So many of them.
    pub(crate) count: u64,
    /// For so long at most.
    pub(crate) seconds: u64,
    /// So many in a second; as many as go unless set.
    pub(crate) per_second: Option<u64>,
    /// The file that takes the ids of all events that were acknowledged.
    pub(crate) acknowledged: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delivered {
    /// Answered 2xx.
    pub(crate) acknowledged: u64,
    /// Answered otherwise, or not at all.
    pub(crate) refused: u64,
    /// From the first to the last, in microseconds.
    pub(crate) took_us: u64,
    /// The latency that half of them did not exceed, in microseconds.
    pub(crate) p50_us: u64,
    /// The same for 99 of 100.
    pub(crate) p99_us: u64,
    /// The slowest of all.
    pub(crate) max_us: u64,
}

impl Delivered {
    /// Acknowledged events in a second.
    pub(crate) fn per_second(&self) -> u64 {
        self.acknowledged * 1_000_000 / self.took_us.max(1)
    }
}

/// What the connections share; they all live on one thread.
struct Shared {
    plan: Plan,
    started: Instant,
    taken: Cell<u64>,
    refused: Cell<u64>,
    latencies_us: RefCell<Vec<u64>>,
    acknowledged: RefCell<Vec<u64>>,
}

impl Shared {
    /// The next event and when its latency begins.
    async fn next(&self) -> Option<(u64, Instant)> {
        let nth = self.taken.get();
        let end = self.started + Duration::from_secs(self.plan.seconds);
        if nth >= self.plan.count || Instant::now() >= end {
            return None;
        }
        self.taken.set(nth + 1);
        let number = self.plan.first + nth;
        let Some(rate) = self.plan.per_second else {
            return Some((number, Instant::now()));
        };
        let due = self.started + Duration::from_nanos(nth * 1_000_000_000 / rate.max(1));
        if due > end {
            return None;
        }
        if due > Instant::now() {
            sleep_until(due).await;
            return Some((number, Instant::now()));
        }
        // It should have gone out before: the wait for a free connection counts.
        Some((number, due))
    }
}

/// Delivers and prints what came of it as one line of JSON.
#[expect(clippy::print_stdout, reason = "its answer to whoever started it")]
pub(crate) fn run(plan: &Plan) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let shared = Rc::new(Shared {
        plan: plan.clone(),
        started: Instant::now(),
        taken: Cell::new(0),
        refused: Cell::new(0),
        latencies_us: RefCell::default(),
        acknowledged: RefCell::default(),
    });
    LocalSet::new().block_on(&runtime, async {
        let mut connections = JoinSet::new();
        for _ in 0..plan.connections {
            connections.spawn_local(deliver(Rc::clone(&shared)));
        }
        connections.join_all().await;
    });
    let took = shared.started.elapsed();
    if let Some(path) = &plan.acknowledged {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for number in shared.acknowledged.borrow().iter() {
            writeln!(file, "{}", events::id(*number))?;
        }
        file.flush()?;
    }
    let mut latencies = shared.latencies_us.borrow_mut();
    latencies.sort_unstable();
    let at = |hundredths: usize| {
        let index = latencies.len() * hundredths / 100;
        latencies.get(index).or(latencies.last()).copied()
    };
    let delivered = Delivered {
        acknowledged: u64::try_from(shared.acknowledged.borrow().len())?,
        refused: shared.refused.get(),
        took_us: u64::try_from(took.as_micros())?,
        p50_us: at(50).unwrap_or_default(),
        p99_us: at(99).unwrap_or_default(),
        max_us: latencies.last().copied().unwrap_or_default(),
    };
    println!("{}", serde_json::to_string(&delivered)?);
    Ok(())
}

async fn deliver(shared: Rc<Shared>) {
    let mut connection = None;
    while let Some((number, since)) = shared.next().await {
        let body = events::body(shared.plan.kind, number);
        let request = request(&Delivery::signed(body));
        let answer = timeout(ANSWER_TIME_MAX, async {
            let stream = match &mut connection {
                Some(stream) => stream,
                empty => empty.insert(connect(shared.plan.address).await?),
            };
            exchange(stream, &request).await
        });
        match answer.await {
            Ok(Ok(200)) => {
                let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
                shared.latencies_us.borrow_mut().push(micros);
                shared.acknowledged.borrow_mut().push(number);
            }
            Ok(Ok(_)) => shared.refused.set(shared.refused.get() + 1),
            Ok(Err(_)) | Err(_) => {
                shared.refused.set(shared.refused.get() + 1);
                connection = None;
                sleep(RECONNECT_WAIT).await;
            }
        }
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn request(delivery: &Delivery) -> Vec<u8> {
    let head = format!(
        "POST /webhook HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         stripe-signature: {}\r\ncontent-length: {}\r\n\r\n",
        delivery.header,
        delivery.body.len()
    );
    [head.as_bytes(), &delivery.body].concat()
}

/// Sends a request and reads its answer whole; answers with the status.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<u16> {
    stream.write_all(request).await?;
    let mut answer = Vec::with_capacity(512);
    loop {
        if let Some(status) = complete(&answer) {
            return Ok(status);
        }
        if answer.len() > ANSWER_BYTES_MAX || stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The status, once the body is there as well. The route's answers all tell
/// their length.
fn complete(answer: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim())
    })?;
    if body.len() < length.parse().ok()? {
        return None;
    }
    head.split(' ').nth(1)?.parse().ok()
}
