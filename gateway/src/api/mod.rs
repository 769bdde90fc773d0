//! One folder for each API family, all with the same files: `body` (its JSON shapes), `caller`
//! (who it admits), `error` (its words for a failure), `page` (its lists), and one file for each
//! resource.

pub mod accounts;
pub mod auth;
pub mod caller;
pub(crate) mod key_shape;
pub mod organization;
pub mod platform;
pub mod webhooks;
