use aes_gcm::{Aes256Gcm, KeyInit as _};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select, sea_query::OnConflict};
use uuid::Uuid;

use crate::{
    error::{DomainError, Result},
    reader::Reader,
    sealing::{Sealer, open_with, seal_with},
    store::subject_key::{ActiveModel, Column, Entity},
    tx::Tx,
};

/// Seals a person's values in records that are kept for ever, each person under a key of their
/// own, so that destroying the key erases them.
#[derive(Clone, Debug)]
pub struct SubjectKeys {
    sealer: Sealer,
}

impl SubjectKeys {
    /// The keys themselves are sealed by `sealer`.
    #[must_use]
    pub const fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// The sealed form of a value that is about `subject`, making the subject's key at need.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seal(&self, tx: &mut Tx, subject: Uuid, value: &str) -> Result<String> {
        let cipher = if let Some(cipher) = self.cipher(tx.reader(), subject).await? {
            cipher
        } else {
            self.make(tx, subject).await?;
            self.cipher(tx.reader(), subject)
                .await?
                .ok_or_else(|| DomainError::internal("a subject key that was made is not there"))?
        };
        seal_with(&cipher, tx.entropy(), &subject.to_string(), value.as_bytes())
    }

    /// The value behind a sealed form; `None` when the subject's key was destroyed.
    ///
    /// # Errors
    /// When the value was changed or the key cannot be read.
    pub async fn open(&self, reader: Reader<'_>, subject: Uuid, sealed: &str) -> Result<Option<String>> {
        let Some(cipher) = self.cipher(reader, subject).await? else { return Ok(None) };
        let value = open_with(&cipher, &subject.to_string(), sealed)?;
        String::from_utf8(value.to_vec()).map(Some).map_err(DomainError::internal)
    }

    /// Destroys the key: what was sealed about the subject can never be read again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn destroy(&self, tx: &mut Tx, subject: Uuid) -> Result<()> {
        Entity::delete_many().filter(Column::SubjectId.eq(subject)).exec(&tx.conn()).await?;
        Ok(())
    }

    async fn make(&self, tx: &mut Tx, subject: Uuid) -> Result<()> {
        let key: [u8; 32] = tx.entropy().bytes();
        let row = ActiveModel {
            subject_id: Set(subject),
            sealed_key: Set(self.sealer.seal(tx.entropy(), &row_name(subject), &key)?),
            created_at: Set(tx.now()),
        };
        Entity::insert(row)
            .on_conflict(OnConflict::column(Column::SubjectId).do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        Ok(())
    }

    async fn cipher(&self, reader: Reader<'_>, subject: Uuid) -> Result<Option<Aes256Gcm>> {
        let Some(row) = scoped(subject).one(reader.conn()).await? else { return Ok(None) };
        let key = self.sealer.open(&row_name(subject), &row.sealed_key)?;
        Aes256Gcm::new_from_slice(&key)
            .map(Some)
            .map_err(|_| DomainError::internal("a subject key has the wrong length"))
    }
}

fn row_name(subject: Uuid) -> String {
    format!("subject_key:{subject}")
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(subject: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::SubjectId.eq(subject))
}
