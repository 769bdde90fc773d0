use std::collections::BTreeMap;

use bursar_kernel::{DomainError, Engine, Reader, Result, Tx};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement,
    sea_query::OnConflict,
};

use super::{
    terms,
    version::{ActiveModel, Column, Entity, Model, scoped, versions, with_id},
};
use crate::{
    catalogue::Catalogue,
    plan::{Plan, PlanId, Plans},
    terms::{Interval, PlanKind, PlanTerms},
};

/// The advisory lock under which plans are published. Any number that nobody else uses.
const PUBLISHING: i64 = i64::from_be_bytes(*b"plansver");

/// [`Plans`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaPlans;

#[async_trait::async_trait]
impl Plans for SeaPlans {
    async fn publish(&self, tx: &mut Tx, catalogue: &Catalogue) -> Result<u64> {
        one_at_a_time(tx).await?;
        let newest = newest(tx).await?;
        let (mut published, mut rows) = (Vec::new(), 0);
        for (position, terms) in (0_i64..).zip(catalogue.plans()) {
            for interval in terms.intervals() {
                let known = newest.get(&(terms.key.clone(), *interval));
                let wanted = Wanted::new(terms, *interval, position)?;
                let (id, touched) = match known {
                    Some(known) if known.terms_hash == wanted.hash => {
                        (known.id, keep(tx, known, &wanted).await?)
                    }
                    _ => insert(tx, wanted, known.map_or(1, |known| known.version.saturating_add(1))).await?,
                };
                published.push(id);
                rows += touched;
            }
        }
        Ok(rows + retire_all_but(tx, published).await?)
    }

    async fn active(&self, reader: Reader<'_>) -> Result<Vec<Plan>> {
        let mut rows = scoped().filter(Column::IsActive.eq(true)).all(reader.conn()).await?;
        rows.sort_by_key(|row| (row.position, row.interval));
        let mut plans = rows.into_iter().map(Plan::try_from).collect::<Result<Vec<_>>>()?;
        plans.retain(|plan| plan.terms.kind != PlanKind::Contract);
        Ok(plans)
    }

    async fn by_id(&self, reader: Reader<'_>, id: PlanId) -> Result<Option<Plan>> {
        with_id(id).one(reader.conn()).await?.map(Plan::try_from).transpose()
    }

    async fn current(&self, reader: Reader<'_>, key: &str, interval: Interval) -> Result<Option<Plan>> {
        let sold = versions(key, interval).filter(Column::IsActive.eq(true));
        sold.order_by_desc(Column::Version).one(reader.conn()).await?.map(Plan::try_from).transpose()
    }
}

/// What the catalogue says of a plan in one interval.
struct Wanted<'a> {
    terms: &'a PlanTerms,
    interval: Interval,
    position: i64,
    price_cents: i64,
    text: String,
    hash: String,
}

impl<'a> Wanted<'a> {
    fn new(terms: &'a PlanTerms, interval: Interval, position: i64) -> Result<Self> {
        let price_cents = terms.price_cents(interval).unwrap_or(0);
        let text = terms::to_text(terms).map_err(DomainError::internal)?;
        let hash = terms::hash(&text, price_cents);
        Ok(Self { terms, interval, position, price_cents, text, hash })
    }
}

/// The newest version of every plan in every interval, sold or not.
async fn newest(tx: &Tx) -> Result<BTreeMap<(String, Interval), Model>> {
    let rows = scoped().order_by_asc(Column::Version).all(&tx.conn()).await?;
    Ok(rows.into_iter().map(|row| ((row.key.clone(), row.interval), row)).collect())
}

async fn insert(tx: &Tx, wanted: Wanted<'_>, version: i64) -> Result<(PlanId, u64)> {
    let row = Model {
        id: PlanId::from_uuid(tx.id()),
        key: wanted.terms.key.clone(),
        interval: wanted.interval,
        version,
        position: wanted.position,
        price_cents: wanted.price_cents,
        terms: wanted.text,
        terms_hash: wanted.hash,
        is_active: wanted.terms.is_active,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let id = row.id;
    let written = Entity::insert(ActiveModel::from(row))
        .on_conflict(
            OnConflict::columns([Column::Key, Column::Interval, Column::Version]).do_nothing().to_owned(),
        )
        .exec_without_returning(&tx.conn())
        .await?;
    if written == 1 {
        Ok((id, written))
    } else {
        Err(DomainError::internal(format!("somebody else published version {version} without the lock")))
    }
}

/// The content is the same: only the place in the catalogue, or whether it is sold, can differ.
async fn keep(tx: &Tx, known: &Model, wanted: &Wanted<'_>) -> Result<u64> {
    if (known.position, known.is_active) == (wanted.position, wanted.terms.is_active) {
        return Ok(0);
    }
    let as_wanted = ActiveModel {
        position: Set(wanted.position),
        is_active: Set(wanted.terms.is_active),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let done = Entity::update_many().set(as_wanted).filter(Column::Id.eq(known.id)).exec(&tx.conn()).await?;
    Ok(done.rows_affected)
}

/// Whatever else was sold is sold no more.
async fn retire_all_but(tx: &Tx, published: Vec<PlanId>) -> Result<u64> {
    let retired = ActiveModel { is_active: Set(false), updated_at: Set(tx.now()), ..Default::default() };
    let done = Entity::update_many()
        .set(retired)
        .filter(Column::IsActive.eq(true))
        .filter(Column::Id.is_not_in(published))
        .exec(&tx.conn())
        .await?;
    Ok(done.rows_affected)
}

/// Lets one transaction at a time publish: nodes that start at once would all make the next version
/// of their own. SQLite has one writer anyway.
async fn one_at_a_time(tx: &Tx) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        let conn = tx.conn();
        conn.execute_raw(Statement::from_sql_and_values(
            conn.get_database_backend(),
            "SELECT pg_advisory_xact_lock($1)",
            [PUBLISHING.into()],
        ))
        .await?;
    }
    Ok(())
}
