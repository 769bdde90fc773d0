use std::time::Duration;

use bursar_api_keys::{
    ApiKeyId, ApiKeys, Holder, RevocationReason, Scope, SeaApiKeys, ShownFrom, Verdict, judge,
};
use bursar_kernel::{Account, Db};
use bursar_testkit::for_each_engine;
use uuid::Uuid;

use crate::world::{
    Told, create, hash, held_by, new_key, new_service_key, new_shared_key, organization, organization_id,
    own, person, revoke, shown, sorted,
};

#[tokio::test]
async fn keys_of_a_person_are_listed_newest_first_on_whatever_account() {
    for_each_engine(|test| async move {
        let mut made = Vec::new();
        for account in [Account::Personal(person(1)), organization(1), organization(2)] {
            made.push(create(&test.db, new_key(account, person(1))).await.unwrap().key);
            test.clock.advance(Duration::from_secs(1));
        }
        own(&test.db, person(2)).await;
        create(&test.db, new_shared_key(1, person(1))).await.unwrap();
        made.reverse();
        assert_eq!(held_by(&test.db, Holder::Person(person(1))).await, made);
    })
    .await;
}

#[tokio::test]
async fn keys_of_an_organization_are_listed_whoever_made_them() {
    for_each_engine(|test| async move {
        let mut made = Vec::new();
        for creator in [1, 2] {
            made.push(create(&test.db, new_shared_key(1, person(creator))).await.unwrap().key);
        }
        for other in [new_shared_key(2, person(1)), new_key(organization(1), person(1)), new_service_key()] {
            create(&test.db, other).await.unwrap();
        }
        made.reverse();
        assert_eq!(held_by(&test.db, Holder::Organization(organization_id(1))).await, made);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_listed_no_more_but_still_known_as_revoked() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let made = own(&test.db, person(1)).await;
        let kept = own(&test.db, person(1)).await;
        let told = Told::listening(&test.db);
        test.clock.advance(Duration::from_secs(5));
        assert!(revoke(&test.db, &made.key).await);
        assert_eq!(told.hashes(), [hash(&made)]);

        let reader = test.db.reader();
        assert_eq!(keys.by_id(reader, made.key.id).await.unwrap(), None);
        assert_eq!(held_by(&test.db, Holder::Person(person(1))).await, [kept.key]);
        let known = shown(&test.db, &made).await.unwrap();
        assert_eq!(known.revoked_at, Some(reader.now()));
        assert_eq!(known.revocation_reason.as_deref(), Some("lost"));
        let verdict = judge(&known, reader.now(), ShownFrom::Anywhere, &[Scope::Read], &known.scopes);
        assert_eq!(verdict, Verdict::Revoked);

        test.clock.advance(Duration::from_secs(5));
        assert!(!revoke(&test.db, &made.key).await, "a key ends once");
        assert_eq!(shown(&test.db, &made).await, Some(known));
        assert_eq!(told.hashes(), [[0; 32]; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_key_and_a_hash_that_nobody_has_are_not_found() {
    for_each_engine(|test| async move {
        own(&test.db, person(1)).await;
        let (keys, unknown) = (SeaApiKeys::default(), ApiKeyId::from_uuid(Uuid::from_u128(404)));
        assert_eq!(keys.by_hash(test.db.reader(), &[0; 32]).await.unwrap(), None);
        assert_eq!(keys.by_id(test.db.reader(), unknown).await.unwrap(), None);
    })
    .await;
}

async fn revoke_all(db: &Db, holder: Holder) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let reason = RevocationReason::new("left").unwrap();
    let revoked = SeaApiKeys::default().revoke_all(&mut tx, holder, &reason).await.unwrap();
    tx.commit().await.unwrap();
    revoked
}

#[tokio::test]
async fn all_keys_of_one_holder_end_together_and_those_of_others_stay() {
    for_each_engine(|test| async move {
        let mut made = Vec::new();
        for new in [
            new_key(Account::Personal(person(1)), person(1)),
            new_key(organization(1), person(1)),
            new_key(organization(1), person(2)),
            new_shared_key(1, person(1)),
            new_shared_key(2, person(1)),
            new_service_key(),
        ] {
            made.push(create(&test.db, new).await.unwrap());
        }
        let told = Told::listening(&test.db);
        let mut ended = Vec::new();
        for (holder, its) in [
            (Holder::Person(person(1)), vec![0, 1]),
            (Holder::Organization(organization_id(1)), vec![3]),
            (Holder::Deployment, vec![5]),
        ] {
            assert_eq!(revoke_all(&test.db, holder).await, its.len() as u64, "{holder:?}");
            assert_eq!(told.hashes(), sorted(its.iter().map(|nth| hash(&made[*nth]))));
            ended.extend(its);
            for (nth, key) in made.iter().enumerate() {
                let known = shown(&test.db, key).await.unwrap();
                assert_eq!(known.revoked_at.is_some(), ended.contains(&nth), "{holder:?} {nth}");
            }
            assert_eq!(revoke_all(&test.db, holder).await, 0);
        }
        let known = shown(&test.db, &made[0]).await.unwrap();
        assert_eq!(known.revocation_reason.as_deref(), Some("left"));
    })
    .await;
}

#[tokio::test]
async fn more_keys_than_one_statement_takes_end_together() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let mut tx = test.db.begin().await.unwrap();
        let prefix = bursar_api_keys::ForeignPrefix::new("tp-").unwrap();
        let imported = (0..300_u16).map(|nth| crate::imports::key(nth.to_be_bytes().repeat(16))).collect();
        assert_eq!(keys.import(&mut tx, &prefix, imported).await.unwrap(), 300);
        tx.commit().await.unwrap();
        assert_eq!(held_by(&test.db, Holder::Person(person(1))).await.len(), 300, "all that were brought");
        assert_eq!(revoke_all(&test.db, Holder::Person(person(1))).await, 300);
        assert_eq!(held_by(&test.db, Holder::Person(person(1))).await, []);
    })
    .await;
}
