//! The tables of this crate and the services over them.

mod authorization_code;
mod credential;
mod external_identity;
mod one_time_token;
mod recovery_code;
mod refresh_token;
mod second_factor;
mod session;
mod signing_key;
mod user;

pub use authorization_code::SeaAuthorizationCodes;
pub use credential::SeaCredentials;
pub use external_identity::SeaExternalIdentities;
pub use one_time_token::SeaOneTimeTokens;
pub use refresh_token::SeaRefreshTokens;
pub use second_factor::SeaSecondFactors;
pub use session::SeaSessions;
pub use signing_key::SeaSigningKeys;
pub use user::SeaUsers;
