use std::time::Duration;

use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    change::{self, new_row, one_at_a_time},
    foreign_prefix, imports,
    key::{ActiveModel, Column, Entity, Model, scoped, scoped_to_hash, scoped_to_live},
    uses,
};
use crate::{
    api_keys::{ApiKeys, MAX_OVERLAP},
    error,
    foreign_prefix::{ForeignPrefix, ImportedKey},
    key::{ApiKey, ApiKeyId, CreatedKey, MAX_OF_HOLDER, NewKey},
    key_change::KeyChange,
    key_holder::{Holder, KeyHolder},
    revocation_reason::RevocationReason,
    secret::{KeyPrefix, KeySecret},
};

/// [`ApiKeys`] in the database.
#[derive(Clone, Debug, Default)]
pub struct SeaApiKeys {
    prefix: KeyPrefix,
}

impl SeaApiKeys {
    /// New keys of people and organizations begin with `prefix`; keys made under another one stay
    /// good.
    #[must_use]
    pub const fn new(prefix: KeyPrefix) -> Self {
        Self { prefix }
    }

    fn prefix_for(&self, holder: KeyHolder) -> KeyPrefix {
        match holder {
            KeyHolder::Person(_) | KeyHolder::Organization { .. } => self.prefix.clone(),
            KeyHolder::Deployment => KeyPrefix::DEPLOYMENT,
        }
    }

    /// The prefix that a key keeps when it is rotated; an imported one gets ours.
    fn prefix_kept(&self, row: &Model) -> KeyPrefix {
        let is_foreign = row.imported_hash.as_ref() == Some(&row.key_hash);
        let kept = if is_foreign { None } else { KeyPrefix::parse(&row.prefix) };
        kept.unwrap_or_else(|| self.prefix_for(ApiKey::from(row.clone()).holder))
    }
}

#[async_trait::async_trait]
impl ApiKeys for SeaApiKeys {
    async fn create(&self, tx: &mut Tx, new: NewKey) -> Result<CreatedKey> {
        let holder = new.check(tx.now())?;
        one_at_a_time(tx, holder).await?;
        let there_are = scoped(holder)
            .filter(Column::IsPrimary.eq(false))
            .filter(Column::ImportedHash.is_null())
            .count(&tx.conn())
            .await?;
        if there_are >= MAX_OF_HOLDER {
            return Err(DomainError::from(&error::TOO_MANY_KEYS));
        }
        let prefix = self.prefix_for(new.holder);
        let secret = KeySecret::generate(tx.entropy(), &prefix);
        let row = new_row(tx, new, &prefix, &secret);
        Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(&tx.conn()).await?;
        Ok(CreatedKey { key: row.into(), secret: secret.into_text() })
    }

    async fn held_by(&self, reader: Reader<'_>, holder: Holder) -> Result<Vec<ApiKey>> {
        let rows = scoped(holder)
            .filter(Column::IsPrimary.eq(false))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .all(reader.conn())
            .await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    async fn by_hash(&self, reader: Reader<'_>, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        let row = scoped_to_hash(hash).one(reader.conn()).await?;
        Ok(row.map(|row| row.shown_by(hash)))
    }

    async fn by_id(&self, reader: Reader<'_>, id: ApiKeyId) -> Result<Option<ApiKey>> {
        Ok(scoped_to_live().filter(Column::Id.eq(id)).one(reader.conn()).await?.map(ApiKey::from))
    }

    async fn lock(&self, tx: &mut Tx, id: ApiKeyId) -> Result<Option<ApiKey>> {
        let row = scoped_to_live().filter(Column::Id.eq(id)).lock_exclusive().one(&tx.conn()).await?;
        Ok(row.map(ApiKey::from))
    }

    async fn update(&self, tx: &mut Tx, key: &ApiKey, change: KeyChange) -> Result<Option<ApiKey>> {
        change.check(tx.now())?;
        let columns = columns(change);
        if !sea_orm::ActiveModelTrait::is_changed(&columns) {
            return self.by_id(tx.reader(), key.id).await;
        }
        let updated = Entity::update_many()
            .set(columns)
            .filter(Column::AccountId.eq(key.account.id()))
            .filter(Column::Id.eq(key.id))
            .filter(Column::RevokedAt.is_null())
            .exec_with_returning(&tx.conn())
            .await?;
        let Some(updated) = updated.into_iter().next() else { return Ok(None) };
        change::tell(tx, &updated).await?;
        Ok(Some(updated.into()))
    }

    async fn rotate(&self, tx: &mut Tx, key: &ApiKey, overlap: Duration) -> Result<Option<CreatedKey>> {
        if overlap > MAX_OVERLAP {
            let rule = format!("must be at most {}", MAX_OVERLAP.as_secs());
            return Err(DomainError::invalid("overlapSeconds", rule));
        }
        let before = scoped_to_live()
            .filter(Column::AccountId.eq(key.account.id()))
            .filter(Column::Id.eq(key.id))
            .filter(Column::IsPrimary.eq(false))
            .lock_exclusive()
            .one(&tx.conn())
            .await?;
        let Some(before) = before else { return Ok(None) };
        // The hash before this one is not known afterwards.
        change::tell(tx, &before).await?;
        let prefix = self.prefix_kept(&before);
        let secret = KeySecret::generate(tx.entropy(), &prefix);
        let overlaps = !overlap.is_zero();
        let columns = ActiveModel {
            prefix: Set(prefix.as_str().to_owned()),
            last_four: Set(secret.last_four()),
            key_hash: Set(secret.hash().to_vec()),
            previous_hash: Set(overlaps.then_some(before.key_hash)),
            previous_expires_at: Set(overlaps.then(|| tx.now().after(overlap))),
            ..ActiveModel::default()
        };
        let rotated = Entity::update_many()
            .set(columns)
            .filter(Column::AccountId.eq(key.account.id()))
            .filter(Column::Id.eq(key.id))
            .exec_with_returning(&tx.conn())
            .await?;
        let rotated = rotated.into_iter().next();
        Ok(rotated.map(|row| CreatedKey { key: row.into(), secret: secret.into_text() }))
    }

    async fn revoke(&self, tx: &mut Tx, key: &ApiKey, reason: Option<RevocationReason>) -> Result<bool> {
        Ok(change::revoke(tx, [key.id], reason.as_ref()).await? > 0)
    }

    async fn revoke_all(&self, tx: &mut Tx, holder: Holder, reason: &RevocationReason) -> Result<u64> {
        one_at_a_time(tx, holder).await?;
        // In the order in which others lock them.
        let keys: Vec<ApiKeyId> = scoped(holder)
            .select_only()
            .column(Column::Id)
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(&tx.conn())
            .await?;
        let mut revoked = 0;
        for some in keys.chunks(imports::CHUNK) {
            revoked += change::revoke(tx, some.iter().copied(), Some(reason)).await? as u64;
        }
        Ok(revoked)
    }

    async fn used(&self, tx: &mut Tx, uses: &[(ApiKeyId, UnixTimestamp)]) -> Result<u64> {
        uses::write(tx, uses).await
    }

    async fn import(&self, tx: &mut Tx, prefix: &ForeignPrefix, keys: Vec<ImportedKey>) -> Result<u64> {
        imports::write(tx, prefix, keys).await
    }

    async fn foreign_prefixes(&self, reader: Reader<'_>) -> Result<Vec<ForeignPrefix>> {
        foreign_prefix::all(reader).await
    }
}

/// The columns that a change names.
fn columns(change: KeyChange) -> ActiveModel {
    let mut columns = ActiveModel {
        name: change.name.map_or(NotSet, |name| Set(name.as_str().to_owned())),
        scopes: change.scopes.map_or(NotSet, Set),
        expires_at: change.expires_at.map_or(NotSet, Set),
        enabled: change.enabled.map_or(NotSet, Set),
        networks: change.networks.map_or(NotSet, Set),
        per_minute: change.per_minute.map_or(NotSet, |uses| Set(uses.map(i64::from))),
        ..ActiveModel::default()
    };
    if let Some(limit) = change.spend_limit {
        columns.spend_limit_micros = Set(limit.map(|limit| limit.amount));
        columns.spend_window = Set(limit.map(|limit| limit.window));
    }
    columns
}
