use sea_orm::entity::prelude::*;

use crate::{account::AccountId, time::UnixTimestamp};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "kernel_outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) topic: String,
    pub(crate) account_id: Option<AccountId>,
    pub(crate) payload: String,
    /// `pending` or `parked`. A delivered message is deleted.
    pub(crate) state: String,
    pub(crate) attempts: i64,
    /// Not to be taken before: the back-off, and the lease of who has it now.
    pub(crate) available_at: UnixTimestamp,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) last_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
