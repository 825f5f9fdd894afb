//! What an operator asks at the command line: which events came in and what
//! became of them, to process them anew, and whether the books are right.

mod books;
mod outbox;

use std::fmt::Write as _;

use stripegym_core::ledger::Account;
use stripegym_core::reconcile::{ReconcileError, Reconciler, Run};
use stripegym_core::store::{EventSelection, StoredEvent};
use stripegym_core::{Client, Clock, Currency, Processor, SystemClock, Timestamp};

use crate::config::Config;
use crate::server::{StartError, apart, open_store};

pub use outbox::OutboxOrder;

/// Events and open items shown at once.
const LIST_MAX: u32 = 100;

/// A question or an order of an operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// Which events there are.
    List(EventSelection),
    /// Everything about one event, its bytes included.
    Show(String),
    /// Process events anew: those that are done or dead.
    Replay {
        /// Which.
        selection: EventSelection,
        /// Only say which.
        dry_run: bool,
    },
    /// Ask Stripe for what was missed.
    Reconcile {
        /// How.
        run: Run,
        /// For programs.
        as_json: bool,
    },
    /// The balance of every account.
    Balances,
    /// Whether every ledger transaction sums to zero.
    Check,
    /// What has not drained from clearing, and for how long.
    Open,
    /// The lines of one account, newest first.
    Statement {
        /// Which.
        account: Account,
        /// Only in this currency.
        currency: Option<Currency>,
        /// How many lines at most, in each currency.
        limit: u32,
    },
    /// About effects on their way out.
    Outbox(OutboxOrder),
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What to say.
    pub text: String,
    /// Whether everything is as it should be.
    pub is_well: bool,
}

/// Carries out an order on the database that the settings name, beside a
/// running server or without one.
///
/// # Errors
/// When the database cannot be opened or fails.
pub async fn operate(config: &Config, order: Order) -> Result<Report, StartError> {
    let database = open_store(config).await?;
    let (processor, stripe) = apart(config, &database)?;
    let report = carry_out(&processor, stripe, order, config.is_offline()).await;
    database.close().await;
    report
}

async fn reconcile(
    processor: &Processor,
    stripe: Client,
    run: Run,
    as_json: bool,
) -> Result<Report, ReconcileError> {
    let report = Reconciler::new(processor, stripe).run(run).await?;
    let text = if as_json {
        format!("{:#}\n", report.to_json())
    } else {
        report.to_string()
    };
    Ok(Report {
        text,
        // What has no rule stays unbooked until a person looks.
        is_well: report.unbooked.is_empty(),
    })
}

async fn carry_out(
    processor: &Processor,
    stripe: Client,
    order: Order,
    offline: bool,
) -> Result<Report, StartError> {
    let mut read = processor.store().read().await?;
    let well = |text| Report {
        text,
        is_well: true,
    };
    Ok(match order {
        Order::List(selection) => well(list(&read.events(&selection, LIST_MAX).await?)),
        Order::Show(id) => {
            let selection = EventSelection {
                event_id: Some(id),
                ..EventSelection::default()
            };
            let found = read.events(&selection, 1).await?;
            let unknown = Report {
                text: "There is no such event.\n".to_owned(),
                is_well: false,
            };
            found.first().map_or(unknown, |event| well(show(event)))
        }
        Order::Replay {
            selection,
            dry_run: true,
        } => {
            drop(read);
            let mut text = String::new();
            for preview in processor.preview(&selection, LIST_MAX).await? {
                text += &preview.to_string();
            }
            text += "Nothing was replayed; leave out --dry-run to do it.\n";
            well(text)
        }
        Order::Replay {
            selection,
            dry_run: false,
        } => {
            drop(read);
            let count = processor.replay(&selection).await?;
            // Whatever a running server does not take first is done here.
            processor.drain().await?;
            well(format!("{count} events were replayed.\n"))
        }
        Order::Reconcile { run, as_json } => {
            drop(read);
            let report = reconcile(processor, stripe, run, as_json).await;
            report.map_err(|source| StartError::Reconcile { offline, source })?
        }
        Order::Balances => well(books::balances(&read.trial_balance().await?)),
        Order::Check => books::check(&read.unbalanced().await?),
        Order::Open => {
            let open = read.open_clearing(LIST_MAX).await?;
            well(books::open(&open, SystemClock.now()))
        }
        Order::Statement {
            account,
            currency,
            limit,
        } => {
            let currencies = match currency {
                Some(currency) => vec![currency],
                None => books::currencies(account, &read.trial_balance().await?),
            };
            let mut lines = Vec::new();
            for currency in currencies {
                lines.extend(read.statement(account, currency, None, limit).await?);
            }
            well(books::statement(&lines))
        }
        Order::Outbox(order) => well(outbox::carry_out(processor.store(), read, order).await?),
    })
}

fn list(events: &[StoredEvent]) -> String {
    if events.is_empty() {
        return "No events.\n".to_owned();
    }
    let mut text = String::new();
    for event in events {
        // Writing to a `String` cannot fail.
        let _written = writeln!(
            text,
            "{}  {:<10}  {:>2} tries  {:<36} {}",
            day(Timestamp::from_unix_s(event.created)),
            event.state.as_str(),
            event.attempts,
            event.kind,
            event.key.event_id,
        );
        if let Some(error) = &event.last_error {
            let _written = writeln!(text, "    {error}");
        }
    }
    text
}

fn show(event: &StoredEvent) -> String {
    let account = if event.key.account.is_empty() {
        "our own"
    } else {
        &event.key.account
    };
    format!(
        "event     {}\ntype      {}\nobject    {}\naccount   {account}\nlivemode  {}\n\
         created   {}\nreceived  {}\nstate     {}\ntries     {}\nerror     {}\n\n{}\n",
        event.key.event_id,
        event.kind,
        event.object_id.as_deref().unwrap_or("none"),
        event.key.livemode,
        day(Timestamp::from_unix_s(event.created)),
        day(event.received_at),
        event.state.as_str(),
        event.attempts,
        event.last_error.as_deref().unwrap_or("none"),
        String::from_utf8_lossy(&event.payload),
    )
}

/// Date and time, UTC.
fn day(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.unix_ms()).map_or_else(
        |_| "?".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}
