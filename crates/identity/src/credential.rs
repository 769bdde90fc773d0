use bursar_kernel::{Reader, Result, Tx, UserId};

use crate::password::PasswordHash;

/// What people prove themselves with. So far: a password.
#[async_trait::async_trait]
pub trait Credentials: Send + Sync {
    /// Makes this the person's password, in place of any other: one row.
    ///
    /// # Errors
    /// `user_not_found` for somebody who was deleted; when the database refuses, such as for a
    /// person that never was.
    async fn set_password(&self, tx: &mut Tx, user: UserId, hash: &PasswordHash) -> Result<()>;

    /// The person's password, if it has one.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn password(&self, reader: Reader<'_>, user: UserId) -> Result<Option<PasswordHash>>;

    /// Deletes the person's password: at most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()>;
}
