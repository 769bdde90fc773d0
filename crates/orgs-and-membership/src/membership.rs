use bursar_kernel::{CacheTag, OrganizationId, Page, Reader, Result, Slice, Tx, UnixTimestamp, UserId};

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

/// An organization whose one owner is somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoleOwnership {
    /// Which.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: String,
    /// How many others are in it.
    pub other_members: u64,
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
///
/// What writes relies on the caller: it holds [`crate::Organizations::lock`] of the organization.
/// Without it two who leave at once could each take the other for the owner who stays.
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

    /// The members of an organization, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn list(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Slice<Membership>>;

    /// Those of the memberships that are of the organization, in no particular order.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_ids(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        memberships: &[MembershipId],
    ) -> Result<Vec<Membership>>;

    /// The memberships of those of the people who are in the organization, in no particular order.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_users(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        users: &[UserId],
    ) -> Result<Vec<Membership>>;

    /// Lets a person in: one row. Relies on [`crate::Organizations::lock`]. Caches are told.
    ///
    /// # Errors
    /// `already_member`; `too_many_organizations` when the person is in as many as one can be.
    async fn add(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<Membership>;

    /// Gives a member another role: one row, or none when it is the one they have. Relies on
    /// [`crate::Organizations::lock`]. Caches are told.
    ///
    /// # Errors
    /// `last_owner` when nobody would own the organization any more; `member_not_found` when they
    /// have left.
    async fn set_role(&self, tx: &mut Tx, membership: &Membership, role: Role) -> Result<Membership>;

    /// Ends memberships, all or none, and says what they were: so many rows, and the choice of
    /// those who acted on the organization. Relies on [`crate::Organizations::lock`]. Caches are
    /// told.
    ///
    /// # Errors
    /// `member_not_found` when one of them is no membership of the organization; `last_owner` when
    /// nobody would own it any more.
    async fn remove(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        memberships: &[MembershipId],
    ) -> Result<Vec<Membership>>;

    /// How many people are in an organization.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn count(&self, reader: Reader<'_>, organization: OrganizationId) -> Result<u64>;

    /// The organizations that would have no owner without this person.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn alone_owned_by(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<SoleOwnership>>;
}
