use bursar_kernel::{DomainError, Engine, Reader, Result, Sealer, Secret, Tx, UnixTimestamp, UserId};
use sea_orm::{
    ActiveValue::Set,
    QuerySelect, Select, UpdateMany,
    entity::prelude::*,
    sea_query::{LockType, OnConflict},
};

use super::{recovery_code, user};
use crate::{
    error,
    factor_keys::FactorKeys,
    recovery_code::RecoveryCode,
    second_factor::{Enrolment, FactorCheck, FactorState, SecondFactors},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_second_factor")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    pub(crate) sealed_keys: String,
    pub(crate) created_at: UnixTimestamp,
    /// Since then it is on.
    pub(crate) confirmed_at: Option<UnixTimestamp>,
    /// No code of this step or an earlier one is taken any more.
    pub(crate) last_used_step: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}

fn update(user: UserId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::UserId.eq(user))
}

/// The person's factor, held until the transaction ends: one code at a time is looked at, and each
/// look sees what the one before it did.
async fn held(tx: &mut Tx, user: UserId) -> Result<Option<Model>> {
    let mut query = scoped(user);
    if tx.engine() == Engine::Postgres {
        query = query.lock(LockType::Update);
    }
    Ok(query.one(&tx.conn()).await?)
}

/// [`SecondFactors`] in the database, the secrets sealed.
#[derive(Clone, Debug)]
pub struct SeaSecondFactors {
    sealer: Sealer,
}

impl SeaSecondFactors {
    /// Sealed by `sealer`.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    fn open(&self, row: &Model) -> Result<FactorKeys> {
        let opened = self.sealer.open(&row_name(row.user_id), &row.sealed_keys)?;
        let broken = || DomainError::internal(format!("the second factor of {} is broken", row.user_id));
        FactorKeys::read(&opened).ok_or_else(broken)
    }
}

#[async_trait::async_trait]
impl SecondFactors for SeaSecondFactors {
    async fn state(&self, reader: Reader<'_>, user: UserId) -> Result<FactorState> {
        let Some(row) = scoped(user).one(reader.conn()).await? else { return Ok(FactorState::Off) };
        let Some(since) = row.confirmed_at else { return Ok(FactorState::Pending) };
        Ok(FactorState::On { recovery_codes_left: recovery_code::left(reader, user).await?, since })
    }

    async fn begin(&self, tx: &mut Tx, user: UserId, issuer: &str, account: &str) -> Result<Enrolment> {
        let keys = FactorKeys::draw(tx.entropy());
        let row = ActiveModel {
            user_id: Set(user),
            sealed_keys: Set(self.sealer.seal(tx.entropy(), &row_name(user), &keys.bytes())?),
            created_at: Set(tx.now()),
            confirmed_at: Set(None),
            last_used_step: Set(None),
        };
        let replace = OnConflict::column(Column::UserId)
            .update_columns([Column::SealedKeys, Column::CreatedAt])
            .action_and_where(Column::ConfirmedAt.is_null())
            .to_owned();
        let rows = Entity::insert(row).on_conflict(replace).exec_without_returning(&tx.conn()).await?;
        if rows == 0 {
            return Err(DomainError::from(&error::SECOND_FACTOR_ON));
        }
        user::must_be_there(tx, user).await?;
        Ok(keys.enrolment(issuer, account))
    }

    async fn confirm(&self, tx: &mut Tx, user: UserId, code: &str) -> Result<Option<Vec<Secret<String>>>> {
        let row = held(tx, user).await?.ok_or_else(|| DomainError::from(&error::SECOND_FACTOR_OFF))?;
        if row.confirmed_at.is_some() {
            return Err(DomainError::from(&error::SECOND_FACTOR_ON));
        }
        let keys = self.open(&row)?;
        let Some(step) = keys.step_of(code, tx.now()) else { return Ok(None) };
        let on = ActiveModel {
            confirmed_at: Set(Some(tx.now())),
            last_used_step: Set(Some(step)),
            ..Default::default()
        };
        update(user).set(on).exec(&tx.conn()).await?;
        recovery_code::renew(tx, user, &keys).await.map(Some)
    }

    async fn check(&self, tx: &mut Tx, user: UserId, code: &str) -> Result<FactorCheck> {
        let Some(row) = held(tx, user).await?.filter(|row| row.confirmed_at.is_some()) else {
            return Ok(FactorCheck::Off);
        };
        let keys = self.open(&row)?;
        if let Some(step) = keys.step_of(code, tx.now()) {
            if row.last_used_step.is_some_and(|last| step <= last) {
                return Ok(FactorCheck::Wrong);
            }
            let used = ActiveModel { last_used_step: Set(Some(step)), ..Default::default() };
            update(user).set(used).exec(&tx.conn()).await?;
            return Ok(FactorCheck::Right);
        }
        let Some(code) = RecoveryCode::read(code) else { return Ok(FactorCheck::Wrong) };
        if recovery_code::use_up(tx, user, &keys.digest_of(&code)?).await? {
            Ok(FactorCheck::RightByRecoveryCode)
        } else {
            Ok(FactorCheck::Wrong)
        }
    }

    async fn renew_recovery_codes(&self, tx: &mut Tx, user: UserId) -> Result<Option<Vec<Secret<String>>>> {
        let Some(row) = held(tx, user).await?.filter(|row| row.confirmed_at.is_some()) else {
            return Ok(None);
        };
        recovery_code::renew(tx, user, &self.open(&row)?).await.map(Some)
    }

    async fn remove(&self, tx: &mut Tx, user: UserId) -> Result<bool> {
        if held(tx, user).await?.is_none() {
            return Ok(false);
        }
        recovery_code::forget(tx, user).await?;
        let done = Entity::delete_many().filter(Column::UserId.eq(user)).exec(&tx.conn()).await?;
        Ok(done.rows_affected == 1)
    }
}

fn row_name(user: UserId) -> String {
    format!("second_factor:{user}")
}
