use bursar_kernel::{OrganizationId, UnixTimestamp, UserId};
use sea_orm::{Select, entity::prelude::*};

use super::organization;
use crate::{
    membership::{Membership, MembershipId},
    role::Role,
};

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

/// The members of an organization.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped(organization: OrganizationId) -> Select<Entity> {
    Entity::find().filter(Column::OrganizationId.eq(organization))
}

/// The memberships of a person in organizations that live.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_user(user: UserId) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .inner_join(organization::Entity)
        .filter(organization::Column::DeletedAt.is_null())
}
