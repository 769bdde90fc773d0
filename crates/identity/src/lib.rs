//! Who somebody is: people and their passwords, the sessions they open, and the tokens that prove
//! them on later requests.
//!
//! What it owns: users, password hashes, sessions with their cookies and refresh tokens, the keys
//! that sign access tokens, the limits on attempts to sign in, and the word for a caller,
//! [`Actor`].
//!
//! What it refuses to know: organizations and roles (a token carries them as words that it was
//! given), what an actor may do, money, HTTP. A browser's cookie is a text here.
//!
//! A host that embeds it runs `IdentityMigrator`, makes the `Sea…` services that it needs and
//! calls them inside its own [`bursar_kernel::Tx`]:
//!
//! ```no_run
//! use bursar_identity::{EmailAddress, NewUser, SeaSessions, SeaUsers, SessionKind, Sessions, Users};
//! # async fn embed(db: bursar_kernel::Db) -> bursar_kernel::Result<()> {
//! let mut tx = db.begin().await?;
//! let email = EmailAddress::parse("ada@example.com")?;
//! let user = SeaUsers.create(&mut tx, NewUser { email, display_name: None }).await?;
//! let opened = SeaSessions.open(&mut tx, user.id, SessionKind::Cookie).await?;
//! tx.commit().await?;
//! # Ok(())
//! # }
//! ```
//!
//! No table holds a secret that could be used: passwords are argon2id, cookies and refresh tokens
//! SHA-256 of 256 random bits, private keys sealed.

mod access_token;
mod actor;
mod authorization_code;
mod credential;
mod email;
pub mod error;
mod key_ring;
mod opaque_token;
mod password;
mod refresh_token;
mod session;
mod sign_in_limits;
mod signing_key;
mod store;
mod user;

pub use access_token::{AccessClaims, AccessTokens};
pub use actor::{Actor, PersonCredential, Principal};
pub use authorization_code::{
    AUTHORIZATION_CODE_LIFETIME, AuthorizationCodes, CodeRedemption, NewAuthorizationCode,
};
pub use credential::Credentials;
pub use email::EmailAddress;
pub use key_ring::KeyRing;
pub use password::{MIN_MEMORY_KIB, Password, PasswordHash, Passwords};
pub use refresh_token::{REFRESH_TOKEN_LIFETIME, RefreshTokens, Rotation};
pub use session::{COOKIE_LIFETIME, OpenedSession, Session, SessionId, SessionKind, Sessions};
pub use sign_in_limits::SignInLimits;
pub use signing_key::{PublicKey, SigningKey, SigningKeyId, SigningKeys};
pub use store::{
    SeaAuthorizationCodes, SeaCredentials, SeaRefreshTokens, SeaSessions, SeaSigningKeys, SeaUsers,
};
pub use user::{NewUser, User, Users};
