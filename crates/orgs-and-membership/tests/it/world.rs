use bursar_kernel::{Db, OrganizationId, Tx, UserId};
use bursar_orgs_and_membership::{
    Membership, NewOrganization, Organization, OrganizationName, Organizations, SeaOrganizations,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The n-th person.
pub(crate) fn person(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

/// Makes an organization and commits it.
pub(crate) async fn organization(db: &Db, name: &str, creator: UserId) -> (Organization, Membership) {
    let mut tx = db.begin().await.unwrap();
    let made = create(&mut tx, name, creator).await;
    tx.commit().await.unwrap();
    made
}

/// Makes an organization within a transaction.
pub(crate) async fn create(tx: &mut Tx, name: &str, creator: UserId) -> (Organization, Membership) {
    let name = OrganizationName::new(name).unwrap();
    SeaOrganizations.create(tx, NewOrganization { name, creator }).await.unwrap()
}

/// Marks an organization as deleted, by the row.
pub(crate) async fn delete(db: &Db, id: OrganizationId) {
    execute(db, "UPDATE orgs_organization SET deleted_at = 1 WHERE id = $1", [id.uuid()]).await;
}

/// Ends a membership, by the row.
pub(crate) async fn remove(db: &Db, membership: &Membership) {
    let ids = [membership.organization.uuid(), membership.id.uuid()];
    execute(db, "DELETE FROM orgs_membership WHERE organization_id = $1 AND id = $2", ids).await;
}

async fn execute<const N: usize>(db: &Db, sql: &str, ids: [Uuid; N]) {
    let tx = db.begin().await.unwrap();
    let backend = tx.conn().get_database_backend();
    let statement = sea_orm::Statement::from_sql_and_values(backend, sql, ids.map(Into::into));
    assert_eq!(tx.conn().execute_raw(statement).await.unwrap().rows_affected(), 1);
    tx.commit().await.unwrap();
}
