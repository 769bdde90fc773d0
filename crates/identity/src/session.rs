use std::time::Duration;

use bursar_kernel::{Reader, Result, Secret, Tx, UnixTimestamp, UserId};

bursar_kernel::typed_id!(
    /// One sign-in, until it ends.
    SessionId, "ses");

bursar_kernel::text_enum! {
    /// What keeps a session open.
    pub enum SessionKind {
        /// A browser's cookie.
        Cookie = "cookie",
        /// Refresh tokens.
        Token = "token",
    }
}

/// How long a browser stays signed in. It does not slide: a stolen cookie ends too.
pub const COOKIE_LIFETIME: Duration = Duration::from_hours(14 * 24);

/// One sign-in of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// What keeps it open.
    pub kind: SessionKind,
    /// When the person signed in.
    pub created_at: UnixTimestamp,
    /// When it ends by itself. A session of tokens moves it on with every refresh.
    pub expires_at: UnixTimestamp,
    /// When it was ended.
    pub ended_at: Option<UnixTimestamp>,
}

/// A session that was opened now.
#[derive(Clone, Debug)]
pub struct OpenedSession {
    /// The session.
    pub session: Session,
    /// The value of the cookie that opens it, for a [`SessionKind::Cookie`]. Told this once.
    pub cookie: Option<Secret<String>>,
}

/// The sessions of people.
#[async_trait::async_trait]
pub trait Sessions: Send + Sync {
    /// Opens a session: one row. That the person proved itself is the caller's to know.
    ///
    /// # Errors
    /// When the database refuses.
    async fn open(&self, tx: &mut Tx, user: UserId, kind: SessionKind) -> Result<OpenedSession>;

    /// The live session that a cookie opens.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_cookie(&self, reader: Reader<'_>, cookie: &str) -> Result<Option<Session>>;

    /// The session, if it is live.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(&self, reader: Reader<'_>, session: SessionId) -> Result<Option<Session>>;

    /// Ends a live session of the person, and with it its refresh tokens; says whether there was
    /// one. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn end(&self, tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool>;

    /// Ends every live session of the person: so many rows.
    ///
    /// # Errors
    /// When the database refuses.
    async fn end_all(&self, tx: &mut Tx, user: UserId) -> Result<u64>;
}
