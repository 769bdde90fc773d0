use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Error as HashError, phc},
};
use bursar_kernel::{DomainError, Entropy, Result, Secret};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{background, error, password_strength::weakness};

/// The least memory of one hash, by OWASP's advice for argon2id with one pass: 46 MiB.
pub const MIN_MEMORY_KIB: u32 = 46 * 1024;
const MIN_LENGTH: usize = 8;
const MAX_LENGTH: usize = 128;
const SALT_LENGTH: usize = 16;
/// How many may wait for each permit. A hash takes some tens of milliseconds, so the last in the
/// queue waits a few seconds: who would wait longer has given up.
const SEATS_PER_PERMIT: usize = 64;

/// A password that somebody chose, fit to be hashed.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes a password of 8 to 128 characters, whatever they are.
    ///
    /// # Errors
    /// `invalid_field`.
    pub fn new(text: String) -> Result<Self> {
        let text = Secret::new(text);
        if (MIN_LENGTH..=MAX_LENGTH).contains(&text.expose().chars().count()) {
            Ok(Self(text))
        } else {
            Err(DomainError::invalid("password", format!("must be {MIN_LENGTH} to {MAX_LENGTH} characters")))
        }
    }

    /// As [`Self::new`], for one that is chosen now: it must not be easy to guess, least of all by
    /// who knows `about` whom it is (the address, its local part, the name) and where (the
    /// product's name).
    ///
    /// # Errors
    /// `invalid_field`, which says what makes it easy and repeats nothing of it.
    pub fn chosen(text: String, about: &[&str]) -> Result<Self> {
        let password = Self::new(text)?;
        match weakness(password.0.expose(), about) {
            None => Ok(password),
            Some(reason) => Err(DomainError::invalid("password", format!("is too easy to guess: {reason}"))),
        }
    }
}

/// What is kept of a password: salted, slow to try, with its own parameters (PHC text).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// One that was made before, here or in the system that people move from; `None` for what is
    /// no argon2 hash.
    #[must_use]
    pub fn parse(phc_text: &str) -> Option<Self> {
        let hash = phc::PasswordHash::new(phc_text).ok()?;
        let known = Algorithm::try_from(hash.algorithm.as_str()).is_ok() && hash.hash.is_some();
        known.then(|| Self(phc_text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[password hash]")
    }
}

/// Hashes and verifies passwords by argon2id (one pass, one lane), so many at a time and no more:
/// each holds its memory and a core.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    nobody: PasswordHash,
    permits: Arc<Semaphore>,
    seats: Arc<Semaphore>,
    hashes_run: Arc<AtomicU64>,
}

impl Passwords {
    /// `permits` hashes at a time (the machine's cores but one), each in `memory_kib` of memory.
    ///
    /// # Panics
    /// Without a permit, or with less than [`MIN_MEMORY_KIB`]: a deployment that hashes weakly
    /// must not start.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a deployment that cannot hash must not start")]
    pub fn new(permits: usize, memory_kib: u32) -> Self {
        assert!(permits > 0, "passwords need at least one permit");
        assert!(memory_kib >= MIN_MEMORY_KIB, "a password hash takes at least {MIN_MEMORY_KIB} KiB");
        let params = Params::new(memory_kib, 1, 1, None).expect("argon2 takes this much memory");
        Self {
            nobody: nobody(&params).expect("a hash that was written out is one"),
            params,
            permits: Arc::new(Semaphore::new(permits)),
            seats: Arc::new(Semaphore::new(permits.saturating_mul(SEATS_PER_PERMIT))),
            hashes_run: Arc::default(),
        }
    }

    /// The hash to keep, with a salt of its own.
    ///
    /// # Errors
    /// `sign_in_busy` when too many wait.
    pub async fn hash(&self, entropy: &dyn Entropy, password: Password) -> Result<PasswordHash> {
        let salt: [u8; SALT_LENGTH] = entropy.bytes();
        let turn = self.turn().await?;
        let argon2 = self.argon2();
        let hashed =
            turn.run(move || argon2.hash_password_with_salt(password.0.expose().as_bytes(), &salt)).await?;
        hashed.map(|hash| PasswordHash(hash.to_string())).map_err(DomainError::internal)
    }

    /// As [`Turn::verify`], in the next turn.
    ///
    /// # Errors
    /// `sign_in_busy` when too many wait; `internal` for a stored hash that cannot be read.
    pub async fn verify(&self, known: Option<&PasswordHash>, password: Secret<String>) -> Result<bool> {
        self.turn().await?.verify(known, password).await
    }

    /// Waits until one more hash may run. Who takes its turn before it reads anything costs nothing
    /// while it waits, and nothing when it is turned away.
    ///
    /// # Errors
    /// `sign_in_busy` when too many wait.
    pub async fn turn(&self) -> Result<Turn> {
        let seat =
            self.seats.clone().try_acquire_owned().map_err(|_| DomainError::from(&error::SIGN_IN_BUSY))?;
        let permit = self.permits.clone().acquire_owned().await.map_err(DomainError::internal)?;
        Ok(Turn { passwords: self.clone(), _seat: seat, _permit: permit })
    }

    /// How many hashes were begun.
    #[must_use]
    pub fn hashes_run(&self) -> u64 {
        self.hashes_run.load(Ordering::Relaxed)
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }
}

/// One of the few hashes that run at a time.
pub struct Turn {
    passwords: Passwords,
    _seat: OwnedSemaphorePermit,
    _permit: OwnedSemaphorePermit,
}

impl Turn {
    /// Whether it is the password. For somebody unknown, or without a password, the answer is no
    /// and takes the same one hash, so that its duration tells nobody who has an account here.
    ///
    /// # Errors
    /// `internal` for a stored hash that cannot be read.
    pub async fn verify(self, known: Option<&PasswordHash>, password: Secret<String>) -> Result<bool> {
        let argon2 = self.passwords.argon2();
        let hash = known.unwrap_or(&self.passwords.nobody).clone();
        let verdict =
            self.run(move || argon2.verify_password(password.expose().as_bytes(), hash.as_str())).await?;
        match verdict {
            Ok(()) => Ok(known.is_some()),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(cause) => Err(DomainError::internal(cause)),
        }
    }

    /// Runs one hash. The turn goes with it: a caller that goes away does not make room before the
    /// work has ended.
    async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        self.passwords.hashes_run.fetch_add(1, Ordering::Relaxed);
        background::run(move || {
            let outcome = work();
            drop(self);
            outcome
        })
        .await
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Passwords").field("params", &self.params).finish_non_exhaustive()
    }
}

/// A hash of the same cost that no password has: its output is written down, not computed.
fn nobody(params: &Params) -> Option<PasswordHash> {
    let (salt, output) = ("A".repeat(22), "A".repeat(43));
    PasswordHash::parse(&format!(
        "$argon2id$v=19$m={},t={},p={}${salt}${output}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost()
    ))
}

#[cfg(test)]
mod tests {
    use bursar_kernel::OsEntropy;

    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new(2, MIN_MEMORY_KIB);
        let chosen = || Password::new("correct horse".to_owned()).unwrap();
        let hash = passwords.hash(&OsEntropy, chosen()).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=47104,t=1,p=1$"));
        assert!(passwords.verify(Some(&hash), secret("correct horse")).await.unwrap());
        for wrong in ["", "Correct horse", "correct horse ", &"a".repeat(100_000)] {
            assert!(!passwords.verify(Some(&hash), secret(wrong)).await.unwrap());
        }
        let again = passwords.hash(&OsEntropy, chosen()).await.unwrap();
        assert_ne!(hash, again, "every hash has a salt of its own");
    }

    #[tokio::test]
    async fn somebody_unknown_costs_the_same_one_hash_and_is_never_right() {
        let passwords = Passwords::new(1, MIN_MEMORY_KIB);
        assert!(!passwords.verify(None, secret("anything")).await.unwrap());
        assert_eq!(passwords.hashes_run(), 1);
        let nobody = phc::PasswordHash::new(passwords.nobody.as_str()).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MIN_MEMORY_KIB, 1, 1));
    }

    #[tokio::test]
    async fn a_crowd_beyond_the_seats_is_turned_away_without_a_hash() {
        let passwords = Passwords::new(1, MIN_MEMORY_KIB);
        let taken = passwords.seats.clone().acquire_many_owned(64).await.unwrap();
        let refused = passwords.verify(None, secret("anything")).await.unwrap_err();
        assert!(refused.is(&error::SIGN_IN_BUSY));
        assert_eq!(passwords.hashes_run(), 0);
        drop(taken);
        assert!(passwords.verify(None, secret("anything")).await.is_ok());
    }

    #[test]
    fn length_is_counted_in_characters() {
        for good in ["12345678", "密码密码密码密码", &"é".repeat(128)] {
            assert!(Password::new(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "1234567", "密码", &"é".repeat(129)] {
            let refused = Password::new(bad.to_owned()).unwrap_err();
            assert_eq!(refused.get("field"), Some("password"));
            assert!(bad.is_empty() || !refused.to_string().contains(bad), "a refusal repeats no password");
        }
    }

    #[test]
    fn neither_a_password_nor_its_hash_prints() {
        let password = Password::new("correct horse".to_owned()).unwrap();
        assert_eq!(format!("{password:?}"), "Password([secret])");
        let passwords = Passwords::new(1, MIN_MEMORY_KIB);
        assert_eq!(format!("{:?}", passwords.nobody), "[password hash]");
    }

    #[test]
    #[should_panic(expected = "at least 47104 KiB")]
    fn a_deployment_that_would_hash_weakly_does_not_start() {
        drop(Passwords::new(1, MIN_MEMORY_KIB - 1));
    }

    #[test]
    fn only_argon2_hashes_are_taken() {
        for text in
            ["", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=47104,t=1,p=1$c2FsdHNhbHQ"]
        {
            assert!(PasswordHash::parse(text).is_none(), "{text}");
        }
    }
}
