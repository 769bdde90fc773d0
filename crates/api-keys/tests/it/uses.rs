use std::time::Duration;

use bursar_api_keys::{ApiKeyId, ApiKeys, SeaApiKeys};
use bursar_kernel::{Db, UnixTimestamp};
use bursar_testkit::for_each_engine;
use uuid::Uuid;

use crate::world::{own, person};

const KEYS: usize = 190;
const NODES: u64 = 8;

async fn note(db: &Db, uses: &[(ApiKeyId, UnixTimestamp)]) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let changed = SeaApiKeys::default().used(&mut tx, uses).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

async fn last_used(db: &Db, id: ApiKeyId) -> Option<UnixTimestamp> {
    SeaApiKeys::default().by_id(db.reader(), id).await.unwrap().unwrap().last_used_at
}

#[tokio::test]
async fn the_last_use_of_a_key_never_goes_backwards() {
    for_each_engine(|test| async move {
        let (first, second) = (own(&test.db, person(1)).await.key.id, own(&test.db, person(2)).await.key.id);
        let at = |seconds| test.db.reader().now().after(Duration::from_secs(seconds));
        let unknown = ApiKeyId::from_uuid(Uuid::from_u128(404));

        assert_eq!(note(&test.db, &[]).await, 0);
        assert_eq!(note(&test.db, &[(first, at(5)), (second, at(1)), (unknown, at(9))]).await, 2);
        assert_eq!(note(&test.db, &[(first, at(4)), (second, at(2))]).await, 1);
        assert_eq!(note(&test.db, &[(first, at(5)), (second, at(2))]).await, 0);
        assert_eq!(last_used(&test.db, first).await, Some(at(5)));
        assert_eq!(last_used(&test.db, second).await, Some(at(2)));
    })
    .await;
}

#[tokio::test]
async fn many_uses_of_one_key_in_a_batch_leave_the_latest() {
    for_each_engine(|test| async move {
        let key = own(&test.db, person(1)).await.key.id;
        let at = |seconds| test.db.reader().now().after(Duration::from_secs(seconds));
        assert_eq!(note(&test.db, &[(key, at(2)), (key, at(7)), (key, at(3))]).await, 1);
        assert_eq!(last_used(&test.db, key).await, Some(at(7)));
    })
    .await;
}

#[tokio::test]
async fn a_batch_longer_than_one_statement_is_noted_whole() {
    for_each_engine(|test| async move {
        let mut uses = Vec::new();
        let now = test.db.reader().now();
        for n in 1..=3 {
            for _ in 0..100 {
                uses.push((own(&test.db, person(n)).await.key.id, now));
            }
        }
        assert_eq!(note(&test.db, &uses).await, 300);
    })
    .await;
}

#[tokio::test]
async fn nodes_that_note_the_same_keys_at_once_wait_for_one_another_and_never_for_each_other() {
    for_each_engine(|test| async move {
        let now = test.db.reader().now();
        let mut keys = Vec::new();
        for _ in 0..KEYS {
            keys.push(own(&test.db, person(1)).await.key.id);
        }
        // The rows now lie in the table against the order of their identifiers, so that a large
        // batch, which scans, and a small one, which looks up, would meet them in opposite order.
        for key in keys.iter().rev() {
            note(&test.db, &[(*key, now)]).await;
        }
        let tasks: Vec<_> = (1..=NODES)
            .map(|node| {
                let db = test.db.clone();
                let keys = if node % 2 == 0 { keys.clone() } else { keys[..8].to_vec() };
                tokio::spawn(async move {
                    for round in 1..=10 {
                        let at = now.after(Duration::from_secs(round * NODES + node));
                        note(&db, &keys.iter().map(|key| (*key, at)).collect::<Vec<_>>()).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let last = now.after(Duration::from_secs(11 * NODES));
        assert_eq!(last_used(&test.db, keys[0]).await, Some(last));
    })
    .await;
}
