use bursar_kernel::{DomainError, Idempotency, IdempotencyScope, Recorded, codes};
use bursar_testkit::{TestDb, for_each_engine};

use crate::{account, write, written};

fn scope(key: &str, request: &str) -> IdempotencyScope {
    IdempotencyScope::new(account(), "test", key, request.as_bytes()).unwrap()
}

/// An operation that writes once and answers how.
async fn perform(test: &TestDb, scope: &IdempotencyScope) -> Result<String, DomainError> {
    let mut tx = test.db.begin().await?;
    match Idempotency::begin(&mut tx, scope).await? {
        Recorded::New => {
            write(&mut tx).await;
            Idempotency::finish(&mut tx, scope, "the outcome").await?;
            tx.commit().await?;
            Ok("done".to_owned())
        }
        Recorded::Done(outcome) => Ok(format!("replayed: {outcome}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_parallel_requests_with_one_key_one_has_its_effect() {
    for_each_engine(|test| async move {
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let test = test.clone();
                tokio::spawn(async move { perform(&test, &scope("k", "body")).await.unwrap() })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|answer| *answer == "done").count(), 1);
        assert_eq!(answers.iter().filter(|answer| *answer == "replayed: the outcome").count(), 63);
        assert_eq!(written(&test).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_comes_again_with_another_request_is_refused_and_changes_nothing() {
    for_each_engine(|test| async move {
        perform(&test, &scope("k", "body")).await.unwrap();
        let before = test.dump().await;
        let error = perform(&test, &scope("k", "another")).await.unwrap_err();
        assert!(error.is(&codes::IDEMPOTENCY_KEY_REUSED));
        assert_eq!(test.dump().await, before);
        assert_eq!(perform(&test, &scope("another", "another")).await.unwrap(), "done");
    })
    .await;
}

#[tokio::test]
async fn one_key_of_two_operations_is_two_keys() {
    for_each_engine(|test| async move {
        let other = IdempotencyScope::new(account(), "other", "k", b"body").unwrap();
        assert_eq!(perform(&test, &scope("k", "body")).await.unwrap(), "done");
        assert_eq!(perform(&test, &other).await.unwrap(), "done");
    })
    .await;
}

#[tokio::test]
async fn a_request_that_was_rolled_back_leaves_its_key_free() {
    for_each_engine(|test| async move {
        let scope = scope("k", "body");
        let mut tx = test.db.begin().await.unwrap();
        assert_eq!(Idempotency::begin(&mut tx, &scope).await.unwrap(), Recorded::New);
        tx.rollback().await.unwrap();
        assert_eq!(perform(&test, &scope).await.unwrap(), "done");
    })
    .await;
}

#[tokio::test]
async fn a_request_that_was_started_and_not_finished_is_in_progress() {
    for_each_engine(|test| async move {
        let scope = scope("k", "body");
        let mut tx = test.db.begin().await.unwrap();
        Idempotency::begin(&mut tx, &scope).await.unwrap();
        tx.commit().await.unwrap();
        let error = perform(&test, &scope).await.unwrap_err();
        assert!(error.is(&codes::IDEMPOTENCY_IN_PROGRESS));
        let mut tx = test.db.begin().await.unwrap();
        Idempotency::finish(&mut tx, &scope, "mended").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(perform(&test, &scope).await.unwrap(), "replayed: mended");
    })
    .await;
}

#[test]
fn a_key_is_1_to_255_visible_ascii_characters() {
    let try_key = |key: &str| IdempotencyScope::new(account(), "test", key, b"");
    for key in ["", "with space", "with\nline", "naïve", &"k".repeat(256)] {
        assert!(try_key(key).unwrap_err().is(&codes::IDEMPOTENCY_KEY_INVALID), "{key:?}");
    }
    assert!(try_key(&"k".repeat(255)).is_ok());
}
