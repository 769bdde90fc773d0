use bursar_kernel::{DomainError, OrganizationId, Result, Tx, UnixTimestamp, UserId};
use sea_orm::{ActiveValue::Set, Select, UpdateMany, entity::prelude::*};

use super::organization;
use crate::{
    invite::{Invite, InviteEmail, InviteId, InviteState},
    membership::MembershipId,
    role::Role,
};

bursar_kernel::text_enum! {
    /// What is stored of an invite's state. One that expired may still be stored as pending.
    pub enum StoredState {
        /// It waits.
        Pending = "pending",
        /// It was used.
        Accepted = "accepted",
        /// Somebody took it back.
        Revoked = "revoked",
        /// Nobody used it in time.
        Expired = "expired",
    }
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs_invite")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: InviteId,
    pub(crate) email: String,
    /// What addresses are compared by.
    pub(crate) email_folded: String,
    pub(crate) role: Role,
    pub(crate) invited_by: UserId,
    /// SHA-256 of the token.
    pub(crate) token_hash: String,
    pub(crate) state: StoredState,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) expires_at: UnixTimestamp,
    /// When it was used, taken back or found expired.
    pub(crate) ended_at: Option<UnixTimestamp>,
    pub(crate) accepted_by: Option<UserId>,
    /// The membership that came of it, and may have ended since.
    pub(crate) membership_id: Option<MembershipId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "organization::Entity",
        from = "Column::OrganizationId",
        to = "organization::Column::Id"
    )]
    Organization,
}

impl Related<organization::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Organization.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The invite as it is at an instant.
    pub(crate) fn seen(self, now: UnixTimestamp) -> Result<Invite> {
        let state = match (self.state, self.membership_id, self.accepted_by, self.ended_at) {
            (StoredState::Pending, ..) if self.expires_at > now => InviteState::Pending,
            (StoredState::Pending | StoredState::Expired, ..) => InviteState::Expired,
            (StoredState::Revoked, ..) => InviteState::Revoked,
            (StoredState::Accepted, Some(member), Some(user), Some(at)) => {
                InviteState::Accepted { member, user, at }
            }
            (StoredState::Accepted, ..) => {
                return Err(DomainError::internal(format!("{} does not say who accepted it", self.id)));
            }
        };
        Ok(Invite {
            id: self.id,
            organization: self.organization_id,
            email: InviteEmail::stored(self.email, self.email_folded),
            role: self.role,
            invited_by: self.invited_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            state,
        })
    }
}

/// What makes an invite pending.
pub(crate) trait Pending: QueryFilter {
    fn pending(self, now: UnixTimestamp) -> Self {
        self.filter(Column::State.eq(StoredState::Pending)).filter(Column::ExpiresAt.gt(now))
    }
}

impl Pending for Select<Entity> {}
impl Pending for UpdateMany<Entity> {}

/// The invites of an organization.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(organization: OrganizationId) -> Select<Entity> {
    Entity::find().filter(Column::OrganizationId.eq(organization))
}

/// The one invite of this token, unless its organization was deleted.
#[expect(clippy::disallowed_methods, reason = "a person's address, in whatever organizations")]
pub(crate) fn of_address(email_folded: &str) -> Select<Entity> {
    Entity::find().filter(Column::EmailFolded.eq(email_folded))
}

#[expect(clippy::disallowed_methods, reason = "whose invite it is comes out of it: the key is a secret")]
pub(crate) fn with_token(token_hash: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::TokenHash.eq(token_hash))
        .inner_join(organization::Entity)
        .filter(organization::Column::DeletedAt.is_null())
}

/// A change of an invite.
pub(crate) fn update(organization: OrganizationId, invite: InviteId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::OrganizationId.eq(organization)).filter(Column::Id.eq(invite))
}

/// What is written of an invite that leads nowhere any more.
pub(crate) fn ended(state: StoredState, at: UnixTimestamp) -> ActiveModel {
    ActiveModel { state: Set(state), ended_at: Set(Some(at)), ..Default::default() }
}

/// Takes back what is pending in an organization.
pub(crate) async fn revoke_pending(tx: &Tx, organization: OrganizationId) -> Result<()> {
    Entity::update_many()
        .set(ended(StoredState::Revoked, tx.now()))
        .filter(Column::OrganizationId.eq(organization))
        .pending(tx.now())
        .exec(&tx.conn())
        .await?;
    Ok(())
}
