use bursar_kernel::{AccountId, UnixTimestamp};
use sea_orm::{Select, entity::prelude::*};

use super::version;
use crate::plan::PlanId;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plans_account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    pub(crate) plan_id: PlanId,
    /// Absent: the plan is not sold by the seat.
    pub(crate) seats: Option<i64>,
    /// Since when it is on this version.
    pub(crate) since: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "version::Entity", from = "Column::PlanId", to = "version::Column::Id")]
    Version,
}

impl Related<version::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Version.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// The plan that was set for an account.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}
