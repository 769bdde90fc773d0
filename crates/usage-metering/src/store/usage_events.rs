use std::{collections::BTreeMap, sync::Arc};

use bursar_kernel::{AccountId, DomainError, Page, Reader, Result, Slice, Tx, UnixTimestamp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
};

use super::{
    bulk::{self, Kind, Table},
    known::{self, hash_text},
    rollup_rows,
    usage_row::{Column, Entity},
};
use crate::{
    event::EventKey,
    meter::MeterCatalogue,
    payload::Payload,
    rollup::Measured,
    usage::{NewUsage, UsageEvents, UsageFilter, UsageRow},
};

const USAGE: Table = Table {
    name: "metering_usage",
    columns: &[
        ("account_id", Kind::Id),
        ("id", Kind::Id),
        ("source", Kind::Text),
        ("event_id", Kind::Text),
        ("content_hash", Kind::Text),
        ("event_type", Kind::Text),
        ("billable", Kind::Flag),
        ("detail", Kind::OptionalText),
        ("user_id", Kind::OptionalId),
        ("api_key_id", Kind::OptionalId),
        ("generation_id", Kind::Text),
        ("provider", Kind::Text),
        ("model", Kind::Text),
        ("model_type", Kind::Text),
        ("operation", Kind::Text),
        ("traffic_source", Kind::OptionalText),
        ("prompt_tokens", Kind::Integer),
        ("completion_tokens", Kind::Integer),
        ("cached_tokens", Kind::Integer),
        ("cost_usd_e8", Kind::Integer),
        ("credits_used", Kind::Integer),
        ("posting_id", Kind::OptionalId),
        ("metadata", Kind::Text),
        ("payload", Kind::OptionalText),
        ("event_time", Kind::Integer),
        ("created_at", Kind::Integer),
    ],
    on_conflict: "",
};

/// Usage rows in the database.
#[derive(Clone, Debug)]
pub struct SeaUsageEvents {
    meters: Arc<MeterCatalogue>,
}

impl SeaUsageEvents {
    /// Rows that are counted in these meters.
    #[must_use]
    pub const fn new(meters: Arc<MeterCatalogue>) -> Self {
        Self { meters }
    }
}

#[async_trait::async_trait]
impl UsageEvents for SeaUsageEvents {
    async fn known(&self, tx: &mut Tx, keys: &[EventKey]) -> Result<BTreeMap<EventKey, [u8; 32]>> {
        known::known(tx, keys).await
    }

    async fn record(&self, tx: &mut Tx, rows: Vec<NewUsage>) -> Result<()> {
        let received_at = tx.now();
        let measured: Vec<_> =
            rows.iter().map(|usage| measured(usage, received_at)).collect::<Result<_>>()?;
        rollup_rows::add(tx, &self.meters, &measured).await?;
        let values = rows.iter().map(|usage| values(usage, received_at)).collect::<Result<Vec<_>>>()?;
        let inserted = bulk::insert(tx, &USAGE, values).await?;
        bulk::expect_rows(inserted, rows.len(), &USAGE)
    }

    async fn list(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        filter: UsageFilter,
        page: Page,
    ) -> Result<Slice<UsageRow>> {
        let rows = scoped(account)
            .filter(Column::Billable.eq(true))
            .apply_if(filter.user, |query, user| query.filter(Column::UserId.eq(user)))
            .apply_if(filter.from, |query, from| query.filter(Column::CreatedAt.gte(from)))
            .apply_if(filter.to, |query, to| query.filter(Column::CreatedAt.lt(to)))
            // The first half is what an index can seek to; the second drops what was shown.
            .apply_if(page.after(), |query, after| {
                query
                    .filter(Column::CreatedAt.lte(after.at))
                    .filter(Condition::any().add(Column::CreatedAt.lt(after.at)).add(Column::Id.lt(after.id)))
            })
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(page.fetch_limit())
            .all(reader.conn())
            .await?;
        let rows = rows
            .into_iter()
            .map(|row| UsageRow::try_from(row).map_err(DomainError::internal))
            .collect::<Result<_>>()?;
        Ok(page.slice(rows, UsageRow::position))
    }
}

fn measured(usage: &NewUsage, received_at: UnixTimestamp) -> Result<Measured<'_>> {
    Ok(Measured {
        account: usage.event.subject.account.id(),
        detail: usage.event.subject.detail.as_deref(),
        user: usage.user,
        api_key: usage.event.api_key,
        payload: &usage.event.payload,
        cost_e8: usage.rated.cost_e8()?,
        credits: usage.charged.micros(),
        at: usage.event.time.unwrap_or(received_at),
    })
}

/// In the order of [`USAGE`].
fn values(usage: &NewUsage, received_at: UnixTimestamp) -> Result<Vec<Value>> {
    let event = &usage.event;
    let shown = Shown::of(&event.payload);
    let metadata = shown.metadata()?;
    Ok(vec![
        event.subject.account.id().into(),
        usage.id.into(),
        event.source.as_str().into(),
        event.id.as_str().into(),
        hash_text(&event.content_hash).into(),
        event.event_type.into(),
        event.event_type.billable().into(),
        event.subject.detail.clone().into(),
        usage.user.into(),
        event.api_key.into(),
        shown.generation_id.unwrap_or(&event.id).into(),
        shown.provider.into(),
        shown.model.into(),
        shown.model_type.into(),
        shown.operation.into(),
        shown.traffic_source.into(),
        shown.prompt_tokens.into(),
        shown.completion_tokens.into(),
        shown.cached_tokens.into(),
        usage.rated.cost_e8()?.into(),
        usage.charged.into(),
        usage.posting.into(),
        metadata.into(),
        shown.payload.into(),
        event.time.unwrap_or(received_at).into(),
        received_at.into(),
    ])
}

/// What a usage list shows of a payload.
#[derive(Default)]
struct Shown<'a> {
    generation_id: Option<&'a str>,
    provider: &'a str,
    model: &'a str,
    model_type: &'a str,
    operation: &'a str,
    traffic_source: Option<String>,
    prompt_tokens: i64,
    completion_tokens: i64,
    cached_tokens: i64,
    metadata: Option<&'a BTreeMap<String, String>>,
    payload: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(payload: &'a Payload) -> Self {
        // Only for those whose row does not say it all.
        let kept = || Self { payload: Some(payload.to_text()), ..Self::default() };
        match payload {
            Payload::Inference(inference) => Self {
                generation_id: Some(&inference.generation_id),
                provider: &inference.provider,
                model: &inference.model,
                model_type: &inference.model_type,
                operation: &inference.operation,
                traffic_source: inference.traffic_source.clone(),
                prompt_tokens: inference.prompt_tokens,
                completion_tokens: inference.completion_tokens,
                cached_tokens: inference.cached_tokens,
                metadata: Some(&inference.metadata),
                payload: None,
            },
            Payload::Engine(engine) => Self { operation: &engine.event_type, ..kept() },
            Payload::Service(service) => Self { operation: &service.operation, ..kept() },
            Payload::Gauge(gauge) => Self { operation: &gauge.meter, ..kept() },
            Payload::Runtime(runtime) => Self {
                provider: &runtime.provider,
                model: &runtime.model,
                operation: &runtime.use_case,
                prompt_tokens: runtime.tokens_in,
                completion_tokens: runtime.tokens_out,
                ..kept()
            },
            Payload::Log
            | Payload::Message
            | Payload::Session
            | Payload::ApiCall
            | Payload::WebhookDelivery => Self::default(),
        }
    }

    fn metadata(&self) -> Result<String> {
        self.metadata.map_or(Ok("{}".to_owned()), |metadata| {
            serde_json::to_string(metadata).map_err(DomainError::internal)
        })
    }
}

/// Every query of usage rows begins here.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(super) fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}
