//! Who somebody is: people and their passwords, the second factor, the sessions they open, and the
//! tokens that prove them on later requests.
//!
//! What it owns: users from registration to deletion, password hashes, authenticators and recovery
//! codes, the tokens in mailed links, sessions with their cookies and refresh tokens, the keys that
//! sign access tokens, the issuers outside whose tokens are taken too ([`Issuers`]) and who their
//! subjects are here, the limits on attempts to sign in, and the word for a caller, [`Actor`].
//!
//! What it refuses to know: organizations and roles (a token carries them as words that it was
//! given), what an actor may do, money, HTTP, how mail is written or sent. A browser's cookie is a
//! text here, and so is the token in a link.
//!
//! A host that embeds it runs `IdentityMigrator`, makes the `Sea…` services that it needs and
//! calls them inside its own [`bursar_kernel::Tx`]:
//!
//! ```no_run
//! use bursar_identity::{
//!     EmailAddress, NewSession, NewUser, SeaSessions, SeaUsers, SessionKind, Sessions, Users,
//! };
//! # async fn embed(db: bursar_kernel::Db) -> bursar_kernel::Result<()> {
//! let mut tx = db.begin().await?;
//! let email = EmailAddress::parse("ada@example.com")?;
//! let user = SeaUsers.create(&mut tx, NewUser { email, display_name: None }).await?;
//! let opened = SeaSessions.open(&mut tx, NewSession::new(user.id, SessionKind::Cookie)).await?;
//! tx.commit().await?;
//! # Ok(())
//! # }
//! ```
//!
//! No table holds a secret that could be used: passwords are argon2id; cookies, refresh tokens and
//! the tokens of links SHA-256 of 256 random bits; private keys and authenticators' secrets sealed;
//! recovery codes digested under a sealed key.

mod access_token;
mod actor;
mod authorization_code;
mod background;
mod base32;
mod credential;
mod email;
pub mod error;
mod external_identity;
mod factor_keys;
mod issuers;
mod key_ring;
mod one_time_token;
mod password;
mod password_strength;
mod recovery_code;
mod refresh_token;
mod second_factor;
mod session;
mod sign_in_limits;
mod signing_key;
mod store;
mod totp;
mod user;

pub use access_token::{AccessClaims, AccessTokens};
pub use actor::{Actor, PersonCredential, Principal};
pub use authorization_code::{
    AUTHORIZATION_CODE_LIFETIME, AuthorizationCodes, CodeRedemption, NewAuthorizationCode,
};
pub use credential::Credentials;
pub use email::EmailAddress;
pub use external_identity::{ExternalIdentities, ExternalIdentity, KnownIdentity};
pub use issuers::{
    BrowserSignIn, ExternalClaims, ExternalOrganizationClaim, IssuerAlgorithm, Issuers, MAX_ANSWER_BYTES,
    OidcClient, OidcEndpoints, Outbound, TrustedIssuer, is_public,
};
#[cfg(feature = "outbound")]
pub use issuers::{OutboundPolicy, WebOutbound};
pub use key_ring::KeyRing;
pub use one_time_token::{OneTimeTokens, TokenHolder, TokenPurpose};
pub use password::{MIN_MEMORY_KIB, Password, PasswordHash, Passwords, Turn};
pub use refresh_token::{REFRESH_TOKEN_LIFETIME, RefreshTokens, Rotation};
pub use second_factor::{Enrolment, FactorCheck, FactorState, SecondFactors};
pub use session::{
    COOKIE_LIFETIME, MAX_LIVE_SESSIONS, NewSession, OpenedSession, Session, SessionId, SessionKind, Sessions,
};
pub use sign_in_limits::{HourlyLimits, SignInLimits};
pub use signing_key::{PublicKey, SigningKey, SigningKeyId, SigningKeys};
pub use store::{
    SeaAuthorizationCodes, SeaCredentials, SeaExternalIdentities, SeaOneTimeTokens, SeaRefreshTokens,
    SeaSecondFactors, SeaSessions, SeaSigningKeys, SeaUsers,
};
pub use user::{NewUser, PersonLock, User, UserChange, Users};
