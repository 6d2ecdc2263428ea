//! Passwords: hashing and checking them with Argon2id, a bounded number at once.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use quintet_core::Error;
use quintet_core::identity::Secret;
use quintet_core::limits::{self, Limits};
use tokio::sync::Semaphore;

/// OWASP's first recommendation for Argon2id: 19 MiB of memory, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of no password, made with the same parameters: checking against it takes as long as against a real one.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks on threads of their own, so that no connection waits for a hash that is not its own.
pub struct Passwords {
    turns: Arc<Semaphore>,
    bytes_max: u64,
}

impl Passwords {
    /// With the bounds of these limits.
    pub fn new(limits: &Limits) -> Self {
        let turns = limits::size(limits.password_hashes).clamp(1, Semaphore::MAX_PERMITS);
        Self { turns: Arc::new(Semaphore::new(turns)), bytes_max: limits.password_bytes }
    }

    /// A new hash, in PHC form. `BadMessage` for a password that is empty or too long.
    pub async fn hash(&self, password: &Secret) -> Result<Secret, Error> {
        self.check(password)?;
        let password = password.clone();
        self.run(move || hash(&password)).await?
    }

    /// Whether `password` is the one of this hash; without a hash it takes as long, and it is not.
    pub async fn matches(&self, password: &Secret, hash: Option<Secret>) -> Result<bool, Error> {
        // Nothing that long was ever hashed, and checking it would be a gift to whoever sends it.
        if self.check(password).is_err() {
            return Ok(false);
        }
        let password = password.clone();
        self.run(move || matches(&password, hash.as_ref())).await
    }

    fn check(&self, password: &Secret) -> Result<(), Error> {
        match password.expose().len() as u64 {
            0 => Err(Error::bad_message("the password is empty")),
            length if length > self.bytes_max => {
                Err(Error::bad_message(format!("a password may have {} bytes at most", self.bytes_max)))
            }
            _ => Ok(()),
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)?;
        // The turn ends with the work, not with whoever waits for it.
        let work = move || {
            let result = work();
            drop(turn);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Secret) -> Result<Secret, Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(Error::internal)?;
    let hash = argon2()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
    hash.map(|hash| Secret::new(hash.to_string())).map_err(|error| Error::internal(error.to_string()))
}

fn matches(password: &Secret, hash: Option<&Secret>) -> bool {
    let stored = hash.map_or(NOBODYS, Secret::expose);
    // The parameters are those of the stored hash.
    Argon2::default().verify_password(password.expose().as_bytes(), stored).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_only() {
        let passwords = Passwords::new(&Limits::default());
        let hash = passwords.hash(&secret("correct horse")).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.matches(&secret("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches(&secret("Correct horse"), Some(hash)).await.unwrap());
        assert!(!passwords.matches(&secret("correct horse"), None).await.unwrap());
        assert!(!passwords.matches(&secret("x"), Some(secret("not a hash"))).await.unwrap());
    }

    #[tokio::test]
    async fn empty_and_huge_passwords_are_never_hashed() {
        let passwords = Passwords::new(&Limits { password_bytes: 8, ..Limits::default() });
        assert!(passwords.hash(&secret("")).await.is_err());
        assert!(passwords.hash(&secret("123456789")).await.is_err());
        assert!(passwords.hash(&secret("12345678")).await.is_ok());
    }

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs() {
        let real = hash(&secret("x")).unwrap();
        let head = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(head(NOBODYS), head(real.expose()));
        assert_eq!(NOBODYS.len(), real.expose().len());
        assert!(argon2::password_hash::phc::PasswordHash::new(NOBODYS).is_ok());
    }
}
