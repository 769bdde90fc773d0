use bursar_kernel::{Db, OrganizationId, Result, UserId};
use bursar_orgs_and_membership::{ActiveAccounts, SeaActiveAccounts, error};
use bursar_testkit::for_each_engine;

use crate::world::{delete, organization, person, remove, unknown};

async fn set(db: &Db, user: UserId, organization: Option<OrganizationId>) -> Result<()> {
    let mut tx = db.begin().await?;
    SeaActiveAccounts.set(&mut tx, user, organization).await?;
    tx.commit().await
}

async fn active(db: &Db, user: UserId) -> Option<OrganizationId> {
    SeaActiveAccounts.get(db.reader(), user).await.unwrap()
}

#[tokio::test]
async fn the_active_account_is_the_persons_own_until_it_is_set_and_can_be_set_back() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        assert_eq!(active(&test.db, person(1)).await, None, "making one does not switch to it");
        for choice in [Some(acme.id), Some(other.id), Some(other.id), None, Some(acme.id)] {
            set(&test.db, person(1), choice).await.unwrap();
            assert_eq!(active(&test.db, person(1)).await, choice);
        }
        assert_eq!(active(&test.db, person(2)).await, None);
    })
    .await;
}

#[tokio::test]
async fn an_organization_of_which_one_is_no_member_cannot_be_active() {
    for_each_engine(|test| async move {
        let (mine, _) = organization(&test.db, "Mine", person(1)).await;
        let (foreign, _) = organization(&test.db, "Foreign", person(2)).await;
        let (gone, _) = organization(&test.db, "Gone", person(1)).await;
        delete(&test.db, gone.id).await;
        set(&test.db, person(1), Some(mine.id)).await.unwrap();
        for id in [foreign.id, gone.id, unknown()] {
            let refused = set(&test.db, person(1), Some(id)).await.unwrap_err();
            assert!(refused.is(&error::ORGANIZATION_NOT_FOUND));
            assert_eq!(active(&test.db, person(1)).await, Some(mine.id), "nothing changed");
        }
    })
    .await;
}

#[tokio::test]
async fn the_active_account_falls_back_when_the_membership_or_the_organization_ends() {
    for_each_engine(|test| async move {
        let (acme, membership) = organization(&test.db, "Acme", person(1)).await;
        set(&test.db, person(1), Some(acme.id)).await.unwrap();
        remove(&test.db, &membership).await;
        assert_eq!(active(&test.db, person(1)).await, None);

        let (gone, _) = organization(&test.db, "Gone", person(2)).await;
        set(&test.db, person(2), Some(gone.id)).await.unwrap();
        delete(&test.db, gone.id).await;
        assert_eq!(active(&test.db, person(2)).await, None);
    })
    .await;
}
