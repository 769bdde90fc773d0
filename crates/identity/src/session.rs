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

/// The most live sessions of one person. Opening one more ends the oldest.
pub const MAX_LIVE_SESSIONS: u64 = 100;
/// The most characters that are kept of what a client calls itself.
const MAX_USER_AGENT_LENGTH: usize = 256;
/// The longest text of an address of the internet, with a zone.
const MAX_IP_LENGTH: usize = 64;

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
    /// When the person last proved itself in it: by signing in, or once more since.
    pub proved_at: UnixTimestamp,
    /// When it ends by itself. A session of tokens moves it on with every refresh.
    pub expires_at: UnixTimestamp,
    /// When it was ended.
    pub ended_at: Option<UnixTimestamp>,
    /// From where the person signed in, for the person to know it again.
    pub ip: Option<String>,
    /// What the person signed in with, as it calls itself.
    pub user_agent: Option<String>,
}

/// A session to be.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// What is to keep it open.
    pub kind: SessionKind,
    /// From where the person signs in, where it is known.
    pub ip: Option<String>,
    /// What the client calls itself: 256 characters of it are kept, without control characters.
    pub user_agent: Option<String>,
    /// When the person proved itself, where that was before; now when absent.
    pub proved_at: Option<UnixTimestamp>,
}

impl NewSession {
    /// From nobody knows where.
    #[must_use]
    pub const fn new(user: UserId, kind: SessionKind) -> Self {
        Self { user, kind, ip: None, user_agent: None, proved_at: None }
    }

    pub(crate) fn shown_ip(&self) -> Option<String> {
        self.ip.as_deref().and_then(|ip| printable(ip, MAX_IP_LENGTH))
    }

    pub(crate) fn shown_user_agent(&self) -> Option<String> {
        self.user_agent.as_deref().and_then(|agent| printable(agent, MAX_USER_AGENT_LENGTH))
    }
}

/// The beginning of a text, as it can stand in a list.
fn printable(text: &str, max_length: usize) -> Option<String> {
    let kept: String = text.trim().chars().filter(|letter| !letter.is_control()).take(max_length).collect();
    (!kept.is_empty()).then_some(kept)
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
    /// Opens a session: one row, and the oldest ended beyond [`MAX_LIVE_SESSIONS`]. That the
    /// person proved itself is the caller's to know.
    ///
    /// # Errors
    /// `user_not_found` for somebody who was deleted, however shortly before.
    async fn open(&self, tx: &mut Tx, new: NewSession) -> Result<OpenedSession>;

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

    /// The live sessions of the person, the newest first, at most [`MAX_LIVE_SESSIONS`].
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn of_user(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<Session>>;

    /// Records that the person proved itself again in a live session of its own; says whether
    /// there is one. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn prove(&self, tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool>;

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

    /// Ends every live session of the person but one: so many rows.
    ///
    /// # Errors
    /// When the database refuses.
    async fn end_others(&self, tx: &mut Tx, user: UserId, keep: SessionId) -> Result<u64>;

    /// Ends every live session of a person who was deleted, and erases from where and with what
    /// it ever signed in: every row of the person.
    ///
    /// # Errors
    /// When the database refuses.
    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_calls_itself_is_cut_and_cannot_break_a_list() {
        let user = UserId::from_uuid(uuid::Uuid::nil());
        let shown = |agent: &str| {
            let new = NewSession {
                user_agent: Some(agent.to_owned()),
                ip: Some(agent.to_owned()),
                ..NewSession::new(user, SessionKind::Cookie)
            };
            (new.shown_user_agent(), new.shown_ip())
        };
        assert_eq!(shown(" a\r\nb\u{7}\0c ").0.as_deref(), Some("abc"));
        assert_eq!(shown(" \n\0"), (None, None));
        let (agent, ip) = shown(&"é".repeat(1000));
        assert_eq!((agent.unwrap().chars().count(), ip.unwrap().chars().count()), (256, 64));
    }
}
