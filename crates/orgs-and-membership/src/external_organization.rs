use bursar_kernel::{OrganizationId, Reader, Result, Tx};

/// What is known of what an issuer calls an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownOrganization {
    /// Nothing.
    Nobody,
    /// It is this one.
    Organization(OrganizationId),
    /// It was one that has been deleted, and is none any more.
    Deleted,
}

/// Which organizations outside issuers mean. What a person may do in one, its membership says and no
/// token does.
#[async_trait::async_trait]
pub trait ExternalOrganizations: Send + Sync {
    /// The organization that an issuer calls so.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_external(
        &self,
        reader: Reader<'_>,
        issuer: &str,
        external_id: &str,
    ) -> Result<KnownOrganization>;

    /// Makes this the organization that an issuer calls so, and says so on it: two rows. False, and no
    /// row, when another one is called so, or was until it was deleted; of many at once one wins.
    ///
    /// # Errors
    /// `organization_not_found` when there is none, or it was deleted.
    async fn map(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        issuer: &str,
        external_id: &str,
    ) -> Result<bool>;

    /// Records that an issuer's word lets somebody in, known by the digest of issuer and subject and
    /// not by the person, who could go and come back as another: one row. False, and no row, when it
    /// did once before: who was removed since is not let in again by a token.
    ///
    /// # Errors
    /// When the database refuses, such as for an organization that never was.
    async fn first_admission(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        identity: &[u8; 32],
    ) -> Result<bool>;

    /// Whether it did.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn was_admitted(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        identity: &[u8; 32],
    ) -> Result<bool>;
}
