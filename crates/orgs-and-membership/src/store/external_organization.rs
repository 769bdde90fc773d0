use bursar_kernel::{OrganizationId, UnixTimestamp};
use sea_orm::{Select, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs_external_organization")]
pub(crate) struct Model {
    /// SHA-256 of issuer and identifier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) issuer: String,
    pub(crate) external_id: String,
    pub(crate) organization_id: OrganizationId,
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What an issuer means.
#[expect(clippy::disallowed_methods, reason = "which organization it is comes out of it")]
pub(crate) fn with_digest(digest: [u8; 32]) -> Select<Entity> {
    Entity::find().filter(Column::Digest.eq(digest.to_vec()))
}
