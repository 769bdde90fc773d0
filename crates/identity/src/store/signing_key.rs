use std::time::Duration;

use bursar_kernel::{DomainError, Reader, Result, Sealer, Tx, UnixTimestamp};
use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, Select, entity::prelude::*, sea_query::OnConflict,
};

use crate::signing_key::{PublicKey, SigningKey, SigningKeyId, SigningKeys};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_signing_key")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SigningKeyId,
    /// `current`, at most one, or `retired`.
    pub(crate) state: String,
    pub(crate) public_key: String,
    /// Absent once retired.
    pub(crate) sealed_private_key: Option<String>,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) retired_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const CURRENT: &str = "current";
const RETIRED: &str = "retired";
/// A transaction that was open while the key was retired may sign with it a moment later.
const GRACE: Duration = Duration::from_mins(5);
/// The most keys that are published. Rotating hourly with tokens of a day needs half of it.
const MAX_PUBLISHED: u64 = 50;

#[expect(clippy::disallowed_methods, reason = "signing keys belong to the deployment and to no account")]
fn scoped() -> Select<Entity> {
    Entity::find()
}

/// [`SigningKeys`] in the database, the private parts sealed.
#[derive(Clone, Debug)]
pub struct SeaSigningKeys {
    sealer: Sealer,
    token_lifetime: Duration,
}

impl SeaSigningKeys {
    /// Sealed by `sealer`; a retired key stays published for `token_lifetime`, that of the access
    /// tokens it signed.
    #[must_use]
    pub const fn new(sealer: Sealer, token_lifetime: Duration) -> Self {
        Self { sealer, token_lifetime }
    }

    /// Retired before this instant, no token of a key is good any more.
    fn outlived(&self, now: UnixTimestamp) -> UnixTimestamp {
        now.before(self.token_lifetime.saturating_add(GRACE))
    }

    /// Makes the key that signs, unless there is one.
    async fn make(&self, tx: &mut Tx) -> Result<()> {
        let id = SigningKeyId::from_uuid(tx.id());
        let key = SigningKey::from_seed(id, tx.entropy().bytes());
        let row = ActiveModel {
            id: Set(id),
            state: Set(CURRENT.to_owned()),
            public_key: Set(key.public().x),
            sealed_private_key: Set(Some(self.sealer.seal(tx.entropy(), &row_name(id), key.seed())?)),
            created_at: Set(tx.now()),
            retired_at: Set(None),
        };
        // Without a target: the index that allows one current key is a partial one.
        Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn())
            .await?;
        Ok(())
    }

    async fn retire(&self, tx: &mut Tx) -> Result<()> {
        let retired = ActiveModel {
            state: Set(RETIRED.to_owned()),
            sealed_private_key: Set(None),
            retired_at: Set(Some(tx.now())),
            ..Default::default()
        };
        Entity::update_many().set(retired).filter(Column::State.eq(CURRENT)).exec(&tx.conn()).await?;
        Entity::delete_many().filter(Column::RetiredAt.lte(self.outlived(tx.now()))).exec(&tx.conn()).await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl SigningKeys for SeaSigningKeys {
    async fn ensure(&self, tx: &mut Tx) -> Result<()> {
        if scoped().filter(Column::State.eq(CURRENT)).one(&tx.conn()).await?.is_none() {
            self.make(tx).await?;
        }
        Ok(())
    }

    async fn current(&self, reader: Reader<'_>) -> Result<SigningKey> {
        let row = scoped().filter(Column::State.eq(CURRENT)).one(reader.conn()).await?;
        let row = row.ok_or_else(|| DomainError::internal("no key signs access tokens"))?;
        let broken = || DomainError::internal(format!("{} has no private key", row.id));
        let sealed = row.sealed_private_key.as_deref().ok_or_else(broken)?;
        let seed = self.sealer.open(&row_name(row.id), sealed)?;
        Ok(SigningKey::from_seed(row.id, seed.as_slice().try_into().map_err(|_| broken())?))
    }

    async fn published(&self, reader: Reader<'_>) -> Result<Vec<PublicKey>> {
        let about = Condition::any()
            .add(Column::State.eq(CURRENT))
            .add(Column::RetiredAt.gt(self.outlived(reader.now())));
        let rows = scoped()
            .filter(about)
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(MAX_PUBLISHED)
            .all(reader.conn())
            .await?;
        Ok(rows.into_iter().map(|row| PublicKey { kid: row.id, x: row.public_key }).collect())
    }

    async fn rotate(&self, tx: &mut Tx) -> Result<SigningKey> {
        self.retire(tx).await?;
        // One that rotated at the same time has made it already, and then this makes none.
        self.make(tx).await?;
        self.current(tx.reader()).await
    }
}

fn row_name(id: SigningKeyId) -> String {
    format!("signing_key:{id}")
}
