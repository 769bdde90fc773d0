use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Tx};
use sea_orm::{EntityTrait, PaginatorTrait, sea_query::OnConflict};

use super::{
    membership,
    organization::{ActiveModel, Column, Entity, Model, scoped},
};
use crate::{
    error,
    membership::{Membership, MembershipId},
    organization::{NewOrganization, Organization, Organizations},
    role::Role,
    slug::slug,
};

/// The most organizations that one person is in: their list is answered whole, so it has a bound.
const MAX_OF_USER: u64 = 10_000;
/// Characters of the identifier that make a taken slug another one: 40 bits.
const SLUG_SUFFIX_LENGTH: usize = 8;

/// [`Organizations`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaOrganizations;

#[async_trait::async_trait]
impl Organizations for SeaOrganizations {
    async fn create(&self, tx: &mut Tx, new: NewOrganization) -> Result<(Organization, Membership)> {
        if membership::scoped_to_user(new.creator).count(&tx.conn()).await? >= MAX_OF_USER {
            return Err(DomainError::from(&error::TOO_MANY_ORGANIZATIONS));
        }
        let organization = insert(tx, new.name.as_str()).await?;
        let owner = membership::Model {
            organization_id: organization.id,
            id: MembershipId::from_uuid(tx.id()),
            user_id: new.creator,
            role: Role::Owner,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        membership::Entity::insert(membership::ActiveModel::from(owner.clone()))
            .exec_without_returning(&tx.conn())
            .await?;
        Ok((with_members(organization, 1), owner.into()))
    }

    async fn by_id(&self, reader: Reader<'_>, id: OrganizationId) -> Result<Option<Organization>> {
        let Some(row) = scoped(id).one(reader.conn()).await? else { return Ok(None) };
        let members = membership::scoped(id).count(reader.conn()).await?;
        Ok(Some(with_members(row, members)))
    }
}

/// Inserts the row under the first slug that is free. Two transactions that want the same slug at
/// once wait for one another, so neither needs to be told to try again.
async fn insert(tx: &mut Tx, name: &str) -> Result<Model> {
    let id = OrganizationId::from_uuid(tx.id());
    for slug in slugs(name, id) {
        let row = Model {
            id,
            name: name.to_owned(),
            slug,
            remote_config_enabled: false,
            default_remote_config: None,
            external_organization_id: None,
            created_at: tx.now(),
            updated_at: tx.now(),
            deleted_at: None,
        };
        let inserted = Entity::insert(ActiveModel::from(row.clone()))
            .on_conflict(OnConflict::column(Column::Slug).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 1 {
            return Ok(row);
        }
    }
    Err(DomainError::internal(format!("no slug is free for {id}")))
}

/// The name's own slug, else one with a part of the identifier, else one with all of it, which
/// nobody can have taken.
fn slugs(name: &str, id: OrganizationId) -> [String; 3] {
    let (base, id) = (slug(name), id.to_string());
    let whole = id.rsplit('_').next().unwrap_or_default();
    let part = &whole[whole.len().saturating_sub(SLUG_SUFFIX_LENGTH)..];
    [base.clone(), format!("{base}-{part}"), format!("{base}-{whole}")]
}

fn with_members(row: Model, member_count: u64) -> Organization {
    Organization {
        id: row.id,
        name: row.name,
        slug: row.slug,
        created_at: row.created_at,
        updated_at: row.updated_at,
        remote_config_enabled: row.remote_config_enabled,
        default_remote_config: row.default_remote_config,
        external_organization_id: row.external_organization_id,
        member_count,
        deleted_at: row.deleted_at,
    }
}
