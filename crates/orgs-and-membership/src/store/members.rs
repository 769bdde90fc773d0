use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{DomainError, OrganizationId, Page, Position, Reader, Result, Slice, Tx, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Value, sea_query::OnConflict,
};

use super::{
    active_account,
    membership::{
        ActiveModel, Column, Entity, Model, room_for, scoped, scoped_to_others_of_owner, scoped_to_user,
    },
    organization,
};
use crate::{
    error,
    membership::{Members, Membership, MembershipId, MembershipOfUser, SoleOwnership, membership_tag},
    role::Role,
};

/// Rows that one statement names: far from the engines' limits on parameters.
const CHUNK: usize = 1000;

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

    async fn list(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Slice<Membership>> {
        let mut newest = scoped(organization)
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(page.fetch_limit());
        if let Some(Position { at, id }) = page.after() {
            let same_instant = Condition::all().add(Column::CreatedAt.eq(at)).add(Column::Id.lt(id));
            newest = newest.filter(Condition::any().add(Column::CreatedAt.lt(at)).add(same_instant));
        }
        let rows = newest.all(reader.conn()).await?;
        let position = |row: &Model| Position { at: row.created_at, id: row.id.uuid() };
        Ok(page.slice(rows, position).map(Membership::from))
    }

    async fn by_ids(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        memberships: &[MembershipId],
    ) -> Result<Vec<Membership>> {
        among(reader, organization, Column::Id, memberships).await
    }

    async fn by_users(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        users: &[UserId],
    ) -> Result<Vec<Membership>> {
        among(reader, organization, Column::UserId, users).await
    }

    async fn add(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<Membership> {
        room_for(tx.reader(), user).await?;
        let row = Model {
            organization_id: organization,
            id: MembershipId::from_uuid(tx.id()),
            user_id: user,
            role,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        let inserted = Entity::insert(ActiveModel::from(row.clone()))
            .on_conflict(
                OnConflict::columns([Column::OrganizationId, Column::UserId]).do_nothing().to_owned(),
            )
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 0 {
            return Err(DomainError::from(&error::ALREADY_MEMBER));
        }
        tx.invalidate(membership_tag(organization, user)).await?;
        Ok(row.into())
    }

    async fn set_role(&self, tx: &mut Tx, membership: &Membership, role: Role) -> Result<Membership> {
        let organization = membership.organization;
        // As it is now: what the caller has may be older than its lock.
        let current = self.by_id(tx.reader(), organization, membership.id).await?.ok_or_else(not_found)?;
        if current.role == role {
            return Ok(current);
        }
        if current.role == Role::Owner && owners(tx.reader(), organization).await? == 1 {
            return Err(DomainError::from(&error::LAST_OWNER));
        }
        let changed = ActiveModel { role: Set(role), updated_at: Set(tx.now()), ..Default::default() };
        let rows = Entity::update_many()
            .set(changed)
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.eq(membership.id))
            .exec_with_returning(&tx.conn())
            .await?;
        let row = rows.into_iter().next().ok_or_else(not_found)?;
        tx.invalidate(membership_tag(organization, row.user_id)).await?;
        Ok(row.into())
    }

    async fn remove(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        memberships: &[MembershipId],
    ) -> Result<Vec<Membership>> {
        let named: Vec<_> = memberships.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let leaving = self.by_ids(tx.reader(), organization, &named).await?;
        if leaving.len() != named.len() {
            return Err(not_found());
        }
        let owners_leaving = leaving.iter().filter(|member| member.role == Role::Owner).count();
        if owners_leaving > 0 && owners(tx.reader(), organization).await? <= owners_leaving as u64 {
            return Err(DomainError::from(&error::LAST_OWNER));
        }
        for chunk in leaving.chunks(CHUNK) {
            end(tx, organization, chunk).await?;
        }
        for member in &leaving {
            tx.invalidate(membership_tag(organization, member.user)).await?;
        }
        Ok(leaving)
    }

    async fn count(&self, reader: Reader<'_>, organization: OrganizationId) -> Result<u64> {
        Ok(scoped(organization).count(reader.conn()).await?)
    }

    async fn alone_owned_by(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<SoleOwnership>> {
        let owned = scoped_to_user(user)
            .filter(Column::Role.eq(Role::Owner))
            .select_also(organization::Entity)
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(reader.conn())
            .await?;
        let counted: Vec<(OrganizationId, Role, i64)> = scoped_to_others_of_owner(user)
            .select_only()
            .column(Column::OrganizationId)
            .column(Column::Role)
            .column_as(Column::Id.count(), "people")
            .group_by(Column::OrganizationId)
            .group_by(Column::Role)
            .into_tuple()
            .all(reader.conn())
            .await?;
        let mut others: BTreeMap<OrganizationId, BTreeMap<Role, u64>> = BTreeMap::new();
        for (organization, role, people) in counted {
            let people = u64::try_from(people).map_err(DomainError::internal)?;
            others.entry(organization).or_default().insert(role, people);
        }
        let alone = owned.into_iter().filter_map(|(_, organization)| {
            let organization::Model { id, name, .. } = organization?;
            let others = others.remove(&id).unwrap_or_default();
            let other_members = others.values().sum();
            (!others.contains_key(&Role::Owner)).then_some(SoleOwnership {
                organization: id,
                name,
                other_members,
            })
        });
        Ok(alone.collect())
    }
}

fn not_found() -> DomainError {
    DomainError::from(&error::MEMBER_NOT_FOUND)
}

/// The members of an organization whose column holds one of the values.
async fn among<V: Copy + Into<Value>>(
    reader: Reader<'_>,
    organization: OrganizationId,
    column: Column,
    values: &[V],
) -> Result<Vec<Membership>> {
    let mut found = Vec::new();
    for chunk in values.chunks(CHUNK) {
        let any = column.is_in(chunk.iter().copied());
        found.extend(scoped(organization).filter(any).all(reader.conn()).await?);
    }
    Ok(found.into_iter().map(Membership::from).collect())
}

async fn owners(reader: Reader<'_>, organization: OrganizationId) -> Result<u64> {
    Ok(scoped(organization).filter(Column::Role.eq(Role::Owner)).count(reader.conn()).await?)
}

/// Ends memberships that are there. Who acted on the organization acts on their own account, and
/// still does if they come back one day.
async fn end(tx: &Tx, organization: OrganizationId, leaving: &[Membership]) -> Result<()> {
    let done = Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(leaving.iter().map(|member| member.id)))
        .exec(&tx.conn())
        .await?;
    if done.rows_affected != leaving.len() as u64 {
        return Err(DomainError::internal(format!("ending memberships erased {} rows", done.rows_affected)));
    }
    let own_account = active_account::ActiveModel {
        organization_id: Set(None),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    active_account::Entity::update_many()
        .set(own_account)
        .filter(active_account::Column::UserId.is_in(leaving.iter().map(|member| member.user)))
        .filter(active_account::Column::OrganizationId.eq(organization))
        .exec(&tx.conn())
        .await?;
    Ok(())
}
