use bursar_kernel::{Reader, Result, Secret, Tx, UnixTimestamp, UserId};

/// How far a person's second factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorState {
    /// There is none.
    Off,
    /// A secret was shown, and no code of it has come back. Nothing asks for one yet.
    Pending,
    /// Signing in takes a code.
    On {
        /// How many recovery codes have not been used.
        recovery_codes_left: u32,
        /// Since when.
        since: UnixTimestamp,
    },
}

/// What an authenticator needs to know, told once.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret, to be typed.
    pub secret_base32: Secret<String>,
    /// The same as an address, to be shown as a picture.
    pub otpauth_uri: Secret<String>,
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorCheck {
    /// There is no second factor, so that no code is asked for.
    Off,
    /// The authenticator's code, used up.
    Right,
    /// A recovery code, used up.
    RightByRecoveryCode,
    /// Neither, or used before.
    Wrong,
}

/// The second factor: a code from an authenticator (RFC 6238: six digits, good for half a minute
/// and its neighbours), and recovery codes for when that is lost. How often somebody may guess is
/// the caller's to limit.
#[async_trait::async_trait]
pub trait SecondFactors: Send + Sync {
    /// How far it is.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn state(&self, reader: Reader<'_>, user: UserId) -> Result<FactorState>;

    /// Makes a secret, in the place of one that was not confirmed: one row. `issuer` and `account`
    /// are what the authenticator shows.
    ///
    /// # Errors
    /// `second_factor_on` when it is; `user_not_found` for somebody who was deleted.
    async fn begin(&self, tx: &mut Tx, user: UserId, issuer: &str, account: &str) -> Result<Enrolment>;

    /// Turns the second factor on by its first code, which is used up, and answers the recovery
    /// codes, told once: eleven rows. `None`, and nothing touched, for a wrong code.
    ///
    /// # Errors
    /// `second_factor_off` when none was begun, `second_factor_on` when it is.
    async fn confirm(&self, tx: &mut Tx, user: UserId, code: &str) -> Result<Option<Vec<Secret<String>>>>;

    /// Checks a code and uses it up, in this transaction, which the caller commits: of many at
    /// once with one code, exactly one is right. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn check(&self, tx: &mut Tx, user: UserId, code: &str) -> Result<FactorCheck>;

    /// Makes ten recovery codes, told once, in the place of those that are left; `None` when the
    /// second factor is not on. Touches the old ones and the new.
    ///
    /// # Errors
    /// When the database refuses.
    async fn renew_recovery_codes(&self, tx: &mut Tx, user: UserId) -> Result<Option<Vec<Secret<String>>>>;

    /// Deletes the secret, confirmed or not, and the recovery codes; says whether there was one.
    ///
    /// # Errors
    /// When the database refuses.
    async fn remove(&self, tx: &mut Tx, user: UserId) -> Result<bool>;
}
