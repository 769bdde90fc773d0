use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{
    account::AccountId,
    error::{DomainError, Result, codes},
    store::idempotency_record::{ActiveModel, Column, Entity},
    tx::Tx,
};

/// The longest key that is taken: as long as the providers that set the custom take.
const MAX_KEY_LENGTH: usize = 255;

/// One request that must have its effect once: whose, which operation, the caller's key and what
/// was asked.
#[derive(Clone, Debug)]
pub struct IdempotencyScope {
    account: AccountId,
    operation: &'static str,
    key: String,
    request_hash: String,
}

impl IdempotencyScope {
    /// `request` is everything that makes the request what it is, in a stable form.
    ///
    /// # Errors
    /// `idempotency_key_invalid` when the key is empty, longer than 255 characters or not visible
    /// ASCII.
    pub fn new(account: AccountId, operation: &'static str, key: &str, request: &[u8]) -> Result<Self> {
        if key.is_empty() || key.len() > MAX_KEY_LENGTH || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(DomainError::from(&codes::IDEMPOTENCY_KEY_INVALID).param("field", "Idempotency-Key"));
        }
        let request_hash = Sha256::digest(request).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { account, operation, key: key.to_owned(), request_hash })
    }

    /// A request that was begun before, to be finished by whoever mends what a crash left.
    #[must_use]
    pub const fn resumed(account: AccountId, operation: &'static str, key: String) -> Self {
        Self { account, operation, key, request_hash: String::new() }
    }

    /// The order in which a transaction that begins several takes them, so that two such
    /// transactions never wait for each other.
    #[must_use]
    pub fn order(&self) -> impl Ord + '_ {
        (self.account, self.operation, self.key.as_str())
    }
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing: it is recorded now as started, and this transaction is to have its effect.
    New,
    /// It had its effect; this is what was kept to answer it again.
    Done(String),
}

/// The record of requests that must have their effect once.
#[derive(Clone, Copy, Debug)]
pub struct Idempotency;

impl Idempotency {
    /// Records the request as started, in the transaction of its effect. A second one with the
    /// same key waits for the first transaction to end.
    ///
    /// # Errors
    /// `idempotency_key_reused` when the key came before with another request;
    /// `idempotency_in_progress` while the first has not ended.
    pub async fn begin(tx: &mut Tx, scope: &IdempotencyScope) -> Result<Recorded> {
        let row = ActiveModel {
            account_id: Set(scope.account),
            operation: Set(scope.operation.to_owned()),
            key: Set(scope.key.clone()),
            request_hash: Set(scope.request_hash.clone()),
            outcome: Set(None),
            created_at: Set(tx.now()),
        };
        let inserted = Entity::insert(row)
            .on_conflict(
                OnConflict::columns([Column::AccountId, Column::Operation, Column::Key])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&tx.conn())
            .await?;
        if inserted == 1 {
            return Ok(Recorded::New);
        }
        let known = scoped(scope)
            .one(&tx.conn())
            .await?
            .ok_or_else(|| DomainError::internal("an idempotency record that was in the way is not there"))?;
        if known.request_hash != scope.request_hash {
            return Err(DomainError::from(&codes::IDEMPOTENCY_KEY_REUSED).param("field", "Idempotency-Key"));
        }
        known.outcome.map(Recorded::Done).ok_or_else(|| DomainError::from(&codes::IDEMPOTENCY_IN_PROGRESS))
    }

    /// Keeps what answers the request again, in the transaction of its effect.
    ///
    /// # Errors
    /// `internal` when the request was not begun.
    pub async fn finish(tx: &mut Tx, scope: &IdempotencyScope, outcome: &str) -> Result<()> {
        let updated = Entity::update_many()
            .set(ActiveModel { outcome: Set(Some(outcome.to_owned())), ..ActiveModel::default() })
            .filter(Column::AccountId.eq(scope.account))
            .filter(Column::Operation.eq(scope.operation))
            .filter(Column::Key.eq(scope.key.as_str()))
            .exec(&tx.conn())
            .await?;
        if updated.rows_affected == 1 {
            Ok(())
        } else {
            Err(DomainError::internal("an idempotency record was finished that was never begun"))
        }
    }

    /// Forgets a request that was begun in this transaction and then refused, so that it can come
    /// again, corrected, under the same key.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget(tx: &mut Tx, scope: &IdempotencyScope) -> Result<()> {
        Entity::delete_many()
            .filter(Column::AccountId.eq(scope.account))
            .filter(Column::Operation.eq(scope.operation))
            .filter(Column::Key.eq(scope.key.as_str()))
            .filter(Column::Outcome.is_null())
            .exec(&tx.conn())
            .await?;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(scope: &IdempotencyScope) -> Select<Entity> {
    Entity::find()
        .filter(Column::AccountId.eq(scope.account))
        .filter(Column::Operation.eq(scope.operation))
        .filter(Column::Key.eq(scope.key.as_str()))
}
