use std::time::Duration;

use bursar_api_keys::{
    ApiKeys, KeyPrefix, MAX_OF_CREATOR, NewKey, ParsedKey, Scope, ScopeSet, SeaApiKeys, error,
};
use bursar_kernel::{Account, Engine};
use bursar_testkit::for_each_engine;
use sea_orm::{ConnectionTrait, Statement};

use crate::world::{create, new_key, organization, own, person, revoke};

#[tokio::test]
async fn a_key_that_was_made_is_found_by_what_its_holder_shows() {
    for_each_engine(|test| async move {
        let expires_at = Some(test.db.reader().now().after(Duration::from_mins(1)));
        let scopes = ScopeSet::of(&[Scope::Read, Scope::BillingWrite]);
        for account in [Account::Personal(person(1)), organization(2)] {
            let new = NewKey { scopes: scopes.clone(), expires_at, ..new_key(account, person(1)) };
            let made = create(&test.db, new).await.unwrap();
            assert_eq!((made.key.account, made.key.creator), (account, person(1)));
            assert_eq!((&made.key.scopes, made.key.expires_at), (&scopes, expires_at));
            assert_eq!((made.key.enabled, made.key.revoked_at, made.key.last_used_at), (true, None, None));
            assert!(made.secret.expose().ends_with(&made.key.last_four));

            let shown = ParsedKey::parse(made.secret.expose()).unwrap();
            let reader = test.db.reader();
            let found = SeaApiKeys::default().by_hash(reader, &shown.hash()).await.unwrap();
            assert_eq!(found, Some(made.key.clone()));
            let found = SeaApiKeys::default().by_id(reader, person(1), made.key.id).await.unwrap();
            assert_eq!(found, Some(made.key));
        }
    })
    .await;
}

#[tokio::test]
async fn the_secret_is_nowhere_in_the_database() {
    for_each_engine(|test| async move {
        let made = own(&test.db, person(1)).await;
        let sql = match test.engine {
            Engine::Postgres => "SELECT api_keys_key::text || encode(key_hash, 'escape') FROM api_keys_key",
            Engine::Sqlite => {
                "SELECT name || prefix || last_four || scopes || account_kind || hex(key_hash) \
                 || CAST(key_hash AS TEXT) FROM api_keys_key"
            }
        };
        let reader = test.db.reader();
        let statement = Statement::from_string(reader.conn().get_database_backend(), sql);
        let row = reader.conn().query_one_raw(statement).await.unwrap().unwrap();
        let bytes: Vec<u8> = row
            .try_get_by_index::<String>(0)
            .map_or_else(|_| row.try_get_by_index(0).unwrap(), String::into_bytes);
        let random = &made.secret.expose()["sk_".len()..][..32];
        assert!(!bytes.windows(8).any(|window| random.as_bytes().windows(8).any(|part| part == window)));
    })
    .await;
}

#[tokio::test]
async fn keys_begin_with_the_prefix_that_the_service_was_given() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::new(KeyPrefix::parse("acme_live").unwrap());
        let mut tx = test.db.begin().await.unwrap();
        let made = keys.create(&mut tx, new_key(Account::Personal(person(1)), person(1))).await.unwrap();
        tx.commit().await.unwrap();
        assert!(made.secret.expose().starts_with("acme_live_"));
        assert_eq!(made.key.prefix, "acme_live");
        let shown = ParsedKey::parse(made.secret.expose()).unwrap();
        let found = SeaApiKeys::default().by_hash(test.db.reader(), &shown.hash()).await.unwrap();
        assert_eq!(found, Some(made.key), "a service with another prefix still knows it");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_would_be_born_expired_is_refused() {
    for_each_engine(|test| async move {
        let now = test.db.reader().now();
        for end in [now, now.before(Duration::from_secs(1))] {
            let new = NewKey { expires_at: Some(end), ..new_key(organization(1), person(1)) };
            let refused = create(&test.db, new).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("expiresAt")));
        }
        assert_eq!(SeaApiKeys::default().of_creator(test.db.reader(), person(1)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_failure_at_any_statement_leaves_nothing() {
    for_each_engine(|test| async move {
        test.db.faults().arm(0);
        own(&test.db, person(1)).await;
        let statements = test.db.faults().disarm();
        assert!(statements > 1);
        for nth in 1..=statements {
            test.db.faults().arm(nth);
            let failed = create(&test.db, new_key(organization(1), person(2))).await;
            test.db.faults().disarm();
            assert!(failed.is_err(), "statement {nth} of {statements}");
            assert_eq!(SeaApiKeys::default().of_creator(test.db.reader(), person(2)).await.unwrap(), []);
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_has_two_hundred_keys_at_most_however_many_ask_at_once() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let mut tx = test.db.begin().await.unwrap();
        for _ in 0..MAX_OF_CREATOR - 1 {
            keys.create(&mut tx, new_key(organization(1), person(1))).await.unwrap();
        }
        tx.commit().await.unwrap();

        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = test.db.clone();
                tokio::spawn(async move { create(&db, new_key(organization(2), person(1))).await })
            })
            .collect();
        let mut made = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => made += 1,
                Err(refused) => assert!(refused.is(&error::TOO_MANY_KEYS), "{refused:?}"),
            }
        }
        assert_eq!(made, 1);
        let listed = keys.of_creator(test.db.reader(), person(1)).await.unwrap();
        assert_eq!(listed.len(), 200, "all of them are in the list");

        own(&test.db, person(2)).await;
        assert!(revoke(&test.db, person(1), listed[0].id).await);
        own(&test.db, person(1)).await;
    })
    .await;
}
