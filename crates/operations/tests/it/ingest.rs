//! Usage in: charged exactly, once.

use std::sync::Arc;

use bursar_kernel::{Account, Amount, OrganizationId, Page};
use bursar_operations::{Accepted, ingest_events, list_usages};
use bursar_testkit::{
    for_each_engine,
    world::{World, batch, inference},
};
use bursar_usage_metering::UsageFilter;
use serde_json::Value;

fn events(organization: OrganizationId, count: usize, model: &str, tokens: (i64, i64)) -> Vec<Value> {
    (0..count).map(|number| inference(organization, &number.to_string(), model, tokens)).collect()
}

#[tokio::test]
async fn a_thousand_events_of_sub_micro_price_cost_exactly_their_sum() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.funded_org("owner", 500).await;
        let actor = world.key_actor(&world.key(&owner.person).await).await;
        // 3 prompt tokens at 0.15 USD per million: 0.45 micro-USD each.
        let command = batch(&events(owner.organization, 1_000, "bursar/nano", (3, 0)));
        let accepted = ingest_events(&world.core, &actor, command).await.unwrap();
        assert_eq!(accepted, Accepted { accepted: 1_000, duplicates: 0, replayed: false });
        assert_eq!(world.balance(&owner).await, Amount::from_micros(5_000_000 - 450));
        assert_eq!(
            world.test.number("SELECT CAST(SUM(credits_used) AS BIGINT) FROM metering_usage").await,
            450
        );
        let verification = world.core.ledger.verify(world.core.db.reader()).await.unwrap();
        assert!(verification.differences.is_empty(), "{verification:?}");
    })
    .await;
}

#[tokio::test]
async fn sixty_four_copies_of_one_batch_at_once_charge_once() {
    for_each_engine(|test| async move {
        let world = Arc::new(World::new(test).await);
        let owner = world.funded_org("owner", 500).await;
        let actor = world.key_actor(&world.key(&owner.person).await).await;
        let sent = events(owner.organization, 10, "bursar/echo", (1_000, 500));
        let copies = (0..64).map(|_| {
            let (world, actor, command) = (world.clone(), actor.clone(), batch(&sent));
            tokio::spawn(async move { ingest_events(&world.core, &actor, command).await.unwrap() })
        });
        let (mut accepted, mut duplicates) = (0, 0);
        for copy in copies.collect::<Vec<_>>() {
            let answer = copy.await.unwrap();
            accepted += answer.accepted;
            duplicates += answer.duplicates;
        }
        assert_eq!((accepted, duplicates), (10, 630));
        assert_eq!(world.balance(&owner).await, Amount::from_micros(5_000_000 - 10 * 2_500));
    })
    .await;
}

#[tokio::test]
async fn sixty_four_copies_with_one_idempotency_key_all_get_the_first_answer() {
    for_each_engine(|test| async move {
        let world = Arc::new(World::new(test).await);
        let owner = world.funded_org("owner", 500).await;
        let actor = world.key_actor(&world.key(&owner.person).await).await;
        let sent = events(owner.organization, 2, "bursar/echo", (1_000, 500));
        let copies = (0..64).map(|_| {
            let (world, actor, mut command) = (world.clone(), actor.clone(), batch(&sent));
            command.idempotency = Some(("once".to_owned(), b"the same request".to_vec()));
            tokio::spawn(async move { ingest_events(&world.core, &actor, command).await.unwrap() })
        });
        let mut first = 0;
        for copy in copies.collect::<Vec<_>>() {
            let answer = copy.await.unwrap();
            assert_eq!((answer.accepted, answer.duplicates), (2, 0));
            first += u32::from(!answer.replayed);
        }
        assert_eq!(first, 1);
        assert_eq!(world.balance(&owner).await, Amount::from_micros(5_000_000 - 2 * 2_500));
        let mut other = batch(&sent);
        other.idempotency = Some(("once".to_owned(), b"another request".to_vec()));
        let refused = ingest_events(&world.core, &actor, other).await.unwrap_err();
        assert_eq!(refused.code(), "idempotency_key_reused");
    })
    .await;
}

#[tokio::test]
async fn a_refused_batch_is_refused_alone_and_whole() {
    for_each_engine(|test| async move {
        let world = Arc::new(World::new(test).await);
        let owner = world.funded_org("owner", 500).await;
        let actor = world.key_actor(&world.key(&owner.person).await).await;
        let first = inference(owner.organization, "1", "bursar/echo", (1_000, 500));
        ingest_events(&world.core, &actor, batch(std::slice::from_ref(&first))).await.unwrap();

        let contradiction = [
            inference(owner.organization, "2", "bursar/echo", (1_000, 500)),
            inference(owner.organization, "1", "bursar/echo", (1_000, 501)),
        ];
        let good = [inference(owner.organization, "3", "bursar/echo", (1_000, 500))];
        let (contradiction, good) = (batch(&contradiction), batch(&good));
        let (refused, accepted) = tokio::join!(
            ingest_events(&world.core, &actor, contradiction),
            ingest_events(&world.core, &actor, good),
        );
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.code(), refused.get("index"), refused.get("id")),
            ("event_conflict", Some("1"), Some("1"))
        );
        assert_eq!(accepted.unwrap().accepted, 1);
        assert_eq!(world.balance(&owner).await, Amount::from_micros(5_000_000 - 2 * 2_500));

        let mut late = inference(owner.organization, "late", "bursar/echo", (1, 1));
        late["time"] = "2026-08-01T00:00:00Z".into();
        let mut duplicate = first;
        duplicate["time"] = Value::Null;
        let refused = ingest_events(&world.core, &actor, batch(&[duplicate, late])).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.get("index"), refused.get("field")),
            ("event_invalid", Some("1"), Some("time"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_key_reports_for_its_own_account_only() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (owner, stranger) = (world.owner("owner").await, world.owner("stranger").await);
        let actor = world.key_actor(&world.key(&stranger.person).await).await;
        let foreign = batch(&[inference(owner.organization, "1", "bursar/echo", (1, 1))]);
        assert_eq!(
            ingest_events(&world.core, &actor, foreign).await.unwrap_err().code(),
            "subject_not_found"
        );
        let mut person = inference(owner.organization, "1", "bursar/echo", (1, 1));
        person["subject"] = owner.person.user.to_string().into();
        assert_eq!(
            ingest_events(&world.core, &actor, batch(&[person])).await.unwrap_err().code(),
            "forbidden"
        );
        assert_eq!(world.test.number("SELECT COUNT(*) FROM metering_usage").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_queued_is_recorded_before_the_queue_ends() {
    for_each_engine(|test| async move {
        let world = Arc::new(World::new(test).await);
        let owner = world.owner("owner").await;
        let actor = world.key_actor(&world.key(&owner.person).await).await;
        let waiting: Vec<_> = (0..32)
            .map(|number| {
                let id = format!("event-{number}");
                let command = batch(&[inference(owner.organization, &id, "bursar/echo", (1, 1))]);
                let (world, actor) = (world.clone(), actor.clone());
                tokio::spawn(async move { ingest_events(&world.core, &actor, command).await })
            })
            .collect();
        while world.test.number("SELECT COUNT(*) FROM metering_usage").await == 0 {
            tokio::task::yield_now().await;
        }
        world.core.drain().await;
        let mut recorded = 0;
        for answer in waiting {
            match answer.await.unwrap() {
                Ok(accepted) => recorded += i64::try_from(accepted.accepted).unwrap(),
                Err(refused) => assert_eq!(refused.code(), "queue_full"),
            }
        }
        assert_eq!(world.test.number("SELECT COUNT(*) FROM metering_usage").await, recorded);
        let page = Page::new(Some(200), None);
        let account = Account::Organization(owner.organization);
        let rows = list_usages(&world.core, &owner.person.actor, account, UsageFilter::default(), page)
            .await
            .unwrap();
        assert_eq!(i64::try_from(rows.items.len()).unwrap(), recorded);
    })
    .await;
}
