use std::time::Duration;

use bursar_api_keys::{
    ApiKeys, CreatedKey, Holder, KeyPrefix, MAX_OF_HOLDER, NewKey, ParsedKey, Scope, ScopeSet, SeaApiKeys,
    SpendLimit, SpendWindow, error,
};
use bursar_kernel::{Account, Amount, Engine, Result};
use bursar_testkit::for_each_engine;
use sea_orm::{ConnectionTrait, Statement};

use crate::world::{
    at_once, create, held_by, networks, new_key, new_service_key, new_shared_key, organization,
    organization_id, own, person, revoke, shown,
};

#[tokio::test]
async fn a_key_that_was_made_is_found_by_what_its_holder_shows() {
    for_each_engine(|test| async move {
        let limited = NewKey {
            scopes: ScopeSet::of(&[Scope::Read, Scope::BillingWrite]),
            expires_at: Some(test.db.reader().now().after(Duration::from_mins(1))),
            networks: networks(&["192.0.2.0/24", "2001:db8::1"]),
            per_minute: Some(u32::MAX),
            spend_limit: Some(SpendLimit { amount: Amount::from_micros(5), window: SpendWindow::Month }),
            ..new_key(Account::Personal(person(1)), person(1))
        };
        let shared = NewKey { account: organization(2), ..limited.clone() };
        for new in [limited, shared, new_shared_key(3, person(1)), new_service_key()] {
            let made = create(&test.db, new.clone()).await.unwrap();
            assert_eq!((made.key.account, made.key.holder), (new.account, new.holder));
            assert_eq!((&made.key.scopes, made.key.expires_at), (&new.scopes, new.expires_at));
            assert_eq!((&made.key.networks, made.key.per_minute), (&new.networks, new.per_minute));
            assert_eq!((made.key.spend_limit, made.key.is_primary), (new.spend_limit, false));
            assert_eq!((made.key.enabled, made.key.revoked_at, made.key.last_used_at), (true, None, None));
            assert!(made.secret.expose().ends_with(&made.key.last_four));

            assert_eq!(shown(&test.db, &made).await, Some(made.key.clone()));
            let found = SeaApiKeys::default().by_id(test.db.reader(), made.key.id).await.unwrap();
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
                 || CAST(key_hash AS TEXT) || coalesce(sealed_secret, '') FROM api_keys_key"
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
        for new in [new_key(Account::Personal(person(1)), person(1)), new_shared_key(1, person(1))] {
            let mut tx = test.db.begin().await.unwrap();
            let made = keys.create(&mut tx, new).await.unwrap();
            tx.commit().await.unwrap();
            assert!(made.secret.expose().starts_with("acme_live_"));
            assert_eq!(made.key.prefix, "acme_live");
            let found = shown(&test.db, &made).await;
            assert_eq!(found, Some(made.key), "a service with another prefix still knows it");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_of_the_deployment_says_what_it_is_and_is_nobodys() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::new(KeyPrefix::parse("acme_live").unwrap());
        let mut tx = test.db.begin().await.unwrap();
        let made = keys.create(&mut tx, new_service_key()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(made.secret.expose().starts_with("svc_"));
        assert!(ParsedKey::parse(made.secret.expose()).is_some());
        assert_eq!((made.key.holder.person(), made.key.holder.creator()), (None, None));
        assert_eq!(held_by(&test.db, Holder::Deployment).await, [made.key]);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_could_never_be_used_is_refused_by_its_field() {
    for_each_engine(|test| async move {
        let now = test.db.reader().now();
        let nothing = Some(SpendLimit { amount: Amount::ZERO, window: SpendWindow::Day });
        let good = || new_key(organization(1), person(1));
        for (new, field) in [
            (NewKey { expires_at: Some(now), ..good() }, "expiresAt"),
            (NewKey { expires_at: Some(now.before(Duration::from_secs(1))), ..good() }, "expiresAt"),
            (NewKey { per_minute: Some(0), ..good() }, "perMinuteLimit"),
            (NewKey { spend_limit: nothing, ..good() }, "amountUsd"),
        ] {
            let refused = create(&test.db, new).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some(field)));
        }
        assert_eq!(held_by(&test.db, Holder::Person(person(1))).await, []);
    })
    .await;
}

#[tokio::test]
async fn nobody_but_the_deployment_has_a_key_on_its_account() {
    for_each_engine(|test| async move {
        for new in [
            new_key(Account::DEPLOYMENT, person(1)),
            NewKey { account: Account::DEPLOYMENT, ..new_shared_key(1, person(1)) },
            NewKey { account: organization(1), ..new_service_key() },
            NewKey { account: Account::Personal(person(1)), ..new_shared_key(1, person(1)) },
        ] {
            assert_eq!(create(&test.db, new).await.unwrap_err().code(), "internal");
        }
        assert_eq!(test.number("SELECT COUNT(*) FROM api_keys_key").await, 0);
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
            assert_eq!(held_by(&test.db, Holder::Person(person(2))).await, []);
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_has_two_hundred_keys_at_most_however_many_ask_at_once() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let mut tx = test.db.begin().await.unwrap();
        for _ in 0..MAX_OF_HOLDER - 1 {
            keys.create(&mut tx, new_key(organization(1), person(1))).await.unwrap();
        }
        tx.commit().await.unwrap();

        let outcomes = at_once(8, |_| {
            let db = test.db.clone();
            async move { create(&db, new_key(organization(2), person(1))).await }
        })
        .await;
        assert_eq!(made(&outcomes), 1);
        let listed = held_by(&test.db, Holder::Person(person(1))).await;
        assert_eq!(listed.len(), 200, "all of them are in the list");

        own(&test.db, person(2)).await;
        create(&test.db, new_shared_key(1, person(1))).await.unwrap();
        assert!(revoke(&test.db, &listed[0]).await);
        own(&test.db, person(1)).await;
    })
    .await;
}

#[tokio::test]
async fn an_organization_has_two_hundred_keys_at_most_whoever_asks_at_once() {
    for_each_engine(|test| async move {
        let keys = SeaApiKeys::default();
        let mut tx = test.db.begin().await.unwrap();
        for _ in 0..MAX_OF_HOLDER - 5 {
            keys.create(&mut tx, new_shared_key(1, person(1))).await.unwrap();
        }
        tx.commit().await.unwrap();

        let outcomes = at_once(20, |nth| {
            let db = test.db.clone();
            async move { create(&db, new_shared_key(1, person(nth as u128 + 1))).await }
        })
        .await;
        assert_eq!(made(&outcomes), 5);
        assert_eq!(held_by(&test.db, Holder::Organization(organization_id(1))).await.len(), 200);

        create(&test.db, new_shared_key(2, person(1))).await.unwrap();
        let refused = create(&test.db, new_shared_key(1, person(1))).await;
        assert!(refused.unwrap_err().is(&error::TOO_MANY_KEYS));
        create(&test.db, new_key(organization(1), person(1))).await.unwrap();
    })
    .await;
}

/// How many keys came of it, when all others were refused as too many.
fn made(outcomes: &[Result<CreatedKey>]) -> usize {
    let is_made = |outcome: &Result<CreatedKey>| match outcome {
        Ok(_) => true,
        Err(refused) if refused.is(&error::TOO_MANY_KEYS) => false,
        Err(other) => panic!("{other:?}"),
    };
    outcomes.iter().filter(|outcome| is_made(outcome)).count()
}
