use bursar_kernel::{Db, OrganizationId, Result};
use bursar_orgs_and_membership::{
    ActiveAccounts, Members, Membership, MembershipId, Organizations, Role, SeaActiveAccounts, SeaMembers,
    SoleOwnership, error, membership_tag,
};
use bursar_testkit::for_each_engine;

use crate::world::{Told, add, delete, organization, organizations, person};

/// As callers do.
async fn leave(db: &Db, id: OrganizationId, members: &[MembershipId]) -> Result<Vec<Membership>> {
    let mut tx = db.begin().await?;
    organizations().lock(&mut tx, id).await?;
    let left = SeaMembers.remove(&mut tx, id, members).await?;
    tx.commit().await?;
    Ok(left)
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_caches_hear_of_it() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(2)).await;
        let mut leaving = Vec::new();
        for n in 2..=4 {
            leaving.push(add(&test.db, acme.id, person(n), Role::Admin).await.unwrap());
        }
        let stays = leaving.pop().unwrap();
        let told = Told::listening(&test.db);
        // Named twice is still one who leaves.
        let ids = [leaving[0].id, leaving[1].id, leaving[0].id];
        let mut left = leave(&test.db, acme.id, &ids).await.unwrap();
        left.sort_by_key(|membership| membership.id);
        assert_eq!(left, leaving);
        let mut tags = told.tags();
        tags.sort_by_key(|tag| format!("{tag:?}"));
        assert_eq!(tags, [membership_tag(acme.id, person(2)), membership_tag(acme.id, person(3))]);

        let reader = test.db.reader();
        assert_eq!(SeaMembers.count(reader, acme.id).await.unwrap(), 2);
        assert_eq!(SeaMembers.of(reader, acme.id, person(2)).await.unwrap(), None);
        assert_eq!(SeaMembers.of(reader, acme.id, person(4)).await.unwrap(), Some(stays));
        let kept = SeaMembers.of_user(reader, person(2)).await.unwrap();
        assert_eq!(kept.iter().map(|row| row.membership.organization).collect::<Vec<_>>(), [other.id]);
        assert_eq!(leave(&test.db, acme.id, &[]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_acts_on_their_own_account_until_they_choose_again() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        for n in [2, 3] {
            add(&test.db, acme.id, person(n), Role::Member).await.unwrap();
            let mut tx = test.db.begin().await.unwrap();
            SeaActiveAccounts.set(&mut tx, person(n), Some(acme.id)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let membership = SeaMembers.of(test.db.reader(), acme.id, person(2)).await.unwrap().unwrap();
        leave(&test.db, acme.id, &[membership.id]).await.unwrap();
        assert_eq!(SeaActiveAccounts.get(test.db.reader(), person(2)).await.unwrap(), None);
        add(&test.db, acme.id, person(2), Role::Member).await.unwrap();
        assert_eq!(SeaActiveAccounts.get(test.db.reader(), person(2)).await.unwrap(), None);
        assert_eq!(SeaActiveAccounts.get(test.db.reader(), person(3)).await.unwrap(), Some(acme.id));
    })
    .await;
}

#[tokio::test]
async fn a_removal_that_names_a_stranger_or_the_last_owner_removes_nobody() {
    for_each_engine(|test| async move {
        let (acme, owner) = organization(&test.db, "Acme", person(1)).await;
        let (_, foreign) = organization(&test.db, "Other", person(9)).await;
        let second = add(&test.db, acme.id, person(2), Role::Owner).await.unwrap();
        let member = add(&test.db, acme.id, person(3), Role::Member).await.unwrap();
        let before = test.dump().await;
        for (ids, code) in [
            (vec![member.id, foreign.id], &error::MEMBER_NOT_FOUND),
            (vec![foreign.id], &error::MEMBER_NOT_FOUND),
            (vec![member.id, owner.id, second.id], &error::LAST_OWNER),
            (vec![owner.id, second.id], &error::LAST_OWNER),
        ] {
            let refused = leave(&test.db, acme.id, &ids).await.unwrap_err();
            assert!(refused.is(code), "{refused:?}");
        }
        assert_eq!(test.dump().await, before);
        leave(&test.db, acme.id, &[owner.id, member.id]).await.unwrap();
        let refused = leave(&test.db, acme.id, &[second.id]).await.unwrap_err();
        assert!(refused.is(&error::LAST_OWNER), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    for_each_engine(|test| async move {
        for n in 0..8 {
            let (acme, first) = organization(&test.db, "Acme", person(2 * n + 1)).await;
            let second = add(&test.db, acme.id, person(2 * n + 2), Role::Owner).await.unwrap();
            let tasks = [first, second].map(|membership| {
                let db = test.db.clone();
                tokio::spawn(async move { leave(&db, acme.id, &[membership.id]).await })
            });
            let mut left = 0;
            for task in tasks {
                match task.await.unwrap() {
                    Ok(_) => left += 1,
                    Err(refused) => assert!(refused.is(&error::LAST_OWNER), "{refused:?}"),
                }
            }
            assert_eq!(left, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_switches_accounts_without_waiting_for_who_changes_the_members() {
    for_each_engine(|test| async move {
        if test.engine == bursar_kernel::Engine::Sqlite {
            // One writer: everybody waits for everybody, and nobody for each other.
            return;
        }
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let member = add(&test.db, acme.id, person(2), Role::Member).await.unwrap();
        let mut changing = test.db.begin().await.unwrap();
        organizations().lock(&mut changing, acme.id).await.unwrap();
        let mut switching = test.db.begin().await.unwrap();
        SeaActiveAccounts.set(&mut switching, person(2), Some(acme.id)).await.unwrap();
        switching.commit().await.unwrap();
        SeaMembers.remove(&mut changing, acme.id, &[member.id]).await.unwrap();
        changing.commit().await.unwrap();
        assert_eq!(SeaActiveAccounts.get(test.db.reader(), person(2)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_a_person_owns_alone_is_told_with_how_many_others_are_in_it() {
    for_each_engine(|test| async move {
        let (busy, _) = organization(&test.db, "Busy", person(1)).await;
        let (shared, _) = organization(&test.db, "Shared", person(1)).await;
        let (empty, _) = organization(&test.db, "Empty", person(1)).await;
        let (gone, _) = organization(&test.db, "Gone", person(1)).await;
        let (foreign, _) = organization(&test.db, "Foreign", person(2)).await;
        for (organization, user, role) in [
            (&busy, 2, Role::Member),
            (&busy, 3, Role::Admin),
            (&busy, 4, Role::Member),
            (&shared, 2, Role::Owner),
            (&shared, 3, Role::Member),
            (&gone, 2, Role::Member),
            (&foreign, 1, Role::Admin),
        ] {
            add(&test.db, organization.id, person(user), role).await.unwrap();
        }
        delete(&test.db, gone.id).await;
        let alone = |organization: OrganizationId, name: &str, other_members| SoleOwnership {
            organization,
            name: name.to_owned(),
            other_members,
        };
        let reader = test.db.reader();
        assert_eq!(
            SeaMembers.alone_owned_by(reader, person(1)).await.unwrap(),
            [alone(busy.id, "Busy", 3), alone(empty.id, "Empty", 0)]
        );
        assert_eq!(
            SeaMembers.alone_owned_by(reader, person(2)).await.unwrap(),
            [alone(foreign.id, "Foreign", 1)]
        );
        assert_eq!(SeaMembers.alone_owned_by(reader, person(3)).await.unwrap(), []);
    })
    .await;
}
