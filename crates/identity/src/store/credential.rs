use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp, UserId};
use sea_orm::{ActiveValue::Set, Select, entity::prelude::*, sea_query::OnConflict};

use super::user;
use crate::{credential::Credentials, password::PasswordHash};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_password")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// PHC text.
    pub(crate) hash: String,
    pub(crate) updated_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}

/// [`Credentials`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaCredentials;

#[async_trait::async_trait]
impl Credentials for SeaCredentials {
    async fn set_password(&self, tx: &mut Tx, user: UserId, hash: &PasswordHash) -> Result<()> {
        let row = ActiveModel {
            user_id: Set(user),
            hash: Set(hash.as_str().to_owned()),
            updated_at: Set(tx.now()),
        };
        let set =
            OnConflict::column(Column::UserId).update_columns([Column::Hash, Column::UpdatedAt]).to_owned();
        Entity::insert(row).on_conflict(set).exec_without_returning(&tx.conn()).await?;
        user::must_be_there(tx, user).await
    }

    async fn password(&self, reader: Reader<'_>, user: UserId) -> Result<Option<PasswordHash>> {
        let Some(row) = scoped(user).one(reader.conn()).await? else { return Ok(None) };
        PasswordHash::parse(&row.hash)
            .map(Some)
            .ok_or_else(|| DomainError::internal(format!("the stored password of {user} is no hash")))
    }

    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        Entity::delete_many().filter(Column::UserId.eq(user)).exec(&tx.conn()).await?;
        Ok(())
    }
}
