//! How fast a webhook becomes durable, end to end: the real route over loopback,
//! from a process of its own, on a database of its own on a real disk.
//!
//! PostgreSQL stands beside pgbench, which inserts the same bytes under the same
//! key, one per commit, over as many connections, on the same server and in
//! turns with us. SQLite stands beside a bare loop of commits. Then the server
//! is killed under load, and every event that was acknowledged must be there.
//!
//! One program, three roles: without an argument it directs; `serve` and `load`
//! are the processes that it starts.

mod bare;
mod disk;
mod drain;
mod events;
mod ledger;
mod load;
mod options;
mod phases;
mod postgres;
mod report;
mod serve;
mod soak;

use std::error::Error;
use std::process::ExitCode;

use options::Options;
use phases::Bench;
use report::Report;

/// What went wrong is told and ends the run: a figure from a broken run is none.
type Outcome<T> = Result<T, Box<dyn Error>>;

#[expect(clippy::print_stderr, reason = "for whoever started it")]
fn main() -> ExitCode {
    match play() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn play() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", database, address, workers] => serve::run(database, address, workers.parse()?),
        ["load", plan] => load::run(&serde_json::from_str(plan)?),
        options => match Options::parse(options) {
            Some(options) => direct(&options),
            None => Err(Box::from(options::USAGE)),
        },
    }
}

fn direct(options: &Options) -> Outcome<()> {
    let bench = Bench::prepare(options)?;
    if let Some(seconds) = options.soak {
        return soak::run(&bench, seconds);
    }
    let mut report = Report::default();
    bench.postgres(&mut report)?;
    bench.sqlite(&mut report)?;
    report.print();
    Ok(())
}
