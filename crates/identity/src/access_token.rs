use std::time::Duration;

use bursar_kernel::{DomainError, OrganizationId, Result, UnixTimestamp, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{
    error,
    session::SessionId,
    signing_key::{PublicKey, SigningKey, SigningKeyId},
};

/// The longest token that is looked at; ours have some 500 bytes.
const MAX_LENGTH: usize = 4096;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who signed in.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// When the token was made, to the second.
    pub issued_at: UnixTimestamp,
    /// The second in which it is not good any more: [`AccessTokens::lifetime`] later.
    pub expires_at: UnixTimestamp,
    /// The organization that was active then: a hint for other services, not for this one.
    pub organization: Option<OrganizationId>,
    /// The person's role in it, such as `org:owner`.
    pub organization_role: Option<String>,
}

/// The claims under their registered names.
#[derive(Serialize, Deserialize)]
struct WireClaims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    sid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    org_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    org_role: Option<String>,
}

/// Makes and checks access tokens: JWTs signed by `EdDSA`.
#[derive(Clone, Debug)]
pub struct AccessTokens {
    issuer: String,
    audience: String,
    lifetime: Duration,
    validation: Validation,
}

impl AccessTokens {
    /// Tokens of one deployment, good for `lifetime`.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, lifetime: Duration) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&audience]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        // The library would ask the machine for the time; `claims_of` asks the caller's instant.
        validation.validate_exp = false;
        Self { issuer, audience, lifetime, validation }
    }

    /// How long each token is good.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Signs a token.
    ///
    /// # Errors
    /// `internal` when the key cannot sign.
    pub fn mint(&self, key: &SigningKey, claims: &AccessClaims) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.id().to_string());
        let claims = WireClaims {
            iss: self.issuer.clone(),
            sub: claims.user.to_string(),
            aud: self.audience.clone(),
            exp: claims.expires_at.seconds(),
            iat: claims.issued_at.seconds(),
            sid: claims.session.to_string(),
            org_id: claims.organization.map(|organization| organization.to_string()),
            org_role: claims.organization_role.clone(),
        };
        jsonwebtoken::encode(&header, &claims, &key.encoding_key()?).map_err(DomainError::internal)
    }

    /// What a good token says. The algorithm is pinned, the key is one of `keys` by its `kid`,
    /// and nothing else in the header is believed, whatever keys or addresses it brings along.
    ///
    /// # Errors
    /// `invalid_token` for every token that [`Self::mint`] did not make with one of these keys,
    /// and from the second on in which it expires.
    pub fn verify(&self, keys: &[PublicKey], token: &str, now: UnixTimestamp) -> Result<AccessClaims> {
        let kid = Self::key_id(token)?;
        let key = keys.iter().find(|key| key.kid == kid).ok_or_else(invalid)?.decoding_key()?;
        let decoded = jsonwebtoken::decode::<WireClaims>(token, &key, &self.validation)
            .map_err(|cause| invalid().because(cause))?;
        self.claims_of(decoded.claims, now).ok_or_else(invalid)
    }

    /// The key that a token says it is signed with. Says nothing about whether it is.
    pub(crate) fn key_id(token: &str) -> Result<SigningKeyId> {
        if token.len() > MAX_LENGTH {
            return Err(invalid());
        }
        let header = jsonwebtoken::decode_header(token).map_err(|cause| invalid().because(cause))?;
        if header.alg != Algorithm::EdDSA {
            return Err(invalid());
        }
        header.kid.and_then(|kid| kid.parse().ok()).ok_or_else(invalid)
    }

    fn claims_of(&self, wire: WireClaims, now: UnixTimestamp) -> Option<AccessClaims> {
        // Said to the library already, and said again: nothing here hangs on one of its defaults.
        if wire.iss != self.issuer || wire.aud != self.audience || now.seconds() >= wire.exp {
            return None;
        }
        let organization = match wire.org_id {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        Some(AccessClaims {
            user: wire.sub.parse().ok()?,
            session: wire.sid.parse().ok()?,
            issued_at: instant(wire.iat)?,
            expires_at: instant(wire.exp)?,
            organization,
            organization_role: wire.org_role,
        })
    }
}

fn instant(seconds: i64) -> Option<UnixTimestamp> {
    seconds.checked_mul(1_000_000).map(UnixTimestamp::from_micros)
}

fn invalid() -> DomainError {
    DomainError::from(&error::INVALID_TOKEN)
}

#[cfg(test)]
mod tests;
