use bursar_kernel::{DomainError, Engine, OrganizationId, Reader, Result, Secret, Tx, UserId, opaque_token};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};

use super::invite::{
    ActiveModel, Column, Entity, Model, Pending as _, StoredState, ended, of_address, scoped, update,
    with_token,
};
use crate::{
    error,
    invite::{INVITE_LIFETIME, Invite, InviteId, Invites, MAX_PENDING, NewInvite},
    membership::MembershipId,
};

/// What stands where an address was.
const ERASED: &str = "erased";

/// [`Invites`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaInvites;

#[async_trait::async_trait]
impl Invites for SeaInvites {
    async fn create(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        new: NewInvite,
    ) -> Result<(Invite, Secret<String>)> {
        close_expired(tx, organization).await?;
        if self.pending_count(tx.reader(), organization).await? >= MAX_PENDING {
            return Err(DomainError::from(&error::TOO_MANY_INVITES));
        }
        let (token, token_hash) = opaque_token::draw(tx.entropy());
        let row = Model {
            organization_id: organization,
            id: InviteId::from_uuid(tx.id()),
            email: new.email,
            email_folded: new.email_folded,
            role: new.role,
            invited_by: new.invited_by,
            token_hash,
            state: StoredState::Pending,
            created_at: tx.now(),
            expires_at: tx.now().after(INVITE_LIFETIME),
            ended_at: None,
            accepted_by: None,
            membership_id: None,
        };
        // Without a target: the index that allows one pending invite for an address is a partial one.
        let inserted = Entity::insert(ActiveModel::from(row.clone()))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 0 {
            return Err(DomainError::from(&error::INVITE_PENDING));
        }
        Ok((row.seen(tx.now())?, token))
    }

    async fn pending(&self, reader: Reader<'_>, organization: OrganizationId) -> Result<Vec<Invite>> {
        let rows = scoped(organization)
            .pending(reader.now())
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(MAX_PENDING)
            .all(reader.conn())
            .await?;
        rows.into_iter().map(|row| row.seen(reader.now())).collect()
    }

    async fn pending_count(&self, reader: Reader<'_>, organization: OrganizationId) -> Result<u64> {
        Ok(scoped(organization).pending(reader.now()).count(reader.conn()).await?)
    }

    async fn by_id(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
        invite: InviteId,
    ) -> Result<Option<Invite>> {
        let row = scoped(organization).filter(Column::Id.eq(invite)).one(reader.conn()).await?;
        row.map(|row| row.seen(reader.now())).transpose()
    }

    async fn by_token(&self, reader: Reader<'_>, token: &str) -> Result<Option<Invite>> {
        let Some(token_hash) = opaque_token::digest(token) else { return Ok(None) };
        let row = with_token(&token_hash).one(reader.conn()).await?;
        row.map(|row| row.seen(reader.now())).transpose()
    }

    async fn accept(&self, tx: &mut Tx, invite: &Invite, user: UserId, member: MembershipId) -> Result<bool> {
        let accepted = ActiveModel {
            accepted_by: Set(Some(user)),
            membership_id: Set(Some(member)),
            ..ended(StoredState::Accepted, tx.now())
        };
        let done =
            update(invite.organization, invite.id).pending(tx.now()).set(accepted).exec(&tx.conn()).await?;
        Ok(done.rows_affected == 1)
    }

    async fn revoke(&self, tx: &mut Tx, organization: OrganizationId, invite: InviteId) -> Result<bool> {
        let revoked = ended(StoredState::Revoked, tx.now());
        let done = update(organization, invite).pending(tx.now()).set(revoked).exec(&tx.conn()).await?;
        Ok(done.rows_affected == 1)
    }

    async fn erase_address(&self, tx: &mut Tx, email_folded: &str) -> Result<u64> {
        if tx.engine() == Engine::Postgres {
            // In one order, so that two who erase, or end an organization's invites, do not wait for
            // each other.
            let _: Vec<InviteId> = of_address(email_folded)
                .select_only()
                .column(Column::Id)
                .order_by_asc(Column::OrganizationId)
                .order_by_asc(Column::Id)
                .lock(LockType::Update)
                .into_tuple()
                .all(&tx.conn())
                .await?;
        }
        Entity::update_many()
            .set(ended(StoredState::Revoked, tx.now()))
            .filter(Column::EmailFolded.eq(email_folded))
            .pending(tx.now())
            .exec(&tx.conn())
            .await?;
        // Each its own, as a folded address is.
        let id_as_text = match tx.engine() {
            Engine::Postgres => "CAST(id AS TEXT)",
            Engine::Sqlite => "lower(hex(id))",
        };
        let done = Entity::update_many()
            .col_expr(Column::Email, Expr::value(ERASED))
            .col_expr(Column::EmailFolded, Expr::cust(id_as_text))
            .filter(Column::EmailFolded.eq(email_folded))
            .exec(&tx.conn())
            .await?;
        Ok(done.rows_affected)
    }

    async fn resend(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        invite: InviteId,
    ) -> Result<Option<(Invite, Secret<String>)>> {
        let (token, token_hash) = opaque_token::draw(tx.entropy());
        let renewed = ActiveModel {
            token_hash: Set(token_hash),
            expires_at: Set(tx.now().after(INVITE_LIFETIME)),
            ..Default::default()
        };
        let rows = update(organization, invite)
            .pending(tx.now())
            .set(renewed)
            .exec_with_returning(&tx.conn())
            .await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some((row.seen(tx.now())?, token)))
    }
}

/// Says of expired invites that they are, so that their addresses can be invited again.
async fn close_expired(tx: &Tx, organization: OrganizationId) -> Result<()> {
    Entity::update_many()
        .set(ended(StoredState::Expired, tx.now()))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::State.eq(StoredState::Pending))
        .filter(Column::ExpiresAt.lte(tx.now()))
        .exec(&tx.conn())
        .await?;
    Ok(())
}
