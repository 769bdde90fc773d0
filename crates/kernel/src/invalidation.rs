//! Cache invalidation: a transaction says what it made untrue, and every cache that remembers it
//! is told once the transaction is over.
//!
//! In this process that happens before [`crate::Tx::commit`] returns. Other processes hear of it by
//! PostgreSQL's NOTIFY ([`crate::Db::follow_invalidations`]); what that channel loses, a cache's own
//! bound on age must make good.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, Weak},
};

/// PostgreSQL's channel that other processes are told by.
pub(crate) const CHANNEL: &str = "bursar_invalidation";

/// Names what a cache may remember: a kind of thing and which one, `api_key/3f…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheTag(String);

impl CacheTag {
    /// A tag. `kind` has no slash in it.
    #[must_use]
    pub fn new(kind: &str, which: impl fmt::Display) -> Self {
        Self(format!("{kind}/{which}"))
    }

    /// The kind, and which one.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((&self.0, ""))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "postgres")]
    fn heard(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A cache of things that transactions change.
pub trait Cache: Send + Sync {
    /// What the tag names is not remembered any more, nor is what somebody is reading of it now.
    fn forget(&self, tag: &CacheTag);

    /// Nothing is.
    fn forget_all(&self);
}

/// The caches of this process.
#[derive(Default)]
pub(crate) struct Invalidations(RwLock<Vec<Weak<dyn Cache>>>);

impl Invalidations {
    pub(crate) fn register(&self, cache: &Arc<dyn Cache>) {
        let mut caches = self.0.write().unwrap_or_else(PoisonError::into_inner);
        caches.retain(|cache| cache.strong_count() > 0);
        caches.push(Arc::downgrade(cache));
    }

    fn each(&self, tell: impl Fn(&dyn Cache)) {
        for cache in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Some(cache) = cache.upgrade() {
                tell(cache.as_ref());
            }
        }
    }
}

/// What a transaction made untrue. Told when dropped: also when the answer to COMMIT was lost or
/// nobody waited for it, since it may be committed all the same.
pub(crate) struct Outdated {
    pub(crate) tags: Vec<CacheTag>,
    pub(crate) invalidations: Arc<Invalidations>,
}

impl Drop for Outdated {
    fn drop(&mut self) {
        if !self.tags.is_empty() {
            self.invalidations.each(|cache| self.tags.iter().for_each(|tag| cache.forget(tag)));
        }
    }
}

#[cfg(feature = "postgres")]
pub(crate) mod channel {
    use std::time::Duration;

    use sea_orm::sqlx::{
        PgPool,
        postgres::{PgListener, PgPoolOptions},
    };

    use super::{CHANNEL, CacheTag, Invalidations};

    /// How long to wait before the channel is opened again.
    const AGAIN_AFTER: Duration = Duration::from_millis(500);

    /// Listens for ever, on a connection of its own. Whatever was said while it was not listening
    /// is lost, so that every time it begins to listen all caches are emptied.
    pub(crate) async fn follow(pool: &PgPool, invalidations: &Invalidations) {
        loop {
            if let Err(error) = listen(pool, invalidations).await {
                tracing::warn!(%error, "the invalidation channel is down; caches go by age alone");
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn listen(pool: &PgPool, invalidations: &Invalidations) -> Result<(), sea_orm::sqlx::Error> {
        // Beside the pool: it must neither take one of few connections for ever nor wait, when it is
        // needed most, for one to be free.
        let own = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(pool.connect_options().as_ref().clone());
        let mut listener = PgListener::connect_with(&own).await?;
        // A connection that it opened by itself would have missed something in silence.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        invalidations.each(|cache| cache.forget_all());
        while let Some(said) = listener.try_recv().await? {
            let tag = CacheTag::heard(said.payload());
            invalidations.each(|cache| cache.forget(&tag));
        }
        Ok(())
    }
}
