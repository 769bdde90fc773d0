use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Sealer, Secret, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::provider_key::{ActiveModel, Column, Entity, Model, scoped};
use crate::{
    error,
    provider_key::{MAX_PROVIDER_KEYS, ProviderKeys, ProviderName, check_key},
};

/// [`ProviderKeys`] in the database, sealed.
#[derive(Clone, Debug)]
pub struct SeaProviderKeys {
    sealer: Sealer,
}

impl SeaProviderKeys {
    /// Sealed by `sealer`.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    async fn set(
        &self,
        tx: &Tx,
        organization: OrganizationId,
        provider: &str,
        key: &Secret<String>,
    ) -> Result<()> {
        let row_name = row_name(organization, provider);
        let row = Model {
            organization_id: organization,
            provider: provider.to_owned(),
            sealed_key: self.sealer.seal(tx.entropy(), &row_name, key.expose().as_bytes())?,
            updated_at: tx.now(),
        };
        let written = Entity::insert(ActiveModel::from(row))
            .on_conflict(
                OnConflict::columns([Column::OrganizationId, Column::Provider])
                    .update_columns([Column::SealedKey, Column::UpdatedAt])
                    .to_owned(),
            )
            .exec_without_returning(&tx.conn())
            .await?;
        if written == 1 {
            Ok(())
        } else {
            Err(DomainError::internal(format!("setting a provider key wrote {written} rows")))
        }
    }
}

#[async_trait::async_trait]
impl ProviderKeys for SeaProviderKeys {
    async fn of(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
    ) -> Result<BTreeMap<String, Secret<String>>> {
        let mut keys = BTreeMap::new();
        for row in scoped(organization).all(reader.conn()).await? {
            let row_name = row_name(organization, &row.provider);
            let opened = self.sealer.open(&row_name, &row.sealed_key)?;
            let key = String::from_utf8(opened.to_vec())
                .map_err(|_| DomainError::internal(format!("{row_name} is no text")))?;
            keys.insert(row.provider, Secret::new(key));
        }
        Ok(keys)
    }

    async fn replace(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        keys: BTreeMap<ProviderName, Option<Secret<String>>>,
    ) -> Result<()> {
        for (provider, key) in &keys {
            if let Some(key) = key {
                check_key(provider, key)?;
            }
        }
        let before: BTreeSet<String> = scoped(organization)
            .select_only()
            .column(Column::Provider)
            .into_tuple()
            .all(&tx.conn())
            .await?
            .into_iter()
            .collect();
        let mut after = before.clone();
        for (provider, key) in &keys {
            if key.is_some() {
                after.insert(provider.as_str().to_owned());
            } else {
                after.remove(provider.as_str());
            }
        }
        if after.len() > MAX_PROVIDER_KEYS {
            return Err(DomainError::from(&error::TOO_MANY_PROVIDER_KEYS));
        }
        let removed: Vec<_> = before.difference(&after).map(String::as_str).collect();
        if !removed.is_empty() {
            Entity::delete_many()
                .filter(Column::OrganizationId.eq(organization))
                .filter(Column::Provider.is_in(removed))
                .exec(&tx.conn())
                .await?;
        }
        for (provider, key) in &keys {
            if let Some(key) = key {
                self.set(tx, organization, provider.as_str(), key).await?;
            }
        }
        Ok(())
    }
}

fn row_name(organization: OrganizationId, provider: &str) -> String {
    format!("provider_key:{organization}:{provider}")
}
