use bursar_kernel::{OrganizationId, Reader, Result, Tx, UserId};

/// The one account that each person acts on: their own, or an organization's.
#[async_trait::async_trait]
pub trait ActiveAccounts: Send + Sync {
    /// The organization that a person acts for; `None` for their own account. It falls back to
    /// their own as soon as they are no longer a member or the organization is deleted.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn get(&self, reader: Reader<'_>, user: UserId) -> Result<Option<OrganizationId>>;

    /// Sets it: one row.
    ///
    /// # Errors
    /// `organization_not_found` when the person is no member of a living organization of this
    /// identifier.
    async fn set(&self, tx: &mut Tx, user: UserId, organization: Option<OrganizationId>) -> Result<()>;
}
