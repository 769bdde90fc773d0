use bursar_kernel::{AccountId, UnixTimestamp};
use sea_orm::entity::prelude::*;

use crate::posting::{Entries, Posting, PostingId, PostingKind};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_posting")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PostingId,
    pub(crate) kind: PostingKind,
    pub(crate) reference: String,
    /// SHA-256 of what was asked, hex.
    pub(crate) content_hash: String,
    pub(crate) description: String,
    pub(crate) actor: String,
    pub(crate) tokens: i64,
    pub(crate) traffic_source: Option<String>,
    pub(crate) reverses: Option<PostingId>,
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(crate) fn with(self, entries: Entries) -> Posting {
        Posting {
            id: self.id,
            account: self.account_id,
            kind: self.kind,
            reference: self.reference,
            content_hash: self.content_hash,
            description: self.description,
            actor: self.actor,
            tokens: self.tokens,
            traffic_source: self.traffic_source,
            reverses: self.reverses,
            created_at: self.created_at,
            entries,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}
