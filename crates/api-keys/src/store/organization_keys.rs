use bursar_kernel::{Account, DomainError, OrganizationId, Reader, Result, Sealer, Secret, Tx, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::{
    change::{self, new_row, one_at_a_time},
    key::{ActiveModel, Column, Entity, scoped},
};
use crate::{
    key::{ApiKey, ApiKeyId, KeyName, NewKey},
    key_holder::{Holder, KeyHolder},
    organization_key::{OrganizationKey, OrganizationKeys},
    revocation_reason::RevocationReason,
    scope::Standing,
    secret::{KeyPrefix, KeySecret},
};

/// What such a key is called.
const NAME: &str = "organization";
/// Why one ends whose place is taken.
const REGENERATED: &str = "regenerated";

/// [`OrganizationKeys`] in the database, sealed.
#[derive(Clone, Debug)]
pub struct SeaOrganizationKeys {
    sealer: Sealer,
}

impl SeaOrganizationKeys {
    /// Sealed by `sealer`.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }
}

#[async_trait::async_trait]
impl OrganizationKeys for SeaOrganizationKeys {
    async fn current(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationKey>> {
        let Some(row) = primary(organization).one(reader.conn()).await? else { return Ok(None) };
        let row_name = row_name(row.id);
        let sealed = row
            .sealed_secret
            .as_deref()
            .ok_or_else(|| DomainError::internal(format!("{row_name} has no sealed text")))?;
        let opened = self.sealer.open(&row_name, sealed)?;
        let secret = String::from_utf8(opened.to_vec())
            .map_err(|_| DomainError::internal(format!("{row_name} is no text")))?;
        Ok(Some(OrganizationKey { key: row.into(), secret: Secret::new(secret) }))
    }

    async fn renew(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        creator: UserId,
    ) -> Result<OrganizationKey> {
        one_at_a_time(tx, Holder::Organization(organization)).await?;
        let present = primary(organization).one(&tx.conn()).await?.map(ApiKey::from);
        if let Some(present) = &present {
            change::revoke(tx, [present.id], Some(&RevocationReason::new(REGENERATED)?)).await?;
        }
        // What bound it binds the one in its place.
        let (networks, per_minute, spend_limit) = present
            .map(|present| (present.networks, present.per_minute, present.spend_limit))
            .unwrap_or_default();
        let new = NewKey {
            account: Account::Organization(organization),
            holder: KeyHolder::Organization { creator },
            name: KeyName::new(NAME)?,
            scopes: Standing::Admin.defaults(),
            expires_at: None,
            networks,
            per_minute,
            spend_limit,
        };
        let secret = KeySecret::generate(tx.entropy(), &KeyPrefix::PRIMARY);
        let mut row = new_row(tx, new, &KeyPrefix::PRIMARY, &secret);
        let secret = secret.into_text();
        let sealed = self.sealer.seal(tx.entropy(), &row_name(row.id), secret.expose().as_bytes())?;
        (row.is_primary, row.sealed_secret) = (true, Some(sealed));
        Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(&tx.conn()).await?;
        Ok(OrganizationKey { key: row.into(), secret })
    }
}

/// The one key of an organization that was not revoked.
fn primary(organization: OrganizationId) -> Select<Entity> {
    scoped(Holder::Organization(organization)).filter(Column::IsPrimary.eq(true))
}

/// To what row a sealed text belongs.
fn row_name(id: ApiKeyId) -> String {
    format!("api_key:{id}")
}
