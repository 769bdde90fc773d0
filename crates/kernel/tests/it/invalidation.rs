use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bursar_kernel::{Cache, CacheTag, Db, DbOptions};
use bursar_testkit::{for_each_engine, on_postgres};
use tokio::{sync::Notify, time::timeout};

use crate::write;

/// The bounded wait for word from another process.
const PATIENCE: Duration = Duration::from_secs(20);

/// Writes down what it is told.
#[derive(Default)]
struct Told {
    tags: Mutex<Vec<Option<CacheTag>>>,
    changed: Notify,
}

impl Told {
    fn hear(&self, tag: Option<CacheTag>) {
        self.tags.lock().unwrap().push(tag);
        self.changed.notify_one();
    }

    fn tags(&self) -> Vec<Option<CacheTag>> {
        self.tags.lock().unwrap().clone()
    }

    async fn until_it_was_told(&self, tag: Option<&CacheTag>) {
        let told = async {
            while !self.tags().iter().any(|told| told.as_ref() == tag) {
                self.changed.notified().await;
            }
        };
        timeout(PATIENCE, told).await.unwrap_or_else(|_| panic!("{tag:?} was not told: {:?}", self.tags()));
    }
}

impl Cache for Told {
    fn forget(&self, tag: &CacheTag) {
        self.hear(Some(tag.clone()));
    }

    fn forget_all(&self) {
        self.hear(None);
    }
}

fn listening(db: &Db) -> Arc<Told> {
    let told = Arc::<Told>::default();
    db.register_cache(&(told.clone() as Arc<dyn Cache>));
    told
}

fn tag(which: &str) -> CacheTag {
    CacheTag::new("thing", which)
}

#[tokio::test]
async fn caches_are_told_when_a_transaction_is_committed_and_not_when_it_is_undone() {
    for_each_engine(|test| async move {
        let told = listening(&test.db);
        let mut tx = test.db.begin().await.unwrap();
        tx.invalidate(tag("undone")).await.unwrap();
        tx.rollback().await.unwrap();
        let mut tx = test.db.begin().await.unwrap();
        write(&mut tx).await;
        tx.invalidate(tag("everywhere")).await.unwrap();
        tx.invalidate_here(tag("here"));
        assert_eq!(told.tags(), []);
        tx.commit().await.unwrap();
        assert_eq!(told.tags(), [Some(tag("everywhere")), Some(tag("here"))]);
    })
    .await;
}

#[tokio::test]
async fn another_process_is_told_and_forgets_all_whenever_it_begins_to_listen() {
    on_postgres(|test| async move {
        // Listening takes none of the pool's connections: this one has a single one.
        let options = DbOptions { durable: false, max_connections: 1, ..DbOptions::new(test.url.clone()) };
        let there = Db::connect(&options).await.unwrap();
        let told = listening(&there);
        let listener = tokio::spawn({
            let there = there.clone();
            async move { there.follow_invalidations().await }
        });
        told.until_it_was_told(None).await;
        there.begin().await.unwrap().rollback().await.unwrap();
        let invalidate = async |which| {
            let mut tx = test.db.begin().await.unwrap();
            tx.invalidate(tag(which)).await.unwrap();
            tx.invalidate_here(tag("here alone"));
            tx.commit().await.unwrap();
        };
        invalidate("before").await;
        told.until_it_was_told(Some(&tag("before"))).await;

        // The channel is cut: what is said meanwhile is lost, so everything is forgotten afterwards.
        told.tags.lock().unwrap().clear();
        let cut = test
            .number(
                "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND query LIKE 'LISTEN%'",
            )
            .await;
        assert_eq!(cut, 1);
        invalidate("lost").await;
        told.until_it_was_told(None).await;
        invalidate("after").await;
        told.until_it_was_told(Some(&tag("after"))).await;
        assert!(!told.tags().contains(&Some(tag("here alone"))));
        listener.abort();
        assert!(listener.await.unwrap_err().is_cancelled());
        there.close().await.unwrap();
    })
    .await;
}
