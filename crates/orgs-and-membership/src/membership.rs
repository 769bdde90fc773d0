use bursar_kernel::{CacheTag, OrganizationId, Reader, Result, UnixTimestamp, UserId};

use crate::role::Role;

bursar_kernel::typed_id!(
    /// A membership: one person in one organization.
    MembershipId, "mbr");

/// One person in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Its identifier.
    pub id: MembershipId,
    /// Where.
    pub organization: OrganizationId,
    /// Who.
    pub user: UserId,
    /// What they may do there.
    pub role: Role,
    /// When they joined.
    pub created_at: UnixTimestamp,
    /// When their role last changed.
    pub updated_at: UnixTimestamp,
}

/// A membership as the person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipOfUser {
    /// The membership.
    pub membership: Membership,
    /// What the organization is called.
    pub organization_name: String,
}

/// What kind of thing a cached membership is.
const CACHED_KIND: &str = "membership";

/// What is invalidated when somebody leaves an organization or gets another role in it.
#[must_use]
pub fn membership_tag(organization: OrganizationId, user: UserId) -> CacheTag {
    CacheTag::new(CACHED_KIND, format_args!("{organization}/{user}"))
}

/// Whose membership is said to have changed, if it is said of one.
#[must_use]
pub fn membership_of_tag(tag: &CacheTag) -> Option<(OrganizationId, UserId)> {
    let (CACHED_KIND, which) = tag.parts() else { return None };
    let (organization, user) = which.split_once('/')?;
    Some((organization.parse().ok()?, user.parse().ok()?))
}

/// Who is in which organization. Organizations that were deleted have no members.
#[async_trait::async_trait]
pub trait Members: Send + Sync {
    /// A person's membership in an organization; `None` when they are no member of it or there is
    /// no such organization.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn of(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Membership>>;

    /// A membership of an organization.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        membership: MembershipId,
    ) -> Result<Option<Membership>>;

    /// All memberships of a person, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn of_user(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<MembershipOfUser>>;
}
