use sea_orm::entity::prelude::*;

use crate::{account::AccountId, time::UnixTimestamp};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "kernel_idempotency")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) operation: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key: String,
    /// SHA-256 of the request, hex.
    pub(crate) request_hash: String,
    /// Absent while the first request is under way.
    pub(crate) outcome: Option<String>,
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
