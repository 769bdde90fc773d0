use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Tx, UserId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{OnConflict, Query},
};

use super::{
    active_account::{ActiveModel, Column, Entity, Model},
    members::SeaMembers,
    membership,
};
use crate::{active_account::ActiveAccounts, error, membership::Members};

/// [`ActiveAccounts`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaActiveAccounts;

#[async_trait::async_trait]
impl ActiveAccounts for SeaActiveAccounts {
    async fn get(&self, reader: Reader<'_>, user: UserId) -> Result<Option<OrganizationId>> {
        let chosen = Query::select()
            .column(Column::OrganizationId)
            .from(Entity)
            .and_where(Column::UserId.eq(user))
            .to_owned();
        // Asked of the memberships, so that one that ended is never answered.
        let membership = membership::scoped_to_user(user)
            .filter(membership::Column::OrganizationId.in_subquery(chosen))
            .one(reader.conn())
            .await?;
        Ok(membership.map(|row| row.organization_id))
    }

    async fn set(&self, tx: &mut Tx, user: UserId, organization: Option<OrganizationId>) -> Result<()> {
        if let Some(organization) = organization
            && SeaMembers.of(tx.reader(), organization, user).await?.is_none()
        {
            return Err(DomainError::from(&error::ORGANIZATION_NOT_FOUND));
        }
        let row = Model { user_id: user, organization_id: organization, updated_at: tx.now() };
        let written = Entity::insert(ActiveModel::from(row))
            .on_conflict(
                OnConflict::column(Column::UserId)
                    .update_columns([Column::OrganizationId, Column::UpdatedAt])
                    .to_owned(),
            )
            .exec_without_returning(&tx.conn())
            .await?;
        if written == 1 {
            Ok(())
        } else {
            Err(DomainError::internal(format!("setting the active account wrote {written} rows")))
        }
    }
}
