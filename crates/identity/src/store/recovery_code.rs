use bursar_kernel::{Reader, Result, Secret, Tx, UnixTimestamp, UserId};
use sea_orm::{ActiveValue::Set, PaginatorTrait as _, Select, entity::prelude::*};

use crate::{
    factor_keys::FactorKeys,
    recovery_code::{RECOVERY_CODES, RecoveryCode},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_recovery_code")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// HMAC-SHA256 of the code, under a key of the person's own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) code_hash: String,
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}

/// How many are left.
pub(super) async fn left(reader: Reader<'_>, user: UserId) -> Result<u32> {
    let left = scoped(user).count(reader.conn()).await?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

/// Makes ten, in the place of those that are left. The caller holds the person's factor.
pub(super) async fn renew(tx: &mut Tx, user: UserId, keys: &FactorKeys) -> Result<Vec<Secret<String>>> {
    forget(tx, user).await?;
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::draw(tx.entropy())).collect();
    let mut rows = Vec::with_capacity(codes.len());
    for code in &codes {
        rows.push(ActiveModel {
            user_id: Set(user),
            code_hash: Set(keys.digest_of(code)?),
            created_at: Set(tx.now()),
        });
    }
    Entity::insert_many(rows).exec_without_returning(&tx.conn()).await?;
    Ok(codes.iter().map(RecoveryCode::shown).collect())
}

/// Uses a code up; says whether there was one.
pub(super) async fn use_up(tx: &mut Tx, user: UserId, code_hash: &str) -> Result<bool> {
    let done = Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::CodeHash.eq(code_hash))
        .exec(&tx.conn())
        .await?;
    Ok(done.rows_affected == 1)
}

pub(super) async fn forget(tx: &mut Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(&tx.conn()).await?;
    Ok(())
}
