//! API keys: making, listing, changing, rotating, ending and verifying them.

mod create;
mod delete;
mod import;
mod list;
mod organization_key;
mod own;
mod rotate;
mod service;
mod told;
mod update;
mod verify;

pub use create::{CreateApiKey, create_api_key, create_organization_api_key};
pub use delete::delete_api_key;
pub use import::import_api_keys;
pub use list::{grantable_scopes, list_api_keys, list_organization_api_keys};
pub use organization_key::{
    OrganizationWithKey, RegeneratedKey, read_organization_with_key, regenerate_organization_key,
};
pub use rotate::rotate_api_key;
pub use service::{create_service_key, list_service_keys, revoke_service_key};
pub use update::{UpdateApiKey, update_api_key};
pub use verify::{Verification, VerifiedKey, VerifyApiKey, verify_api_key};
