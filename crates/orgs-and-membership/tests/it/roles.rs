use std::time::Duration;

use bursar_kernel::{Db, Result};
use bursar_orgs_and_membership::{
    Members, Membership, Organizations, Role, SeaMembers, error, membership_tag,
};
use bursar_testkit::for_each_engine;

use crate::world::{Told, add, delete, organization, organizations, person, remove};

/// As callers do.
async fn set_role(db: &Db, membership: &Membership, role: Role) -> Result<Membership> {
    let mut tx = db.begin().await?;
    organizations().lock(&mut tx, membership.organization).await?;
    let changed = SeaMembers.set_role(&mut tx, membership, role).await?;
    tx.commit().await?;
    Ok(changed)
}

#[tokio::test]
async fn a_role_that_was_changed_is_the_role_and_caches_hear_of_it() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let member = add(&test.db, acme.id, person(2), Role::Member).await.unwrap();
        let told = Told::listening(&test.db);
        for role in [Role::Admin, Role::Owner, Role::Member] {
            test.clock.advance(Duration::from_secs(1));
            let changed = set_role(&test.db, &member, role).await.unwrap();
            let expected = Membership { role, updated_at: test.db.reader().now(), ..member.clone() };
            assert_eq!(changed, expected);
            assert_eq!(SeaMembers.of(test.db.reader(), acme.id, person(2)).await.unwrap(), Some(expected));
            assert_eq!(told.tags(), [membership_tag(acme.id, person(2))]);
        }
        let before = test.dump().await;
        test.clock.advance(Duration::from_secs(1));
        set_role(&test.db, &member, Role::Member).await.unwrap();
        assert_eq!(test.dump().await, before, "the same role is no change");
    })
    .await;
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    for_each_engine(|test| async move {
        let (acme, owner) = organization(&test.db, "Acme", person(1)).await;
        // The owners of others do not count.
        organization(&test.db, "Other", person(1)).await;
        let second = add(&test.db, acme.id, person(2), Role::Admin).await.unwrap();
        set_role(&test.db, &owner, Role::Owner).await.unwrap();
        for role in [Role::Admin, Role::Member] {
            let refused = set_role(&test.db, &owner, role).await.unwrap_err();
            assert!(refused.is(&error::LAST_OWNER), "{refused:?}");
        }
        // What the caller has read before its lock decides nothing.
        let stale = set_role(&test.db, &second, Role::Owner).await.unwrap();
        set_role(&test.db, &owner, Role::Member).await.unwrap();
        let believed_member = Membership { role: Role::Member, ..stale };
        let refused = set_role(&test.db, &believed_member, Role::Admin).await.unwrap_err();
        assert!(refused.is(&error::LAST_OWNER), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn who_has_left_gets_no_role() {
    for_each_engine(|test| async move {
        let (acme, owner) = organization(&test.db, "Acme", person(1)).await;
        let left = add(&test.db, acme.id, person(2), Role::Member).await.unwrap();
        remove(&test.db, &left).await;
        let refused = set_role(&test.db, &left, Role::Admin).await.unwrap_err();
        assert!(refused.is(&error::MEMBER_NOT_FOUND), "{refused:?}");
        delete(&test.db, acme.id).await;
        let mut tx = test.db.begin().await.unwrap();
        let refused = SeaMembers.set_role(&mut tx, &owner, Role::Member).await.unwrap_err();
        assert!(refused.is(&error::MEMBER_NOT_FOUND), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_demote_each_other_at_once_one_stays() {
    for_each_engine(|test| async move {
        for n in 0..8 {
            let (acme, first) = organization(&test.db, "Acme", person(2 * n + 1)).await;
            let second = add(&test.db, acme.id, person(2 * n + 2), Role::Owner).await.unwrap();
            let tasks = [first, second].map(|membership| {
                let db = test.db.clone();
                tokio::spawn(async move { set_role(&db, &membership, Role::Member).await })
            });
            let mut demoted = 0;
            for task in tasks {
                match task.await.unwrap() {
                    Ok(_) => demoted += 1,
                    Err(refused) => assert!(refused.is(&error::LAST_OWNER), "{refused:?}"),
                }
            }
            assert_eq!(demoted, 1);
        }
        assert_eq!(test.number("SELECT count(*) FROM orgs_membership WHERE role = 'owner'").await, 8);
    })
    .await;
}
