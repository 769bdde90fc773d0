use std::time::Duration;

use bursar_kernel::{Db, OrganizationId, Result, Secret, Tx};
use bursar_orgs_and_membership::{
    INVITE_LIFETIME, Invite, InviteState, Invites, MAX_PENDING, Members, MembershipId, NewInvite,
    Organizations, Role, SeaInvites, SeaMembers, error,
};
use bursar_testkit::{TestDb, for_each_engine};
use uuid::Uuid;

use crate::world::{add, assert_nowhere_in_clear, delete, organization, organizations, person, unknown};

/// The least step past the end of something.
const MOMENT: Duration = Duration::from_micros(1);

fn to(email: &str) -> NewInvite {
    NewInvite {
        email: email.to_owned(),
        email_folded: email.to_lowercase(),
        role: Role::Member,
        invited_by: person(1),
    }
}

/// As callers do.
async fn invite(db: &Db, id: OrganizationId, email: &str) -> Result<(Invite, Secret<String>)> {
    let mut tx = db.begin().await?;
    organizations().lock(&mut tx, id).await?;
    let made = SeaInvites.create(&mut tx, id, to(email)).await?;
    tx.commit().await?;
    Ok(made)
}

/// Makes the n-th person a member by an invite, as callers do; whether the invite was pending.
async fn accept(db: &Db, token: &Secret<String>, n: u128) -> Result<bool> {
    let mut tx = db.begin().await?;
    let shown = SeaInvites.by_token(tx.reader(), token.expose()).await?.unwrap();
    organizations().lock(&mut tx, shown.organization).await?;
    let member = MembershipId::from_uuid(Uuid::from_u128(n));
    let accepted = SeaInvites.accept(&mut tx, &shown, person(n), member).await?;
    tx.commit().await?;
    Ok(accepted)
}

async fn revoke(db: &Db, invite: &Invite) -> bool {
    let mut tx = db.begin().await.unwrap();
    let revoked = SeaInvites.revoke(&mut tx, invite.organization, invite.id).await.unwrap();
    tx.commit().await.unwrap();
    revoked
}

async fn state(test: &TestDb, invite: &Invite) -> InviteState {
    let reader = test.db.reader();
    SeaInvites.by_id(reader, invite.organization, invite.id).await.unwrap().unwrap().state
}

async fn pending(test: &TestDb, id: OrganizationId) -> Vec<String> {
    let invites = SeaInvites.pending(test.db.reader(), id).await.unwrap();
    let count = SeaInvites.pending_count(test.db.reader(), id).await.unwrap();
    assert_eq!(invites.len() as u64, count);
    assert!(invites.iter().all(|invite| invite.state == InviteState::Pending));
    invites.iter().map(|invite| invite.email.as_str().to_owned()).collect()
}

#[tokio::test]
async fn an_invite_waits_for_seven_days_and_its_token_alone_opens_it() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (made, token) = invite(&test.db, acme.id, "Ada@Example.com").await.unwrap();
        assert_eq!((made.organization, made.role, made.invited_by), (acme.id, Role::Member, person(1)));
        assert_eq!((made.email.as_str(), made.email.folded()), ("Ada@Example.com", "ada@example.com"));
        assert_eq!(
            (made.expires_at, made.state),
            (made.created_at.after(INVITE_LIFETIME), InviteState::Pending)
        );
        assert_nowhere_in_clear(&test, token.expose()).await;
        let stored = test.texts("SELECT token_hash FROM orgs_invite").await.remove(0);

        let reader = test.db.reader();
        assert_eq!(SeaInvites.by_token(reader, token.expose()).await.unwrap(), Some(made.clone()));
        assert_eq!(SeaInvites.by_id(reader, acme.id, made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(SeaInvites.by_id(reader, unknown(), made.id).await.unwrap(), None);
        for wrong in ["", "🦀", stored.as_str(), &"A".repeat(43), &"A".repeat(100_000)] {
            assert_eq!(SeaInvites.by_token(reader, wrong).await.unwrap(), None, "{wrong}");
        }

        test.clock.advance(INVITE_LIFETIME.checked_sub(MOMENT).unwrap());
        assert_eq!(pending(&test, acme.id).await, ["Ada@Example.com"]);
        test.clock.advance(MOMENT);
        assert_eq!(pending(&test, acme.id).await, [] as [&str; 0]);
        assert_eq!(state(&test, &made).await, InviteState::Expired);
        let shown = SeaInvites.by_token(test.db.reader(), token.expose()).await.unwrap().unwrap();
        assert_eq!(shown, Invite { state: InviteState::Expired, ..made });
        assert!(!accept(&test.db, &token, 2).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn pending_invites_are_listed_newest_first_by_organization() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        for email in ["a@x.io", "b@x.io", "c@x.io", "d@x.io"] {
            invite(&test.db, acme.id, email).await.unwrap();
        }
        test.clock.advance(MOMENT);
        let (revoked, _) = invite(&test.db, acme.id, "e@x.io").await.unwrap();
        let (_, accepted) = invite(&test.db, acme.id, "f@x.io").await.unwrap();
        invite(&test.db, acme.id, "g@x.io").await.unwrap();
        invite(&test.db, other.id, "a@x.io").await.unwrap();
        assert!(revoke(&test.db, &revoked).await);
        assert!(accept(&test.db, &accepted, 2).await.unwrap());
        assert_eq!(pending(&test, acme.id).await, ["g@x.io", "d@x.io", "c@x.io", "b@x.io", "a@x.io"]);
        assert_eq!(pending(&test, other.id).await, ["a@x.io"]);
    })
    .await;
}

#[tokio::test]
async fn an_address_has_one_pending_invite_and_another_once_that_is_over() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (first, _) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        let refused = invite(&test.db, acme.id, "ADA@x.io").await.unwrap_err();
        assert!(refused.is(&error::INVITE_PENDING), "{refused:?}");
        assert!(revoke(&test.db, &first).await);
        let (second, _) = invite(&test.db, acme.id, "ADA@x.io").await.unwrap();
        test.clock.advance(INVITE_LIFETIME);
        let (_, third) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        assert_eq!(state(&test, &second).await, InviteState::Expired);
        assert!(accept(&test.db, &third, 2).await.unwrap());
        invite(&test.db, acme.id, "ada@x.io").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn of_many_who_invite_an_address_at_once_one_does() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = test.db.clone();
                // Also without the lock.
                tokio::spawn(async move {
                    let mut tx = db.begin().await?;
                    SeaInvites.create(&mut tx, acme.id, to("ada@x.io")).await?;
                    tx.commit().await
                })
            })
            .collect();
        let mut made = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => made += 1,
                Err(refused) => assert!(refused.is(&error::INVITE_PENDING), "{refused:?}"),
            }
        }
        assert_eq!((made, pending(&test, acme.id).await.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn an_invite_is_accepted_once_and_says_by_whom() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (made, token) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        test.clock.advance(MOMENT);
        assert!(accept(&test.db, &token, 2).await.unwrap());
        let at = test.db.reader().now();
        test.clock.advance(MOMENT);
        assert!(!accept(&test.db, &token, 3).await.unwrap());
        assert!(!revoke(&test.db, &made).await);
        // Long afterwards it is still accepted, and not expired.
        test.clock.advance(INVITE_LIFETIME);
        let member = MembershipId::from_uuid(Uuid::from_u128(2));
        let shown = SeaInvites.by_token(test.db.reader(), token.expose()).await.unwrap().unwrap();
        assert_eq!(shown.state, InviteState::Accepted { member, user: person(2), at });
    })
    .await;
}

#[tokio::test]
async fn of_many_who_accept_an_invite_at_once_one_does() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (made, token) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        let tasks: Vec<_> = (2..10)
            .map(|n| {
                let (db, token) = (test.db.clone(), token.clone());
                tokio::spawn(async move { (n, accept(&db, &token, n).await.unwrap()) })
            })
            .collect();
        let mut accepted = Vec::new();
        for task in tasks {
            let (n, was_pending) = task.await.unwrap();
            accepted.extend(was_pending.then_some(person(n)));
        }
        let InviteState::Accepted { user, .. } = state(&test, &made).await else { panic!("{made:?}") };
        assert_eq!(accepted, [user]);
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_was_taken_back_leads_nowhere() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (made, token) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        let elsewhere = Invite { organization: unknown(), ..made.clone() };
        assert!(!revoke(&test.db, &elsewhere).await);
        assert!(revoke(&test.db, &made).await);
        assert!(!revoke(&test.db, &made).await);
        assert_eq!(state(&test, &made).await, InviteState::Revoked);
        assert!(!accept(&test.db, &token, 2).await.unwrap());
        test.clock.advance(INVITE_LIFETIME);
        let shown = SeaInvites.by_token(test.db.reader(), token.expose()).await.unwrap().unwrap();
        assert_eq!(shown.state, InviteState::Revoked);
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_is_sent_again_has_another_token_and_another_seven_days() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (made, lost) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        test.clock.advance(Duration::from_hours(24));
        let (sent, token) = resend(&test.db, &made).await.unwrap();
        let expires_at = test.db.reader().now().after(INVITE_LIFETIME);
        assert_eq!(sent, Invite { expires_at, ..made.clone() });
        assert_eq!(SeaInvites.by_token(test.db.reader(), lost.expose()).await.unwrap(), None);
        assert_nowhere_in_clear(&test, token.expose()).await;
        test.clock.set(made.expires_at);
        assert!(accept(&test.db, &token, 2).await.unwrap());

        let (revoked, _) = invite(&test.db, acme.id, "bob@x.io").await.unwrap();
        assert!(revoke(&test.db, &revoked).await);
        let (expired, _) = invite(&test.db, acme.id, "eve@x.io").await.unwrap();
        let elsewhere = Invite { organization: unknown(), ..expired.clone() };
        assert!(resend(&test.db, &elsewhere).await.is_none());
        test.clock.advance(INVITE_LIFETIME);
        for over in [made, revoked, expired] {
            assert!(resend(&test.db, &over).await.is_none(), "{over:?}");
        }
    })
    .await;
}

async fn resend(db: &Db, invite: &Invite) -> Option<(Invite, Secret<String>)> {
    let mut tx = db.begin().await.unwrap();
    let sent = SeaInvites.resend(&mut tx, invite.organization, invite.id).await.unwrap();
    tx.commit().await.unwrap();
    sent
}

#[tokio::test]
async fn the_address_of_a_deleted_person_leaves_every_invite() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        let (accepted, token) = invite(&test.db, acme.id, "Ada@x.io").await.unwrap();
        assert!(accept(&test.db, &token, 2).await.unwrap());
        let (again, _) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        let (elsewhere, _) = invite(&test.db, other.id, "ada@X.io").await.unwrap();
        invite(&test.db, acme.id, "bob@x.io").await.unwrap();

        let mut tx = test.db.begin().await.unwrap();
        assert_eq!(SeaInvites.erase_address(&mut tx, "ada@x.io").await.unwrap(), 3);
        assert_eq!(SeaInvites.erase_address(&mut tx, "ada@x.io").await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert!(!test.dump().await.to_lowercase().contains("ada@x.io"));
        let mut folded = Vec::new();
        for invite in [&accepted, &again, &elsewhere] {
            let found = SeaInvites.by_id(test.db.reader(), invite.organization, invite.id).await;
            let found = found.unwrap().unwrap();
            assert_eq!(found.email.as_str(), "erased");
            folded.push(found.email.folded().to_owned());
        }
        folded.dedup();
        assert_eq!(folded.len(), 3, "{folded:?}");
        assert!(matches!(state(&test, &accepted).await, InviteState::Accepted { .. }));
        for taken_back in [&again, &elsewhere] {
            assert_eq!(state(&test, taken_back).await, InviteState::Revoked);
        }
        assert_eq!(pending(&test, acme.id).await, ["bob@x.io"]);
        invite(&test.db, acme.id, "ada@x.io").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_takes_its_invites_back_and_their_tokens_open_nothing() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        let (made, token) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        let (_, kept) = invite(&test.db, other.id, "ada@x.io").await.unwrap();
        delete(&test.db, acme.id).await;
        assert_eq!(SeaInvites.by_token(test.db.reader(), token.expose()).await.unwrap(), None);
        assert_eq!(state(&test, &made).await, InviteState::Revoked);
        let mut tx = test.db.begin().await.unwrap();
        let member = MembershipId::from_uuid(tx.id());
        assert!(!SeaInvites.accept(&mut tx, &made, person(2), member).await.unwrap());
        tx.commit().await.unwrap();
        assert!(accept(&test.db, &kept, 2).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_organization_has_a_thousand_pending_invites_at_most() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        let mut tx = test.db.begin().await.unwrap();
        for n in 0..MAX_PENDING {
            SeaInvites.create(&mut tx, acme.id, to(&format!("{n}@x.io"))).await.unwrap();
        }
        tx.commit().await.unwrap();
        let refused = invite(&test.db, acme.id, "ada@x.io").await.unwrap_err();
        assert!(refused.is(&error::TOO_MANY_INVITES), "{refused:?}");
        invite(&test.db, other.id, "ada@x.io").await.unwrap();
        test.clock.advance(INVITE_LIFETIME);
        invite(&test.db, acme.id, "ada@x.io").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_is_rolled_back_with_its_membership_is_still_pending() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (made, token) = invite(&test.db, acme.id, "ada@x.io").await.unwrap();
        let mut tx = test.db.begin().await.unwrap();
        join(&mut tx, &made, 2).await;
        tx.rollback().await.unwrap();
        assert_eq!(state(&test, &made).await, InviteState::Pending);
        assert_eq!(SeaMembers.of(test.db.reader(), acme.id, person(2)).await.unwrap(), None);
        assert!(accept(&test.db, &token, 2).await.unwrap());
        add(&test.db, acme.id, person(2), Role::Member).await.unwrap();
    })
    .await;
}

async fn join(tx: &mut Tx, invite: &Invite, n: u128) {
    organizations().lock(tx, invite.organization).await.unwrap();
    let member = SeaMembers.add(tx, invite.organization, person(n), invite.role).await.unwrap();
    assert!(SeaInvites.accept(tx, invite, person(n), member.id).await.unwrap());
}
