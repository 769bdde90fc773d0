use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Sealer, Tx, UserId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockType, OnConflict},
};

use super::{
    invite, membership,
    organization::{ActiveModel, Column, Entity, Model, scoped, update},
    provider_key,
};
use crate::{
    error,
    membership::{Membership, MembershipId},
    organization::{
        ConfiguringOrganization, NewOrganization, Organization, OrganizationChange, Organizations,
        organization_tag,
    },
    remote_config::RemoteConfig,
    role::Role,
    slug::slug,
};

/// Characters of the identifier that make a taken slug another one: 40 bits.
const SLUG_SUFFIX_LENGTH: usize = 8;

/// [`Organizations`] in the database, the configurations sealed.
#[derive(Clone, Debug)]
pub struct SeaOrganizations {
    sealer: Sealer,
}

impl SeaOrganizations {
    /// Configurations are sealed by `sealer`.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    fn seal(&self, tx: &Tx, id: OrganizationId, config: &RemoteConfig) -> Result<String> {
        self.sealer.seal(tx.entropy(), &row_name(id), config.as_str().as_bytes())
    }

    fn open(&self, id: OrganizationId, sealed: &str) -> Result<String> {
        let opened = self.sealer.open(&row_name(id), sealed)?;
        String::from_utf8(opened.to_vec()).map_err(|_| DomainError::internal(format!("{id} has no text")))
    }

    /// The row as others see it.
    fn seen(&self, row: Model, member_count: u64) -> Result<Organization> {
        let config = row.default_remote_config.as_deref().map(|sealed| self.open(row.id, sealed));
        Ok(Organization {
            id: row.id,
            name: row.name,
            slug: row.slug,
            created_at: row.created_at,
            updated_at: row.updated_at,
            remote_config_enabled: row.remote_config_enabled,
            default_remote_config: config.transpose()?,
            external_organization_id: row.external_organization_id,
            member_count,
            deleted_at: row.deleted_at,
        })
    }

    async fn counted(&self, reader: Reader<'_>, row: Model) -> Result<Organization> {
        let members = membership::scoped(row.id).count(reader.conn()).await?;
        self.seen(row, members)
    }
}

#[async_trait::async_trait]
impl Organizations for SeaOrganizations {
    async fn create(&self, tx: &mut Tx, new: NewOrganization) -> Result<(Organization, Membership)> {
        membership::room_for(tx.reader(), new.creator).await?;
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
        Ok((self.seen(organization, 1)?, owner.into()))
    }

    async fn by_id(&self, reader: Reader<'_>, id: OrganizationId) -> Result<Option<Organization>> {
        match scoped(id).one(reader.conn()).await? {
            Some(row) => self.counted(reader, row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn update(
        &self,
        tx: &mut Tx,
        id: OrganizationId,
        change: OrganizationChange,
    ) -> Result<Organization> {
        let config = change.default_remote_config.map(|config| self.seal(tx, id, &config)).transpose()?;
        let changed = ActiveModel {
            name: change.name.map_or(NotSet, |name| Set(name.as_str().to_owned())),
            remote_config_enabled: change.remote_config_enabled.map_or(NotSet, Set),
            default_remote_config: config.map_or(NotSet, |sealed| Set(Some(sealed))),
            updated_at: Set(tx.now()),
            ..Default::default()
        };
        let rows = update(id).set(changed).exec_with_returning(&tx.conn()).await?;
        let row = rows.into_iter().next().ok_or_else(not_found)?;
        self.counted(tx.reader(), row).await
    }

    async fn delete(&self, tx: &mut Tx, id: OrganizationId) -> Result<()> {
        let deleted = ActiveModel {
            default_remote_config: Set(None),
            updated_at: Set(tx.now()),
            deleted_at: Set(Some(tx.now())),
            ..Default::default()
        };
        let done = update(id).set(deleted).exec(&tx.conn()).await?;
        if done.rows_affected == 0 {
            return Err(not_found());
        }
        invite::revoke_pending(tx, id).await?;
        provider_key::erase(tx, id).await?;
        tx.invalidate(organization_tag(id)).await
    }

    /// On PostgreSQL the row, in the mode that lets others refer to it meanwhile: a person who
    /// switches to the organization waits for nobody. SQLite has one writer anyway.
    async fn lock(&self, tx: &mut Tx, id: OrganizationId) -> Result<Organization> {
        let row = scoped(id).lock(LockType::NoKeyUpdate).one(&tx.conn()).await?.ok_or_else(not_found)?;
        self.counted(tx.reader(), row).await
    }

    async fn with_remote_config(
        &self,
        reader: Reader<'_>,
        user: UserId,
    ) -> Result<Vec<ConfiguringOrganization>> {
        // Without the documents: one of them is wanted, and they are large.
        let rows: Vec<(OrganizationId, String)> = membership::scoped_to_user(user)
            .filter(Column::RemoteConfigEnabled.eq(true))
            .filter(Column::DefaultRemoteConfig.is_not_null())
            .select_only()
            .column(Column::Id)
            .column(Column::Name)
            .order_by_asc(membership::Column::CreatedAt)
            .order_by_asc(membership::Column::Id)
            .into_tuple()
            .all(reader.conn())
            .await?;
        let found = |(organization, name)| ConfiguringOrganization { organization, name };
        Ok(rows.into_iter().map(found).collect())
    }
}

fn row_name(id: OrganizationId) -> String {
    format!("remote_config:{id}")
}

fn not_found() -> DomainError {
    DomainError::from(&error::ORGANIZATION_NOT_FOUND)
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
