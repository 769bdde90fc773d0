//! Errors sit under `detail`, as those of sign-in do: clients of this API sign in there.

pub use crate::api::auth::error::{Detail, render};
