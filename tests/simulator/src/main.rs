//! Runs schedules by the thousand and shows the first that goes wrong.

// A program for people to look at.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use stripegym_core::{Clock, SystemClock};
use stripegym_simulator::schedule::{Report, draw, run_seed};
use stripegym_simulator::shrink::shrink;
use stripegym_simulator::tally::Tally;

/// Runs the event engine against a simulated Stripe, in virtual time.
#[derive(Debug, Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Threads, each with schedules of its own.
    #[arg(long, default_value_t = 1)]
    jobs: u64,
    /// Replays one seed and prints its timeline.
    #[arg(long)]
    seed: Option<u64>,
    /// Ends after so many seeds that failed.
    #[arg(long, default_value_t = 1)]
    stop_after_failures: usize,
    /// Says only which seed failed, and its first finding.
    #[arg(long)]
    brief: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.seed {
        Some(seed) => replay(seed),
        None => run_all(&arguments),
    }
}

fn replay(seed: u64) -> ExitCode {
    let (schedule, _) = draw(seed);
    for line in schedule.timeline() {
        println!("{line}");
    }
    let report = schedule.run(true);
    println!("--- the run");
    for line in &report.trace {
        println!("{line}");
    }
    verdict(seed, &report)
}

fn verdict(seed: u64, report: &Report) -> ExitCode {
    if report.findings.is_empty() {
        println!("seed {seed}: all is as it should be");
        return ExitCode::SUCCESS;
    }
    println!("--- findings");
    for finding in &report.findings {
        println!("{finding}");
    }
    show_shrunk(seed);
    ExitCode::FAILURE
}

fn show_shrunk(seed: u64) {
    let smallest = shrink(&draw(seed).0);
    let report = smallest.run(true);
    println!("--- the smallest that still fails");
    for line in smallest.timeline().iter().chain(&report.trace) {
        println!("{line}");
    }
    for finding in &report.findings {
        println!("=> {finding}");
    }
}

fn run_all(arguments: &Arguments) -> ExitCode {
    let began = SystemClock.now();
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from.saturating_add(arguments.seeds);
    let failed = Mutex::new(Vec::new());
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            scope.spawn(|| {
                let mut mine = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || is_over(&failed, arguments.stop_after_failures) {
                        break;
                    }
                    let report = run_seed(seed, false);
                    mine.add(&report);
                    if !report.findings.is_empty() {
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push(seed);
                    }
                    progress(arguments, seed, &began);
                }
                let mut all = tally.lock().unwrap_or_else(PoisonError::into_inner);
                all.merge(&mine);
            });
        }
    });
    let took_ms = SystemClock.now().since(began).as_millis().max(1);
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    println!("{tally}");
    let per_second = u128::from(tally.schedules()) * 1000 / took_ms;
    println!(
        "{per_second} schedules/s on {} threads, {took_ms} ms",
        arguments.jobs.max(1)
    );
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_unstable();
    let Some(first) = failed.first() else {
        return ExitCode::SUCCESS;
    };
    println!("failed seeds: {failed:?}");
    if arguments.brief {
        let report = run_seed(*first, false);
        let finding = report.findings.first().map_or("nothing", String::as_str);
        println!("first: seed {first}: {finding}");
        return ExitCode::FAILURE;
    }
    verdict(*first, &run_seed(*first, false))
}

fn is_over(failed: &Mutex<Vec<u64>>, stop_after: usize) -> bool {
    failed.lock().unwrap_or_else(PoisonError::into_inner).len() >= stop_after.max(1)
}

fn progress(arguments: &Arguments, seed: u64, began: &stripegym_core::Timestamp) {
    let done = seed - arguments.from + 1;
    if done.is_multiple_of(500) && std::io::stderr().is_terminal() {
        let ms = SystemClock.now().since(*began).as_millis().max(1);
        let per_second = u128::from(done) * 1000 / ms;
        eprint!("\r{done} of {} schedules, {per_second}/s ", arguments.seeds);
    }
}
