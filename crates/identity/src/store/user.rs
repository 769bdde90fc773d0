use bursar_kernel::{DomainError, Reader, Result, Tx, UnixTimestamp, UserId};
use sea_orm::{ActiveValue::Set, Select, entity::prelude::*, sea_query::OnConflict};

use crate::{
    email::EmailAddress,
    error,
    user::{NewUser, User, Users},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_user")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
    /// As given.
    pub(crate) email: String,
    /// In lower case, unique.
    pub(crate) email_folded: String,
    pub(crate) display_name: String,
    pub(crate) photo_url: Option<String>,
    pub(crate) terms_accepted_at: Option<UnixTimestamp>,
    pub(crate) bench_consent: Option<bool>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            email: EmailAddress::stored(row.email),
            display_name: row.display_name,
            photo_url: row.photo_url,
            terms_accepted_at: row.terms_accepted_at,
            bench_consent: row.bench_consent,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity: each row is its own tenant")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(user))
}

#[expect(clippy::disallowed_methods, reason = "as `scoped`, of several at once")]
fn scoped_to_any(users: &[UserId]) -> Select<Entity> {
    Entity::find().filter(Column::Id.is_in(users.iter().copied()))
}

#[expect(clippy::disallowed_methods, reason = "who signs in is known by nothing but the address")]
fn with_email(email: &EmailAddress) -> Select<Entity> {
    Entity::find().filter(Column::EmailFolded.eq(email.folded()))
}

/// [`Users`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaUsers;

#[async_trait::async_trait]
impl Users for SeaUsers {
    async fn create(&self, tx: &mut Tx, new: NewUser) -> Result<User> {
        let row = Model {
            id: UserId::from_uuid(tx.id()),
            email: new.email.as_str().to_owned(),
            email_folded: new.email.folded().to_owned(),
            display_name: new.shown_as()?,
            photo_url: None,
            terms_accepted_at: None,
            bench_consent: None,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        let active = ActiveModel::from(row.clone()).reset_all();
        let inserted = Entity::insert(active)
            .on_conflict(OnConflict::column(Column::EmailFolded).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 1 {
            Ok(row.into())
        } else {
            Err(DomainError::from(&error::EMAIL_TAKEN).param("field", "email"))
        }
    }

    async fn by_id(&self, reader: Reader<'_>, user: UserId) -> Result<Option<User>> {
        Ok(scoped(user).one(reader.conn()).await?.map(User::from))
    }

    async fn by_ids(&self, reader: Reader<'_>, users: &[UserId]) -> Result<Vec<User>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        Ok(scoped_to_any(users).all(reader.conn()).await?.into_iter().map(User::from).collect())
    }

    async fn by_email(&self, reader: Reader<'_>, email: &EmailAddress) -> Result<Option<User>> {
        Ok(with_email(email).one(reader.conn()).await?.map(User::from))
    }

    async fn accept_terms(&self, tx: &mut Tx, user: UserId) -> Result<User> {
        let accepted = ActiveModel {
            terms_accepted_at: Set(Some(tx.now())),
            updated_at: Set(tx.now()),
            ..Default::default()
        };
        Entity::update_many()
            .set(accepted)
            .filter(Column::Id.eq(user))
            .filter(Column::TermsAcceptedAt.is_null())
            .exec(&tx.conn())
            .await?;
        self.by_id(tx.reader(), user).await?.ok_or_else(|| DomainError::from(&error::USER_NOT_FOUND))
    }
}
