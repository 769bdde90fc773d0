use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_kernel::{DomainError, Entropy, Result, Secret, opaque_token};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    issuer::OidcClient,
    outbound::{MAX_ANSWER_BYTES, Outbound, STATUS, unavailable},
};
use crate::error;

/// A sign-in by browser that has begun. All but the address is kept where only this browser has it,
/// until the person comes back.
pub struct BrowserSignIn {
    /// Where the browser goes.
    pub url: String,
    /// Comes back with the person: a sign-in that somebody else began has another one.
    pub state: Secret<String>,
    /// Comes back in the token.
    pub nonce: Secret<String>,
    /// Shows that who exchanges the code began the sign-in (PKCE).
    pub verifier: Secret<String>,
}

/// The address holds two of the secrets.
impl fmt::Debug for BrowserSignIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BrowserSignIn")
    }
}

impl BrowserSignIn {
    /// One at an issuer's address, of 256 random bits thrice.
    pub(crate) fn begin(
        client: &OidcClient,
        authorization: &Url,
        redirect_uri: &str,
        max_age: Duration,
        entropy: &dyn Entropy,
    ) -> Self {
        let [state, nonce, verifier] = std::array::from_fn(|_| opaque_token::draw(entropy).0);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()));
        let mut url = authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &client.scopes.join(" "))
            .append_pair("state", state.expose())
            .append_pair("nonce", nonce.expose())
            .append_pair("max_age", &max_age.as_secs().to_string())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Self { url: url.into(), state, nonce, verifier }
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

/// Exchanges a code for the token that says who the person is. It is believed no sooner than any
/// other.
///
/// # Errors
/// `invalid_token` when the issuer refuses the code; `issuer_unavailable` when it cannot be asked.
pub(crate) async fn exchange(
    outbound: &dyn Outbound,
    client: &OidcClient,
    token_url: &Url,
    redirect_uri: &str,
    code: &str,
    verifier: &Secret<String>,
) -> Result<Secret<String>> {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose()),
    ];
    let basic = client.secret.as_ref().map(|secret| (client.id.as_str(), secret));
    if basic.is_none() {
        fields.push(("client_id", &client.id));
    }
    let answer = outbound.post_form(token_url, &fields, basic).await.map_err(|failure| {
        // So says RFC 6749 §5.2 of a code that is none; what is wrong with the client is a 401.
        if failure.is(&error::ISSUER_UNAVAILABLE) && failure.get(STATUS) == Some("400") {
            DomainError::from(&error::INVALID_TOKEN).because(failure)
        } else {
            failure
        }
    })?;
    if answer.len() > MAX_ANSWER_BYTES {
        return Err(unavailable("the token answer is too large"));
    }
    // Without the parser's words, which could quote a token.
    let answer: TokenAnswer =
        serde_json::from_slice(&answer).map_err(|_| unavailable("the token answer holds no id_token"))?;
    Ok(Secret::new(answer.id_token))
}
