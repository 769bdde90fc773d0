use bursar_kernel::{OrganizationId, Reader, Result, UserId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{
    membership::{Column, scoped, scoped_to_user},
    organization,
};
use crate::membership::{Members, Membership, MembershipId, MembershipOfUser};

/// [`Members`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaMembers;

#[async_trait::async_trait]
impl Members for SeaMembers {
    async fn of(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Membership>> {
        let row =
            scoped_to_user(user).filter(Column::OrganizationId.eq(organization)).one(reader.conn()).await?;
        Ok(row.map(Membership::from))
    }

    async fn by_id(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        membership: MembershipId,
    ) -> Result<Option<Membership>> {
        let row = scoped(organization).filter(Column::Id.eq(membership)).one(reader.conn()).await?;
        Ok(row.map(Membership::from))
    }

    async fn of_user(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<MembershipOfUser>> {
        let rows = scoped_to_user(user)
            .select_also(organization::Entity)
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(reader.conn())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(membership, organization)| {
                Some(MembershipOfUser {
                    membership: membership.into(),
                    organization_name: organization?.name,
                })
            })
            .collect())
    }
}
