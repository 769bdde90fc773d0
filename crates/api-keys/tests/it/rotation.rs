use std::time::Duration;

use bursar_api_keys::{
    ApiKey, ApiKeys, CreatedKey, KeyPrefix, MAX_OVERLAP, NewKey, SeaApiKeys, ShownFrom, Verdict, judge,
};
use bursar_kernel::{Account, Db, Result};
use bursar_testkit::for_each_engine;

use crate::world::{Told, create, hash, new_key, new_service_key, own, person, revoke, shown, sorted};

const HOUR: Duration = Duration::from_hours(1);

async fn rotate(db: &Db, key: &ApiKey, overlap: Duration) -> Result<Option<CreatedKey>> {
    let mut tx = db.begin().await?;
    let rotated = SeaApiKeys::default().rotate(&mut tx, key, overlap).await?;
    tx.commit().await?;
    Ok(rotated)
}

async fn rotated(db: &Db, key: &ApiKey, overlap: Duration) -> CreatedKey {
    rotate(db, key, overlap).await.unwrap().unwrap()
}

/// What is said of who shows this secret now.
async fn verdict(db: &Db, created: &CreatedKey) -> Verdict {
    let Some(key) = shown(db, created).await else { return Verdict::NotFound };
    judge(&key, db.reader().now(), ShownFrom::Address(None), &[], &key.scopes)
}

#[tokio::test]
async fn both_secrets_are_good_until_the_overlap_is_over() {
    for_each_engine(|test| async move {
        let old = own(&test.db, person(1)).await;
        let told = Told::listening(&test.db);
        let new = rotated(&test.db, &old.key, HOUR).await;
        assert_eq!(told.hashes(), [hash(&old)]);
        assert_ne!(new.secret.expose(), old.secret.expose());
        let last_four = new.key.last_four.clone();
        assert!(new.secret.expose().starts_with("sk_") && new.secret.expose().ends_with(&last_four));
        assert_eq!(new.key, ApiKey { last_four, ..old.key.clone() }, "it is the same key");

        let end = test.db.reader().now().after(HOUR);
        let by_the_old = shown(&test.db, &old).await.unwrap();
        assert_eq!(by_the_old, ApiKey { expires_at: Some(end), ..new.key.clone() });
        test.clock.set(end.before(Duration::from_micros(1)));
        assert_eq!(verdict(&test.db, &old).await, Verdict::Valid);
        test.clock.set(end);
        assert_eq!(verdict(&test.db, &old).await, Verdict::Expired);
        assert_eq!(shown(&test.db, &new).await, Some(new.key), "the new one goes on");
    })
    .await;
}

#[tokio::test]
async fn an_overlap_does_not_outlive_the_key_itself() {
    for_each_engine(|test| async move {
        let end = test.db.reader().now().after(Duration::from_mins(10));
        let new = NewKey { expires_at: Some(end), ..new_key(Account::Personal(person(1)), person(1)) };
        let old = create(&test.db, new).await.unwrap();
        rotated(&test.db, &old.key, HOUR).await;
        assert_eq!(shown(&test.db, &old).await.unwrap().expires_at, Some(end));
    })
    .await;
}

#[tokio::test]
async fn without_an_overlap_the_old_secret_is_refused_at_once() {
    for_each_engine(|test| async move {
        let old = own(&test.db, person(1)).await;
        let told = Told::listening(&test.db);
        let new = rotated(&test.db, &old.key, Duration::ZERO).await;
        assert_eq!(told.hashes(), [hash(&old)]);
        assert_eq!(verdict(&test.db, &old).await, Verdict::NotFound);
        assert_eq!(verdict(&test.db, &new).await, Verdict::Valid);
    })
    .await;
}

#[tokio::test]
async fn a_second_rotation_drops_the_secret_before_the_last_one() {
    for_each_engine(|test| async move {
        let first = own(&test.db, person(1)).await;
        let second = rotated(&test.db, &first.key, HOUR).await;
        let told = Told::listening(&test.db);
        // By what was known before the first rotation, as another node would.
        let third = rotated(&test.db, &first.key, HOUR).await;
        assert_eq!(told.hashes(), sorted([hash(&first), hash(&second)]));
        assert_eq!(verdict(&test.db, &first).await, Verdict::NotFound);
        assert_eq!(verdict(&test.db, &second).await, Verdict::Valid);
        assert_eq!(verdict(&test.db, &third).await, Verdict::Valid);
        rotated(&test.db, &third.key, Duration::ZERO).await;
        assert_eq!(verdict(&test.db, &second).await, Verdict::NotFound);
        assert_eq!(verdict(&test.db, &third).await, Verdict::NotFound);
    })
    .await;
}

#[tokio::test]
async fn revoking_a_key_ends_both_of_its_secrets_and_caches_hear_of_both() {
    for_each_engine(|test| async move {
        let old = own(&test.db, person(1)).await;
        let new = rotated(&test.db, &old.key, HOUR).await;
        let told = Told::listening(&test.db);
        assert!(revoke(&test.db, &old.key).await);
        assert_eq!(told.hashes(), sorted([hash(&old), hash(&new)]));
        assert_eq!(verdict(&test.db, &old).await, Verdict::Revoked);
        assert_eq!(verdict(&test.db, &new).await, Verdict::Revoked);
        assert!(rotate(&test.db, &new.key, HOUR).await.unwrap().is_none(), "nothing brings it back");
        assert_eq!(verdict(&test.db, &new).await, Verdict::Revoked);
    })
    .await;
}

#[tokio::test]
async fn a_key_keeps_its_prefix_whatever_new_keys_begin_with() {
    for_each_engine(|test| async move {
        let acme = SeaApiKeys::new(KeyPrefix::parse("acme_live").unwrap());
        let mut tx = test.db.begin().await.unwrap();
        let old = acme.create(&mut tx, new_key(Account::Personal(person(1)), person(1))).await.unwrap();
        tx.commit().await.unwrap();
        let service = create(&test.db, new_service_key()).await.unwrap();
        for (old, prefix) in [(old, "acme_live"), (service, "svc")] {
            let new = rotated(&test.db, &old.key, HOUR).await;
            assert_eq!(new.key.prefix, prefix);
            assert!(new.secret.expose().starts_with(&format!("{prefix}_")));
        }
    })
    .await;
}

#[tokio::test]
async fn an_overlap_of_more_than_a_month_is_refused() {
    for_each_engine(|test| async move {
        let old = own(&test.db, person(1)).await;
        let refused = rotate(&test.db, &old.key, MAX_OVERLAP + Duration::from_secs(1)).await.unwrap_err();
        assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("overlapSeconds")));
        assert_eq!(shown(&test.db, &old).await, Some(old.key.clone()));
        rotated(&test.db, &old.key, MAX_OVERLAP).await;
    })
    .await;
}
