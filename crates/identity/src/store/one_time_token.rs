use bursar_kernel::{Engine, Reader, Result, Secret, Tx, UnixTimestamp, UserId, opaque_token};
use sea_orm::{
    ActiveValue::Set,
    QuerySelect, Select,
    entity::prelude::*,
    sea_query::{LockBehavior, LockType, OnConflict},
};

use super::user;
use crate::{
    email::EmailAddress,
    one_time_token::{OneTimeTokens, TokenHolder, TokenPurpose},
};

/// How many expired rows one issue deletes: more than it makes, so that they do not pile up.
const MAX_EXPIRED: u64 = 100;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_one_time_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) purpose: TokenPurpose,
    /// SHA-256 of the token.
    pub(crate) token_hash: String,
    /// Where it was mailed to.
    pub(crate) email: String,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) expires_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for TokenHolder {
    fn from(row: Model) -> Self {
        Self { user: row.user_id, email: EmailAddress::stored(row.email) }
    }
}

#[expect(clippy::disallowed_methods, reason = "whose token it is comes out of it: the key is a secret")]
fn with_token(purpose: TokenPurpose, token_hash: &str) -> Select<Entity> {
    Entity::find().filter(Column::TokenHash.eq(token_hash)).filter(Column::Purpose.eq(purpose))
}

#[expect(clippy::disallowed_methods, reason = "what has expired goes, whoever's it was")]
fn expired(now: UnixTimestamp) -> Select<Entity> {
    Entity::find().filter(Column::ExpiresAt.lte(now))
}

/// [`OneTimeTokens`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaOneTimeTokens;

#[async_trait::async_trait]
impl OneTimeTokens for SeaOneTimeTokens {
    async fn issue(
        &self,
        tx: &mut Tx,
        user: UserId,
        purpose: TokenPurpose,
        email: &EmailAddress,
    ) -> Result<Secret<String>> {
        forget_expired(tx).await?;
        let (token, token_hash) = opaque_token::draw(tx.entropy());
        let row = ActiveModel {
            user_id: Set(user),
            purpose: Set(purpose),
            token_hash: Set(token_hash),
            email: Set(email.as_str().to_owned()),
            created_at: Set(tx.now()),
            expires_at: Set(tx.now().after(purpose.lifetime())),
        };
        let replace = OnConflict::columns([Column::UserId, Column::Purpose])
            .update_columns([Column::TokenHash, Column::Email, Column::CreatedAt, Column::ExpiresAt])
            .to_owned();
        Entity::insert(row).on_conflict(replace).exec_without_returning(&tx.conn()).await?;
        user::must_be_there(tx, user).await?;
        Ok(token)
    }

    async fn peek(
        &self,
        reader: Reader<'_>,
        purpose: TokenPurpose,
        token: &str,
    ) -> Result<Option<TokenHolder>> {
        let Some(token_hash) = opaque_token::digest(token) else { return Ok(None) };
        let good = with_token(purpose, &token_hash).filter(Column::ExpiresAt.gt(reader.now()));
        Ok(good.one(reader.conn()).await?.map(TokenHolder::from))
    }

    async fn redeem(&self, tx: &mut Tx, purpose: TokenPurpose, token: &str) -> Result<Option<TokenHolder>> {
        let Some(token_hash) = opaque_token::digest(token) else { return Ok(None) };
        let rows = Entity::delete_many()
            .filter(Column::TokenHash.eq(token_hash))
            .filter(Column::Purpose.eq(purpose))
            .filter(Column::ExpiresAt.gt(tx.now()))
            .exec_with_returning(&tx.conn())
            .await?;
        Ok(rows.into_iter().next().map(TokenHolder::from))
    }

    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        Entity::delete_many().filter(Column::UserId.eq(user)).exec(&tx.conn()).await?;
        Ok(())
    }
}

/// Deletes what has expired, so that no address stands here longer than it is needed. Rows that
/// somebody else is deleting are passed over: nobody waits for anybody.
async fn forget_expired(tx: &mut Tx) -> Result<()> {
    let mut query = expired(tx.now()).select_only().column(Column::TokenHash).limit(MAX_EXPIRED);
    if tx.engine() == Engine::Postgres {
        query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let hashes: Vec<String> = query.into_tuple().all(&tx.conn()).await?;
    if !hashes.is_empty() {
        Entity::delete_many().filter(Column::TokenHash.is_in(hashes)).exec(&tx.conn()).await?;
    }
    Ok(())
}
