use bursar_kernel::{Result, Secret, Tx, UnixTimestamp, UserId, opaque_token};
use sea_orm::{ActiveValue::Set, Select, entity::prelude::*};

use super::session;
use crate::{
    refresh_token::{REFRESH_TOKEN_LIFETIME, RefreshTokens, Rotation},
    session::{Session, SessionId},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_refresh_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: SessionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// SHA-256 of the token.
    pub(crate) token_hash: String,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) expires_at: UnixTimestamp,
    pub(crate) used_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[expect(clippy::disallowed_methods, reason = "whose token it is comes out of it: the key is a secret")]
fn with_token(token_hash: &str) -> Select<Entity> {
    Entity::find().filter(Column::TokenHash.eq(token_hash))
}

/// [`RefreshTokens`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaRefreshTokens;

#[async_trait::async_trait]
impl RefreshTokens for SeaRefreshTokens {
    async fn issue(&self, tx: &mut Tx, session: &Session) -> Result<Secret<String>> {
        let (token, token_hash) = opaque_token::draw(tx.entropy());
        let row = ActiveModel {
            user_id: Set(session.user),
            session_id: Set(session.id),
            id: Set(tx.id()),
            token_hash: Set(token_hash),
            created_at: Set(tx.now()),
            expires_at: Set(tx.now().after(REFRESH_TOKEN_LIFETIME)),
            used_at: Set(None),
        };
        Entity::insert(row).exec_without_returning(&tx.conn()).await?;
        Ok(token)
    }

    /// Locks the token and then its session: everything else locks only the session.
    async fn rotate(&self, tx: &mut Tx, token: &str) -> Result<Rotation> {
        let Some(token_hash) = opaque_token::digest(token) else { return Ok(Rotation::Unknown) };
        if let Some(used) = use_up(tx, &token_hash).await? {
            let Some(session) = session::extend(tx, used.user_id, used.session_id).await? else {
                return Ok(Rotation::Unknown);
            };
            forget_expired(tx, &session).await?;
            let token = self.issue(tx, &session).await?;
            return Ok(Rotation::Rotated { session, token });
        }
        // Not expired, and yet not to be used up: it was before.
        let known = with_token(&token_hash).filter(Column::ExpiresAt.gt(tx.now())).one(&tx.conn()).await?;
        let Some(Model { user_id: user, session_id: session, .. }) = known else {
            return Ok(Rotation::Unknown);
        };
        // Of many that reuse it at once, one ends the session and the others find it ended.
        if session::end(tx, user, session).await? {
            Ok(Rotation::Reused { user, session })
        } else {
            Ok(Rotation::Unknown)
        }
    }
}

/// Marks a good token as used and says whose it was. Of many at once, one finds it unused.
async fn use_up(tx: &mut Tx, token_hash: &str) -> Result<Option<Model>> {
    let used = ActiveModel { used_at: Set(Some(tx.now())), ..Default::default() };
    let rows = Entity::update_many()
        .set(used)
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()))
        .exec_with_returning(&tx.conn())
        .await?;
    Ok(rows.into_iter().next())
}

/// An expired token is as good as unknown: a family that is used for years stays small.
async fn forget_expired(tx: &mut Tx, session: &Session) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(session.user))
        .filter(Column::SessionId.eq(session.id))
        .filter(Column::ExpiresAt.lte(tx.now()))
        .exec(&tx.conn())
        .await?;
    Ok(())
}
