use bursar_kernel::{DomainError, Result, Secret};
use url::Url;

/// The longest name of an issuer in addresses.
const MAX_NAME_LENGTH: usize = 32;
/// The longest text on a button.
const MAX_LABEL_LENGTH: usize = 60;
/// The longest `iss`.
const MAX_ISSUER_LENGTH: usize = 255;

/// An issuer outside whose tokens this deployment takes. From the configuration, checked.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// A word for addresses and buttons.
    pub name: String,
    /// "Continue with …".
    pub label: String,
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// Where its keys are; by discovery when absent.
    pub jwks_url: Option<Url>,
    /// One of them must be in `aud`. Without any there must be none, and [`Self::authorized_parties`]
    /// instead; with neither, only browsers sign in, and no token is taken.
    pub audiences: Vec<String>,
    /// Where there are any, `azp` must be one of them; `client_id` stands for an `azp` that is absent
    /// (RFC 9068).
    pub authorized_parties: Vec<String>,
    /// By what its tokens are signed; nothing else is looked at.
    pub algorithms: Vec<IssuerAlgorithm>,
    /// What this deployment is to the issuer, where people sign in by browser.
    pub client: Option<OidcClient>,
}

impl TrustedIssuer {
    /// The same, when every rule holds.
    ///
    /// # Errors
    /// `invalid_field` for the first that does not, by its name in the configuration.
    pub fn checked(self) -> Result<Self> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=MAX_NAME_LENGTH).contains(&self.name.len()) || !self.name.bytes().all(is_word) {
            return Err(DomainError::invalid("name", "must be 1 to 32 characters of a-z, 0-9 and -"));
        }
        let is_short = (1..=MAX_LABEL_LENGTH).contains(&self.label.chars().count());
        if !is_short || self.label.chars().any(char::is_control) {
            return Err(DomainError::invalid("label", "must be 1 to 60 characters"));
        }
        let is_plain = self.issuer.bytes().all(|byte| byte.is_ascii_graphic());
        if !(1..=MAX_ISSUER_LENGTH).contains(&self.issuer.len()) || !is_plain {
            return Err(DomainError::invalid("issuer", "must be 1 to 255 visible ASCII characters"));
        }
        if self.jwks_url.is_none() && Url::parse(&self.issuer).is_err() {
            return Err(DomainError::invalid("jwks_url", "must be given where the issuer is no URL"));
        }
        if self.audiences.is_empty() && self.authorized_parties.is_empty() && self.client.is_none() {
            let rule = "must not be empty without authorized_parties or a client";
            return Err(DomainError::invalid("audiences", rule));
        }
        if self.algorithms.is_empty() {
            return Err(DomainError::invalid("algorithms", "must not be empty"));
        }
        Ok(self)
    }
}

/// What this deployment is to an issuer of `OpenID` Connect.
#[derive(Clone, Debug)]
pub struct OidcClient {
    /// Its identifier there.
    pub id: String,
    /// What it proves itself with; a public client has none.
    pub secret: Option<Secret<String>>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where the issuer is asked; by discovery when absent.
    pub endpoints: Option<OidcEndpoints>,
}

impl OidcClient {
    /// What is asked for unless the configuration says otherwise.
    pub const DEFAULT_SCOPES: [&str; 3] = ["openid", "email", "profile"];

    /// One that asks for the usual scopes and discovers the rest.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: Option<Secret<String>>) -> Self {
        let scopes = Self::DEFAULT_SCOPES.map(str::to_owned).into();
        Self { id: id.into(), secret, scopes, endpoints: None }
    }
}

/// Where people sign in at an issuer, and where a code becomes a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcEndpoints {
    /// Where the browser goes.
    pub authorization: Url,
    /// Where the code goes.
    pub token: Url,
}

/// An algorithm by which an outside issuer may sign: with a private key, always. One secret on both
/// sides would let everybody who checks tokens make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssuerAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    RS256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    RS384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    RS512,
    /// RSA PSS with SHA-256.
    PS256,
    /// RSA PSS with SHA-384.
    PS384,
    /// RSA PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// Ed25519.
    EdDSA,
}

impl IssuerAlgorithm {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// Its registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }

    /// The one of a registered name, in its exact case; `None` for any other, and with them for
    /// `none` and whatever shares a secret.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    pub(crate) const fn of_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::RS256 => jsonwebtoken::Algorithm::RS256,
            Self::RS384 => jsonwebtoken::Algorithm::RS384,
            Self::RS512 => jsonwebtoken::Algorithm::RS512,
            Self::PS256 => jsonwebtoken::Algorithm::PS256,
            Self::PS384 => jsonwebtoken::Algorithm::PS384,
            Self::PS512 => jsonwebtoken::Algorithm::PS512,
            Self::ES256 => jsonwebtoken::Algorithm::ES256,
            Self::ES384 => jsonwebtoken::Algorithm::ES384,
            Self::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> TrustedIssuer {
        TrustedIssuer {
            name: "clerk".to_owned(),
            label: "Continue with Clerk".to_owned(),
            issuer: "https://clerk.example".to_owned(),
            jwks_url: None,
            audiences: vec!["bursar".to_owned()],
            authorized_parties: Vec::new(),
            algorithms: vec![IssuerAlgorithm::RS256],
            client: None,
        }
    }

    #[test]
    fn an_issuer_is_taken_when_every_rule_holds() {
        assert!(issuer().checked().is_ok());
        let by_party = TrustedIssuer {
            audiences: Vec::new(),
            authorized_parties: vec!["https://app.example".to_owned()],
            ..issuer()
        };
        assert!(by_party.checked().is_ok());
        let text = TrustedIssuer {
            issuer: "accounts.example".to_owned(),
            jwks_url: Url::parse("https://accounts.example/keys").ok(),
            ..issuer()
        };
        assert!(text.checked().is_ok());
    }

    #[test]
    fn an_issuer_that_breaks_a_rule_names_the_field() {
        let long = "a".repeat(300);
        for (field, broken) in [
            ("name", TrustedIssuer { name: "Clerk".to_owned(), ..issuer() }),
            ("name", TrustedIssuer { name: String::new(), ..issuer() }),
            ("label", TrustedIssuer { label: "a\nb".to_owned(), ..issuer() }),
            ("issuer", TrustedIssuer { issuer: long, ..issuer() }),
            ("jwks_url", TrustedIssuer { issuer: "accounts.example".to_owned(), ..issuer() }),
            ("audiences", TrustedIssuer { audiences: Vec::new(), ..issuer() }),
            ("algorithms", TrustedIssuer { algorithms: Vec::new(), ..issuer() }),
        ] {
            assert_eq!(broken.checked().unwrap_err().get("field"), Some(field));
        }
    }

    #[test]
    fn no_algorithm_shares_a_secret_or_signs_nothing() {
        for algorithm in IssuerAlgorithm::ALL {
            assert_eq!(IssuerAlgorithm::parse(algorithm.as_str()), Some(algorithm));
        }
        for name in ["none", "None", "HS256", "HS384", "HS512", "rs256", "ES512", "ES256K", ""] {
            assert_eq!(IssuerAlgorithm::parse(name), None, "{name}");
        }
    }
}
