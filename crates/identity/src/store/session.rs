use bursar_kernel::{Engine, Reader, Result, Tx, UnixTimestamp, UserId, opaque_token};
use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, Select, UpdateMany, entity::prelude::*,
    sea_query::LockType,
};

use super::user;
use crate::{
    refresh_token::REFRESH_TOKEN_LIFETIME,
    session::{
        COOKIE_LIFETIME, MAX_LIVE_SESSIONS, NewSession, OpenedSession, Session, SessionId, SessionKind,
        Sessions,
    },
};

/// How many sessions one sign-in ends at most: one, but for who had more before there was a limit.
const MAX_ENDED: u64 = 1000;

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
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// Absent for a session from before this was recorded.
    pub(crate) proved_at: Option<UnixTimestamp>,
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
            proved_at: row.proved_at.unwrap_or(row.created_at),
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            ip: row.ip,
            user_agent: row.user_agent,
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

/// Ends every live session of the person to which this applies.
async fn end_those(tx: &mut Tx, user: UserId, which: Condition) -> Result<u64> {
    if tx.engine() == Engine::Postgres {
        // In one order, so that two who end many at once do not wait for each other.
        let _: Vec<SessionId> = scoped(user)
            .live(tx.now())
            .filter(which.clone())
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
        .filter(which)
        .live(tx.now())
        .set(ended(tx.now()))
        .exec(&tx.conn())
        .await?;
    Ok(done.rows_affected)
}

/// Ends the oldest sessions of a person who has too many.
async fn end_oldest(tx: &mut Tx, user: UserId) -> Result<()> {
    let oldest: Vec<SessionId> = newest_first(user, tx.now())
        .offset(MAX_LIVE_SESSIONS)
        .limit(MAX_ENDED)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(&tx.conn())
        .await?;
    if !oldest.is_empty() {
        end_those(tx, user, Condition::all().add(Column::Id.is_in(oldest))).await?;
    }
    Ok(())
}

fn newest_first(user: UserId, now: UnixTimestamp) -> Select<Entity> {
    scoped(user).live(now).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
}

/// [`Sessions`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaSessions;

#[async_trait::async_trait]
impl Sessions for SeaSessions {
    async fn open(&self, tx: &mut Tx, new: NewSession) -> Result<OpenedSession> {
        let (cookie, cookie_hash, lifetime) = match new.kind {
            SessionKind::Cookie => {
                let (cookie, hash) = opaque_token::draw(tx.entropy());
                (Some(cookie), Some(hash), COOKIE_LIFETIME)
            }
            SessionKind::Token => (None, None, REFRESH_TOKEN_LIFETIME),
        };
        let row = Model {
            user_id: new.user,
            id: SessionId::from_uuid(tx.id()),
            kind: new.kind,
            cookie_hash,
            created_at: tx.now(),
            expires_at: tx.now().after(lifetime),
            ended_at: None,
            ip: new.shown_ip(),
            user_agent: new.shown_user_agent(),
            proved_at: Some(new.proved_at.unwrap_or(tx.now())),
        };
        Entity::insert(ActiveModel::from(row.clone()).reset_all()).exec_without_returning(&tx.conn()).await?;
        user::must_be_there(tx, new.user).await?;
        end_oldest(tx, new.user).await?;
        Ok(OpenedSession { session: row.into(), cookie })
    }

    async fn by_cookie(&self, reader: Reader<'_>, cookie: &str) -> Result<Option<Session>> {
        let Some(cookie_hash) = opaque_token::digest(cookie) else { return Ok(None) };
        Ok(with_cookie(cookie_hash).live(reader.now()).one(reader.conn()).await?.map(Session::from))
    }

    async fn by_id(&self, reader: Reader<'_>, session: SessionId) -> Result<Option<Session>> {
        Ok(with_id(session).live(reader.now()).one(reader.conn()).await?.map(Session::from))
    }

    async fn of_user(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<Session>> {
        let rows = newest_first(user, reader.now()).limit(MAX_LIVE_SESSIONS).all(reader.conn()).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    async fn prove(&self, tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
        let proved = ActiveModel { proved_at: Set(Some(tx.now())), ..Default::default() };
        let done = update(user, session).live(tx.now()).set(proved).exec(&tx.conn()).await?;
        Ok(done.rows_affected == 1)
    }

    async fn end(&self, tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
        end(tx, user, session).await
    }

    async fn end_all(&self, tx: &mut Tx, user: UserId) -> Result<u64> {
        end_those(tx, user, Condition::all()).await
    }

    async fn end_others(&self, tx: &mut Tx, user: UserId, keep: SessionId) -> Result<u64> {
        end_those(tx, user, Condition::all().add(Column::Id.ne(keep))).await
    }

    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        end_those(tx, user, Condition::all()).await?;
        let erased = ActiveModel { ip: Set(None), user_agent: Set(None), ..Default::default() };
        let any = Condition::any().add(Column::Ip.is_not_null()).add(Column::UserAgent.is_not_null());
        Entity::update_many()
            .set(erased)
            .filter(Column::UserId.eq(user))
            .filter(any)
            .exec(&tx.conn())
            .await?;
        Ok(())
    }
}
