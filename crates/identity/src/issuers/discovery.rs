use bursar_kernel::Result;
use serde::Deserialize;
use url::Url;

use super::{
    issuer::OidcEndpoints,
    outbound::{MAX_ANSWER_BYTES, unavailable},
};

/// What an issuer says about itself (`OpenID` Connect Discovery).
pub(crate) struct Discovery {
    pub(crate) jwks_url: Url,
    /// Absent where nobody signs in by browser.
    pub(crate) endpoints: Option<OidcEndpoints>,
}

#[derive(Deserialize)]
struct Published {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
}

impl Discovery {
    /// Where the issuer says it.
    pub(crate) fn url(issuer: &str) -> Result<Url> {
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        Url::parse(&format!("{base}/.well-known/openid-configuration")).map_err(unavailable)
    }

    /// From what was published there.
    ///
    /// # Errors
    /// `issuer_unavailable` for a document that is none, or another issuer's: whose keys they are
    /// would be somebody else's word.
    pub(crate) fn read(issuer: &str, body: &[u8]) -> Result<Self> {
        if body.len() > MAX_ANSWER_BYTES {
            return Err(unavailable("the discovery document is too large"));
        }
        let published: Published = serde_json::from_slice(body).map_err(unavailable)?;
        if published.issuer != issuer {
            return Err(unavailable("the discovery document is another issuer's"));
        }
        let url = |text: String| Url::parse(&text).map_err(unavailable);
        let endpoints = match published.authorization_endpoint.zip(published.token_endpoint) {
            Some((authorization, token)) => {
                Some(OidcEndpoints { authorization: url(authorization)?, token: url(token)? })
            }
            None => None,
        };
        Ok(Self { jwks_url: url(published.jwks_uri)?, endpoints })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_lies_below_its_issuer() {
        for issuer in ["https://issuer.example/tenant", "https://issuer.example/tenant/"] {
            let url = Discovery::url(issuer).unwrap();
            assert_eq!(url.as_str(), "https://issuer.example/tenant/.well-known/openid-configuration");
        }
        assert_eq!(Discovery::url("issuer.example").err().unwrap().code(), "issuer_unavailable");
    }

    #[test]
    fn a_document_is_of_the_very_issuer() {
        let document = |issuer: &str| {
            format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://keys.example/jwks","scopes_supported":[]}}"#)
        };
        let read = |issuer: &str| Discovery::read("https://issuer.example", document(issuer).as_bytes());
        let found = read("https://issuer.example").unwrap();
        assert_eq!(found.jwks_url.as_str(), "https://keys.example/jwks");
        assert_eq!(found.endpoints, None);
        for other in ["https://issuer.example/", "https://evil.example", ""] {
            assert_eq!(read(other).err().unwrap().code(), "issuer_unavailable", "{other}");
        }
        assert!(Discovery::read("https://issuer.example", b"<html>").is_err());
    }
}
