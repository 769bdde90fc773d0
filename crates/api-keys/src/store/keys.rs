use bursar_kernel::{DomainError, Engine, Reader, Result, Tx, UnixTimestamp, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, sea_query::Expr,
};

use super::{
    key::{AccountKind, ActiveModel, Column, Entity, Model, scoped, scoped_to_hash},
    uses,
};
use crate::{
    error,
    key::{ApiKey, ApiKeyId, ApiKeys, CreatedKey, MAX_OF_CREATOR, NewKey, tag_of_hash},
    secret::{KeyPrefix, KeySecret},
};

/// [`ApiKeys`] in the database.
#[derive(Clone, Debug, Default)]
pub struct SeaApiKeys {
    prefix: KeyPrefix,
}

impl SeaApiKeys {
    /// New keys begin with `prefix`; keys made under another one stay good.
    #[must_use]
    pub const fn new(prefix: KeyPrefix) -> Self {
        Self { prefix }
    }
}

#[async_trait::async_trait]
impl ApiKeys for SeaApiKeys {
    async fn create(&self, tx: &mut Tx, new: NewKey) -> Result<CreatedKey> {
        if new.expires_at.is_some_and(|end| end <= tx.now()) {
            return Err(DomainError::invalid("expiresAt", "must be in the future"));
        }
        one_at_a_time(tx, new.creator).await?;
        if scoped(new.creator).count(&tx.conn()).await? >= MAX_OF_CREATOR {
            return Err(DomainError::from(&error::TOO_MANY_KEYS));
        }
        let secret = KeySecret::generate(tx.entropy(), &self.prefix);
        let row = Model {
            account_id: new.account.id(),
            id: ApiKeyId::from_uuid(tx.id()),
            account_kind: AccountKind::of(new.account),
            creator_id: new.creator,
            name: new.name.as_str().to_owned(),
            prefix: self.prefix.as_str().to_owned(),
            last_four: secret.last_four(),
            key_hash: secret.hash().to_vec(),
            scopes: new.scopes,
            enabled: true,
            created_at: tx.now(),
            last_used_at: None,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(&tx.conn()).await?;
        Ok(CreatedKey { key: row.into(), secret: secret.into_text() })
    }

    async fn of_creator(&self, reader: Reader<'_>, creator: UserId) -> Result<Vec<ApiKey>> {
        let rows = scoped(creator)
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(MAX_OF_CREATOR)
            .all(reader.conn())
            .await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    async fn by_hash(&self, reader: Reader<'_>, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        Ok(scoped_to_hash(hash).one(reader.conn()).await?.map(ApiKey::from))
    }

    async fn by_id(&self, reader: Reader<'_>, creator: UserId, id: ApiKeyId) -> Result<Option<ApiKey>> {
        Ok(scoped(creator).filter(Column::Id.eq(id)).one(reader.conn()).await?.map(ApiKey::from))
    }

    async fn revoke(&self, tx: &mut Tx, creator: UserId, id: ApiKeyId) -> Result<bool> {
        let updated = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(tx.now()))
            .filter(Column::CreatorId.eq(creator))
            .filter(Column::Id.eq(id))
            .filter(Column::RevokedAt.is_null())
            .exec_with_returning(&tx.conn())
            .await?;
        let Some(revoked) = updated.first() else { return Ok(false) };
        let hash = revoked.key_hash.as_slice().try_into().map_err(DomainError::internal)?;
        tx.invalidate(tag_of_hash(hash)).await?;
        Ok(true)
    }

    async fn revoke_all(&self, tx: &mut Tx, creator: UserId) -> Result<u64> {
        one_at_a_time(tx, creator).await?;
        let revoked = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(tx.now()))
            .filter(Column::CreatorId.eq(creator))
            .filter(Column::RevokedAt.is_null())
            .exec_with_returning(&tx.conn())
            .await?;
        for key in &revoked {
            let hash = key.key_hash.as_slice().try_into().map_err(DomainError::internal)?;
            tx.invalidate(tag_of_hash(hash)).await?;
        }
        Ok(revoked.len() as u64)
    }

    async fn used(&self, tx: &mut Tx, uses: &[(ApiKeyId, UnixTimestamp)]) -> Result<u64> {
        uses::write(tx, uses).await
    }
}

/// Lets one transaction at a time make keys for a person, so that their limit holds exactly: a key
/// beyond it would be missing from the list, and nobody could find and revoke it. SQLite has one
/// writer anyway.
async fn one_at_a_time(tx: &Tx, creator: UserId) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        // The random half of the identifier.
        let lock = creator.uuid().as_u64_pair().1.cast_signed();
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
