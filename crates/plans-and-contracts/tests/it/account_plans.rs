use std::time::Duration;

use bursar_kernel::ErrorKind;
use bursar_plans_and_contracts::{
    AccountPlans, Interval, Limit, Plan, PlanId, Plans, SeaAccountPlans, SeaPlans, error,
};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::world::{account, catalogue, current, plan_of, publish, set, with, without};

/// A world with the catalogue published, and its plan of this key by the month.
async fn monthly(test: &TestDb, key: &str) -> Plan {
    publish(&test.db, &catalogue()).await.unwrap();
    current(&test.db, key, Interval::Monthly).await
}

#[tokio::test]
async fn an_account_that_bought_nothing_is_on_the_newest_free_plan() {
    for_each_engine(|test| async move {
        let free = monthly(&test, "free").await;
        let plan = plan_of(&test.db, account(1)).await;
        assert_eq!((&plan.plan, plan.seats, plan.since), (&free, None, None));

        publish(&test.db, &with("agents = 3\n", "agents = 4\n")).await.unwrap();
        let plan = plan_of(&test.db, account(1)).await.plan;
        assert_eq!((plan.version, plan.terms.limits.unwrap().agents), (2, Limit::AtMost(4)));
        // It is hidden, and still what everybody has.
        publish(&test.db, &with("key = \"free\"\n", "key = \"free\"\nactive = false\n")).await.unwrap();
        let plan = plan_of(&test.db, account(1)).await.plan;
        assert_eq!((plan.key.as_str(), plan.version, plan.is_active), ("free", 3, false));
    })
    .await;
}

#[tokio::test]
async fn before_a_catalogue_was_published_there_is_no_plan_to_be_on() {
    for_each_engine(|test| async move {
        let refused = SeaAccountPlans.of(test.db.reader(), account(1)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Internal);
    })
    .await;
}

#[tokio::test]
async fn an_account_is_on_the_plan_that_was_set_and_others_are_not() {
    for_each_engine(|test| async move {
        let team = monthly(&test, "team").await;
        test.clock.advance(Duration::from_secs(5));
        let on_team = set(&test.db, account(1), &team, Some(7)).await.unwrap();
        assert_eq!((&on_team.plan, on_team.seats), (&team, Some(7)));
        assert_eq!(on_team.since, Some(test.db.reader().now()));
        test.clock.advance(Duration::from_secs(5));
        assert_eq!(plan_of(&test.db, account(1)).await, on_team);
        assert_eq!(plan_of(&test.db, account(2)).await.plan.key, "free");
    })
    .await;
}

#[tokio::test]
async fn more_seats_of_the_same_plan_do_not_begin_it_anew_and_another_plan_does() {
    for_each_engine(|test| async move {
        let team = monthly(&test, "team").await;
        let first = set(&test.db, account(1), &team, Some(2)).await.unwrap();
        test.clock.advance(Duration::from_secs(5));
        let more = set(&test.db, account(1), &team, Some(3)).await.unwrap();
        assert_eq!((more.seats, more.since), (Some(3), first.since));
        let contract = current(&test.db, "enterprise", Interval::Monthly).await;
        let other = set(&test.db, account(1), &contract, None).await.unwrap();
        assert_eq!((other.plan, other.seats), (contract, None));
        assert_eq!(other.since, Some(test.db.reader().now()));
        assert_eq!(test.number("SELECT count(*) FROM plans_account").await, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_bought_a_plan_keeps_it_as_it_was_whatever_the_catalogue_says_now() {
    for_each_engine(|test| async move {
        let team = monthly(&test, "team").await;
        set(&test.db, account(1), &team, Some(2)).await.unwrap();
        for changed in [with("monthly_cents = 2_000", "monthly_cents = 9_000"), without("team")] {
            publish(&test.db, &changed).await.unwrap();
            let kept = plan_of(&test.db, account(1)).await.plan;
            assert_eq!((kept.id, kept.price_cents, kept.is_active), (team.id, 2_000, false));
            assert_eq!(kept.terms.limits, team.terms.limits);
        }
        let more = set(&test.db, account(1), &team, Some(5)).await.unwrap();
        assert_eq!((more.plan.id, more.seats), (team.id, Some(5)), "and may still buy seats of it");
    })
    .await;
}

#[tokio::test]
async fn seats_are_said_where_they_are_sold_and_what_is_refused_changes_nothing() {
    for_each_engine(|test| async move {
        let team = monthly(&test, "team").await;
        set(&test.db, account(1), &team, Some(2)).await.unwrap();
        let before = test.dump().await;
        for seats in [None, Some(0)] {
            let refused = set(&test.db, account(1), &team, seats).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("seats")));
        }
        for key in ["free", "pass", "enterprise"] {
            let plan = current(&test.db, key, Interval::Monthly).await;
            let refused = set(&test.db, account(1), &plan, Some(1)).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("seats")), "{key}");
        }
        assert_eq!(test.dump().await, before);
        set(&test.db, account(1), &team, Some(u32::MAX)).await.unwrap();
        assert_eq!(plan_of(&test.db, account(1)).await.seats, Some(u32::MAX));
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_there_is_not_cannot_be_set() {
    for_each_engine(|test| async move {
        let unknown = Plan { id: PlanId::from_uuid(Uuid::from_u128(404)), ..monthly(&test, "team").await };
        let refused = set(&test.db, account(1), &unknown, Some(1)).await.unwrap_err();
        assert!(refused.is(&error::PLAN_NOT_FOUND));
        assert_eq!(refused.to_string(), "plan not found");
        assert_eq!(plan_of(&test.db, account(1)).await.plan.key, "free");
    })
    .await;
}

#[tokio::test]
async fn a_plan_has_room_for_its_members_its_seats_or_everybody() {
    for_each_engine(|test| async move {
        publish(&test.db, &catalogue()).await.unwrap();
        for (key, seats, room) in [
            ("free", None, Limit::AtMost(3)),
            ("team", Some(1), Limit::AtMost(1)),
            ("team", Some(12), Limit::AtMost(12)),
            ("pass", None, Limit::AtMost(1)),
            ("enterprise", None, Limit::Unlimited),
        ] {
            let plan = current(&test.db, key, Interval::Monthly).await;
            set(&test.db, account(1), &plan, seats).await.unwrap();
            assert_eq!(plan_of(&test.db, account(1)).await.seats_in_all(), room, "{key} with {seats:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn plans_that_are_set_at_once_leave_one_while_the_catalogue_changes() {
    for_each_engine(|test| async move {
        let team = monthly(&test, "team").await;
        let mut tasks = JoinSet::new();
        for seats in 1..=16 {
            let (db, team) = (test.db.clone(), team.clone());
            tasks.spawn(async move { set(&db, account(1), &team, Some(seats)).await.unwrap().seats });
        }
        for cents in [2_100, 2_200] {
            let db = test.db.clone();
            tasks.spawn(async move {
                let price = format!("monthly_cents = {cents}");
                publish(&db, &with("monthly_cents = 2_000", &price)).await.unwrap();
                None
            });
        }
        let said: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(said.len(), 16);
        let plan = plan_of(&test.db, account(1)).await;
        assert_eq!(plan.plan.id, team.id);
        assert!(said.contains(&plan.seats.unwrap()));
        assert_eq!(test.number("SELECT count(*) FROM plans_account").await, 1);
        let kept = SeaPlans.by_id(test.db.reader(), team.id).await.unwrap().unwrap();
        assert_eq!((kept.price_cents, kept.is_active), (2_000, false));
    })
    .await;
}
