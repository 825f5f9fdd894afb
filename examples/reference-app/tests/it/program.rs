//! The program itself: its words, its exit codes, its files.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use stripegym_core::Processor;
use stripegym_sqlx::Database;
use stripegym_tests::{Sender, databases, paid_session};
use tempfile::TempDir;

const OFFLINE_FILES: [&str; 5] = [
    "stripegym-sandbox.state",
    "stripegym-sandbox.state.lock",
    "stripegym.db",
    "stripegym.db-shm",
    "stripegym.db-wal",
];

fn run(dir: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reference-app"));
    command
        .current_dir(dir)
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    command.output().expect("the program runs")
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of a start that was refused.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let line = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(
        line.starts_with("error: ") && line.ends_with('\n'),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[test]
fn help_version_and_document() {
    let dir = TempDir::new().unwrap();
    let help = told(&run(dir.path(), &["--help"], &[]));
    for command in ["serve", "migrate", "reset", "openapi"] {
        assert!(help.contains(command), "{help}");
    }
    let version = told(&run(dir.path(), &["--version"], &[]));
    assert_eq!(
        version,
        concat!("reference-app ", env!("CARGO_PKG_VERSION"), "\n")
    );
    assert_eq!(
        told(&run(dir.path(), &["openapi"], &[])),
        reference_app::spec()
    );
}

#[test]
fn a_start_that_cannot_be_is_one_line_and_leaves_no_file() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let cases: [(&str, &[(&str, &str)]); 7] = [
        ("BIND_ADDR", &[("BIND_ADDR", "nowhere")]),
        ("BIND_ADDR", &[("BIND_ADDR", &address)]),
        (
            "SANDBOX_BIND_ADDR",
            &[
                ("BIND_ADDR", "127.0.0.1:0"),
                ("SANDBOX_BIND_ADDR", &address),
            ],
        ),
        ("WTF_CSRF_ENABLED", &[("WTF_CSRF_ENABLED", "False")]),
        (
            "STRIPE_WEBHOOK_SECRET",
            &[("STRIPE_SECRET_KEY", "sk_test_hunter2")],
        ),
        (
            "DATABASE_URL",
            &[
                ("BIND_ADDR", "127.0.0.1:0"),
                ("DATABASE_URL", "sqlite:no/such/dir/x.db"),
            ],
        ),
        (
            "DATABASE_URL",
            &[
                ("BIND_ADDR", "127.0.0.1:0"),
                ("DATABASE_URL", "postgres://shop:hunter2@127.0.0.1:9/shop"),
            ],
        ),
    ];
    for (variable, variables) in cases {
        let dir = TempDir::new().unwrap();
        let line = refusal(&run(dir.path(), &[], variables));
        assert!(line.contains(variable), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
        assert_eq!(dir.path().read_dir().unwrap().count(), 0, "{variable}");
    }
}

#[test]
fn reset_tells_first_and_deletes_only_its_own_files_when_asked() {
    let dir = TempDir::new().unwrap();
    assert_eq!(
        told(&run(dir.path(), &["reset", "--yes"], &[])),
        "There is nothing to delete.\n"
    );
    for name in OFFLINE_FILES
        .iter()
        .chain(&["stripegym.db.backup", "notes.txt"])
    {
        std::fs::write(dir.path().join(name), "x").unwrap();
    }
    let dry = told(&run(dir.path(), &["reset"], &[]));
    for name in OFFLINE_FILES {
        assert!(dry.contains(&format!("./{name}\n")), "{dry}");
        assert!(dir.path().join(name).exists(), "{name}");
    }
    assert!(dry.contains("reset --yes"), "{dry}");
    for variable in ["DATABASE_URL", "STRIPE_SECRET_KEY"] {
        let line = refusal(&run(dir.path(), &["reset", "--yes"], &[(variable, "x")]));
        assert!(line.contains(variable), "{line}");
    }
    told(&run(dir.path(), &["reset", "--yes"], &[]));
    let mut left: Vec<_> = dir
        .path()
        .read_dir()
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    left.sort_unstable();
    assert_eq!(left, ["notes.txt", "stripegym.db.backup"]);
}

#[test]
fn migrate_makes_the_tables_of_a_named_database_and_of_no_other() {
    let dir = TempDir::new().unwrap();
    let line = refusal(&run(dir.path(), &["migrate"], &[]));
    assert!(line.contains("DATABASE_URL"), "{line}");
    let named = [("DATABASE_URL", "sqlite:named.db")];
    for _ in 0..2 {
        assert!(told(&run(dir.path(), &["migrate"], &named)).contains("named.db"));
    }
    assert!(dir.path().join("named.db").exists());
}

databases! {
    async fn an_operator_sees_what_came_in_and_has_it_processed_anew(db: TestDb) {
        let dir = TempDir::new().unwrap();
        let named = [("DATABASE_URL", db.url())];
        let ask = |words: &str| {
            let words: Vec<&str> = words.split(' ').collect();
            run(dir.path(), &words, &named)
        };
        assert_eq!(told(&ask("events list")), "No events.\n");
        assert_eq!(told(&ask("ledger balances")), "The ledger is empty.\n");
        assert_eq!(told(&ask("ledger open")), "Nothing is open: all of clearing has drained.\n");

        let database = Database::connect(db.url()).await.unwrap();
        let processor = Processor::new(database.store());
        let sender = Sender::new("whsec_operator_fake");
        let mut odd = paid_session(2);
        odd["data"]["object"]["amount_total"] = (-1).into();
        for event in [paid_session(1), odd] {
            processor.receive(sender.verified(&event)).await.unwrap();
        }
        database.close().await;

        let all = told(&ask("events list"));
        assert!(all.contains("evt_1") && all.contains("evt_2"), "{all}");
        let dead = told(&ask("events list --state dead"));
        assert!(dead.contains("amount_total is negative") && !dead.contains("evt_1"), "{dead}");
        assert!(told(&ask("events show evt_1")).contains("\"amount_total\":4980"));
        refusal(&ask("events show evt_9"));
        refusal(&ask("events replay"));
        let dry = told(&ask("events replay --state dead --dry-run"));
        assert!(dry.contains("evt_2") && dry.contains("Nothing was replayed"), "{dry}");
        assert_eq!(told(&ask("events replay evt_1")), "1 events were replayed.\n");
        let balances = told(&ask("ledger balances"));
        assert!(balances.contains("stripe:clearing") && balances.contains("4980 JPY"), "{balances}");
        assert_eq!(told(&ask("ledger check")), "Every transaction sums to zero.\n");
        let open = told(&ask("ledger open"));
        assert!(open.contains(" d ") && open.contains("4980 JPY  pi_1\n"), "{open}");
        let sales = told(&ask("ledger statement sales"));
        assert!(sales.contains("-4980 JPY  checkout_paid        pi_1\n"), "{sales}");
        assert_eq!(told(&ask("ledger statement sales jpy --limit 1")), sales);
        assert_eq!(told(&ask("ledger statement sales usd")), "No postings.\n");
        assert_eq!(told(&ask("ledger statement bank")), "No postings.\n");
        let unknown = ask("ledger statement savings");
        let said = String::from_utf8(unknown.stderr).unwrap();
        assert!(!unknown.status.success() && said.contains("stripe:clearing"), "{said}");
    }

    async fn four_processes_that_migrate_at_once_all_succeed(db: TestDb) {
        let dir = TempDir::new().unwrap();
        let start = || {
            Command::new(env!("CARGO_BIN_EXE_reference-app"))
                .arg("migrate")
                .current_dir(dir.path())
                .env_clear()
                .env("DATABASE_URL", db.url())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let processes = [start(), start(), start(), start()];
        for process in processes {
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
}
