use std::time::Duration;

use bursar_api_keys::{
    ApiKeys, CreatedKey, Holder, KeyHolder, OrganizationKey, OrganizationKeys, ParsedKey, RevocationReason,
    SeaApiKeys, SeaOrganizationKeys, Standing, masked,
};
use bursar_kernel::{Db, MasterKey, Result, Sealer};
use bursar_testkit::for_each_engine;

use crate::world::{
    Told, at_once, create, held_by, new_shared_key, organization, organization_id, person, revoke,
};

fn service() -> SeaOrganizationKeys {
    SeaOrganizationKeys::new(Sealer::new(&MasterKey::from_bytes([7; 32]), &[]))
}

async fn renew(db: &Db, n: u128) -> OrganizationKey {
    let mut tx = db.begin().await.unwrap();
    let renewed = service().renew(&mut tx, organization_id(n), person(1)).await.unwrap();
    tx.commit().await.unwrap();
    renewed
}

async fn current(db: &Db, n: u128) -> Result<Option<OrganizationKey>> {
    service().current(db.reader(), organization_id(n)).await
}

fn hash(key: &OrganizationKey) -> [u8; 32] {
    ParsedKey::parse(key.secret.expose()).unwrap().hash()
}

#[tokio::test]
async fn the_key_of_an_organization_can_be_shown_again() {
    for_each_engine(|test| async move {
        assert!(current(&test.db, 1).await.unwrap().is_none());
        let made = renew(&test.db, 1).await;
        let text = made.secret.expose();
        assert!(text.len() == 40 && text.starts_with("ak_"), "{}", text.len());
        assert_eq!(masked(text), format!("ak_{}…{}", &text[3..7], made.key.last_four));
        assert_eq!(made.key.holder, KeyHolder::Organization { creator: person(1) });
        assert_eq!((made.key.account, made.key.is_primary), (organization(1), true));
        assert_eq!((made.key.name.as_str(), &made.key.scopes), ("organization", &Standing::Owner.defaults()));

        let shown = current(&test.db, 1).await.unwrap().unwrap();
        assert_eq!((&shown.key, shown.secret.expose()), (&made.key, text));
        let found = SeaApiKeys::default().by_hash(test.db.reader(), &hash(&made)).await.unwrap();
        assert_eq!(found, Some(made.key));
        assert_eq!(held_by(&test.db, Holder::Organization(organization_id(1))).await, [], "it has its place");
        assert!(current(&test.db, 2).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn renewing_ends_the_key_before_and_caches_hear_of_it() {
    for_each_engine(|test| async move {
        let (old, other) = (renew(&test.db, 1).await, renew(&test.db, 2).await);
        let told = Told::listening(&test.db);
        test.clock.advance(Duration::from_secs(1));
        let new = renew(&test.db, 1).await;
        assert_eq!(told.hashes(), [hash(&old)]);
        let known = SeaApiKeys::default().by_hash(test.db.reader(), &hash(&old)).await.unwrap().unwrap();
        assert_eq!(known.revoked_at, Some(test.db.reader().now()));
        assert_eq!(known.revocation_reason.as_deref(), Some("regenerated"));
        assert_eq!(current(&test.db, 1).await.unwrap().unwrap().key, new.key);
        assert_eq!(current(&test.db, 2).await.unwrap().unwrap().key, other.key);
    })
    .await;
}

#[tokio::test]
async fn however_many_renew_at_once_one_key_is_left() {
    for_each_engine(|test| async move {
        let made = at_once(30, |_| {
            let db = test.db.clone();
            async move { renew(&db, 1).await }
        })
        .await;
        let live = "SELECT COUNT(*) FROM api_keys_key WHERE is_primary AND revoked_at IS NULL";
        assert_eq!(test.number(live).await, 1);
        assert_eq!(test.number("SELECT COUNT(*) FROM api_keys_key").await, 30);
        let left = current(&test.db, 1).await.unwrap().unwrap();
        assert_eq!(made.iter().filter(|made| made.secret.expose() == left.secret.expose()).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_database_holds_the_text_sealed_to_its_row_and_only_while_it_is_good() {
    for_each_engine(|test| async move {
        let made = renew(&test.db, 1).await;
        let sealed = "SELECT sealed_secret FROM api_keys_key WHERE sealed_secret IS NOT NULL";
        let texts = test.texts(sealed).await;
        let random = &made.secret.expose()["ak_".len()..][..31];
        assert_eq!(texts.len(), 1);
        assert!(texts[0].starts_with("v1.") && !texts[0].contains(&random[..8]));
        assert!(!test.dump().await.contains(random));

        renew(&test.db, 2).await;
        let moved = format!("UPDATE api_keys_key SET sealed_secret = '{}'", texts[0]);
        assert_eq!(test.execute(&moved).await.unwrap(), 2);
        assert!(current(&test.db, 1).await.is_ok());
        assert_eq!(current(&test.db, 2).await.unwrap_err().code(), "internal", "it opens for no other row");

        assert!(revoke(&test.db, &made.key).await);
        assert!(current(&test.db, 1).await.unwrap().is_none());
        assert_eq!(test.texts(sealed).await.len(), 1, "the text of an ended key goes");
    })
    .await;
}

#[tokio::test]
async fn an_organization_that_goes_takes_its_key_along_and_a_rotation_is_no_way_to_renew_it() {
    for_each_engine(|test| async move {
        let (primary, keys) = (renew(&test.db, 1).await, SeaApiKeys::default());
        let shared = create(&test.db, new_shared_key(1, person(1))).await.unwrap();
        let mut tx = test.db.begin().await.unwrap();
        let rotated: Option<CreatedKey> = keys.rotate(&mut tx, &primary.key, Duration::ZERO).await.unwrap();
        assert!(rotated.is_none());
        let reason = RevocationReason::new("organization deleted").unwrap();
        let holder = Holder::Organization(organization_id(1));
        assert_eq!(keys.revoke_all(&mut tx, holder, &reason).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert!(current(&test.db, 1).await.unwrap().is_none());
        for id in [primary.key.id, shared.key.id] {
            assert_eq!(keys.by_id(test.db.reader(), id).await.unwrap(), None);
        }
    })
    .await;
}
