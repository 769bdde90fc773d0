use bursar_kernel::{Db, OrganizationId, Result, UserId};
use bursar_orgs_and_membership::{
    ExternalOrganizations, KnownOrganization, Organizations, Role, SeaExternalOrganizations, error,
};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::world::{add, delete, organization, organizations, person, remove, unknown};

const ISSUER: &str = "https://issuer.example";

async fn map(db: &Db, id: OrganizationId, issuer: &str, external_id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let mapped = SeaExternalOrganizations.map(&mut tx, id, issuer, external_id).await?;
    tx.commit().await?;
    Ok(mapped)
}

/// By the subject of a person.
async fn admitted(db: &Db, id: OrganizationId, user: UserId) -> bool {
    let identity = subject(user);
    let mut tx = db.begin().await.unwrap();
    let is_first = SeaExternalOrganizations.first_admission(&mut tx, id, &identity).await.unwrap();
    tx.commit().await.unwrap();
    is_first
}

fn subject(user: UserId) -> [u8; 32] {
    let bytes = user.uuid().into_bytes();
    std::array::from_fn(|place| bytes[place % bytes.len()])
}

async fn known(test: &TestDb, issuer: &str, external_id: &str) -> KnownOrganization {
    SeaExternalOrganizations.by_external(test.db.reader(), issuer, external_id).await.unwrap()
}

async fn found(test: &TestDb, issuer: &str, external_id: &str) -> Option<OrganizationId> {
    match known(test, issuer, external_id).await {
        KnownOrganization::Organization(id) => Some(id),
        KnownOrganization::Nobody | KnownOrganization::Deleted => None,
    }
}

/// What an organization shows of it.
async fn shown(test: &TestDb, id: OrganizationId) -> Option<String> {
    organizations().by_id(test.db.reader(), id).await.unwrap().unwrap().external_organization_id
}

#[tokio::test]
async fn an_issuers_word_for_an_organization_leads_to_one_and_shows_on_it() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        assert_eq!(found(&test, ISSUER, "org_1").await, None);
        assert!(map(&test.db, acme.id, ISSUER, "org_1").await.unwrap());
        assert_eq!(found(&test, ISSUER, "org_1").await, Some(acme.id));
        for (issuer, external_id) in
            [("https://issuer.example/", "org_1"), (ISSUER, "ORG_1"), ("https://issuer.exampl", "eorg_1")]
        {
            assert_eq!(found(&test, issuer, external_id).await, None, "{issuer} {external_id}");
        }
        assert!(!map(&test.db, other.id, ISSUER, "org_1").await.unwrap(), "it is called so already");
        assert!(map(&test.db, other.id, "https://other.example", "org_1").await.unwrap());
        assert_eq!(found(&test, ISSUER, "org_1").await, Some(acme.id));
        assert_eq!(found(&test, "https://other.example", "org_1").await, Some(other.id));
        assert_eq!(shown(&test, acme.id).await.as_deref(), Some("org_1"));
    })
    .await;
}

#[tokio::test]
async fn one_that_is_not_there_is_mapped_to_nothing() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        delete(&test.db, acme.id).await;
        let refused = map(&test.db, acme.id, ISSUER, "org_1").await.unwrap_err();
        assert!(refused.is(&error::ORGANIZATION_NOT_FOUND), "{refused:?}");
        assert!(map(&test.db, unknown(), ISSUER, "org_1").await.is_err());
        assert_eq!(test.number("SELECT count(*) FROM orgs_external_organization").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_is_found_no_more_and_nobody_takes_its_place() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        assert!(map(&test.db, acme.id, ISSUER, "org_1").await.unwrap());
        delete(&test.db, acme.id).await;
        assert_eq!(known(&test, ISSUER, "org_1").await, KnownOrganization::Deleted);
        let (again, _) = organization(&test.db, "Acme again", person(1)).await;
        assert!(!map(&test.db, again.id, ISSUER, "org_1").await.unwrap());
        assert_eq!(known(&test, ISSUER, "org_1").await, KnownOrganization::Deleted);
        assert_eq!(shown(&test, again.id).await, None);
    })
    .await;
}

/// How many of as many organizations are mapped when all want to be at once.
async fn race(test: &TestDb, first: u128) -> usize {
    let mut tries = JoinSet::new();
    for number in 0..30 {
        let (one, _) = organization(&test.db, "Acme", person(first + number)).await;
        let db = test.db.clone();
        tries.spawn(async move { map(&db, one.id, ISSUER, "org_1").await.unwrap().then_some(one.id) });
    }
    let winners: Vec<_> = tries.join_all().await.into_iter().flatten().collect();
    if let [winner] = winners.as_slice() {
        assert_eq!(found(test, ISSUER, "org_1").await, Some(*winner));
        assert_eq!(shown(test, *winner).await.as_deref(), Some("org_1"));
        let named = "SELECT count(*) FROM orgs_organization \
                     WHERE external_organization_id IS NOT NULL AND deleted_at IS NULL";
        assert_eq!(test.number(named).await, 1);
        delete(&test.db, *winner).await;
    }
    winners.len()
}

#[tokio::test]
async fn of_30_that_want_to_be_one_external_organization_at_once_exactly_one_is() {
    for_each_engine(|test| async move {
        assert_eq!(race(&test, 100).await, 1);
        assert_eq!(race(&test, 200).await, 0, "nor where the first one was deleted");
    })
    .await;
}

#[tokio::test]
async fn an_issuer_lets_a_person_in_once_and_not_again_after_it_was_removed() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        assert!(admitted(&test.db, acme.id, person(2)).await);
        let member = add(&test.db, acme.id, person(2), Role::Member).await.unwrap();
        assert!(!admitted(&test.db, acme.id, person(2)).await);
        remove(&test.db, &member).await;
        assert!(!admitted(&test.db, acme.id, person(2)).await, "a token does not undo a removal");
        let was_admitted = |id, user| {
            let db = test.db.clone();
            async move {
                SeaExternalOrganizations.was_admitted(db.reader(), id, &subject(user)).await.unwrap()
            }
        };
        assert!(was_admitted(acme.id, person(2)).await && !was_admitted(acme.id, person(3)).await);
        assert!(admitted(&test.db, acme.id, person(3)).await);
        assert!(admitted(&test.db, other.id, person(2)).await, "each organization by itself");
    })
    .await;
}

#[tokio::test]
async fn of_30_first_admissions_at_once_exactly_one_is_the_first() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let mut tries = JoinSet::new();
        for _ in 0..30 {
            let db = test.db.clone();
            tries.spawn(async move { admitted(&db, acme.id, person(2)).await });
        }
        let firsts = tries.join_all().await.into_iter().filter(|is_first| *is_first).count();
        assert_eq!(firsts, 1);
    })
    .await;
}
