use std::time::Duration;

use bursar_kernel::{OrganizationId, Page, Position};
use bursar_orgs_and_membership::{
    Members, Membership, MembershipId, Role, SeaMembers, error, membership_tag,
};
use bursar_testkit::{TestDb, for_each_engine};
use uuid::Uuid;

use crate::world::{Told, add, delete, organization, person, remove, unknown};

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
        for (organization, user) in [(made.id, person(2)), (unknown(), person(1))] {
            assert_eq!(SeaMembers.of(test.db.reader(), organization, user).await.unwrap(), None);
        }
        assert_eq!(SeaMembers.of_user(test.db.reader(), person(2)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_has_no_members() {
    for_each_engine(|test| async move {
        let (gone, of_gone) = organization(&test.db, "Gone", person(1)).await;
        let (left, removed) = organization(&test.db, "Left", person(1)).await;
        let (kept, _) = organization(&test.db, "Kept", person(1)).await;
        delete(&test.db, gone.id).await;
        remove(&test.db, &removed).await;
        for id in [gone.id, left.id] {
            assert_eq!(SeaMembers.of(test.db.reader(), id, person(1)).await.unwrap(), None);
            assert_eq!(listed(&test, id, None).await, ([].into(), None));
            assert_eq!(SeaMembers.count(test.db.reader(), id).await.unwrap(), 0);
            assert_eq!(SeaMembers.by_users(test.db.reader(), id, &[person(1)]).await.unwrap(), []);
        }
        assert_eq!(SeaMembers.by_id(test.db.reader(), gone.id, of_gone.id).await.unwrap(), None);
        assert_eq!(SeaMembers.by_ids(test.db.reader(), gone.id, &[of_gone.id]).await.unwrap(), []);
        let listed = SeaMembers.of_user(test.db.reader(), person(1)).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.membership.organization).collect::<Vec<_>>(), [kept.id]);
    })
    .await;
}

/// A page of two: who is on it, and where the next one begins.
async fn listed(
    test: &TestDb,
    id: OrganizationId,
    after: Option<Position>,
) -> (Vec<Membership>, Option<Position>) {
    let slice = SeaMembers.list(test.db.reader(), id, Page::new(Some(2), after)).await.unwrap();
    (slice.items, slice.next)
}

#[tokio::test]
async fn members_are_listed_newest_first_in_pages_that_miss_and_repeat_nobody() {
    for_each_engine(|test| async move {
        let (acme, owner) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(9)).await;
        let mut expected = vec![owner];
        for n in 2..=5 {
            // Two of each instant.
            test.clock.advance(Duration::from_secs(u64::from(n % 2 == 0)));
            expected.push(add(&test.db, acme.id, person(n), Role::Member).await.unwrap());
            add(&test.db, other.id, person(n), Role::Member).await.unwrap();
        }
        expected.reverse();
        let (first, next) = listed(&test, acme.id, None).await;
        assert!(next.is_some());
        // Who joins meanwhile is before what was read.
        test.clock.advance(Duration::from_secs(1));
        add(&test.db, acme.id, person(6), Role::Member).await.unwrap();
        let (second, next) = listed(&test, acme.id, next).await;
        let (third, none) = listed(&test, acme.id, next).await;
        assert_eq!([first, second, third].concat(), expected);
        assert_eq!(none, None);
        assert_eq!(SeaMembers.count(test.db.reader(), acme.id).await.unwrap(), 6);
    })
    .await;
}

#[tokio::test]
async fn members_are_found_by_any_of_their_names_and_foreign_names_find_nobody() {
    for_each_engine(|test| async move {
        let (acme, owner) = organization(&test.db, "Acme", person(1)).await;
        let (_, foreign) = organization(&test.db, "Other", person(3)).await;
        let member = add(&test.db, acme.id, person(2), Role::Admin).await.unwrap();
        let mut ids = vec![owner.id, member.id, foreign.id];
        let mut people = vec![person(1), person(2), person(3)];
        // More than one statement holds.
        for n in 1000..3000 {
            ids.push(MembershipId::from_uuid(Uuid::from_u128(n)));
            people.push(person(n));
        }
        let reader = test.db.reader();
        for mut found in [
            SeaMembers.by_ids(reader, acme.id, &ids).await.unwrap(),
            SeaMembers.by_users(reader, acme.id, &people).await.unwrap(),
        ] {
            found.sort_by_key(|membership| membership.id);
            assert_eq!(found, [owner.clone(), member.clone()]);
        }
        assert_eq!(SeaMembers.by_ids(reader, acme.id, &[]).await.unwrap(), []);
        assert_eq!(SeaMembers.by_users(reader, acme.id, &[]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_person_joins_an_organization_once_and_caches_hear_of_it() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let told = Told::listening(&test.db);
        let added = add(&test.db, acme.id, person(2), Role::Admin).await.unwrap();
        assert_eq!((added.organization, added.user, added.role), (acme.id, person(2), Role::Admin));
        assert_eq!(told.tags(), [membership_tag(acme.id, person(2))]);
        assert_eq!(SeaMembers.of(test.db.reader(), acme.id, person(2)).await.unwrap(), Some(added));
        for user in [person(1), person(2)] {
            let refused = add(&test.db, acme.id, user, Role::Member).await.unwrap_err();
            assert!(refused.is(&error::ALREADY_MEMBER), "{refused:?}");
        }
        assert_eq!(told.tags(), []);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_let_a_person_in_at_once_one_does() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = test.db.clone();
                tokio::spawn(async move { add(&db, acme.id, person(2), Role::Member).await })
            })
            .collect();
        let mut added = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => added += 1,
                Err(refused) => assert!(refused.is(&error::ALREADY_MEMBER), "{refused:?}"),
            }
        }
        assert_eq!((added, SeaMembers.count(test.db.reader(), acme.id).await.unwrap()), (1, 2));
    })
    .await;
}
