//! Members: who they are, how they log in, and for how long.

mod password;
mod statements;
mod token;

use std::sync::Arc;
use std::time::Duration;

use sqlx::Error as SqlError;
use stripegym_core::{Clock, Timestamp};

use crate::database::{Pools, on_reader, on_writer};
use password::{PasswordError, Passwords};

pub(crate) use token::SessionToken;

/// How long a log-in lasts.
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The members and their sessions.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    pools: Pools,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
}

/// One member.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) birthdate: Option<String>,
    pub(crate) created_at: Timestamp,
}

/// What a new member told us, checked.
pub(crate) struct Registration {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) birthdate: Option<String>,
}

/// What came of a registration.
pub(crate) enum Registered {
    Member(Member, SessionToken),
    EmailTaken,
}

/// Why the accounts could not be used. Never the member's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountsError {
    #[error("the accounts cannot be read or written")]
    Database(#[from] SqlError),
    #[error("a password could not be worked on")]
    Password(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the operating system has no randomness to give")]
    Random(#[source] getrandom::Error),
}

impl AccountsError {
    /// True when the same may work a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            SqlError::Io(_) | SqlError::PoolTimedOut | SqlError::PoolClosed => true,
            SqlError::Database(error) => match error.code().as_deref() {
                // SQLite: busy, locked, I/O, full, cannot open.
                Some("5" | "6" | "10" | "13" | "14") => true,
                // PostgreSQL: no connection, no resources, shutting down.
                Some(code) if code.len() == 5 => ["08", "53", "57"]
                    .iter()
                    .any(|class| code.starts_with(class)),
                _ => false,
            },
            _ => false,
        }
    }
}

impl From<PasswordError> for AccountsError {
    fn from(error: PasswordError) -> Self {
        Self::Password(error.into())
    }
}

impl Accounts {
    pub(crate) async fn new(pools: Pools, clock: Arc<dyn Clock>) -> Result<Self, AccountsError> {
        Ok(Self {
            pools,
            clock,
            passwords: Passwords::new().await?,
        })
    }

    /// Makes a member and logs them in.
    pub(crate) async fn register(&self, new: Registration) -> Result<Registered, AccountsError> {
        let hash = self.passwords.hash(new.password).await?;
        let now = self.clock.now();
        let id: Option<i64> = on_writer!(&self.pools, |pool| {
            sqlx::query_scalar(statements::REGISTER)
                .bind(&new.email)
                .bind(email_key(&new.email))
                .bind(hash)
                .bind(&new.name)
                .bind(&new.phone)
                .bind(&new.birthdate)
                .bind(now.unix_ms())
                .fetch_optional(pool)
                .await
        })?;
        let Some(id) = id else {
            return Ok(Registered::EmailTaken);
        };
        let Registration {
            email,
            name,
            phone,
            birthdate,
            password: _,
        } = new;
        let member = Member {
            id,
            email,
            name,
            phone,
            birthdate,
            created_at: now,
        };
        let token = self.open_session(id).await?;
        Ok(Registered::Member(member, token))
    }

    /// Logs a member in. `None` for a wrong password and for an unknown
    /// address alike: they look the same and take the same time.
    pub(crate) async fn log_in(
        &self,
        email: &str,
        password: String,
    ) -> Result<Option<(Member, SessionToken)>, AccountsError> {
        let found: Option<(String, statements::MemberColumns)> =
            self.with_password(&email_key(email)).await?;
        let (hash, member) = found.unzip();
        if !self.passwords.verify(password, hash).await? {
            return Ok(None);
        }
        let Some(member) = member.map(statements::member) else {
            return Ok(None);
        };
        let token = self.open_session(member.id).await?;
        Ok(Some((member, token)))
    }

    /// Whose session it is, while it lasts.
    pub(crate) async fn member_of(
        &self,
        token: &SessionToken,
    ) -> Result<Option<Member>, AccountsError> {
        let now = self.clock.now().unix_ms();
        let found: Option<statements::MemberColumns> = on_reader!(&self.pools, |pool| {
            sqlx::query_as(statements::MEMBER_OF)
                .bind(token.hash())
                .bind(now)
                .fetch_optional(pool)
                .await
        })?;
        Ok(found.map(statements::member))
    }

    /// Ends a session; false when there was none that still lasted.
    pub(crate) async fn log_out(&self, token: &SessionToken) -> Result<bool, AccountsError> {
        let now = self.clock.now().unix_ms();
        let ended: Option<i64> = on_writer!(&self.pools, |pool| {
            sqlx::query_scalar(statements::CLOSE_SESSION)
                .bind(token.hash())
                .bind(now)
                .fetch_optional(pool)
                .await
        })?;
        Ok(ended.is_some())
    }

    async fn with_password(
        &self,
        key: &str,
    ) -> Result<Option<(String, statements::MemberColumns)>, SqlError> {
        let found: Option<statements::LogInColumns> = on_reader!(&self.pools, |pool| {
            sqlx::query_as(statements::LOG_IN)
                .bind(key)
                .fetch_optional(pool)
                .await
        })?;
        Ok(
            found.map(|(hash, id, email, name, phone, birthdate, created_at)| {
                (hash, (id, email, name, phone, birthdate, created_at))
            }),
        )
    }

    async fn open_session(&self, member: i64) -> Result<SessionToken, AccountsError> {
        let token = SessionToken::random().map_err(AccountsError::Random)?;
        let now = self.clock.now();
        on_writer!(&self.pools, |pool| {
            sqlx::query(statements::DROP_EXPIRED)
                .bind(now.unix_ms())
                .execute(pool)
                .await
                .map(drop)
        })?;
        on_writer!(&self.pools, |pool| {
            sqlx::query(statements::OPEN_SESSION)
                .bind(token.hash())
                .bind(member)
                .bind(now.unix_ms())
                .bind(now.after(SESSION_LIFETIME).unix_ms())
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(token)
    }
}

/// What tells addresses apart.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}
