use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp, UserId, external_digest};
use sea_orm::{ActiveValue::Set, QueryOrder, Select, entity::prelude::*, sea_query::OnConflict};

use super::user;
use crate::external_identity::{ExternalIdentities, ExternalIdentity, KnownIdentity};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_external_identity")]
pub(crate) struct Model {
    /// SHA-256 of issuer and subject.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) issuer: String,
    /// Absent once the person is deleted.
    pub(crate) user_id: Option<UserId>,
    pub(crate) linked_at: UnixTimestamp,
    pub(crate) forgotten_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ExternalIdentity {
    type Error = DomainError;

    fn try_from(row: Model) -> Result<Self> {
        let digest =
            row.digest.try_into().map_err(|_| DomainError::internal("a digest of 32 bytes is none"))?;
        Ok(Self { issuer: row.issuer, digest, linked_at: row.linked_at })
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}

#[expect(clippy::disallowed_methods, reason = "whose subject it is comes out of it")]
fn with_digest(digest: [u8; 32]) -> Select<Entity> {
    Entity::find().filter(Column::Digest.eq(digest.to_vec()))
}

/// [`ExternalIdentities`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaExternalIdentities;

#[async_trait::async_trait]
impl ExternalIdentities for SeaExternalIdentities {
    async fn by_subject(&self, reader: Reader<'_>, issuer: &str, subject: &str) -> Result<KnownIdentity> {
        let Some(row) = with_digest(external_digest(issuer, subject)).one(reader.conn()).await? else {
            return Ok(KnownIdentity::Nobody);
        };
        match (row.user_id, row.forgotten_at) {
            (Some(user), _) => Ok(KnownIdentity::User(user)),
            (None, Some(at)) => Ok(KnownIdentity::Forgotten { at }),
            (None, None) => Err(DomainError::internal("an external identity is nobody's and never was")),
        }
    }

    async fn link(&self, tx: &mut Tx, user: UserId, issuer: &str, subject: &str) -> Result<bool> {
        let digest = external_digest(issuer, subject).to_vec();
        let row = ActiveModel {
            digest: Set(digest.clone()),
            issuer: Set(issuer.to_owned()),
            user_id: Set(Some(user)),
            linked_at: Set(tx.now()),
            forgotten_at: Set(None),
        };
        let inserted = Entity::insert(row.clone())
            .on_conflict(OnConflict::column(Column::Digest).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 0 {
            let again = Entity::update_many()
                .set(row)
                .filter(Column::Digest.eq(digest))
                .filter(Column::UserId.is_null())
                .exec(&tx.conn())
                .await?;
            if again.rows_affected == 0 {
                return Ok(false);
            }
        }
        user::must_be_there(tx, user).await?;
        Ok(true)
    }

    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        let nobody =
            ActiveModel { user_id: Set(None), forgotten_at: Set(Some(tx.now())), ..Default::default() };
        Entity::update_many().set(nobody).filter(Column::UserId.eq(user)).exec(&tx.conn()).await?;
        Ok(())
    }

    async fn of_user(&self, reader: Reader<'_>, user: UserId) -> Result<Vec<ExternalIdentity>> {
        let rows = scoped(user)
            .order_by_asc(Column::LinkedAt)
            .order_by_asc(Column::Digest)
            .all(reader.conn())
            .await?;
        rows.into_iter().map(ExternalIdentity::try_from).collect()
    }
}
