use std::time::Duration;

use bursar_api_keys::{ApiKeyId, ApiKeys, ParsedKey, Scope, SeaApiKeys, Verdict, judge};
use bursar_kernel::Account;
use bursar_testkit::for_each_engine;
use uuid::Uuid;

use crate::world::{create, new_key, organization, own, person, revoke};

#[tokio::test]
async fn keys_of_a_person_are_listed_newest_first_on_whatever_account() {
    for_each_engine(|test| async move {
        let mut made = Vec::new();
        for account in [Account::Personal(person(1)), organization(1), organization(2)] {
            made.push(create(&test.db, new_key(account, person(1))).await.unwrap().key);
            test.clock.advance(Duration::from_secs(1));
        }
        own(&test.db, person(2)).await;
        made.reverse();
        assert_eq!(SeaApiKeys::default().of_creator(test.db.reader(), person(1)).await.unwrap(), made);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_listed_no_more_but_still_known_as_revoked() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let made = own(&test.db, person(1)).await;
        let kept = own(&test.db, person(1)).await;
        test.clock.advance(Duration::from_secs(5));
        assert!(revoke(&test.db, person(1), made.key.id).await);

        let reader = test.db.reader();
        assert_eq!(keys.by_id(reader, person(1), made.key.id).await.unwrap(), None);
        assert_eq!(keys.of_creator(reader, person(1)).await.unwrap(), [kept.key]);
        let hash = ParsedKey::parse(made.secret.expose()).unwrap().hash();
        let known = keys.by_hash(reader, &hash).await.unwrap().unwrap();
        assert_eq!(known.revoked_at, Some(reader.now()));
        assert_eq!(judge(&known, reader.now(), &[Scope::Read], &known.scopes), Verdict::Revoked);

        test.clock.advance(Duration::from_secs(5));
        assert!(!revoke(&test.db, person(1), made.key.id).await, "a key ends once");
        assert_eq!(keys.by_hash(test.db.reader(), &hash).await.unwrap(), Some(known));
    })
    .await;
}

#[tokio::test]
async fn another_persons_key_can_be_neither_read_nor_revoked() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let made = create(&test.db, new_key(organization(1), person(1))).await.unwrap();
        let unknown = ApiKeyId::from_uuid(Uuid::from_u128(404));
        for id in [made.key.id, unknown] {
            assert_eq!(keys.by_id(test.db.reader(), person(2), id).await.unwrap(), None);
            assert!(!revoke(&test.db, person(2), id).await);
        }
        assert_eq!(keys.by_id(test.db.reader(), person(1), made.key.id).await.unwrap(), Some(made.key));
    })
    .await;
}

#[tokio::test]
async fn a_hash_that_nobody_has_is_not_found() {
    for_each_engine(|test| async move {
        own(&test.db, person(1)).await;
        assert_eq!(SeaApiKeys::default().by_hash(test.db.reader(), &[0; 32]).await.unwrap(), None);
    })
    .await;
}
