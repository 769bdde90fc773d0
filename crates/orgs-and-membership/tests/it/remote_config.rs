use std::time::Duration;

use bursar_kernel::{Db, MasterKey, OrganizationId, Sealer};
use bursar_orgs_and_membership::{
    ConfiguringOrganization, OrganizationChange, Organizations, RemoteConfig, Role, SeaOrganizations,
};
use bursar_testkit::for_each_engine;

use crate::world::{add, assert_nowhere_in_clear, delete, organization, organizations, person};

/// Spelled as no writer of ours would spell it.
fn document(secret: &str) -> String {
    format!(
        "{{ \"version\" : \"v1\",\r\n\t\"openTelemetryOtlpHeaders\": {{\"Authorization\": \"{secret}\"}}, \"né\": 1.50 }}\n"
    )
}

async fn store(db: &Db, id: OrganizationId, config: Option<&str>, enabled: Option<bool>) {
    let config = config.map(|text| RemoteConfig::check(text.to_owned()).unwrap().config);
    let change =
        OrganizationChange { name: None, remote_config_enabled: enabled, default_remote_config: config };
    let mut tx = db.begin().await.unwrap();
    organizations().update(&mut tx, id, change).await.unwrap();
    tx.commit().await.unwrap();
}

async fn stored(db: &Db, id: OrganizationId) -> (Option<String>, bool) {
    let organization = organizations().by_id(db.reader(), id).await.unwrap().unwrap();
    (organization.default_remote_config, organization.remote_config_enabled)
}

#[tokio::test]
async fn a_configuration_comes_back_byte_for_byte_and_lies_nowhere_in_clear() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        assert_eq!(stored(&test.db, acme.id).await, (None, false));
        let text = document("hush-hush-hush-hush");
        store(&test.db, acme.id, Some(&text), None).await;
        assert_eq!(stored(&test.db, acme.id).await, (Some(text.clone()), false));
        assert_nowhere_in_clear(&test, "hush-hush-hush-hush").await;

        store(&test.db, acme.id, None, Some(true)).await;
        assert_eq!(stored(&test.db, acme.id).await, (Some(text), true), "what is not named stays");
        let other = document("other");
        store(&test.db, acme.id, Some(&other), Some(false)).await;
        assert_eq!(stored(&test.db, acme.id).await, (Some(other), false));
    })
    .await;
}

#[tokio::test]
async fn a_configuration_does_not_print() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        store(&test.db, acme.id, Some(&document("hush")), Some(true)).await;
        let seen = organizations().by_id(test.db.reader(), acme.id).await.unwrap().unwrap();
        let offered = organizations().with_remote_config(test.db.reader(), person(1)).await.unwrap();
        for printed in [format!("{seen:?}"), format!("{offered:?}")] {
            assert!(printed.contains("Acme") && !printed.contains("hush"), "{printed}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_configuration_opens_under_its_own_key_and_in_its_own_row_only() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        store(&test.db, acme.id, Some(&document("hush")), Some(true)).await;
        let (old, new) = (MasterKey::from_bytes([1; 32]), MasterKey::from_bytes([2; 32]));
        let stranger = SeaOrganizations::new(Sealer::new(&new, &[]));
        assert_eq!(stranger.by_id(test.db.reader(), acme.id).await.unwrap_err().code(), "internal");
        let renewed = SeaOrganizations::new(Sealer::new(&new, &[old]));
        let opened = renewed.by_id(test.db.reader(), acme.id).await.unwrap().unwrap();
        assert_eq!(opened.default_remote_config, Some(document("hush")));

        let moved = "UPDATE orgs_organization SET default_remote_config = \
                     (SELECT max(default_remote_config) FROM orgs_organization)";
        assert_eq!(test.execute(moved).await, Ok(2));
        assert!(organizations().by_id(test.db.reader(), acme.id).await.is_ok());
        assert!(organizations().by_id(test.db.reader(), other.id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_person_is_offered_what_their_organizations_hand_out_oldest_membership_first() {
    for_each_engine(|test| async move {
        let (second, _) = organization(&test.db, "Second", person(2)).await;
        let (off, _) = organization(&test.db, "Off", person(1)).await;
        let (empty, _) = organization(&test.db, "Empty", person(1)).await;
        let (gone, _) = organization(&test.db, "Gone", person(1)).await;
        let (first, _) = organization(&test.db, "First", person(1)).await;
        let (foreign, _) = organization(&test.db, "Foreign", person(2)).await;
        test.clock.advance(Duration::from_secs(1));
        add(&test.db, second.id, person(1), Role::Member).await.unwrap();
        assert_eq!(organizations().with_remote_config(test.db.reader(), person(1)).await.unwrap(), []);

        for (organization, enabled) in
            [(&second, true), (&off, false), (&gone, true), (&first, true), (&foreign, true)]
        {
            let text = document(&organization.name);
            store(&test.db, organization.id, Some(&text), Some(enabled)).await;
        }
        store(&test.db, empty.id, None, Some(true)).await;
        delete(&test.db, gone.id).await;
        let offered = [first, second].map(|organization| ConfiguringOrganization {
            organization: organization.id,
            name: organization.name,
        });
        assert_eq!(organizations().with_remote_config(test.db.reader(), person(1)).await.unwrap(), offered);
        assert_eq!(organizations().with_remote_config(test.db.reader(), person(3)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_keeps_no_configuration() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        store(&test.db, acme.id, Some(&document("hush")), Some(true)).await;
        let kept = "SELECT count(default_remote_config) FROM orgs_organization";
        assert_eq!(test.number(kept).await, 1);
        delete(&test.db, acme.id).await;
        assert_eq!(test.number(kept).await, 0);
    })
    .await;
}
