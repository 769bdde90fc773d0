use bursar_kernel::{Reader, Result, Tx, UserId};

use crate::password::PasswordHash;

/// What people prove themselves with. So far: a password.
#[async_trait::async_trait]
pub trait Credentials: Send + Sync {
    /// Makes this the person's password, in place of any other: one row.
    ///
    /// # Errors
    /// When the database refuses, such as for a person that is not there.
    async fn set_password(&self, tx: &mut Tx, user: UserId, hash: &PasswordHash) -> Result<()>;

    /// The person's password, if it has one.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn password(&self, reader: Reader<'_>, user: UserId) -> Result<Option<PasswordHash>>;
}
