//! The program: settings, one command, and what it says.

mod outbox;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use reference_app::{
    Config, LogLevel, Order, Server, delete, first_screen, migrate, operate, resettable, spec,
};
use stripegym_core::Currency;
use stripegym_core::ledger::Account;
use stripegym_core::reconcile::{Run, Sweep};
use stripegym_core::store::{EventSelection, InboxState};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A shop on stripegym: accounts, checkout, webhooks, purchase history.
///
/// Without a Stripe key it runs offline, on a built-in stand-in for Stripe.
/// All settings come from the environment; README.md lists them.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the shop until Ctrl-C (the default)
    Serve,
    /// Create the tables or bring them up to date, and end
    Migrate,
    /// Delete the files of the offline mode in this directory
    Reset {
        /// Do it; without this, only say what would be deleted
        #[arg(long)]
        yes: bool,
    },
    /// Print the API's OpenAPI document as JSON
    Openapi,
    /// Ask Stripe for what its webhooks did not bring, and put rows and books right
    Reconcile {
        /// Read every object, even if the list of events reaches back far enough
        #[arg(long)]
        sweep: bool,
        /// Only report what is off
        #[arg(long)]
        dry_run: bool,
        /// Report for programs
        #[arg(long)]
        json: bool,
    },
    /// Look at stored events, and have them processed anew
    #[command(subcommand)]
    Events(Events),
    /// Look at mails and messages on their way out, and have them sent after all
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Look at the books
    #[command(subcommand)]
    Ledger(Ledger),
}

#[derive(Subcommand)]
enum Events {
    /// List events, the newest first, 100 at most
    List(Which),
    /// Show one event, with the bytes that Stripe sent
    Show {
        /// The event's id
        id: String,
    },
    /// Process events anew that are done or dead
    Replay {
        /// The event's id; or select with the options
        id: Option<String>,
        #[command(flatten)]
        which: Which,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(clap::Args)]
struct Which {
    /// Only events in this state: received, processing, done, retry or dead
    #[arg(long, value_parser = |name: &str| {
        InboxState::from_name(name).ok_or("received, processing, done, retry or dead")
    })]
    state: Option<InboxState>,
    /// Only events of this type, such as checkout.session.completed
    #[arg(long = "type")]
    kind: Option<String>,
    /// Only events made at this time or later, such as 2026-11-22T00:00:00Z
    #[arg(long)]
    since: Option<jiff::Timestamp>,
    /// Only events made before this time
    #[arg(long)]
    until: Option<jiff::Timestamp>,
}

impl Which {
    fn selection(self, event_id: Option<String>) -> EventSelection {
        EventSelection {
            event_id,
            state: self.state,
            kind: self.kind,
            created_from: self.since.map(jiff::Timestamp::as_second),
            created_before: self.until.map(jiff::Timestamp::as_second),
        }
    }
}

#[derive(Subcommand)]
enum Ledger {
    /// The balance of every account and currency: debits less credits
    Balances,
    /// Check that every transaction sums to zero
    Check,
    /// What has not drained from clearing, the longest open first, 100 at most
    Open,
    /// The lines of one account, the newest first
    Statement {
        /// Such as stripe:clearing or sales; `ledger balances` has the others
        #[arg(value_parser = |name: &str| {
            Account::from_name(name).ok_or_else(|| {
                Account::ALL.map(Account::as_str).join(", ")
            })
        })]
        account: Account,
        /// Only in this currency, such as jpy
        #[arg(value_parser = Currency::parse)]
        currency: Option<Currency>,
        /// At most so many lines, in each currency
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
}

fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Without a stderr there is nobody to tell.
            drop(writeln!(std::io::stderr(), "error: {}", line(&failure)));
            ExitCode::FAILURE
        }
    }
}

/// The failure and its causes in one line. Drivers put line breaks into their
/// messages, and the cause's text behind their own.
fn line(failure: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in failure.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line.replace(['\r', '\n'], " ")
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve(),
        Command::Migrate => {
            let config = Config::read(environment)?;
            log(config.log_level);
            block_on(async { migrate(&config).await.map_err(Into::into) })?;
            say(&format!(
                "The tables are up to date: {}\n",
                config.database_address()
            ))
        }
        Command::Reset { yes } => reset(yes),
        Command::Openapi => say(&spec()),
        Command::Reconcile {
            sweep,
            dry_run,
            json,
        } => {
            let sweep = if sweep {
                Sweep::Always
            } else {
                Sweep::IfNeeded
            };
            order(Order::Reconcile {
                run: Run { sweep, dry_run },
                as_json: json,
            })
        }
        Command::Events(Events::List(which)) => order(Order::List(which.selection(None))),
        Command::Events(Events::Show { id }) => order(Order::Show(id)),
        Command::Events(Events::Replay { id, which, dry_run }) => {
            let selection = which.selection(id);
            if selection == EventSelection::default() && !dry_run {
                anyhow::bail!(
                    "name an event, or say which with --state, --type, --since or --until"
                );
            }
            order(Order::Replay { selection, dry_run })
        }
        Command::Outbox(command) => order(Order::Outbox(command.order()?)),
        Command::Ledger(Ledger::Balances) => order(Order::Balances),
        Command::Ledger(Ledger::Check) => order(Order::Check),
        Command::Ledger(Ledger::Open) => order(Order::Open),
        Command::Ledger(Ledger::Statement {
            account,
            currency,
            limit,
        }) => order(Order::Statement {
            account,
            currency,
            limit,
        }),
    }
}

/// Carries out an operator's order, and fails if all is not well.
fn order(order: Order) -> anyhow::Result<()> {
    let config = Config::read(environment)?;
    log(LogLevel::Error);
    let report = block_on(async { operate(&config, order).await.map_err(Into::into) })?;
    if report.is_well {
        return say(&report.text);
    }
    anyhow::bail!("{}", report.text.trim_end())
}

fn serve() -> anyhow::Result<()> {
    let config = Config::read(environment)?;
    log(config.log_level);
    block_on(async {
        let mut ctrl_c = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let running = Server::new(config.clone()).start().await?;
        say(&first_screen(&config, &running))?;
        tokio::select! {
            _ = ctrl_c.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        tokio::select! {
            () = running.shutdown() => Ok(()),
            _ = ctrl_c.recv() => anyhow::bail!("stopped before everything was finished"),
        }
    })
}

fn reset(yes: bool) -> anyhow::Result<()> {
    let files = resettable(Path::new("."), environment)?;
    let list: String = files
        .iter()
        .map(|file| format!("  {}\n", file.display()))
        .collect();
    if files.is_empty() {
        return say("There is nothing to delete.\n");
    }
    if !yes {
        return say(&format!(
            "This would delete:\n{list}`reset --yes` does it.\n"
        ));
    }
    delete(&files).context("not everything could be deleted; is the server still running?")?;
    say(&format!("Deleted:\n{list}"))
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new()
        .context("the async runtime")?
        .block_on(work)
}

/// Logs to stderr: ours at the level asked for, others' only what is wrong.
fn log(level: LogLevel) {
    let ours = level.as_str();
    let others = if level == LogLevel::Error {
        "error"
    } else {
        "warn"
    };
    // The sandbox stands in for a service that would keep its log to itself.
    let sandbox = if level == LogLevel::Info {
        "warn"
    } else {
        ours
    };
    let filter = EnvFilter::new(format!(
        "{others},reference_app={ours},stripegym={ours},stripegym_sandbox={sandbox}"
    ));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// The one place that writes to the terminal.
fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let told = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match told {
        // `openapi | head` is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        told => told.context("cannot write to stdout"),
    }
}
