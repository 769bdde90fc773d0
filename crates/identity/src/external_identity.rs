use bursar_kernel::{Reader, Result, Tx, UnixTimestamp, UserId};

/// What is known of a subject of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownIdentity {
    /// It was never seen.
    Nobody,
    /// It is this person.
    User(UserId),
    /// It was a person who has been deleted.
    Forgotten {
        /// When.
        at: UnixTimestamp,
    },
}

/// That an issuer knows a person. As whom is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// The issuer, as its tokens name it.
    pub issuer: String,
    /// Which of the issuer's subjects it is: [`bursar_kernel::external_digest`].
    pub digest: [u8; 32],
    /// Since when the person comes by it.
    pub linked_at: UnixTimestamp,
}

/// Who the subjects of outside issuers are here. A person is known by issuer and subject, never by
/// the address that a token tells.
#[async_trait::async_trait]
pub trait ExternalIdentities: Send + Sync {
    /// Whose a subject of an issuer is.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_subject(&self, reader: Reader<'_>, issuer: &str, subject: &str) -> Result<KnownIdentity>;

    /// Makes a subject of an issuer the person's, also one whose person was deleted: one row. False,
    /// and no row, when it is somebody's already; of many at once one wins.
    ///
    /// # Errors
    /// `user_not_found` for somebody who was deleted; when the database refuses, such as for a person
    /// that never was.
    async fn link(&self, tx: &mut Tx, user: UserId, issuer: &str, subject: &str) -> Result<bool>;

    /// Keeps of each of the person's that somebody had it, and since when nobody does: so many rows.
    ///
    /// # Errors
    /// When the database refuses.
    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()>;

    /// The issuers by which a person comes, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn of_user(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<ExternalIdentity>>;
}
