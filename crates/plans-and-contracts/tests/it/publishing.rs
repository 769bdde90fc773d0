use std::time::Duration;

use bursar_kernel::Db;
use bursar_plans_and_contracts::{Catalogue, Interval, PlanId, PlanKind, Plans, SeaPlans};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::world::{CATALOGUE, catalogue, current, publish, with, without};

/// Free once, two intervals each of team and pass, and the contract.
const ROWS: u64 = 6;
const NODES: usize = 16;

/// Key, interval and price of what can be bought.
type Offers = Vec<(String, Interval, i64)>;

/// What a catalogue says can be bought.
fn offers_of(catalogue: &Catalogue) -> Offers {
    let mut offers = Vec::new();
    for plan in catalogue.plans() {
        if plan.is_active && plan.kind != PlanKind::Contract {
            let of =
                |interval: &Interval| (plan.key.clone(), *interval, plan.price_cents(*interval).unwrap());
            offers.extend(plan.intervals().iter().map(of));
        }
    }
    offers
}

async fn offers(db: &Db) -> Offers {
    let plans = SeaPlans.active(db.reader()).await.unwrap();
    plans.into_iter().map(|plan| (plan.key, plan.interval, plan.price_cents)).collect()
}

/// Publishes, and looks whether what is sold is what the catalogue says.
async fn published(test: &TestDb, catalogue: &Catalogue) -> u64 {
    test.clock.advance(Duration::from_hours(1));
    let rows = publish(&test.db, catalogue).await.unwrap();
    assert_eq!(offers(&test.db).await, offers_of(catalogue));
    for plan in SeaPlans.active(test.db.reader()).await.unwrap() {
        assert_eq!(Some(&plan.terms), catalogue.plan(&plan.key), "{}", plan.key);
    }
    rows
}

#[tokio::test]
async fn a_catalogue_is_sold_in_its_order_by_the_month_and_by_the_year() {
    for_each_engine(|test| async move {
        assert_eq!(published(&test, &catalogue()).await, ROWS);
        let (month, year) = (Interval::Monthly, Interval::Annual);
        let expected = [
            ("free", month, 0),
            ("team", month, 2_000),
            ("team", year, 20_000),
            ("pass", month, 999),
            ("pass", year, 9_990),
        ];
        let expected = expected.map(|(key, interval, cents)| (key.to_owned(), interval, cents));
        assert_eq!(offers(&test.db).await, expected);
        let team = current(&test.db, "team", year).await;
        assert_eq!((team.version, team.is_active), (1, true));
        assert_eq!(team.created_at, test.db.reader().now());
        assert_eq!(SeaPlans.by_id(test.db.reader(), team.id).await.unwrap(), Some(team));
    })
    .await;
}

#[tokio::test]
async fn a_contract_is_known_by_its_key_and_never_among_what_can_be_bought() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let contract = current(&test.db, "enterprise", Interval::Monthly).await;
        assert_eq!((contract.price_cents, contract.terms.monthly_cents, contract.is_active), (0, None, true));
        let sold = SeaPlans.active(test.db.reader()).await.unwrap();
        assert!(sold.iter().all(|plan| plan.key != "enterprise"));
        let yearly = SeaPlans.current(test.db.reader(), "enterprise", Interval::Annual).await.unwrap();
        assert_eq!(yearly, None);
    })
    .await;
}

#[tokio::test]
async fn the_same_catalogue_again_changes_nothing() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let before = test.dump().await;
        assert_eq!(published(&test, &catalogue()).await, 0);
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_change_is_a_new_version_and_the_old_one_stays_as_it_was_sold() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let old = current(&test.db, "team", Interval::Annual).await;
        let pass = current(&test.db, "pass", Interval::Monthly).await;
        for (nth, changed) in (2_u32..).zip([
            with("monthly_cents = 2_000", "monthly_cents = 2_500"),
            with("agents = 10\n", "agents = 11\n"),
            with("[\"sso\", \"webhooks\"]", "[\"sso\"]"),
            with("description = \"For teams\"", "description = \"For large teams\""),
            // What it was at first, and yet another version: nobody on it is asked to look twice.
            catalogue(),
        ]) {
            assert_eq!(published(&test, &changed).await, 4, "two versions begin and two end");
            let new = current(&test.db, "team", Interval::Annual).await;
            assert_eq!(new.version, nth);
            assert_ne!(new.id, old.id);
            let kept = SeaPlans.by_id(test.db.reader(), old.id).await.unwrap().unwrap();
            assert_eq!((kept.price_cents, kept.version, kept.is_active), (20_000, 1, false));
            assert_eq!((&kept.terms.features, &kept.terms.limits), (&old.terms.features, &old.terms.limits));
            assert_eq!(kept.created_at, old.created_at);
        }
        assert_eq!(current(&test.db, "pass", Interval::Monthly).await, pass, "other plans are left alone");
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_leaves_the_catalogue_is_sold_no_more_until_it_comes_back() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let team = current(&test.db, "team", Interval::Monthly).await;
        let not_sold = with("key = \"team\"\n", "key = \"team\"\nactive = false\n");
        for gone in [without("team"), not_sold] {
            published(&test, &gone).await;
            let sold = SeaPlans.current(test.db.reader(), "team", Interval::Monthly).await.unwrap();
            assert_eq!(sold, None);
            let kept = SeaPlans.by_id(test.db.reader(), team.id).await.unwrap().unwrap();
            assert_eq!((kept.is_active, kept.terms.is_active), (false, false));
            assert_eq!(kept.terms.limits, team.terms.limits);
            assert_eq!(published(&test, &gone).await, 0);

            published(&test, &catalogue()).await;
            let back = current(&test.db, "team", Interval::Monthly).await;
            assert_eq!((back.id, back.version), (team.id, 1), "the same content is the same version");
        }
        published(&test, &without("team")).await;
        published(&test, &with("monthly_cents = 2_000", "monthly_cents = 2_500")).await;
        assert_eq!(current(&test.db, "team", Interval::Monthly).await.version, 2);
    })
    .await;
}

#[tokio::test]
async fn plans_are_listed_in_the_order_that_the_catalogue_has_now() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let team = current(&test.db, "team", Interval::Monthly).await;
        let mut plans: Vec<_> = CATALOGUE.split("[[plan]]\n").collect();
        plans.reverse();
        let text = plans.iter().filter(|plan| !plan.is_empty()).map(|plan| format!("[[plan]]\n{plan}\n"));
        let reversed = Catalogue::parse(&text.collect::<String>()).unwrap();
        assert_eq!(published(&test, &reversed).await, ROWS, "each has another place");
        assert_eq!(current(&test.db, "team", Interval::Monthly).await.id, team.id);
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_becomes_free_of_charge_is_sold_by_the_month_only() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        published(&test, &with("monthly_cents = 999", "monthly_cents = 0")).await;
        let yearly = SeaPlans.current(test.db.reader(), "pass", Interval::Annual).await.unwrap();
        assert_eq!(yearly, None);
    })
    .await;
}

#[tokio::test]
async fn a_version_that_there_is_not_is_not_found() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let unknown = PlanId::from_uuid(Uuid::from_u128(404));
        assert_eq!(SeaPlans.by_id(test.db.reader(), unknown).await.unwrap(), None);
        let unknown = SeaPlans.current(test.db.reader(), "Team", Interval::Monthly).await.unwrap();
        assert_eq!(unknown, None, "keys are taken as they are");
    })
    .await;
}

/// Publishes one of the catalogues on each of many nodes at once; the sum of their rows.
async fn published_at_once(test: &TestDb, catalogues: &[Catalogue]) -> u64 {
    let mut nodes = JoinSet::new();
    for node in 0..NODES {
        let (db, catalogue) = (test.db.clone(), catalogues[node % catalogues.len()].clone());
        nodes.spawn(async move { publish(&db, &catalogue).await.unwrap() });
    }
    nodes.join_all().await.into_iter().sum()
}

#[tokio::test]
async fn nodes_that_start_at_once_publish_once() {
    for_each_engine(|test| async move {
        assert_eq!(published_at_once(&test, &[catalogue()]).await, ROWS);
        let changed = with("monthly_cents = 2_000", "monthly_cents = 2_500");
        assert_eq!(published_at_once(&test, std::slice::from_ref(&changed)).await, 4);
        assert_eq!(offers(&test.db).await, offers_of(&changed));
        assert_eq!(test.number("SELECT count(*) FROM plans_version").await, 8);
    })
    .await;
}

#[tokio::test]
async fn nodes_with_different_catalogues_leave_one_of_them_whole() {
    for_each_engine(|test| async move {
        let ours = [catalogue(), without("pass"), with("monthly_cents = 2_000", "monthly_cents = 2_500")];
        published_at_once(&test, &ours).await;
        let sold = offers(&test.db).await;
        assert!(ours.iter().any(|catalogue| offers_of(catalogue) == sold), "{sold:?}");
        let twice = "SELECT count(*) FROM (SELECT 1 FROM plans_version WHERE is_active GROUP BY \"key\", \
                     \"interval\" HAVING count(*) > 1) AS twice";
        assert_eq!(test.number(twice).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_failure_at_any_statement_leaves_what_was_sold() {
    for_each_engine(|test| async move {
        published(&test, &catalogue()).await;
        let changed = Catalogue::parse(
            &CATALOGUE.replace("monthly_cents = 2_000", "monthly_cents = 1").replace("\"pass\"", "\"other\""),
        )
        .unwrap();
        let before = test.dump().await;
        test.db.faults().arm(0);
        let mut tx = test.db.begin().await.unwrap();
        SeaPlans.publish(&mut tx, &changed).await.unwrap();
        let statements = test.db.faults().disarm();
        tx.rollback().await.unwrap();
        assert_eq!(test.dump().await, before, "what is rolled back was never published");
        assert!(statements > 5);
        // The last one is the commit.
        for nth in 1..=statements + 1 {
            test.db.faults().arm(nth);
            let failed = publish(&test.db, &changed).await;
            test.db.faults().disarm();
            assert!(failed.is_err(), "statement {nth} of {statements}");
            assert_eq!(test.dump().await, before, "statement {nth} of {statements}");
        }
        published(&test, &changed).await;
    })
    .await;
}
