use std::time::Duration;

use bursar_kernel::{Result, Secret, Tx, UserId};

use crate::session::{Session, SessionId};

/// How long a refresh token, and the session that it keeps open, lasts after each use.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// What came of showing a refresh token.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// It was good, and is used up; here is its successor.
    Rotated {
        /// The session, kept open anew.
        session: Session,
        /// The next token. Told this once.
        token: Secret<String>,
    },
    /// It was used before, so somebody else has it too: the session and every token of it were
    /// ended in this transaction, which the caller commits.
    Reused {
        /// Whose.
        user: UserId,
        /// The session that ended.
        session: SessionId,
    },
    /// Unknown, expired, or of a session that has ended.
    Unknown,
}

/// Refresh tokens: each good once, each followed by the next, all of one session a family.
#[async_trait::async_trait]
pub trait RefreshTokens: Send + Sync {
    /// The session's first token: one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn issue(&self, tx: &mut Tx, session: &Session) -> Result<Secret<String>>;

    /// Uses a token up. Of however many that show it at once, exactly one is told
    /// [`Rotation::Rotated`]. Touches the token, its session, its successor and the session's
    /// tokens that have expired.
    ///
    /// # Errors
    /// When the database refuses.
    async fn rotate(&self, tx: &mut Tx, token: &str) -> Result<Rotation>;
}
