use std::{fmt, time::Duration};

use bursar_kernel::{OrganizationId, Reader, Result, Secret, Tx, UnixTimestamp, UserId};

use crate::{membership::MembershipId, role::Role};

bursar_kernel::typed_id!(
    /// An invite into an organization.
    InviteId, "inv");

/// How long an invite is good.
pub const INVITE_LIFETIME: Duration = Duration::from_hours(7 * 24);
/// The most invites of an organization that are pending at once: their list is answered whole.
pub const MAX_PENDING: u64 = 1000;

/// The address that was invited. That it is one is the caller's to know.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteEmail {
    given: String,
    folded: String,
}

impl InviteEmail {
    /// From its two texts.
    pub(crate) const fn stored(given: String, folded: String) -> Self {
        Self { given, folded }
    }

    /// As it was given; `erased` when its person was deleted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// What addresses are compared by.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// Logs do not learn who it is.
impl fmt::Debug for InviteEmail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.given.split_once('@').map_or("", |(_, domain)| domain);
        write!(formatter, "InviteEmail(…@{domain})")
    }
}

/// Somebody who was asked into an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Its identifier.
    pub id: InviteId,
    /// Where to.
    pub organization: OrganizationId,
    /// Who.
    pub email: InviteEmail,
    /// What they will be there.
    pub role: Role,
    /// Who asked them.
    pub invited_by: UserId,
    /// When.
    pub created_at: UnixTimestamp,
    /// From this instant on it leads nowhere.
    pub expires_at: UnixTimestamp,
    /// What became of it.
    pub state: InviteState,
}

/// What became of an invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteState {
    /// It waits, and holds a seat.
    Pending,
    /// It was used.
    Accepted {
        /// The membership that came of it.
        member: MembershipId,
        /// Who used it.
        user: UserId,
        /// When.
        at: UnixTimestamp,
    },
    /// Somebody took it back.
    Revoked,
    /// Nobody used it in time.
    Expired,
}

/// What it takes to make an invite.
#[derive(Clone)]
pub struct NewInvite {
    /// The address as it was given, which is known to be one.
    pub email: String,
    /// What addresses are compared by.
    pub email_folded: String,
    /// What they will be in the organization.
    pub role: Role,
    /// Who asks them.
    pub invited_by: UserId,
}

/// The invites of organizations.
///
/// What makes or ends one holds a seat or frees it, so the caller holds
/// [`crate::Organizations::lock`] of the organization.
#[async_trait::async_trait]
pub trait Invites: Send + Sync {
    /// Makes an invite: one row, and the organization's expired ones are closed. The token is in
    /// this answer only; its digest is stored. Relies on [`crate::Organizations::lock`].
    ///
    /// # Errors
    /// `invite_pending` when one for this address is pending; `too_many_invites` when
    /// [`MAX_PENDING`] are.
    async fn create(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        new: NewInvite,
    ) -> Result<(Invite, Secret<String>)>;

    /// The pending invites of an organization, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn pending(&self, reader: Reader<'_>, organization: OrganizationId) -> Result<Vec<Invite>>;

    /// How many invites of an organization are pending.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn pending_count(&self, reader: Reader<'_>, organization: OrganizationId) -> Result<u64>;

    /// An invite of an organization, whatever became of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        invite: InviteId,
    ) -> Result<Option<Invite>>;

    /// The invite that a token opens, whatever became of it, so that the caller can tell one that
    /// is over from one that never was. `None` when its organization was deleted.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_token(&self, reader: Reader<'_>, token: &str) -> Result<Option<Invite>>;

    /// Uses a pending invite up; `false` when it is not pending any more. At most one row. Of many
    /// at once, one is told `true`. Relies on [`crate::Organizations::lock`], which also keeps the
    /// membership that came of it.
    ///
    /// # Errors
    /// When the database refuses.
    async fn accept(&self, tx: &mut Tx, invite: &Invite, user: UserId, member: MembershipId) -> Result<bool>;

    /// Takes a pending invite back; `false` when it is not pending. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn revoke(&self, tx: &mut Tx, organization: OrganizationId, invite: InviteId) -> Result<bool>;

    /// Forgets the address of a person who was deleted, in the invites of every organization, and
    /// takes back those that are pending: so many rows.
    ///
    /// # Errors
    /// When the database refuses.
    async fn erase_address(&self, tx: &mut Tx, email_folded: &str) -> Result<u64>;

    /// Gives a pending invite another token, good for [`INVITE_LIFETIME`] from now; the one before
    /// opens nothing any more. `None` when it is not pending. At most one row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn resend(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        invite: InviteId,
    ) -> Result<Option<(Invite, Secret<String>)>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_does_not_print_whose_it_is() {
        let email = InviteEmail::stored("Ada@example.com".to_owned(), "ada@example.com".to_owned());
        assert_eq!(format!("{email:?}"), "InviteEmail(…@example.com)");
    }
}
