use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Tx, external_digest};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{
    external_member,
    external_organization::{ActiveModel, Column, Entity, with_digest},
    organization,
};
use crate::{
    error,
    external_organization::{ExternalOrganizations, KnownOrganization},
};

/// [`ExternalOrganizations`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaExternalOrganizations;

#[async_trait::async_trait]
impl ExternalOrganizations for SeaExternalOrganizations {
    async fn by_external(
        &self,
        reader: Reader<'_>,
        issuer: &str,
        external_id: &str,
    ) -> Result<KnownOrganization> {
        let mapped = with_digest(external_digest(issuer, external_id)).one(reader.conn()).await?;
        let Some(mapped) = mapped else { return Ok(KnownOrganization::Nobody) };
        let there = organization::scoped(mapped.organization_id).one(reader.conn()).await?;
        Ok(there.map_or(KnownOrganization::Deleted, |it| KnownOrganization::Organization(it.id)))
    }

    async fn map(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        issuer: &str,
        external_id: &str,
    ) -> Result<bool> {
        let digest = external_digest(issuer, external_id);
        let row = ActiveModel {
            digest: Set(digest.to_vec()),
            issuer: Set(issuer.to_owned()),
            external_id: Set(external_id.to_owned()),
            organization_id: Set(organization),
            created_at: Set(tx.now()),
        };
        let inserted = Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Digest).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 0 {
            return Ok(false);
        }
        let named = organization::ActiveModel {
            external_organization_id: Set(Some(external_id.to_owned())),
            updated_at: Set(tx.now()),
            ..Default::default()
        };
        let done = organization::update(organization).set(named).exec(&tx.conn()).await?;
        if done.rows_affected == 0 {
            return Err(DomainError::from(&error::ORGANIZATION_NOT_FOUND));
        }
        Ok(true)
    }

    async fn first_admission(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        identity: &[u8; 32],
    ) -> Result<bool> {
        let row = external_member::ActiveModel {
            organization_id: Set(organization),
            identity: Set(identity.to_vec()),
            admitted_at: Set(tx.now()),
        };
        let columns = [external_member::Column::OrganizationId, external_member::Column::Identity];
        let inserted = external_member::Entity::insert(row)
            .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        Ok(inserted == 1)
    }

    async fn was_admitted(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        identity: &[u8; 32],
    ) -> Result<bool> {
        Ok(external_member::scoped(organization, identity).one(reader.conn()).await?.is_some())
    }
}
