use std::time::Duration;

use bursar_kernel::{Reader, Result, Secret, Tx, UserId};

use crate::email::EmailAddress;

bursar_kernel::text_enum! {
    /// What a mailed link does for whoever follows it.
    pub enum TokenPurpose {
        /// Sets a password in the place of a forgotten one.
        ResetPassword = "reset_password",
        /// Shows that mail to an address reaches the person.
        VerifyEmail = "verify_email",
        /// Shows the same of the address that the person wants from now on.
        ChangeEmail = "change_email",
        /// Signs in.
        MagicLink = "magic_link",
    }
}

impl TokenPurpose {
    /// How long a link is good: the less, the more it opens.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::ResetPassword | Self::ChangeEmail => Duration::from_hours(1),
            Self::VerifyEmail => Duration::from_hours(24),
            Self::MagicLink => Duration::from_mins(15),
        }
    }
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    /// The person.
    pub user: UserId,
    /// The address that the token was mailed to. Whoever follows the link has that mailbox, which
    /// may not be the person's any more.
    pub email: EmailAddress,
}

/// Tokens that are mailed in links: each good once and for a short time, and the newest of its
/// person and purpose alone.
#[async_trait::async_trait]
pub trait OneTimeTokens: Send + Sync {
    /// Makes a token that is to be mailed to `email`: one row, in the place of an older one of that
    /// person and purpose. Only its digest is stored. Deletes some that have expired, whoever's.
    ///
    /// # Errors
    /// `user_not_found` for somebody who was deleted.
    async fn issue(
        &self,
        tx: &mut Tx,
        user: UserId,
        purpose: TokenPurpose,
        email: &EmailAddress,
    ) -> Result<Secret<String>>;

    /// Whose a token is, if it is good, and it stays so: for a page that asks first. Programs that
    /// look at links before their reader does must not use them up.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn peek(
        &self,
        reader: Reader<'_>,
        purpose: TokenPurpose,
        token: &str,
    ) -> Result<Option<TokenHolder>>;

    /// Uses a token up: of many at once, exactly one is told whose it was. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn redeem(&self, tx: &mut Tx, purpose: TokenPurpose, token: &str) -> Result<Option<TokenHolder>>;

    /// Deletes every token of the person: so many rows.
    ///
    /// # Errors
    /// When the database refuses.
    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()>;
}
