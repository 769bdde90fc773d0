use bursar_kernel::{AccountId, Amount, UnixTimestamp};
use sea_orm::entity::prelude::*;

use crate::{
    lot::{Lot, LotId},
    posting::PostingKind,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_lot")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: LotId,
    pub(crate) kind: PostingKind,
    pub(crate) granted: Amount,
    pub(crate) remaining: Amount,
    pub(crate) priority: i64,
    pub(crate) expires_at: Option<UnixTimestamp>,
    pub(crate) promotional: bool,
    pub(crate) granted_at: UnixTimestamp,
    /// Absent while something is left: the partial index of open lots stands on it.
    pub(crate) closed_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Lot {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            granted: row.granted,
            remaining: row.remaining,
            priority: row.priority,
            expires_at: row.expires_at,
            promotional: row.promotional,
            granted_at: row.granted_at,
            closed_at: row.closed_at,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}
