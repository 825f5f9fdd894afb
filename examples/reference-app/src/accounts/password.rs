//! Argon2id, off the async threads and never more than two at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB and a core for a while. A hundred at once would stop
/// everything else; two make the others wait their turn.
const AT_ONCE_MAX: usize = 2;

/// Hashes and verifies passwords.
#[derive(Debug, Clone)]
pub(super) struct Passwords {
    turns: Arc<Semaphore>,
    /// Of a password that nobody has: verified where there is no account, so
    /// that an unknown address takes as long as a wrong password.
    decoy: Arc<str>,
}

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed or verified")]
pub(super) struct PasswordError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Passwords {
    pub(super) async fn new() -> Result<Self, PasswordError> {
        let mut nobodys = [0; 16];
        getrandom::fill(&mut nobodys).map_err(|error| PasswordError(error.into()))?;
        let turns = Arc::new(Semaphore::new(AT_ONCE_MAX));
        let mut this = Self {
            turns,
            decoy: "".into(),
        };
        this.decoy = this.hash(hex::encode(nobodys)).await?.into();
        Ok(this)
    }

    pub(super) async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.work(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|error| PasswordError(error.into()))
        })
        .await
    }

    /// Whether the password is the one that was hashed; never, without a hash.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        self.work(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| PasswordError(error.into()))?;
            let verified = Argon2::default().verify_password(password.as_bytes(), &hash);
            match verified {
                Ok(()) => Ok(is_known),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(PasswordError(error.into())),
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|closed| PasswordError(closed.into()))?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the job itself: a client that hangs up does not free it early.
            let _turn = turn;
            job()
        });
        done.await.map_err(|panic| PasswordError(panic.into()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_passes() {
        let passwords = Passwords::new().await.unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |password: &str, hash| passwords.verify(password.to_owned(), hash);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("Correct horse", Some(hash)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
        assert!(verify("x", Some("salt:pbkdf2".to_owned())).await.is_err());
    }

    #[tokio::test]
    async fn the_decoy_costs_as_much_as_a_real_hash() {
        let passwords = Passwords::new().await.unwrap();
        let real = passwords.hash("correct horse".to_owned()).await.unwrap();
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(&passwords.decoy), cost(&real));
    }
}
