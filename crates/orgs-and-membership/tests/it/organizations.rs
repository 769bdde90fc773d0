use std::time::Duration;

use bursar_kernel::{Db, OrganizationId, Result};
use bursar_orgs_and_membership::{
    Members, Organization, OrganizationChange, OrganizationName, Organizations, Role, SeaMembers, error,
    organization_tag,
};
use bursar_testkit::for_each_engine;

use crate::world::{Told, add, create, delete, organization, organizations, person, try_delete, unknown};

async fn update(db: &Db, id: OrganizationId, change: OrganizationChange) -> Result<Organization> {
    let mut tx = db.begin().await?;
    let updated = organizations().update(&mut tx, id, change).await?;
    tx.commit().await?;
    Ok(updated)
}

fn named(name: &str) -> OrganizationChange {
    OrganizationChange { name: Some(OrganizationName::new(name).unwrap()), ..OrganizationChange::default() }
}

#[tokio::test]
async fn the_creator_of_an_organization_is_its_owner() {
    for_each_engine(|test| async move {
        let (made, owner) = organization(&test.db, " Acme Robotics ", person(1)).await;
        assert_eq!((made.name.as_str(), made.slug.as_str()), ("Acme Robotics", "acme-robotics"));
        assert_eq!((owner.organization, owner.user, owner.role), (made.id, person(1), Role::Owner));

        let reader = test.db.reader();
        assert_eq!(organizations().by_id(reader, made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(SeaMembers.of(reader, made.id, person(1)).await.unwrap(), Some(owner));
        assert_eq!((made.member_count, made.remote_config_enabled, made.deleted_at), (1, false, None));
        assert_eq!((made.created_at, made.updated_at), (reader.now(), reader.now()));
    })
    .await;
}

#[tokio::test]
async fn an_organization_that_is_not_committed_leaves_nothing() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let (made, _) = create(&mut tx, "Acme", person(1)).await;
        assert!(organizations().by_id(tx.reader(), made.id).await.unwrap().is_some());
        drop(tx);
        assert_eq!(organizations().by_id(test.db.reader(), made.id).await.unwrap(), None);
        assert_eq!(SeaMembers.of_user(test.db.reader(), person(1)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_failure_at_any_statement_leaves_nothing() {
    for_each_engine(|test| async move {
        test.db.faults().arm(0);
        organization(&test.db, "Counted", person(1)).await;
        let statements = test.db.faults().disarm();
        assert!(statements > 1);
        for nth in 1..=statements {
            test.db.faults().arm(nth);
            assert!(try_organization(&test.db).await.is_err(), "statement {nth} of {statements}");
            test.db.faults().disarm();
            assert_eq!(SeaMembers.of_user(test.db.reader(), person(2)).await.unwrap(), []);
        }
        assert_eq!(organization(&test.db, "Acme", person(2)).await.0.slug, "acme", "no slug was taken");
    })
    .await;
}

async fn try_organization(db: &Db) -> bursar_kernel::Result<()> {
    use bursar_orgs_and_membership::NewOrganization;
    let mut tx = db.begin().await?;
    let new = NewOrganization { name: OrganizationName::new("Acme")?, creator: person(2) };
    organizations().create(&mut tx, new).await?;
    tx.commit().await
}

#[tokio::test]
async fn organizations_of_one_name_have_different_slugs() {
    for_each_engine(|test| async move {
        let mut slugs = Vec::new();
        for n in 1..=5 {
            slugs.push(organization(&test.db, "Acme", person(n)).await.0.slug);
        }
        assert_eq!(slugs[0], "acme");
        assert!(slugs[1..].iter().all(|slug| slug.starts_with("acme-")), "{slugs:?}");
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn organizations_of_one_name_can_be_made_at_the_same_time() {
    for_each_engine(|test| async move {
        let tasks: Vec<_> = (1..=16)
            .map(|n| {
                let db = test.db.clone();
                tokio::spawn(async move { organization(&db, "Acme", person(n)).await.0.slug })
            })
            .collect();
        let mut slugs = Vec::new();
        for task in tasks {
            slugs.push(task.await.unwrap());
        }
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), 16);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_or_unknown_organization_is_not_found() {
    for_each_engine(|test| async move {
        let (made, _) = organization(&test.db, "Acme", person(1)).await;
        delete(&test.db, made.id).await;
        for id in [made.id, unknown()] {
            assert_eq!(organizations().by_id(test.db.reader(), id).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_name_shows_everywhere_and_old_links_stay() {
    for_each_engine(|test| async move {
        let (made, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        add(&test.db, made.id, person(2), Role::Member).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        let updated = update(&test.db, made.id, named("Robotics")).await.unwrap();
        let now = test.db.reader().now();
        let expected =
            Organization { name: "Robotics".to_owned(), updated_at: now, member_count: 2, ..made.clone() };
        assert_eq!(updated, expected);
        assert_eq!(organizations().by_id(test.db.reader(), made.id).await.unwrap(), Some(expected));
        assert_eq!(organizations().by_id(test.db.reader(), other.id).await.unwrap(), Some(other));
        let listed = SeaMembers.of_user(test.db.reader(), person(2)).await.unwrap();
        assert_eq!(listed[0].organization_name, "Robotics");
    })
    .await;
}

#[tokio::test]
async fn an_organization_is_deleted_once_and_is_then_neither_changed_nor_locked() {
    for_each_engine(|test| async move {
        let (made, _) = organization(&test.db, "Acme", person(1)).await;
        let (kept, _) = organization(&test.db, "Kept", person(1)).await;
        let told = Told::listening(&test.db);
        delete(&test.db, made.id).await;
        assert_eq!(told.tags(), [organization_tag(made.id)]);
        let before = test.dump().await;
        for id in [made.id, unknown()] {
            let mut tx = test.db.begin().await.unwrap();
            let refusals = [
                organizations().delete(&mut tx, id).await.unwrap_err(),
                organizations().update(&mut tx, id, named("Back")).await.unwrap_err(),
                organizations().lock(&mut tx, id).await.unwrap_err(),
            ];
            tx.commit().await.unwrap();
            for refused in refusals {
                assert!(refused.is(&error::ORGANIZATION_NOT_FOUND), "{refused:?}");
            }
        }
        assert_eq!(told.tags(), []);
        assert_eq!(test.dump().await, before);
        let listed = SeaMembers.of_user(test.db.reader(), person(1)).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.membership.organization).collect::<Vec<_>>(), [kept.id]);
        assert_eq!(organization(&test.db, "Acme", person(1)).await.0.slug.split_once('-').unwrap().0, "acme");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_delete_an_organization_at_once_one_does() {
    for_each_engine(|test| async move {
        let (made, _) = organization(&test.db, "Acme", person(1)).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = test.db.clone();
                tokio::spawn(async move { try_delete(&db, made.id).await.is_ok() })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            done += u32::from(task.await.unwrap());
        }
        assert_eq!(done, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_holds_the_lock_decides_before_the_next_one() {
    for_each_engine(|test| async move {
        let (made, _) = organization(&test.db, "Acme", person(1)).await;
        let mut tx = test.db.begin().await.unwrap();
        let locked = organizations().lock(&mut tx, made.id).await.unwrap();
        assert_eq!(locked, made);
        let db = test.db.clone();
        let next = tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let outcome = organizations().lock(&mut tx, made.id).await;
            tx.commit().await.unwrap();
            outcome
        });
        organizations().delete(&mut tx, made.id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(next.await.unwrap().unwrap_err().is(&error::ORGANIZATION_NOT_FOUND));
    })
    .await;
}
