use bursar_kernel::{OrganizationId, UnixTimestamp};
use sea_orm::{Select, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs_external_member")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organization_id: OrganizationId,
    /// SHA-256 of issuer and subject.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) identity: Vec<u8>,
    pub(crate) admitted_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// That somebody was let into an organization.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(organization: OrganizationId, identity: &[u8; 32]) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Identity.eq(identity.as_slice()))
}
