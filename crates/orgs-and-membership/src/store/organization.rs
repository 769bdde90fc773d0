use bursar_kernel::{OrganizationId, UnixTimestamp};
use sea_orm::{Select, UpdateMany, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs_organization")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: OrganizationId,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) remote_config_enabled: bool,
    /// Sealed: it holds secrets.
    pub(crate) default_remote_config: Option<String>,
    pub(crate) external_organization_id: Option<String>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
    pub(crate) deleted_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The organization, unless it was deleted.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(id: OrganizationId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(id)).filter(Column::DeletedAt.is_null())
}

/// A change of the organization, unless it was deleted.
pub(crate) fn update(id: OrganizationId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id)).filter(Column::DeletedAt.is_null())
}
