//! Two nodes over one database: what one remembers of a key that the other ends.

use std::time::Duration;

use bursar_api_keys::{CreatedKey, Verdict};
use bursar_kernel::{Amount, Db, DbOptions};
use bursar_operations::{
    Core, Credential, Origin, VerifyApiKey, authenticate, delete_api_key, ingest_events, verify_api_key,
};
use bursar_testkit::{
    TestDb, for_each_engine, on_postgres,
    world::{Owner, World, assembly, batch, inference},
};

/// The bounded wait for word from the other node.
const PATIENCE: Duration = Duration::from_secs(20);

/// A key, whoever asks about it, and another node over the same database, on a pool of its own.
struct Nodes {
    world: World,
    owner: Owner,
    key: CreatedKey,
    verifier: Credential,
    db: Db,
    there: Core,
}

impl Nodes {
    async fn new(test: TestDb) -> Self {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let (key, verifier) = (world.key(&owner.person).await, world.key(&owner.person).await);
        let test = &world.test;
        let options = DbOptions { durable: false, ..DbOptions::new(test.url.clone()) };
        let db = Db::connect(&options).await.unwrap();
        let db = db.with_sources(test.clock.clone(), test.ids.clone(), test.entropy.clone());
        let there = Core::new(assembly(&TestDb { db: db.clone(), ..test.clone() }, None).services());
        Self { verifier: Credential::ApiKey(verifier.secret), world, owner, key, db, there }
    }

    /// What a node says of the key, or why it cannot.
    async fn verdict(&self, core: &Core) -> Result<Verdict, &'static str> {
        let actor = authenticate(core, Some(&self.verifier), Origin::default()).await;
        let actor = actor.map_err(|error| error.code())?;
        let shown = VerifyApiKey::shown(self.key.secret.expose().clone());
        Ok(verify_api_key(core, &actor, shown).await.map_err(|error| error.code())?.verdict)
    }

    async fn verdict_there(&self) -> Result<Verdict, &'static str> {
        self.verdict(&self.there).await
    }

    async fn delete_key_here(&self) {
        delete_api_key(&self.world.core, &self.owner.person.actor, self.key.key.id, None).await.unwrap();
    }

    async fn close(self) {
        self.there.drain().await;
        self.db.close().await.unwrap();
    }
}

#[tokio::test]
async fn without_the_channel_a_key_that_another_node_ended_is_good_for_ten_seconds_at_most() {
    on_postgres(|test| async move {
        let nodes = Nodes::new(test).await;
        assert_eq!(nodes.verdict_there().await, Ok(Verdict::Valid));
        nodes.delete_key_here().await;
        assert_eq!(nodes.verdict(&nodes.world.core).await, Ok(Verdict::Revoked));
        nodes.world.test.clock.advance(Duration::from_secs(10));
        assert_eq!(nodes.verdict_there().await, Ok(Verdict::Revoked));
        nodes.close().await;
    })
    .await;
}

#[tokio::test]
async fn with_the_channel_another_node_hears_of_an_ended_key() {
    on_postgres(|test| async move {
        let nodes = Nodes::new(test).await;
        let listener = tokio::spawn({
            let db = nodes.db.clone();
            async move { db.follow_invalidations().await }
        });
        assert_eq!(nodes.verdict_there().await, Ok(Verdict::Valid));
        nodes.delete_key_here().await;
        // The clock stands still, so that nothing grows too old.
        let heard = async {
            while nodes.verdict_there().await == Ok(Verdict::Valid) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap();
        assert_eq!(nodes.verdict_there().await, Ok(Verdict::Revoked));
        listener.abort();
        assert!(listener.await.unwrap_err().is_cancelled());
        nodes.close().await;
    })
    .await;
}

#[tokio::test]
async fn with_the_database_away_what_is_too_old_is_neither_yes_nor_no() {
    on_postgres(|test| async move {
        let nodes = Nodes::new(test).await;
        assert_eq!(nodes.verdict_there().await, Ok(Verdict::Valid));
        nodes.db.clone().close().await.unwrap();
        nodes.world.test.clock.advance(Duration::from_secs(10));
        assert_eq!(nodes.verdict_there().await, Err("database_unavailable"));
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
            let shown = VerifyApiKey::shown(key.secret.expose().clone());
            verify_api_key(&world.core, &verifier, shown).await.unwrap().key.unwrap().balance
        };
        assert_eq!(balance().await, Amount::from_micros(10_000_000));
        let event = inference(owner.organization, "one", "bursar/echo", (1_000, 500));
        ingest_events(&world.core, &verifier, batch(&[event])).await.unwrap();
        assert_eq!(balance().await, Amount::from_micros(9_997_500));
    })
    .await;
}
