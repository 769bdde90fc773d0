use bursar_kernel::{DomainError, Result, UnixTimestamp};
use sea_orm::{Select, entity::prelude::*};

use super::terms;
use crate::{
    plan::{Plan, PlanId},
    terms::Interval,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plans_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PlanId,
    pub(crate) key: String,
    pub(crate) interval: Interval,
    /// From 1, in each key and interval.
    pub(crate) version: i64,
    /// Where the plan stands in the catalogue.
    pub(crate) position: i64,
    pub(crate) price_cents: i64,
    /// JSON, see [`super::terms`].
    pub(crate) terms: String,
    /// SHA-256 of the terms and the price.
    pub(crate) terms_hash: String,
    pub(crate) is_active: bool,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Plan {
    type Error = DomainError;

    fn try_from(row: Model) -> Result<Self> {
        let terms = terms::from_text(&row.key, row.is_active, &row.terms)
            .map_err(|error| DomainError::internal(format!("the terms of {}: {error}", row.id)))?;
        Ok(Self {
            id: row.id,
            key: row.key,
            version: u32::try_from(row.version).map_err(DomainError::internal)?,
            interval: row.interval,
            price_cents: row.price_cents,
            terms,
            is_active: row.is_active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "plans belong to the deployment and to no account")]
pub(crate) fn scoped() -> Select<Entity> {
    Entity::find()
}

/// One version.
pub(crate) fn with_id(id: PlanId) -> Select<Entity> {
    scoped().filter(Column::Id.eq(id))
}

/// The versions of one plan in one interval.
pub(crate) fn versions(key: &str, interval: Interval) -> Select<Entity> {
    scoped().filter(Column::Key.eq(key)).filter(Column::Interval.eq(interval))
}
