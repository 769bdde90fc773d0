use bursar_kernel::{Result, Tx};
use sea_orm::{EntityTrait, QuerySelect, sea_query::OnConflict};

use super::{
    change::creator_column,
    foreign_prefix,
    key::{AccountKind, ActiveModel, Column, Entity, HolderKind, Model, scoped_to_previous},
};
use crate::{
    cache_tag::prefixes_tag,
    foreign_prefix::{ForeignPrefix, ImportedKey},
    key::ApiKeyId,
    networks::Networks,
};

/// Keys of one statement: a fixed number keeps the statement the same, and far from the engines'
/// limits on parameters.
pub(super) const CHUNK: usize = 250;

/// Writes keys that were brought along, a statement for each [`CHUNK`] of them; those whose hash is
/// known stay as they are.
pub(super) async fn write(tx: &mut Tx, prefix: &ForeignPrefix, keys: Vec<ImportedKey>) -> Result<u64> {
    let mut rows = keys.into_iter().map(|key| row(tx, prefix, key)).collect::<Result<Vec<_>>>()?;
    // Two imports of the same keys at once wait for one another and never for each other.
    rows.sort_by(|one, other| one.key_hash.cmp(&other.key_hash));
    foreign_prefix::register(tx, prefix).await?;
    let mut written = 0;
    for chunk in rows.chunks(CHUNK) {
        let rotated: Vec<Option<Vec<u8>>> = scoped_to_previous(chunk.iter().map(|row| row.key_hash.clone()))
            .select_only()
            .column(Column::PreviousHash)
            .into_tuple()
            .all(&tx.conn())
            .await?;
        let new = chunk.iter().filter(|row| !rotated.contains(&row.imported_hash)).cloned();
        written += Entity::insert_many(new.map(ActiveModel::from))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
    }
    tx.invalidate(prefixes_tag()).await?;
    Ok(written)
}

fn row(tx: &Tx, prefix: &ForeignPrefix, key: ImportedKey) -> Result<Model> {
    key.holder.on(key.account)?;
    Ok(Model {
        account_id: key.account.id(),
        id: ApiKeyId::from_uuid(tx.id()),
        account_kind: AccountKind::of(key.account),
        creator_id: creator_column(key.holder),
        last_four: key.shown_end()?,
        name: key.name.as_str().to_owned(),
        prefix: prefix.as_str().to_owned(),
        key_hash: key.hash.to_vec(),
        scopes: key.scopes,
        enabled: true,
        created_at: tx.now(),
        last_used_at: None,
        expires_at: key.expires_at,
        revoked_at: None,
        holder: HolderKind::of(key.holder),
        is_primary: false,
        sealed_secret: None,
        networks: Networks::default(),
        per_minute: None,
        spend_limit_micros: None,
        spend_window: None,
        previous_hash: None,
        previous_expires_at: None,
        imported_hash: Some(key.hash.to_vec()),
        revocation_reason: None,
    })
}
