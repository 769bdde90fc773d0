use bursar_kernel::{Engine, Reader, Result, Tx, UnixTimestamp, UserId};
use sea_orm::{
    ActiveValue::Set, QueryOrder, QuerySelect, Select, UpdateMany, entity::prelude::*, sea_query::LockType,
};

use crate::{
    opaque_token,
    refresh_token::REFRESH_TOKEN_LIFETIME,
    session::{COOKIE_LIFETIME, OpenedSession, Session, SessionId, SessionKind, Sessions},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SessionId,
    pub(crate) kind: SessionKind,
    /// SHA-256 of the cookie.
    pub(crate) cookie_hash: Option<String>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) expires_at: UnixTimestamp,
    pub(crate) ended_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Session {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            kind: row.kind,
            created_at: row.created_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
        }
    }
}

/// What makes a session live.
trait Live: QueryFilter {
    fn live(self, now: UnixTimestamp) -> Self {
        self.filter(Column::EndedAt.is_null()).filter(Column::ExpiresAt.gt(now))
    }
}

impl Live for Select<Entity> {}
impl Live for UpdateMany<Entity> {}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}

#[expect(clippy::disallowed_methods, reason = "whose session it is comes out of it: the key is a secret")]
fn with_cookie(cookie_hash: String) -> Select<Entity> {
    Entity::find().filter(Column::CookieHash.eq(cookie_hash))
}

#[expect(clippy::disallowed_methods, reason = "whose session it is comes out of it: a signed token named it")]
fn with_id(session: SessionId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(session))
}

fn update(user: UserId, session: SessionId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::UserId.eq(user)).filter(Column::Id.eq(session))
}

fn ended(at: UnixTimestamp) -> ActiveModel {
    ActiveModel { ended_at: Set(Some(at)), ..Default::default() }
}

/// Keeps a live session open for as long as a new refresh token lasts; `None` when it is not live.
pub(crate) async fn extend(tx: &mut Tx, user: UserId, session: SessionId) -> Result<Option<Session>> {
    let kept_open =
        ActiveModel { expires_at: Set(tx.now().after(REFRESH_TOKEN_LIFETIME)), ..Default::default() };
    let rows = update(user, session).live(tx.now()).set(kept_open).exec_with_returning(&tx.conn()).await?;
    Ok(rows.into_iter().next().map(Session::from))
}

/// Ends a live session; says whether it was.
pub(crate) async fn end(tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
    let done = update(user, session).live(tx.now()).set(ended(tx.now())).exec(&tx.conn()).await?;
    Ok(done.rows_affected == 1)
}

/// [`Sessions`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaSessions;

#[async_trait::async_trait]
impl Sessions for SeaSessions {
    async fn open(&self, tx: &mut Tx, user: UserId, kind: SessionKind) -> Result<OpenedSession> {
        let (cookie, cookie_hash, lifetime) = match kind {
            SessionKind::Cookie => {
                let (cookie, hash) = opaque_token::draw(tx.entropy());
                (Some(cookie), Some(hash), COOKIE_LIFETIME)
            }
            SessionKind::Token => (None, None, REFRESH_TOKEN_LIFETIME),
        };
        let row = Model {
            user_id: user,
            id: SessionId::from_uuid(tx.id()),
            kind,
            cookie_hash,
            created_at: tx.now(),
            expires_at: tx.now().after(lifetime),
            ended_at: None,
        };
        Entity::insert(ActiveModel::from(row.clone()).reset_all()).exec_without_returning(&tx.conn()).await?;
        Ok(OpenedSession { session: row.into(), cookie })
    }

    async fn by_cookie(&self, reader: Reader<'_>, cookie: &str) -> Result<Option<Session>> {
        let Some(cookie_hash) = opaque_token::digest(cookie) else { return Ok(None) };
        Ok(with_cookie(cookie_hash).live(reader.now()).one(reader.conn()).await?.map(Session::from))
    }

    async fn by_id(&self, reader: Reader<'_>, session: SessionId) -> Result<Option<Session>> {
        Ok(with_id(session).live(reader.now()).one(reader.conn()).await?.map(Session::from))
    }

    async fn end(&self, tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
        end(tx, user, session).await
    }

    async fn end_all(&self, tx: &mut Tx, user: UserId) -> Result<u64> {
        if tx.engine() == Engine::Postgres {
            // In one order, so that two who end all at once do not wait for each other.
            let _: Vec<SessionId> = scoped(user)
                .live(tx.now())
                .select_only()
                .column(Column::Id)
                .order_by_asc(Column::Id)
                .lock(LockType::Update)
                .into_tuple()
                .all(&tx.conn())
                .await?;
        }
        let done = Entity::update_many()
            .filter(Column::UserId.eq(user))
            .live(tx.now())
            .set(ended(tx.now()))
            .exec(&tx.conn())
            .await?;
        Ok(done.rows_affected)
    }
}
