//! Two nodes over one database: what one remembers of a key that the other ends.

use std::time::Duration;

use bursar_api_keys::Verdict;
use bursar_kernel::{Amount, Db, DbOptions};
use bursar_operations::{
    Core, Credential, Origin, VerifyApiKey, authenticate, delete_api_key, ingest_events, verify_api_key,
};
use bursar_testkit::{
    TestDb, for_each_engine, on_postgres,
    world::{World, assembly, batch, inference},
};

/// The bounded wait for word from the other node.
const PATIENCE: Duration = Duration::from_secs(20);

/// Another node over the same database, on a pool of its own.
async fn another_node(world: &World) -> TestDb {
    let test = &world.test;
    let options = DbOptions { durable: false, ..DbOptions::new(test.url.clone()) };
    let db = Db::connect(&options).await.unwrap();
    let db = db.with_sources(test.clock.clone(), test.ids.clone(), test.entropy.clone());
    TestDb { db, ..test.clone() }
}

async fn verdict(core: &Core, verifier: &Credential, key: &str) -> Result<Verdict, &'static str> {
    let actor = authenticate(core, Some(verifier), Origin::default()).await.map_err(|error| error.code())?;
    let shown = VerifyApiKey { key: key.to_owned(), permissions: vec![] };
    Ok(verify_api_key(core, &actor, shown).await.map_err(|error| error.code())?.verdict)
}

#[tokio::test]
async fn without_the_channel_a_key_that_another_node_ended_is_good_for_ten_seconds_at_most() {
    on_postgres(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let (key, verifier) = (world.key(&owner.person).await, world.key(&owner.person).await);
        let verifier = Credential::ApiKey(verifier.secret.clone());
        let there = another_node(&world).await;
        let core = Core::new(assembly(&there, None).services());
        let shown = key.secret.expose();
        assert_eq!(verdict(&core, &verifier, shown).await, Ok(Verdict::Valid));
        delete_api_key(&world.core, &owner.person.actor, key.key.id).await.unwrap();
        assert_eq!(verdict(&world.core, &verifier, shown).await, Ok(Verdict::Revoked));
        world.test.clock.advance(Duration::from_secs(10));
        assert_eq!(verdict(&core, &verifier, shown).await, Ok(Verdict::Revoked));
        core.drain().await;
        there.db.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn with_the_channel_another_node_hears_of_an_ended_key() {
    on_postgres(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let (key, verifier) = (world.key(&owner.person).await, world.key(&owner.person).await);
        let verifier = Credential::ApiKey(verifier.secret.clone());
        let there = another_node(&world).await;
        let core = Core::new(assembly(&there, None).services());
        let listener = tokio::spawn({
            let db = there.db.clone();
            async move { db.follow_invalidations().await }
        });
        let shown = key.secret.expose();
        assert_eq!(verdict(&core, &verifier, shown).await, Ok(Verdict::Valid));
        delete_api_key(&world.core, &owner.person.actor, key.key.id).await.unwrap();
        // The clock stands still, so that nothing grows too old.
        let heard = async {
            while verdict(&core, &verifier, shown).await == Ok(Verdict::Valid) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap();
        assert_eq!(verdict(&core, &verifier, shown).await, Ok(Verdict::Revoked));
        listener.abort();
        assert!(listener.await.unwrap_err().is_cancelled());
        core.drain().await;
        there.db.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn with_the_database_away_what_is_too_old_is_neither_yes_nor_no() {
    on_postgres(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let (key, verifier) = (world.key(&owner.person).await, world.key(&owner.person).await);
        let verifier = Credential::ApiKey(verifier.secret.clone());
        let there = another_node(&world).await;
        let core = Core::new(assembly(&there, None).services());
        assert_eq!(verdict(&core, &verifier, key.secret.expose()).await, Ok(Verdict::Valid));
        there.db.clone().close().await.unwrap();
        world.test.clock.advance(Duration::from_secs(10));
        let asked = verdict(&core, &verifier, key.secret.expose()).await;
        assert_eq!(asked, Err("database_unavailable"));
    })
    .await;
}

#[tokio::test]
async fn a_balance_that_this_node_changed_is_told_at_once() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.funded_org("owner", 1_000).await;
        let key = world.key(&owner.person).await;
        let verifier = world.key_actor(&key).await;
        let balance = async || {
            let shown = VerifyApiKey { key: key.secret.expose().clone(), permissions: vec![] };
            verify_api_key(&world.core, &verifier, shown).await.unwrap().key.unwrap().balance
        };
        assert_eq!(balance().await, Amount::from_micros(10_000_000));
        let event = inference(owner.organization, "one", "bursar/echo", (1_000, 500));
        ingest_events(&world.core, &verifier, batch(&[event])).await.unwrap();
        assert_eq!(balance().await, Amount::from_micros(9_997_500));
    })
    .await;
}
