use bursar_kernel::{AccountId, Amount, UnixTimestamp};
use sea_orm::{Select, entity::prelude::*};

use crate::{
    key::{ApiKey, ApiKeyId},
    spend_limit::SpendWindow,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys_spend")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key_id: ApiKeyId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) spend_window: SpendWindow,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) window_start: UnixTimestamp,
    pub(crate) spent_micros: Amount,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a key spent in the window that is now.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped(key: &ApiKey, window: SpendWindow, now: UnixTimestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::AccountId.eq(key.account.id()))
        .filter(Column::KeyId.eq(key.id))
        .filter(Column::SpendWindow.eq(window))
        .filter(Column::WindowStart.eq(window.start(now)))
}
