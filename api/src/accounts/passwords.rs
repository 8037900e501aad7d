//! Passwords: hashed with Argon2id, a few at a time, so that nobody fills the memory by logging in.

use std::sync::{Arc, LazyLock};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use choai_engine::Engine;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Characters of a password. Source: NIST SP 800-63B, which asks for at least 8 and lets there be at least 64.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// Who may wait to be hashed; each that is takes 19 MiB meanwhile, and as many are as there are processors.
const WAITING_MAX: usize = 64;

/// Too many are logging in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked; try again")]
pub struct Busy;

/// Where passwords are hashed.
#[derive(Debug, Clone)]
pub struct Passwords {
    /// Places to wait in.
    waiting: Arc<Semaphore>,
    /// Places to be hashed in.
    hashing: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { waiting: Arc::new(Semaphore::new(WAITING_MAX)), hashing: Arc::new(Semaphore::new(at_once)) }
    }
}

impl Passwords {
    /// The hash that is kept of a password, in the PHC's format.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, engine: &Engine, password: &str) -> Result<String, Busy> {
        let (salt, password) = (engine.random::<16>(), Zeroizing::new(password.to_owned()));
        self.run(move || hash(&password, &salt)).await
    }

    /// Whether `password` is what `hash` was made of. It takes as long where there is no hash.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, Busy> {
        let password = Zeroizing::new(password.to_owned());
        self.run(move || verify(&password, hash.as_deref())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _turn = self.hashing.acquire().await.expect("nobody closes it");
        Ok(tokio::task::spawn_blocking(work).await.expect("hashing does not panic"))
    }
}

fn hash(password: &str, salt: &[u8; 16]) -> String {
    let hashed: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hashed.expect("16 bytes are a salt").to_string()
}

fn verify(password: &str, hash: Option<&str>) -> bool {
    static NOBODYS: LazyLock<String> = LazyLock::new(|| self::hash("nobody has this password", &[0; 16]));
    let known = PasswordHash::new(hash.unwrap_or(&NOBODYS));
    let is_so =
        known.is_ok_and(|known| Argon2::default().verify_password(password.as_bytes(), &known).is_ok());
    hash.is_some() && is_so
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_opens_its_hash() {
        let hashed = hash("correct horse", &[7; 16]);
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        for (password, hash, expected) in [
            ("correct horse", Some(hashed.as_str()), true),
            ("correct horsf", Some(&hashed), false),
            ("", Some(&hashed), false),
            ("correct horse", None, false),
            ("nobody has this password", None, false),
            ("correct horse", Some("rubbish"), false),
        ] {
            assert_eq!(verify(password, hash), expected, "{password:?} {hash:?}");
        }
    }

    #[tokio::test]
    async fn beyond_those_who_may_wait_everybody_is_told_to_come_back() {
        let passwords = Passwords { waiting: Arc::new(Semaphore::new(1)), ..Passwords::default() };
        let taken = passwords.waiting.clone().try_acquire_owned().unwrap();
        assert_eq!(passwords.verify("correct horse", None).await, Err(Busy));
        drop(taken);
        assert_eq!(passwords.verify("correct horse", None).await, Ok(false));
    }
}
