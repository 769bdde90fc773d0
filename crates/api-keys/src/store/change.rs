//! What every change of a key has in common: one holder's at a time, and caches are told.

use super::key::{AccountKind, ActiveModel, Column, Entity, HolderKind, Model};
use crate::{
    cache_tag::tag_of_hash,
    key::{ApiKeyId, NewKey},
    key_holder::{Holder, KeyHolder},
    revocation_reason::RevocationReason,
    secret::{KeyPrefix, KeySecret},
};
use bursar_kernel::{Account, DomainError, Engine, Result, Tx, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

/// Lets one transaction at a time make keys for a holder, so that their limit holds exactly, and an
/// organization has one primary key. SQLite has one writer anyway.
pub(super) async fn one_at_a_time(tx: &Tx, holder: Holder) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        let holder = match holder {
            Holder::Person(user) => user.uuid(),
            Holder::Organization(organization) => organization.uuid(),
            Holder::Deployment => Account::DEPLOYMENT.id().uuid(),
        };
        // The random half of the identifier.
        let lock = holder.as_u64_pair().1.cast_signed();
        let conn = tx.conn();
        conn.execute_raw(Statement::from_sql_and_values(
            conn.get_database_backend(),
            "SELECT pg_advisory_xact_lock($1)",
            [lock.into()],
        ))
        .await?;
    }
    Ok(())
}

/// The row of a new key.
pub(super) fn new_row(tx: &Tx, new: NewKey, prefix: &KeyPrefix, secret: &KeySecret) -> Model {
    Model {
        account_id: new.account.id(),
        id: ApiKeyId::from_uuid(tx.id()),
        account_kind: AccountKind::of(new.account),
        creator_id: creator_column(new.holder),
        name: new.name.as_str().to_owned(),
        prefix: prefix.as_str().to_owned(),
        last_four: secret.last_four(),
        key_hash: secret.hash().to_vec(),
        scopes: new.scopes,
        enabled: true,
        created_at: tx.now(),
        last_used_at: None,
        expires_at: new.expires_at,
        revoked_at: None,
        holder: HolderKind::of(new.holder),
        is_primary: false,
        sealed_secret: None,
        networks: new.networks,
        per_minute: new.per_minute.map(i64::from),
        spend_limit_micros: new.spend_limit.map(|limit| limit.amount),
        spend_window: new.spend_limit.map(|limit| limit.window),
        previous_hash: None,
        previous_expires_at: None,
        imported_hash: None,
        revocation_reason: None,
    }
}

/// Who made a key; nobody, and no person has this identifier, where that was no person.
pub(super) fn creator_column(holder: KeyHolder) -> UserId {
    holder.creator().unwrap_or(UserId::from_uuid(Account::DEPLOYMENT.id().uuid()))
}

/// Revokes those of the keys that are not revoked yet, and tells caches. Their sealed text goes.
pub(super) async fn revoke(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = ApiKeyId>,
    reason: Option<&RevocationReason>,
) -> Result<usize> {
    let revoked = Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(tx.now())),
            revocation_reason: Set(reason.map(|reason| reason.as_str().to_owned())),
            sealed_secret: Set(None),
            ..ActiveModel::default()
        })
        .filter(Column::Id.is_in(keys))
        .filter(Column::RevokedAt.is_null())
        .exec_with_returning(&tx.conn())
        .await?;
    for key in &revoked {
        tell(tx, key).await?;
    }
    Ok(revoked.len())
}

/// Caches forget a key under both of its hashes.
pub(super) async fn tell(tx: &mut Tx, key: &Model) -> Result<()> {
    for hash in std::iter::once(&key.key_hash).chain(&key.previous_hash) {
        let hash = hash.as_slice().try_into().map_err(DomainError::internal)?;
        tx.invalidate(tag_of_hash(hash)).await?;
    }
    Ok(())
}
