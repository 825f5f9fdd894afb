//! The books of a shop that has sold half a million times.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use stripegym_core::{Clock as _, SystemClock};
use stripegym_sqlx::Database;

use super::Outcome;
use super::report::{Report, millis};

const TIMES: usize = 5;

/// Written past the triggers, which check line by line what here is balanced by
/// the way it is made.
const FILL: [&str; 4] = [
    "SET session_replication_role = replica",
    "INSERT INTO stripegym_ledger_transactions (rule, object_id, occurred_at, posted_at)
     SELECT 'bench', 'pi_bench_' || n, 1793000000 + n, 1793000000000 + n
     FROM generate_series(1, 500000) AS n",
    "INSERT INTO stripegym_ledger_postings (transaction_id, line, account, currency, amount, match_ref)
     SELECT id, line,
            CASE line WHEN 1 THEN 'stripe:clearing' ELSE 'sales' END, 'jpy',
            CASE line WHEN 1 THEN 4980 ELSE -4980 END,
            CASE line WHEN 1 THEN object_id END
     FROM stripegym_ledger_transactions, generate_series(1, 2) AS line WHERE rule = 'bench'",
    "ANALYZE",
];

const BARE: &str = "SELECT SUM(amount)::bigint FROM stripegym_ledger_postings";

pub(crate) async fn measure(url: &str, report: &mut Report) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    for statement in FILL {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    let database = Database::connect(url).await?;
    let store = database.store();
    let (mut bare, mut balances, mut unbalanced) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let started = SystemClock.now();
        let sum: i64 = sqlx::query_scalar(BARE).fetch_one(&mut connection).await?;
        bare.push(SystemClock.now().since(started));
        let mut read = store.read().await?;
        let started = SystemClock.now();
        let told = read.trial_balance().await?;
        balances.push(SystemClock.now().since(started));
        let started = SystemClock.now();
        let off = read.unbalanced().await?;
        unbalanced.push(SystemClock.now().since(started));
        if sum != 0 || !off.is_empty() || told.len() < 2 {
            return Err("the books of the benchmark do not balance".into());
        }
    }
    let bare = median_us(bare);
    let mut row = |what: &str, times| {
        let micros = median_us(times);
        let ratio = micros * 100 / bare.max(1);
        let text = format!(
            "{}, {}.{:02} of a bare sum",
            millis(micros),
            ratio / 100,
            ratio % 100
        );
        report.fact(what, &text);
    };
    row("  trial balance of 1,000,000 postings", balances);
    row("  check that every transaction balances", unbalanced);
    Ok(())
}

fn median_us(mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    u64::try_from(middle.as_micros()).unwrap_or(u64::MAX)
}
