use std::time::Duration;

use bursar_api_keys::{
    ApiKey, ApiKeys, KeyChange, KeyName, Networks, Scope, ScopeSet, SeaApiKeys, SpendLimit, SpendWindow,
};
use bursar_kernel::{Amount, Db, Result};
use bursar_testkit::for_each_engine;

use crate::world::{Told, hash, networks, own, person, revoke, shown};

async fn update(db: &Db, key: &ApiKey, change: KeyChange) -> Result<Option<ApiKey>> {
    let mut tx = db.begin().await?;
    let updated = SeaApiKeys::default().update(&mut tx, key, change).await?;
    tx.commit().await?;
    Ok(updated)
}

#[tokio::test]
async fn a_change_holds_from_the_next_use_on_and_leaves_alone_what_it_does_not_name() {
    for_each_engine(|test| async move {
        let made = own(&test.db, person(1)).await;
        let bystander = own(&test.db, person(1)).await;
        let told = Told::listening(&test.db);
        let end = test.db.reader().now().after(Duration::from_mins(1));
        let limit = SpendLimit { amount: Amount::from_micros(7), window: SpendWindow::Total };
        let all = KeyChange {
            name: Some(KeyName::new("robot").unwrap()),
            scopes: Some(ScopeSet::of(&[Scope::Read])),
            expires_at: Some(Some(end)),
            enabled: Some(false),
            networks: Some(networks(&["192.0.2.0/24"])),
            per_minute: Some(Some(60)),
            spend_limit: Some(Some(limit)),
        };
        let updated = update(&test.db, &made.key, all).await.unwrap().unwrap();
        let expected = ApiKey {
            name: "robot".to_owned(),
            scopes: ScopeSet::of(&[Scope::Read]),
            expires_at: Some(end),
            enabled: false,
            networks: networks(&["192.0.2.0/24"]),
            per_minute: Some(60),
            spend_limit: Some(limit),
            ..made.key.clone()
        };
        assert_eq!(updated, expected);
        assert_eq!(shown(&test.db, &made).await, Some(expected.clone()));
        assert_eq!(told.hashes(), [hash(&made)]);

        let nothing = update(&test.db, &made.key, KeyChange::default()).await.unwrap();
        assert_eq!(nothing, Some(expected.clone()));
        let freed = KeyChange {
            expires_at: Some(None),
            networks: Some(Networks::default()),
            per_minute: Some(None),
            spend_limit: Some(None),
            ..KeyChange::default()
        };
        let free = ApiKey {
            expires_at: None,
            networks: Networks::default(),
            per_minute: None,
            spend_limit: None,
            ..expected
        };
        assert_eq!(update(&test.db, &made.key, freed).await.unwrap(), Some(free.clone()));
        assert_eq!(shown(&test.db, &made).await, Some(free));
        assert_eq!(shown(&test.db, &bystander).await, Some(bystander.key));
    })
    .await;
}

#[tokio::test]
async fn a_key_that_was_revoked_meanwhile_is_not_changed() {
    for_each_engine(|test| async move {
        let made = own(&test.db, person(1)).await;
        assert!(revoke(&test.db, &made.key).await);
        let before = shown(&test.db, &made).await;
        for change in [KeyChange { enabled: Some(false), ..KeyChange::default() }, KeyChange::default()] {
            assert_eq!(update(&test.db, &made.key, change).await.unwrap(), None);
        }
        assert_eq!(shown(&test.db, &made).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_change_to_what_no_key_can_have_is_refused_by_its_field() {
    for_each_engine(|test| async move {
        let made = own(&test.db, person(1)).await;
        let now = test.db.reader().now();
        let nothing = SpendLimit { amount: Amount::ZERO, window: SpendWindow::Day };
        for (change, field) in [
            (KeyChange { expires_at: Some(Some(now)), ..KeyChange::default() }, "expiresAt"),
            (KeyChange { per_minute: Some(Some(0)), ..KeyChange::default() }, "perMinuteLimit"),
            (KeyChange { spend_limit: Some(Some(nothing)), ..KeyChange::default() }, "amountUsd"),
        ] {
            let refused = update(&test.db, &made.key, change).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some(field)));
        }
        assert_eq!(shown(&test.db, &made).await, Some(made.key));
    })
    .await;
}
