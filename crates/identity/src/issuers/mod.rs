//! Issuers outside whose tokens this deployment takes: what their tokens must be to be believed, and
//! the way by which a person signs in there with a browser.

mod browser;
mod claims;
mod discovery;
mod issuer;
mod jwks;
mod kept;
mod organization_claim;
mod outbound;
mod public_address;
mod token;
#[cfg(feature = "outbound")]
mod web_outbound;

use std::{sync::Arc, time::Duration};

use bursar_kernel::{DomainError, Entropy, Result, Secret, UnixTimestamp};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use url::Url;

#[cfg(feature = "outbound")]
pub use self::web_outbound::{OutboundPolicy, WebOutbound};
pub use self::{
    browser::BrowserSignIn,
    claims::ExternalClaims,
    issuer::{IssuerAlgorithm, OidcClient, OidcEndpoints, TrustedIssuer},
    organization_claim::ExternalOrganizationClaim,
    outbound::{MAX_ANSWER_BYTES, Outbound},
    public_address::is_public,
};
use self::{
    browser::exchange,
    claims::{Addressee, Claims},
    discovery::Discovery,
    jwks::KeySet,
    kept::Kept,
    token::{Refusal, Token},
};
use crate::error;

/// The issuers outside, and what they publish, kept in memory.
pub struct Issuers {
    known: Vec<Known>,
    outbound: Arc<dyn Outbound>,
}

struct Known {
    issuer: TrustedIssuer,
    keys: Arc<Kept<KeySet>>,
    discovery: Arc<Kept<Discovery>>,
}

impl Issuers {
    /// These, nothing of them known yet.
    #[must_use]
    pub fn new(issuers: Vec<TrustedIssuer>, outbound: Arc<dyn Outbound>) -> Self {
        let known = |issuer| Known { issuer, keys: Arc::default(), discovery: Arc::default() };
        Self { known: issuers.into_iter().map(known).collect(), outbound }
    }

    /// Every one, in the order of the configuration.
    pub fn all(&self) -> impl Iterator<Item = &TrustedIssuer> {
        self.known.iter().map(|known| &known.issuer)
    }

    /// The one of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&TrustedIssuer> {
        self.all().find(|issuer| issuer.name == name)
    }

    /// The one that a token says it is of. That it is, [`Self::verify`] finds out.
    #[must_use]
    pub fn of_token(&self, token: &str) -> Option<&TrustedIssuer> {
        let claims = Token::split(token).ok()?.claims()?;
        let said = claims.get("iss").and_then(Value::as_str)?;
        self.all().find(|issuer| issuer.issuer == said)
    }

    /// What a good token of the issuer says.
    ///
    /// # Errors
    /// `invalid_token` for every token that is not good; `issuer_unavailable` when the issuer's keys
    /// cannot be had now.
    pub async fn verify(
        &self,
        issuer: &TrustedIssuer,
        token: &str,
        now: UnixTimestamp,
    ) -> Result<ExternalClaims> {
        let claims = self.signed_claims(issuer, token, now).await?;
        let addressee = Addressee {
            audiences: &issuer.audiences,
            parties: &issuer.authorized_parties,
            needs_party: true,
        };
        claims.read(&issuer.issuer, &addressee, now).map_err(invalid)
    }

    /// Begins a sign-in by browser. Verifier, nonce and state are 256 random bits each. Whoever proved
    /// itself to the issuer longer than `max_age` ago is to do so again; the token then says when.
    ///
    /// # Errors
    /// `issuer_unavailable` when it cannot be known where people sign in; `internal` for an issuer at
    /// which this deployment is no client.
    pub async fn begin(
        &self,
        issuer: &TrustedIssuer,
        redirect_uri: &str,
        max_age: Duration,
        entropy: &dyn Entropy,
        now: UnixTimestamp,
    ) -> Result<BrowserSignIn> {
        let client = client(issuer)?;
        let endpoints = self.endpoints(issuer, now).await?;
        Ok(BrowserSignIn::begin(client, &endpoints.authorization, redirect_uri, max_age, entropy))
    }

    /// Exchanges the code with which a person came back, and says who it is: by a token that is for
    /// this deployment alone and for this very sign-in.
    ///
    /// # Errors
    /// `invalid_token` for a code that the issuer refuses and a token that is not good;
    /// `issuer_unavailable` when the issuer cannot be asked now; `internal` as [`Self::begin`].
    pub async fn finish(
        &self,
        issuer: &TrustedIssuer,
        redirect_uri: &str,
        code: &str,
        verifier: &Secret<String>,
        nonce: &str,
        now: UnixTimestamp,
    ) -> Result<ExternalClaims> {
        let client = client(issuer)?;
        let token_url = self.endpoints(issuer, now).await?.token;
        let token =
            exchange(self.outbound.as_ref(), client, &token_url, redirect_uri, code, verifier).await?;
        let claims = self.signed_claims(issuer, token.expose(), now).await?;
        let said = claims.text("nonce").map_err(invalid)?.unwrap_or_default();
        if nonce.is_empty() || !bool::from(said.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(invalid("the token is of another sign-in"));
        }
        let ours = std::slice::from_ref(&client.id);
        let addressee = Addressee { audiences: ours, parties: ours, needs_party: false };
        claims.read(&issuer.issuer, &addressee, now).map_err(invalid)
    }

    /// The claims of a token that the issuer signed; nothing else is known of it.
    async fn signed_claims(&self, issuer: &TrustedIssuer, token: &str, now: UnixTimestamp) -> Result<Claims> {
        let token = Token::split(token).map_err(invalid)?;
        // The algorithm is pinned before any key is looked at.
        let header = token.header(&issuer.algorithms).map_err(invalid)?;
        let known = self.known(issuer)?;
        let keys = self.keys(known, now, |keys| keys.knows(&header)).await?;
        let key = keys.key(&header).map_err(invalid)?;
        let algorithm = header.algorithm.of_library();
        let is_signed =
            jsonwebtoken::crypto::verify(token.signature, token.message.as_bytes(), key, algorithm);
        match is_signed {
            Ok(true) => token.claims().map(Claims).ok_or_else(|| invalid("the claims are no JSON object")),
            Ok(false) => Err(invalid("the signature is somebody else's")),
            Err(cause) => Err(DomainError::from(&error::INVALID_TOKEN).because(cause)),
        }
    }

    async fn keys(
        &self,
        known: &Known,
        now: UnixTimestamp,
        is_wanted: impl Fn(&KeySet) -> bool + Send + Sync,
    ) -> Result<Arc<KeySet>> {
        let ask = || {
            let (outbound, discovery) = (self.outbound.clone(), known.discovery.clone());
            let (issuer, given) = (known.issuer.issuer.clone(), known.issuer.jwks_url.clone());
            async move {
                let url = match given {
                    Some(url) => url,
                    None => discover(outbound.clone(), &discovery, &issuer, now).await?.jwks_url.clone(),
                };
                KeySet::read(&outbound.get(&url).await?)
            }
        };
        known.keys.get(now, is_wanted, ask).await
    }

    async fn endpoints(&self, issuer: &TrustedIssuer, now: UnixTimestamp) -> Result<OidcEndpoints> {
        if let Some(given) = issuer.client.as_ref().and_then(|client| client.endpoints.clone()) {
            return Ok(given);
        }
        let known = self.known(issuer)?;
        let found = discover(self.outbound.clone(), &known.discovery, &known.issuer.issuer, now).await?;
        found.endpoints.clone().ok_or_else(|| outbound::unavailable("the issuer signs nobody in by browser"))
    }

    fn known(&self, issuer: &TrustedIssuer) -> Result<&Known> {
        let same = |known: &&Known| known.issuer.name == issuer.name && known.issuer.issuer == issuer.issuer;
        let unknown = || DomainError::internal(format!("{} is no issuer of these", issuer.name));
        self.known.iter().find(same).ok_or_else(unknown)
    }
}

async fn discover(
    outbound: Arc<dyn Outbound>,
    discovery: &Arc<Kept<Discovery>>,
    issuer: &str,
    now: UnixTimestamp,
) -> Result<Arc<Discovery>> {
    let url: Url = Discovery::url(issuer)?;
    let issuer = issuer.to_owned();
    let ask = || async move { Discovery::read(&issuer, &outbound.get(&url).await?) };
    discovery.get(now, |_| true, ask).await
}

fn client(issuer: &TrustedIssuer) -> Result<&OidcClient> {
    let none = || DomainError::internal(format!("{} has no client for browsers", issuer.name));
    issuer.client.as_ref().ok_or_else(none)
}

/// One sentence for all: an attacker learns nothing from trying, and the log says which rule it was.
fn invalid(refusal: Refusal) -> DomainError {
    DomainError::from(&error::INVALID_TOKEN).because(refusal)
}
