use bursar_kernel::{OrganizationId, Result, Tx, UnixTimestamp};
use sea_orm::{Select, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs_provider_key")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) provider: String,
    pub(crate) sealed_key: String,
    pub(crate) updated_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The provider keys of an organization.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(organization: OrganizationId) -> Select<Entity> {
    Entity::find().filter(Column::OrganizationId.eq(organization))
}

/// Erases all of an organization's.
pub(crate) async fn erase(tx: &Tx, organization: OrganizationId) -> Result<()> {
    Entity::delete_many().filter(Column::OrganizationId.eq(organization)).exec(&tx.conn()).await?;
    Ok(())
}
