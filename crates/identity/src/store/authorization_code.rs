use bursar_kernel::{Reader, Result, Secret, Tx, UnixTimestamp, UserId, opaque_token};
use sea_orm::{ActiveValue::Set, Select, entity::prelude::*};

use crate::authorization_code::{
    AUTHORIZATION_CODE_LIFETIME, AuthorizationCodes, CodeRedemption, NewAuthorizationCode, answers,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_authorization_code")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// SHA-256 of the code.
    pub(crate) code_hash: String,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: Option<String>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) expires_at: UnixTimestamp,
    pub(crate) used_at: Option<UnixTimestamp>,
    /// Absent in rows of before: those are over.
    pub(crate) proved_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[expect(clippy::disallowed_methods, reason = "whose code it is comes out of it: the key is a secret")]
fn with_code(code_hash: &str) -> Select<Entity> {
    Entity::find().filter(Column::CodeHash.eq(code_hash))
}

/// [`AuthorizationCodes`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaAuthorizationCodes;

#[async_trait::async_trait]
impl AuthorizationCodes for SeaAuthorizationCodes {
    async fn issue(&self, tx: &mut Tx, new: NewAuthorizationCode) -> Result<Secret<String>> {
        forget_expired(tx, new.user).await?;
        let (code, code_hash) = opaque_token::draw(tx.entropy());
        let row = ActiveModel {
            user_id: Set(new.user),
            id: Set(tx.id()),
            code_hash: Set(code_hash),
            redirect_uri: Set(new.redirect_uri),
            code_challenge: Set(new.code_challenge),
            created_at: Set(tx.now()),
            expires_at: Set(tx.now().after(AUTHORIZATION_CODE_LIFETIME)),
            used_at: Set(None),
            proved_at: Set(Some(new.proved_at)),
        };
        Entity::insert(row).exec_without_returning(&tx.conn()).await?;
        Ok(code)
    }

    async fn holder(&self, reader: Reader<'_>, code: &str) -> Result<Option<UserId>> {
        let Some(code_hash) = opaque_token::digest(code) else { return Ok(None) };
        let good = with_code(&code_hash)
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(reader.now()))
            .one(reader.conn())
            .await?;
        Ok(good.map(|row| row.user_id))
    }

    async fn redeem(
        &self,
        tx: &mut Tx,
        code: &str,
        redirect_uri: &str,
        code_verifier: Option<&str>,
    ) -> Result<CodeRedemption> {
        let Some(code_hash) = opaque_token::digest(code) else { return Ok(CodeRedemption::Unknown) };
        let used = ActiveModel { used_at: Set(Some(tx.now())), ..Default::default() };
        let rows = Entity::update_many()
            .set(used)
            .filter(Column::CodeHash.eq(code_hash))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(tx.now()))
            .exec_with_returning(&tx.conn())
            .await?;
        Ok(match rows.into_iter().next() {
            None => CodeRedemption::Unknown,
            Some(row)
                if row.redirect_uri == redirect_uri
                    && answers(row.code_challenge.as_deref(), code_verifier) =>
            {
                CodeRedemption::Granted {
                    user: row.user_id,
                    proved_at: row.proved_at.unwrap_or(UnixTimestamp::from_micros(0)),
                }
            }
            Some(_) => CodeRedemption::Refused,
        })
    }

    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        Entity::delete_many().filter(Column::UserId.eq(user)).exec(&tx.conn()).await?;
        Ok(())
    }
}

async fn forget_expired(tx: &mut Tx, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::ExpiresAt.lte(tx.now()))
        .exec(&tx.conn())
        .await?;
    Ok(())
}
