//! Usage rows on both engines.

use std::{collections::BTreeMap, time::Duration};

use bursar_kernel::{Account, Clock as _, Page};
use bursar_testkit::for_each_engine;
use bursar_usage_metering::{EventType, UsageEvent, UsageEvents as _, UsageFilter};

use crate::world::{Metering, event, inference, organization, stranger, user};

const EVERYTHING: UsageFilter = UsageFilter { user: None, from: None, to: None };

#[tokio::test]
async fn a_recorded_event_is_read_back_as_it_was_reported() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let data = r#"{"model":"bursar/echo","provider":"acme","operation":"web_search","modelType":"chat",
            "promptTokens":1000,"completionTokens":500,"cachedTokens":10,"generationId":"gen_1",
            "trafficSource":"ide","apiKeyId":"key_00000000000000000000000007","metadata":{"b":"2","a":"ü\n"}}"#;
        let subject = format!("{}/agent-7", organization());
        let reported = event("evt-1", &subject, "inference", data, Some("2026-09-30T23:59:59Z"));
        metering.record(&test, std::slice::from_ref(&reported), Some(user(9))).await;

        let reader = test.db.reader();
        let list = metering.usage.list(reader, organization().id(), EVERYTHING, Page::new(None, None)).await.unwrap();
        let [row] = list.items.as_slice() else { panic!("one row") };
        assert_eq!(list.next, None);
        assert_eq!((row.event_id.as_str(), row.source.as_str()), ("evt-1", "urn:host"));
        assert_eq!((row.event_type, row.detail.as_deref()), (EventType::Inference, Some("agent-7")));
        assert_eq!((row.user, row.api_key), (Some(user(9)), Some(uuid::Uuid::from_u128(7))));
        assert_eq!((row.provider.as_str(), row.model.as_str()), ("acme", "bursar/echo"));
        assert_eq!((row.model_type.as_str(), row.operation.as_str()), ("chat", "web_search"));
        assert_eq!((row.generation_id.as_str(), row.traffic_source.as_deref()), ("gen_1", Some("ide")));
        assert_eq!((row.prompt_tokens, row.completion_tokens, row.cached_tokens), (1000, 500, 10));
        assert_eq!((row.total_tokens(), row.cost_usd_e8, row.credits_used.micros()), (1500, 250_000, 2_500));
        assert_eq!(row.metadata["a"], "ü\n");
        assert_eq!((row.event_time, row.created_at), (reported.time.unwrap(), test.clock.now()));
        assert_eq!(row.posting, None);
    })
    .await;
}

#[tokio::test]
async fn recorded_keys_are_known_with_their_content_and_others_are_not() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let events: Vec<_> = (0..7).map(|n| inference(&format!("evt-{n}"), "bursar/echo", n, 0)).collect();
        metering.record(&test, &events[..5], None).await;

        let mut tx = test.db.begin().await.unwrap();
        let keys: Vec<_> = events.iter().map(UsageEvent::key).collect();
        let known = metering.usage.known(&mut tx, &keys).await.unwrap();
        let expected: BTreeMap<_, _> =
            events[..5].iter().map(|event| (event.key(), event.content_hash)).collect();
        assert_eq!(known, expected);
        assert!(metering.usage.known(&mut tx, &[]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_thousand_events_are_recorded_at_once() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let events: Vec<_> =
            (0..1_000).map(|n| inference(&format!("evt-{n}"), "bursar/nano", 3, 0)).collect();
        let mut tx = test.db.begin().await.unwrap();
        test.db.faults().arm(0);
        metering.record_in(&mut tx, &events, None).await;
        let statements = test.db.faults().disarm();
        if test.engine == bursar_kernel::Engine::Postgres {
            assert_eq!(statements, 3, "one for each table");
        } else {
            assert!(statements <= 20, "{statements}");
        }
        let known =
            metering.usage.known(&mut tx, &events.iter().map(UsageEvent::key).collect::<Vec<_>>()).await;
        assert_eq!(known.unwrap().len(), 1_000);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_event_cannot_be_recorded_twice() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let event = inference("evt-1", "bursar/echo", 1, 0);
        metering.record(&test, std::slice::from_ref(&event), None).await;
        let mut tx = test.db.begin().await.unwrap();
        let again = metering.new_usage(&tx, &event, None);
        assert!(metering.usage.record(&mut tx, vec![again]).await.is_err());
        drop(tx);
        let theirs = UsageEvent {
            subject: bursar_usage_metering::Subject { account: stranger(), detail: None },
            ..event
        };
        metering.record(&test, &[theirs], None).await;
    })
    .await;
}

#[tokio::test]
async fn lists_are_newest_first_and_pages_join_without_gap_or_overlap() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        for batch in 0..4 {
            let events: Vec<_> =
                (0..5).map(|n| inference(&format!("evt-{batch}-{n}"), "bursar/echo", 1, 0)).collect();
            metering.record(&test, &events, None).await;
            test.clock.advance(Duration::from_secs(1));
        }
        let reader = test.db.reader();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = Page::new(Some(3), after);
            let slice = metering.usage.list(reader, organization().id(), EVERYTHING, page).await.unwrap();
            seen.extend(slice.items);
            after = slice.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 20);
        assert!(seen.is_sorted_by(|one, next| one.position() > next.position()));
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_only_its_account_its_person_and_its_days_and_nothing_that_has_no_price() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let org = organization().to_string();
        metering.record(&test, &[inference("a", "bursar/echo", 1, 0)], Some(user(1))).await;
        metering
            .record(
                &test,
                &[event("s", &org, "service", r#"{"operation":"web_search"}"#, None)],
                Some(user(2)),
            )
            .await;
        metering
            .record(
                &test,
                &[
                    event("l", &org, "log", "{}", None),
                    event("g", &org, "gauge", r#"{"meter":"agents","value":1}"#, None),
                    event(
                        "x",
                        &Account::Personal(user(1)).to_string(),
                        "service",
                        r#"{"operation":"web_fetch"}"#,
                        None,
                    ),
                ],
                Some(user(1)),
            )
            .await;
        let first_day = test.clock.now();
        test.clock.advance(Duration::from_hours(24));
        metering.record(&test, &[inference("b", "bursar/echo", 1, 0)], Some(user(1))).await;
        let second_day = test.clock.now();

        let list = async |account: Account, filter| {
            let page = Page::new(None, None);
            let slice = metering.usage.list(test.db.reader(), account.id(), filter, page).await.unwrap();
            slice.items.into_iter().map(|row| row.event_id).collect::<Vec<_>>()
        };
        assert_eq!(list(organization(), EVERYTHING).await, ["b", "s", "a"]);
        assert_eq!(list(stranger(), EVERYTHING).await, [""; 0]);
        assert_eq!(list(Account::Personal(user(1)), EVERYTHING).await, ["x"]);
        assert_eq!(list(organization(), UsageFilter { user: Some(user(1)), ..EVERYTHING }).await, ["b", "a"]);
        assert_eq!(list(organization(), UsageFilter { from: Some(second_day), ..EVERYTHING }).await, ["b"]);
        assert_eq!(
            list(organization(), UsageFilter { to: Some(second_day), ..EVERYTHING }).await,
            ["s", "a"]
        );
        assert_eq!(list(organization(), UsageFilter { to: Some(first_day), ..EVERYTHING }).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let events = [inference("evt-1", "bursar/echo", 1, 0)];
        let mut tx = test.db.begin().await.unwrap();
        metering.record_in(&mut tx, &events, None).await;
        drop(tx);
        let mut tx = test.db.begin().await.unwrap();
        assert!(metering.usage.known(&mut tx, &[events[0].key()]).await.unwrap().is_empty());
        metering.record_in(&mut tx, &events, None).await;
        tx.commit().await.unwrap();
    })
    .await;
}
