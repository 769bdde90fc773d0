use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};
use sea_orm::{
    ActiveValue::Set,
    Select,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};

use crate::{
    provider::ProviderName,
    provider_event::{ProviderEvents, StoredEvent},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_provider_event")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) provider: ProviderName,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) body: String,
    pub(crate) received_at: UnixTimestamp,
    pub(crate) processed_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for StoredEvent {
    fn from(row: Model) -> Self {
        Self {
            provider: row.provider,
            event_id: row.event_id,
            event_type: row.event_type,
            body: row.body,
            received_at: row.received_at,
            processed_at: row.processed_at,
        }
    }
}

/// Provider events in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaProviderEvents;

#[async_trait::async_trait]
impl ProviderEvents for SeaProviderEvents {
    async fn store(
        &self,
        tx: &mut Tx,
        provider: ProviderName,
        event_id: &str,
        event_type: &str,
        body: &str,
    ) -> Result<bool> {
        let row = ActiveModel {
            provider: Set(provider),
            event_id: Set(event_id.to_owned()),
            event_type: Set(event_type.to_owned()),
            body: Set(body.to_owned()),
            received_at: Set(tx.now()),
            processed_at: Set(None),
        };
        let inserted = Entity::insert(row)
            .on_conflict(OnConflict::columns([Column::Provider, Column::EventId]).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        Ok(inserted == 1)
    }

    async fn load(
        &self,
        reader: Reader<'_>,
        provider: ProviderName,
        event_id: &str,
    ) -> Result<Option<StoredEvent>> {
        Ok(scoped(provider, event_id).one(reader.conn()).await?.map(StoredEvent::from))
    }

    async fn processed(&self, tx: &mut Tx, provider: ProviderName, event_id: &str) -> Result<bool> {
        let updated = Entity::update_many()
            .col_expr(Column::ProcessedAt, Expr::value(tx.now()))
            .filter(Column::Provider.eq(provider))
            .filter(Column::EventId.eq(event_id))
            .filter(Column::ProcessedAt.is_null())
            .exec(&tx.conn())
            .await?;
        Ok(updated.rows_affected == 1)
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(provider: ProviderName, event_id: &str) -> Select<Entity> {
    Entity::find().filter(Column::Provider.eq(provider)).filter(Column::EventId.eq(event_id))
}
