use bursar_kernel::{AccountId, Amount, UnixTimestamp, UserId};
use sea_orm::entity::prelude::*;

use crate::{
    payload::EventType,
    usage::{UsageId, UsageRow},
};

#[expect(clippy::struct_field_names, reason = "an entity is called Model, and so is what ran")]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "metering_usage")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UsageId,
    pub(crate) source: String,
    pub(crate) event_id: String,
    /// SHA-256 of what was sent, hex.
    pub(crate) content_hash: String,
    pub(crate) event_type: EventType,
    /// Whether usage lists show it.
    pub(crate) billable: bool,
    pub(crate) detail: Option<String>,
    pub(crate) user_id: Option<UserId>,
    pub(crate) api_key_id: Option<Uuid>,
    pub(crate) generation_id: String,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) model_type: String,
    pub(crate) operation: String,
    pub(crate) traffic_source: Option<String>,
    pub(crate) prompt_tokens: i64,
    pub(crate) completion_tokens: i64,
    pub(crate) cached_tokens: i64,
    pub(crate) cost_usd_e8: i64,
    pub(crate) credits_used: Amount,
    pub(crate) posting_id: Option<Uuid>,
    /// JSON.
    pub(crate) metadata: String,
    /// JSON: what the columns do not hold. Absent for an inference.
    pub(crate) payload: Option<String>,
    pub(crate) event_time: UnixTimestamp,
    /// When it was received.
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for UsageRow {
    type Error = serde_json::Error;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        Ok(Self {
            metadata: serde_json::from_str(&row.metadata)?,
            id: row.id,
            account: row.account_id,
            user: row.user_id,
            detail: row.detail,
            api_key: row.api_key_id,
            event_type: row.event_type,
            source: row.source,
            event_id: row.event_id,
            generation_id: row.generation_id,
            provider: row.provider,
            model: row.model,
            model_type: row.model_type,
            operation: row.operation,
            traffic_source: row.traffic_source,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
            cached_tokens: row.cached_tokens,
            cost_usd_e8: row.cost_usd_e8,
            credits_used: row.credits_used,
            posting: row.posting_id,
            event_time: row.event_time,
            created_at: row.created_at,
        })
    }
}
