use bursar_kernel::{AccountId, Amount};
use sea_orm::entity::prelude::*;

use crate::{
    lot::LotId,
    posting::{Entry, EntryAccount, PostingId},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) posting_id: PostingId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i64,
    pub(crate) account: EntryAccount,
    pub(crate) amount: Amount,
    pub(crate) lot_id: Option<LotId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Entry {
    fn from(row: Model) -> Self {
        Self { account: row.account, amount: row.amount, lot: row.lot_id }
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}
