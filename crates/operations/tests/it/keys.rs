//! API keys: what they open, and when they stop.

use bursar_api_keys::{KeyName, Scope, Verdict};
use bursar_kernel::{Account, Secret};
use bursar_operations::{
    CreateApiKey, Credential, Origin, VerifyApiKey, authenticate, create_api_key, delete_api_key,
    read_balance, switch_account, verify_api_key,
};
use bursar_testkit::{for_each_engine, world::World};

#[tokio::test]
async fn a_deleted_key_stops_at_once_everywhere() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let (key, verifier) = (world.key(&owner.person).await, world.key(&owner.person).await);
        let verifier = world.key_actor(&verifier).await;
        let shown = || VerifyApiKey::shown(key.secret.expose().clone());
        assert_eq!(verify_api_key(&world.core, &verifier, shown()).await.unwrap().verdict, Verdict::Valid);
        delete_api_key(&world.core, &owner.person.actor, key.key.id, None).await.unwrap();
        assert_eq!(verify_api_key(&world.core, &verifier, shown()).await.unwrap().verdict, Verdict::Revoked);
        let credential = Credential::ApiKey(key.secret.clone());
        let refused = authenticate(&world.core, Some(&credential), Origin::default()).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_api_key");
        let again = delete_api_key(&world.core, &owner.person.actor, key.key.id, None).await.unwrap_err();
        assert_eq!(again.code(), "api_key_not_found");
    })
    .await;
}

#[tokio::test]
async fn a_key_of_another_account_is_answered_like_one_that_does_not_exist() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (owner, stranger) = (world.owner("owner").await, world.owner("stranger").await);
        let key = world.key(&owner.person).await;
        let verifier = world.key_actor(&world.key(&stranger.person).await).await;
        let shown = VerifyApiKey::shown(key.secret.expose().clone());
        let verification = verify_api_key(&world.core, &verifier, shown).await.unwrap();
        assert!(verification.verdict == Verdict::NotFound && verification.key.is_none());
        let refused =
            delete_api_key(&world.core, &stranger.person.actor, key.key.id, None).await.unwrap_err();
        assert_eq!(refused.code(), "api_key_not_found");
    })
    .await;
}

#[tokio::test]
async fn a_key_acts_on_the_account_that_was_active_when_it_was_made() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let key = world.key(&owner.person).await;
        switch_account(&world.core, &owner.person.actor, None).await.unwrap();
        let actor = world.key_actor(&key).await;
        let organization = Account::Organization(owner.organization);
        assert_eq!(actor.account, organization);
        assert!(read_balance(&world.core, &actor, organization).await.is_ok());
        let personal = read_balance(&world.core, &actor, Account::Personal(owner.person.user)).await;
        assert_eq!(personal.unwrap_err().code(), "forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_key_does_only_what_its_scopes_say_and_makes_no_keys() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let make = |scopes: &[Scope]| CreateApiKey {
            scopes: Some(scopes.to_vec()),
            ..CreateApiKey::named(KeyName::new("narrow").unwrap())
        };
        let narrow =
            create_api_key(&world.core, &owner.person.actor, make(&[Scope::UsageWrite])).await.unwrap();
        let actor = world.key_actor(&narrow).await;
        let organization = Account::Organization(owner.organization);
        assert_eq!(read_balance(&world.core, &actor, organization).await.unwrap_err().code(), "forbidden");
        let wide = world.key_actor(&world.key(&owner.person).await).await;
        assert_eq!(
            create_api_key(&world.core, &wide, make(&[Scope::Read])).await.err().unwrap().code(),
            "forbidden"
        );
    })
    .await;
}

#[tokio::test]
async fn a_text_that_is_no_key_is_refused_without_asking_the_database() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let verifier = world.key_actor(&world.key(&owner.person).await).await;
        let mut text = world.key(&owner.person).await.secret.expose().clone();
        let last = text.pop().unwrap();
        text.push(if last == 'a' { 'b' } else { 'a' });
        // With the pool closed, any question to the database would be an error.
        world.test.db.clone().close().await.unwrap();
        let shown = VerifyApiKey::shown(text.clone());
        let verification = verify_api_key(&world.core, &verifier, shown).await.unwrap();
        assert_eq!(verification.verdict, Verdict::NotFound);
        let credential = Credential::ApiKey(Secret::new(text));
        let refused = authenticate(&world.core, Some(&credential), Origin::default()).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_api_key");
    })
    .await;
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let verifier = world.key_actor(&world.key(&owner.person).await).await;
        let soon = world.core.db.reader().now().after(std::time::Duration::from_mins(1));
        let command =
            CreateApiKey { expires_at: Some(soon), ..CreateApiKey::named(KeyName::new("short").unwrap()) };
        let key = create_api_key(&world.core, &owner.person.actor, command).await.unwrap();
        world.test.clock.advance(std::time::Duration::from_mins(1));
        let shown = VerifyApiKey::shown(key.secret.expose().clone());
        assert_eq!(verify_api_key(&world.core, &verifier, shown).await.unwrap().verdict, Verdict::Expired);
    })
    .await;
}
