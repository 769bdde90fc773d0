use std::time::Duration;

use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait, QueryFilter as _};

use crate::{
    account::AccountId,
    error::Result,
    store::outbox_message::{ActiveModel, Column, Entity, Model},
    time::UnixTimestamp,
    tx::Tx,
};

crate::typed_id!(
    /// A message of the outbox. A subscriber may use it as the idempotency key of what it calls.
    OutboxId, "msg");

/// What follows from a committed transaction, as a subscriber gets it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its identifier, the same at every attempt.
    pub id: OutboxId,
    /// What kind, such as `provider_event.received`.
    pub topic: String,
    /// Whose.
    pub account: Option<AccountId>,
    /// Text in the topic's own form.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When the cause happened.
    pub created_at: UnixTimestamp,
}

impl From<Model> for Message {
    fn from(row: Model) -> Self {
        Self {
            id: OutboxId::from_uuid(row.id),
            topic: row.topic,
            account: row.account_id,
            payload: row.payload,
            attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            created_at: row.created_at,
        }
    }
}

impl Tx {
    /// Records what follows, with its cause: it is delivered at least once after the commit, and
    /// never without it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn publish(
        &mut self,
        topic: &str,
        account: Option<AccountId>,
        payload: String,
    ) -> Result<OutboxId> {
        self.publish_after(Duration::ZERO, topic, account, payload).await
    }

    /// Takes back what was published of a topic for an account and has not been delivered yet, also
    /// what is parked: so many messages.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn withdraw(&mut self, topic: &str, account: AccountId) -> Result<u64> {
        let done = Entity::delete_many()
            .filter(Column::Topic.eq(topic))
            .filter(Column::AccountId.eq(account))
            .exec(&self.conn())
            .await?;
        Ok(done.rows_affected)
    }

    /// As [`Self::publish`], delivered no sooner than `delay` from now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn publish_after(
        &mut self,
        delay: Duration,
        topic: &str,
        account: Option<AccountId>,
        payload: String,
    ) -> Result<OutboxId> {
        let id = self.id();
        let row = ActiveModel {
            id: Set(id),
            topic: Set(topic.to_owned()),
            account_id: Set(account),
            payload: Set(payload),
            state: Set("pending".to_owned()),
            attempts: Set(0),
            available_at: Set(self.now().after(delay)),
            created_at: Set(self.now()),
            last_error: Set(None),
        };
        Entity::insert(row).exec_without_returning(&self.conn()).await?;
        self.mark_published();
        Ok(OutboxId::from_uuid(id))
    }
}
