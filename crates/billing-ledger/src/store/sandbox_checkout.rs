use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp};
use sea_orm::{ActiveValue::Set, QuerySelect, Select, entity::prelude::*, sea_query::OnConflict};

use crate::{
    card::CardSummary,
    payment::PaymentId,
    sandbox::{CheckoutStatus, SandboxCheckout},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sandbox_checkout")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) idempotency_key: String,
    pub(crate) payment_id: PaymentId,
    pub(crate) amount_cents: i64,
    pub(crate) currency: String,
    pub(crate) description: String,
    pub(crate) status: CheckoutStatus,
    pub(crate) success_url: Option<String>,
    pub(crate) cancel_url: Option<String>,
    pub(crate) provider_payment_id: String,
    pub(crate) card_brand: Option<String>,
    pub(crate) card_last4: Option<String>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) expires_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for SandboxCheckout {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            payment: row.payment_id,
            amount_cents: row.amount_cents,
            currency: row.currency,
            description: row.description,
            status: row.status,
            success_url: row.success_url,
            cancel_url: row.cancel_url,
            provider_payment_id: row.provider_payment_id,
            card: row.card_brand.zip(row.card_last4).map(|(brand, last4)| CardSummary { brand, last4 }),
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

/// One row, or none and `false` when the key opened a checkout before.
pub(crate) async fn insert(tx: &Tx, checkout: &SandboxCheckout, idempotency_key: &str) -> Result<bool> {
    let row = ActiveModel {
        id: Set(checkout.id.clone()),
        idempotency_key: Set(idempotency_key.to_owned()),
        payment_id: Set(checkout.payment),
        amount_cents: Set(checkout.amount_cents),
        currency: Set(checkout.currency.clone()),
        description: Set(checkout.description.clone()),
        status: Set(checkout.status),
        success_url: Set(checkout.success_url.clone()),
        cancel_url: Set(checkout.cancel_url.clone()),
        provider_payment_id: Set(checkout.provider_payment_id.clone()),
        card_brand: Set(None),
        card_last4: Set(None),
        created_at: Set(checkout.created_at),
        expires_at: Set(checkout.expires_at),
    };
    let inserted = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::IdempotencyKey).do_nothing().to_owned())
        .exec_without_returning(&tx.conn())
        .await?;
    Ok(inserted == 1)
}

/// The checkout that a key opened.
pub(crate) async fn by_key(reader: Reader<'_>, idempotency_key: &str) -> Result<Option<SandboxCheckout>> {
    Ok(opened_by(idempotency_key).one(reader.conn()).await?.map(SandboxCheckout::from))
}

/// A checkout.
pub(crate) async fn load(reader: Reader<'_>, id: &str) -> Result<Option<SandboxCheckout>> {
    Ok(scoped(id).one(reader.conn()).await?.map(SandboxCheckout::from))
}

/// A checkout, locked until the transaction ends.
pub(crate) async fn lock(tx: &Tx, id: &str) -> Result<Option<SandboxCheckout>> {
    Ok(scoped(id).lock_exclusive().one(&tx.conn()).await?.map(SandboxCheckout::from))
}

/// Keeps what changes in a locked checkout: one row.
pub(crate) async fn save(tx: &Tx, checkout: &SandboxCheckout) -> Result<()> {
    let update = ActiveModel {
        status: Set(checkout.status),
        card_brand: Set(checkout.card.as_ref().map(|card| card.brand.clone())),
        card_last4: Set(checkout.card.as_ref().map(|card| card.last4.clone())),
        ..Default::default()
    };
    let updated = Entity::update_many()
        .set(update)
        .filter(Column::Id.eq(checkout.id.as_str()))
        .exec(&tx.conn())
        .await?;
    if updated.rows_affected == 1 {
        Ok(())
    } else {
        Err(DomainError::internal("a checkout that was locked is not there"))
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity: who knows its name may see it")]
fn scoped(id: &str) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(id))
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity for who opens a checkout")]
fn opened_by(idempotency_key: &str) -> Select<Entity> {
    Entity::find().filter(Column::IdempotencyKey.eq(idempotency_key))
}
