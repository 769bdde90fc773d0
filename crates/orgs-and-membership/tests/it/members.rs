use std::time::Duration;

use bursar_kernel::OrganizationId;
use bursar_orgs_and_membership::{Members, SeaMembers};
use bursar_testkit::for_each_engine;
use uuid::Uuid;

use crate::world::{delete, organization, person, remove};

#[tokio::test]
async fn memberships_of_a_person_are_listed_oldest_first_with_names() {
    for_each_engine(|test| async move {
        for name in ["Zebra", "Acme", "Middle"] {
            organization(&test.db, name, person(1)).await;
            test.clock.advance(Duration::from_secs(1));
        }
        organization(&test.db, "Another person's", person(2)).await;
        let listed = SeaMembers.of_user(test.db.reader(), person(1)).await.unwrap();
        let names: Vec<_> = listed.iter().map(|row| row.organization_name.as_str()).collect();
        assert_eq!(names, ["Zebra", "Acme", "Middle"]);
        assert!(listed.iter().all(|row| row.membership.user == person(1)));
    })
    .await;
}

#[tokio::test]
async fn a_stranger_is_no_member_and_an_unknown_organization_has_none() {
    for_each_engine(|test| async move {
        let (made, _) = organization(&test.db, "Acme", person(1)).await;
        let unknown = OrganizationId::from_uuid(Uuid::from_u128(404));
        for (organization, user) in [(made.id, person(2)), (unknown, person(1))] {
            assert_eq!(SeaMembers.of(test.db.reader(), organization, user).await.unwrap(), None);
        }
        assert_eq!(SeaMembers.of_user(test.db.reader(), person(2)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_has_no_members() {
    for_each_engine(|test| async move {
        let (gone, _) = organization(&test.db, "Gone", person(1)).await;
        let (left, removed) = organization(&test.db, "Left", person(1)).await;
        let (kept, _) = organization(&test.db, "Kept", person(1)).await;
        delete(&test.db, gone.id).await;
        remove(&test.db, &removed).await;
        for id in [gone.id, left.id] {
            assert_eq!(SeaMembers.of(test.db.reader(), id, person(1)).await.unwrap(), None);
        }
        let listed = SeaMembers.of_user(test.db.reader(), person(1)).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.membership.organization).collect::<Vec<_>>(), [kept.id]);
    })
    .await;
}
