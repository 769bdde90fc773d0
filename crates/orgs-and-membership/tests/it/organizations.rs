use bursar_kernel::{Db, OrganizationId};
use bursar_orgs_and_membership::{Members, Organizations, Role, SeaMembers, SeaOrganizations};
use bursar_testkit::for_each_engine;
use uuid::Uuid;

use crate::world::{create, delete, organization, person};

#[tokio::test]
async fn the_creator_of_an_organization_is_its_owner() {
    for_each_engine(|test| async move {
        let (made, owner) = organization(&test.db, " Acme Robotics ", person(1)).await;
        assert_eq!((made.name.as_str(), made.slug.as_str()), ("Acme Robotics", "acme-robotics"));
        assert_eq!((owner.organization, owner.user, owner.role), (made.id, person(1), Role::Owner));

        let reader = test.db.reader();
        assert_eq!(SeaOrganizations.by_id(reader, made.id).await.unwrap(), Some(made.clone()));
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
        assert!(SeaOrganizations.by_id(tx.reader(), made.id).await.unwrap().is_some());
        drop(tx);
        assert_eq!(SeaOrganizations.by_id(test.db.reader(), made.id).await.unwrap(), None);
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
    use bursar_orgs_and_membership::{NewOrganization, OrganizationName};
    let mut tx = db.begin().await?;
    let new = NewOrganization { name: OrganizationName::new("Acme")?, creator: person(2) };
    SeaOrganizations.create(&mut tx, new).await?;
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
        let unknown = OrganizationId::from_uuid(Uuid::from_u128(404));
        for id in [made.id, unknown] {
            assert_eq!(SeaOrganizations.by_id(test.db.reader(), id).await.unwrap(), None);
        }
    })
    .await;
}
