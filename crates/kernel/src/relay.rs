use std::{error::Error as _, sync::Arc, time::Duration};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, LockBehavior, LockType, Order, Query},
};

use crate::{
    db::{Db, Engine},
    error::{DomainError, Result},
    outbox::Message,
    store::outbox_message::{ActiveModel, Column, Entity, Model},
};

/// How often a message is tried before it is parked for an operator: with the back-off below,
/// about a day.
pub const MAX_ATTEMPTS: u32 = 16;
/// Messages taken at once: few enough that one taker's crash delays little.
const BATCH: u64 = 32;
/// The same for subscribers that may be slow: what each may take is a third of the lease.
const SLOW_BATCH: u64 = 2;
/// How long a taker has a message for itself. A message whose taker died comes back after it.
const LEASE: Duration = Duration::from_mins(1);
/// How often the outbox is looked at when nothing wakes the relay (another node's messages, and
/// those whose time has come).
const POLL: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
const MAX_BACK_OFF: Duration = Duration::from_hours(4);

/// Does what follows from a committed transaction. It may be given the same message more than
/// once, and must then change nothing more.
#[async_trait::async_trait]
pub trait Subscriber: Send + Sync {
    /// The topic that it takes.
    fn topic(&self) -> &'static str;

    /// Does it.
    ///
    /// # Errors
    /// Any: the message comes again after a back-off.
    async fn deliver(&self, message: &Message) -> Result<()>;
}

/// Takes messages from the outbox and gives them to subscribers, at least once each, one after the
/// other.
pub struct Relay {
    db: Db,
    subscribers: Vec<Arc<dyn Subscriber>>,
    takes: Takes,
}

/// Which messages a relay takes.
enum Takes {
    Every,
    /// Those of these topics.
    Only(Vec<&'static str>),
    /// Those that nobody else takes.
    AllBut(Vec<&'static str>),
}

impl Relay {
    /// A relay with one subscriber for each topic.
    #[must_use]
    pub fn new(db: Db, subscribers: Vec<Arc<dyn Subscriber>>) -> Self {
        Self { db, subscribers, takes: Takes::Every }
    }

    /// Two relays that share the outbox: one for the subscribers that may be slow, such as those that
    /// wait for a server elsewhere, and one for everything else, which never waits for them.
    #[must_use]
    pub fn apart(db: &Db, slow: Vec<Arc<dyn Subscriber>>, others: Vec<Arc<dyn Subscriber>>) -> [Self; 2] {
        let topics: Vec<_> = slow.iter().map(|subscriber| subscriber.topic()).collect();
        [
            Self { takes: Takes::Only(topics.clone()), ..Self::new(db.clone(), slow) },
            Self { takes: Takes::AllBut(topics), ..Self::new(db.clone(), others) },
        ]
    }

    /// Delivers until the future is dropped or `stop` ends; what is under way is finished first.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let woken = self.db.published().notified();
            match self.deliver_due().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, cause = ?error.source(), "the outbox cannot be read"),
            }
            tokio::select! {
                () = &mut stop => return,
                () = woken => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Delivers what is due now, once each, and says how many were tried.
    ///
    /// # Errors
    /// When the outbox cannot be read or written; a subscriber's failure is no error here.
    pub async fn deliver_due(&self) -> Result<usize> {
        let messages = self.take().await?;
        for row in &messages {
            let message = Message::from(row.clone());
            let outcome = match self.subscribers.iter().find(|subscriber| subscriber.topic() == message.topic)
            {
                Some(subscriber) => subscriber.deliver(&message).await,
                None => Err(DomainError::internal(format!(
                    "nobody takes messages of the topic {}",
                    message.topic
                ))),
            };
            match outcome {
                Ok(()) => self.erase(row).await?,
                Err(error) => self.put_back(row, &message, &error).await?,
            }
        }
        Ok(messages.len())
    }

    async fn take(&self) -> Result<Vec<Model>> {
        let tx = self.db.begin().await?;
        let mut due = Query::select();
        due.column(Column::Id)
            .from(Entity)
            .and_where(Column::State.eq("pending"))
            .and_where(Column::AvailableAt.lte(tx.now()))
            .order_by(Column::AvailableAt, Order::Asc)
            .limit(match self.takes {
                Takes::Only(_) => SLOW_BATCH,
                Takes::Every | Takes::AllBut(_) => BATCH,
            });
        match &self.takes {
            Takes::Every => {}
            Takes::Only(topics) => {
                due.and_where(Column::Topic.is_in(topics.iter().copied()));
            }
            Takes::AllBut(topics) => {
                due.and_where(Column::Topic.is_not_in(topics.iter().copied()));
            }
        }
        if tx.engine() == Engine::Postgres {
            due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let mut taken = Entity::update_many()
            .col_expr(Column::AvailableAt, Expr::value(tx.now().after(LEASE)))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.in_subquery(due))
            .exec_with_returning(&tx.conn())
            .await?;
        tx.commit().await?;
        // In the order in which they were caused, as far as one node knows it.
        taken.sort_unstable_by_key(|row| row.id);
        Ok(taken)
    }

    async fn erase(&self, row: &Model) -> Result<()> {
        let tx = self.db.begin().await?;
        Entity::delete_many().filter(Column::Id.eq(row.id)).exec(&tx.conn()).await?;
        tx.commit().await
    }

    async fn put_back(&self, row: &Model, message: &Message, error: &DomainError) -> Result<()> {
        let parked = message.attempt >= MAX_ATTEMPTS;
        if parked {
            tracing::error!(message = %message.id, topic = message.topic, %error, cause = ?error.source(), "a message is parked");
        } else {
            tracing::warn!(message = %message.id, topic = message.topic, attempt = message.attempt, %error, cause = ?error.source(), "a delivery failed");
        }
        let tx = self.db.begin().await?;
        let update = ActiveModel {
            state: Set(if parked { "parked" } else { "pending" }.to_owned()),
            available_at: Set(tx.now().after(back_off(message.attempt))),
            last_error: Set(Some(error.code().to_owned())),
            ..ActiveModel::default()
        };
        Entity::update_many().set(update).filter(Column::Id.eq(row.id)).exec(&tx.conn()).await?;
        tx.commit().await
    }
}

/// 1 s, 2 s, 4 s … up to four hours.
fn back_off(attempt: u32) -> Duration {
    let doublings = attempt.clamp(1, 20) - 1;
    std::cmp::min(Duration::from_secs(1 << doublings), MAX_BACK_OFF)
}
