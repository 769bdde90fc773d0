use bursar_kernel::{DomainError, Engine, Reader, Result, Tx, UnixTimestamp, UserId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    QuerySelect as _, Select, SqlErr, UpdateMany,
    entity::prelude::*,
    sea_query::{LockType, OnConflict},
};

use crate::{
    email::EmailAddress,
    error,
    user::{NewUser, PersonLock, User, UserChange, Users},
};

/// People of one statement: far from what either engine takes.
const AT_ONCE: usize = 1000;

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
    pub(crate) suspended_at: Option<UnixTimestamp>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
    pub(crate) email_verified_at: Option<UnixTimestamp>,
    /// Then nothing personal stands in the row.
    pub(crate) deleted_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            email: EmailAddress::stored(row.email),
            email_verified_at: row.email_verified_at,
            display_name: row.display_name,
            photo_url: row.photo_url,
            terms_accepted_at: row.terms_accepted_at,
            bench_consent: row.bench_consent,
            suspended_at: row.suspended_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity: each row is its own tenant")]
fn scoped(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(user)).filter(Column::DeletedAt.is_null())
}

#[expect(clippy::disallowed_methods, reason = "as `scoped`, of several at once")]
fn scoped_to_any(users: &[UserId]) -> Select<Entity> {
    Entity::find().filter(Column::Id.is_in(users.iter().copied())).filter(Column::DeletedAt.is_null())
}

#[expect(clippy::disallowed_methods, reason = "who signs in is known by nothing but the address")]
fn with_email(email: &EmailAddress) -> Select<Entity> {
    Entity::find().filter(Column::EmailFolded.eq(email.folded())).filter(Column::DeletedAt.is_null())
}

fn update(user: UserId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(user)).filter(Column::DeletedAt.is_null())
}

/// Refuses what was begun for somebody who has been deleted since. Asked after the row that refers
/// to the person was written: on PostgreSQL that waits for a deletion that is under way, and on
/// SQLite nothing else is.
pub(crate) async fn must_be_there(tx: &mut Tx, user: UserId) -> Result<()> {
    let is_there = scoped(user).one(&tx.conn()).await?.is_some();
    is_there.then_some(()).ok_or_else(unknown)
}

fn unknown() -> DomainError {
    DomainError::from(&error::USER_NOT_FOUND)
}

fn taken() -> DomainError {
    DomainError::from(&error::EMAIL_TAKEN).param("field", "email")
}

/// The one row that a change touched.
fn changed(rows: Vec<Model>) -> Result<User> {
    rows.into_iter().next().map(User::from).ok_or_else(unknown)
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
            suspended_at: None,
            created_at: tx.now(),
            updated_at: tx.now(),
            email_verified_at: None,
            deleted_at: None,
        };
        let active = ActiveModel::from(row.clone()).reset_all();
        let inserted = Entity::insert(active)
            .on_conflict(OnConflict::column(Column::EmailFolded).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 1 { Ok(row.into()) } else { Err(taken()) }
    }

    async fn by_id(&self, reader: Reader<'_>, user: UserId) -> Result<Option<User>> {
        Ok(scoped(user).one(reader.conn()).await?.map(User::from))
    }

    async fn by_ids(&self, reader: Reader<'_>, users: &[UserId]) -> Result<Vec<User>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::with_capacity(users.len());
        for some in users.chunks(AT_ONCE) {
            found.extend(scoped_to_any(some).all(reader.conn()).await?.into_iter().map(User::from));
        }
        Ok(found)
    }

    async fn lock(&self, tx: &mut Tx, user: UserId, lock: PersonLock) -> Result<User> {
        let mut person = scoped(user);
        if tx.engine() == Engine::Postgres {
            // What refers to the person takes FOR KEY SHARE by itself: only who goes excludes that.
            person = person.lock(match lock {
                PersonLock::Stays => LockType::KeyShare,
                PersonLock::Changes => LockType::NoKeyUpdate,
                PersonLock::Goes => LockType::Update,
            });
        }
        let found = person.one(&tx.conn()).await?;
        found.map(User::from).ok_or_else(|| DomainError::from(&error::USER_NOT_FOUND))
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
        update(user).set(accepted).filter(Column::TermsAcceptedAt.is_null()).exec(&tx.conn()).await?;
        self.by_id(tx.reader(), user).await?.ok_or_else(unknown)
    }

    async fn update(&self, tx: &mut Tx, user: UserId, change: UserChange) -> Result<User> {
        if change == UserChange::default() {
            return self.by_id(tx.reader(), user).await?.ok_or_else(unknown);
        }
        let change = change.checked()?;
        let row = ActiveModel {
            display_name: change.display_name.map_or(NotSet, Set),
            photo_url: change.photo_url.map_or(NotSet, Set),
            bench_consent: change.bench_consent.map_or(NotSet, |consent| Set(Some(consent))),
            updated_at: Set(tx.now()),
            ..Default::default()
        };
        changed(update(user).set(row).exec_with_returning(&tx.conn()).await?)
    }

    async fn set_email(&self, tx: &mut Tx, user: UserId, email: EmailAddress) -> Result<User> {
        // Asked first, so that the transaction goes on; the index has the last word.
        if with_email(&email).one(&tx.conn()).await?.is_some_and(|holder| holder.id != user) {
            return Err(taken());
        }
        let row = ActiveModel {
            email: Set(email.as_str().to_owned()),
            email_folded: Set(email.folded().to_owned()),
            email_verified_at: Set(Some(tx.now())),
            updated_at: Set(tx.now()),
            ..Default::default()
        };
        match update(user).set(row).exec_with_returning(&tx.conn()).await {
            Ok(rows) => changed(rows),
            Err(cause) if matches!(cause.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(taken().because(cause))
            }
            Err(cause) => Err(cause.into()),
        }
    }

    async fn verify_email(&self, tx: &mut Tx, user: UserId, address: &EmailAddress) -> Result<bool> {
        let verified = ActiveModel {
            email_verified_at: Set(Some(tx.now())),
            updated_at: Set(tx.now()),
            ..Default::default()
        };
        update(user)
            .set(verified)
            .filter(Column::EmailFolded.eq(address.folded()))
            .filter(Column::EmailVerifiedAt.is_null())
            .exec(&tx.conn())
            .await?;
        let now = self.by_id(tx.reader(), user).await?;
        Ok(now.is_some_and(|user| user.email.folded() == address.folded()))
    }

    async fn suspend(&self, tx: &mut Tx, user: UserId, is_suspended: bool) -> Result<User> {
        let since = is_suspended.then_some(tx.now());
        let change =
            ActiveModel { suspended_at: Set(since), updated_at: Set(tx.now()), ..Default::default() };
        let column = Column::SuspendedAt;
        let other = if is_suspended { column.is_null() } else { column.is_not_null() };
        Entity::update_many().set(change).filter(Column::Id.eq(user)).filter(other).exec(&tx.conn()).await?;
        self.by_id(tx.reader(), user).await?.ok_or_else(|| DomainError::from(&error::USER_NOT_FOUND))
    }

    async fn erase(&self, tx: &mut Tx, user: UserId) -> Result<bool> {
        let nobody = EmailAddress::erased(user);
        let row = ActiveModel {
            email: Set(nobody.as_str().to_owned()),
            email_folded: Set(nobody.folded().to_owned()),
            email_verified_at: Set(None),
            display_name: Set(String::new()),
            photo_url: Set(None),
            bench_consent: Set(None),
            updated_at: Set(tx.now()),
            deleted_at: Set(Some(tx.now())),
            ..Default::default()
        };
        Ok(update(user).set(row).exec(&tx.conn()).await?.rows_affected == 1)
    }
}
