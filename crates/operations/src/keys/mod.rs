//! API keys: making, listing, ending and verifying them.

mod create;
mod delete;
mod list;
mod verify;

pub use create::{CreateApiKey, create_api_key};
pub use delete::delete_api_key;
pub use list::list_api_keys;
pub use verify::{Verification, VerifiedKey, VerifyApiKey, verify_api_key};
