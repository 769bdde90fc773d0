//! The operations about keys.

use std::time::Duration;

use bursar_api_keys::{ForeignPrefix, ImportedKey, KeyHolder, KeyName, Scope, ScopeSet};
use bursar_kernel::{Account, Result};
use bursar_operations::{
    CreateApiKey, Operation, UpdateApiKey, create_api_key, create_organization_api_key, create_service_key,
    delete_api_key, import_api_keys, regenerate_organization_key, revoke_service_key, rotate_api_key,
    update_api_key,
};
use bursar_testkit::world::{Owner, World};

use super::Prepared;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::CreateApiKey,
    Operation::UpdateApiKey,
    Operation::RotateApiKey,
    Operation::DeleteApiKey,
    Operation::CreateOrganizationApiKey,
    Operation::RegenerateOrganizationKey,
    Operation::ImportApiKeys,
    Operation::CreateServiceKey,
    Operation::RevokeServiceKey,
];

pub(super) async fn prepare(prepared: &mut Prepared, world: &World, owner: &Owner, operation: Operation) {
    prepared.key = match operation {
        Operation::UpdateApiKey | Operation::RotateApiKey | Operation::DeleteApiKey => {
            Some(world.key(&owner.person).await)
        }
        Operation::RevokeServiceKey => {
            Some(create_service_key(&world.core, KeyName::new("service").unwrap(), &[]).await.unwrap())
        }
        _ => None,
    };
}

pub(super) async fn run(
    prepared: &Prepared,
    world: &World,
    owner: &Owner,
    operation: Operation,
) -> Result<()> {
    let (core, actor) = (&world.core, &owner.person.actor);
    let key = || prepared.key.as_ref().unwrap().key.id;
    let name = || KeyName::new("key");
    match operation {
        Operation::CreateApiKey => create_api_key(core, actor, CreateApiKey::named(name()?)).await.map(drop),
        Operation::UpdateApiKey => {
            let change = UpdateApiKey { enabled: Some(false), ..UpdateApiKey::default() };
            update_api_key(core, actor, key(), change).await.map(drop)
        }
        Operation::RotateApiKey => rotate_api_key(core, actor, key(), Duration::from_mins(1)).await.map(drop),
        Operation::DeleteApiKey => delete_api_key(core, actor, key(), None).await,
        Operation::CreateOrganizationApiKey => {
            let command = CreateApiKey::named(name()?);
            create_organization_api_key(core, actor, owner.organization, command).await.map(drop)
        }
        Operation::RegenerateOrganizationKey => regenerate_organization_key(core, actor).await.map(drop),
        Operation::ImportApiKeys => {
            let imported = ImportedKey {
                account: Account::Organization(owner.organization),
                holder: KeyHolder::Person(owner.person.user),
                name: name()?,
                scopes: ScopeSet::of(&[Scope::Read]),
                expires_at: None,
                hash: [7; 32],
                last_four: None,
            };
            import_api_keys(core, &ForeignPrefix::new("pk_live_")?, vec![imported]).await.map(drop)
        }
        Operation::CreateServiceKey => create_service_key(core, name()?, &[]).await.map(drop),
        Operation::RevokeServiceKey => revoke_service_key(core, key()).await,
        _ => unreachable!("{operation} is run elsewhere"),
    }
}
