//! Databases that are there for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

/// An empty database that is gone when the test ends.
#[derive(Debug)]
pub struct TestDb {
    url: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Sqlite { _dir: TempDir },
    Postgres { admin: String, name: String },
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl TestDb {
    /// A file of its own.
    ///
    /// # Panics
    /// When there is no place for temporary files.
    #[must_use]
    pub fn sqlite() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let url = format!("sqlite:{}", dir.path().join("test.db").display());
        Self {
            url,
            kind: Kind::Sqlite { _dir: dir },
        }
    }

    /// A database of its own on the server that `TEST_POSTGRES_URL` names; none
    /// when it names none. Such a skip is told, and with `CI=true` it fails.
    ///
    /// # Panics
    /// When the server is named but does not work, or is not named in CI.
    pub async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("TEST_POSTGRES_URL") else {
            skip("PostgreSQL: TEST_POSTGRES_URL is not set");
            return None;
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("stripegym_test_{}_{number}", std::process::id());
        let mut connection = PgConnection::connect(&admin)
            .await
            .expect("the test server answers");
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        connection
            .execute(AssertSqlSafe(create))
            .await
            .expect("a new database");
        let (server, _) = admin
            .rsplit_once('/')
            .expect("TEST_POSTGRES_URL ends in a database");
        Some(Self {
            url: format!("{server}/{name}"),
            kind: Kind::Postgres { admin, name },
        })
    }

    /// Where it is, as `DATABASE_URL` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// True on SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.kind, Kind::Sqlite { .. })
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Kind::Postgres { admin, name } = &self.kind else {
            return;
        };
        let (admin, name) = (admin.clone(), name.clone());
        // A test's own runtime may be ending, so this has one of its own.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&admin)
                    .await
                    .map_err(std::io::Error::other)?;
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                connection
                    .execute(AssertSqlSafe(drop))
                    .await
                    .map_err(std::io::Error::other)
            })
        });
        // A server that a test has stopped keeps its databases; it is thrown away whole.
        drop(dropping.join());
    }
}

/// Tells that something could not be tested here, and fails where that must not be.
///
/// # Panics
/// With `CI=true`.
pub fn skip(what: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "skipped in CI: {what}"
    );
    eprintln!("SKIPPED: {what}");
    if let Ok(log) = std::env::var("STRIPEGYM_SKIP_LOG") {
        use std::io::Write as _;
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(log);
        file.and_then(|mut file| writeln!(file, "{what}"))
            .expect("the list of skips is writable");
    }
}
