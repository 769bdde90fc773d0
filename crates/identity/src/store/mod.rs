//! The tables of this crate and the services over them.

mod authorization_code;
mod credential;
mod refresh_token;
mod session;
mod signing_key;
mod user;

pub use authorization_code::SeaAuthorizationCodes;
pub use credential::SeaCredentials;
pub use refresh_token::SeaRefreshTokens;
pub use session::SeaSessions;
pub use signing_key::SeaSigningKeys;
pub use user::SeaUsers;
