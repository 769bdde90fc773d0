use bursar_kernel::{DomainError, OrganizationId, Reader, Result, UnixTimestamp, UserId};
use sea_orm::{Select, entity::prelude::*, sea_query::Query};

use super::organization;
use crate::{
    error,
    membership::{Membership, MembershipId},
    role::Role,
};

/// The most organizations that one person is in: their list is answered whole, so it has a bound.
const MAX_OF_USER: u64 = 10_000;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs_membership")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: MembershipId,
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
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

impl From<Model> for Membership {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            organization: row.organization_id,
            user: row.user_id,
            role: row.role,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The members of an organization, unless it was deleted.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped(organization: OrganizationId) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .inner_join(organization::Entity)
        .filter(organization::Column::DeletedAt.is_null())
}

/// The memberships of a person in organizations that live.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_user(user: UserId) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .inner_join(organization::Entity)
        .filter(organization::Column::DeletedAt.is_null())
}

/// The memberships of others in the organizations that a person owns, alone or with them.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_others_of_owner(owner: UserId) -> Select<Entity> {
    let owned = Query::select()
        .column(Column::OrganizationId)
        .from(Entity)
        .and_where(Column::UserId.eq(owner))
        .and_where(Column::Role.eq(Role::Owner))
        .to_owned();
    Entity::find().filter(Column::OrganizationId.in_subquery(owned)).filter(Column::UserId.ne(owner))
}

/// Refuses a person who is in as many organizations as one can be.
pub(crate) async fn room_for(reader: Reader<'_>, user: UserId) -> Result<()> {
    if scoped_to_user(user).count(reader.conn()).await? >= MAX_OF_USER {
        return Err(DomainError::from(&error::TOO_MANY_ORGANIZATIONS));
    }
    Ok(())
}
