use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_kernel::Result;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::{
    issuer::IssuerAlgorithm,
    outbound::{MAX_ANSWER_BYTES, unavailable},
    token::{Refusal, TokenHeader},
};

/// The most keys of one issuer. Those that rotate daily publish a handful.
const MAX_KEYS: usize = 100;
/// Shorter ones can be broken; longer ones the library does not take.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// The longest exponent, in bytes: nearly everybody's is 65537.
const MAX_EXPONENT_BYTES: usize = 4;

/// The keys of an issuer that can have signed a token.
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

struct Key {
    kid: Option<String>,
    kind: KeyKind,
    /// The only one that it signs by, where it says so.
    algorithm: Option<IssuerAlgorithm>,
    decoding_key: DecodingKey,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl KeyKind {
    const fn signing_by(algorithm: IssuerAlgorithm) -> Self {
        match algorithm {
            IssuerAlgorithm::RS256
            | IssuerAlgorithm::RS384
            | IssuerAlgorithm::RS512
            | IssuerAlgorithm::PS256
            | IssuerAlgorithm::PS384
            | IssuerAlgorithm::PS512 => Self::Rsa,
            IssuerAlgorithm::ES256 => Self::P256,
            IssuerAlgorithm::ES384 => Self::P384,
            IssuerAlgorithm::EdDSA => Self::Ed25519,
        }
    }
}

impl Key {
    fn fits(&self, algorithm: IssuerAlgorithm) -> bool {
        self.kind == KeyKind::signing_by(algorithm) && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

impl KeySet {
    /// From a published JWK Set. Keys that can sign nothing here (secrets, short ones, those for other
    /// uses) are passed over.
    ///
    /// # Errors
    /// `issuer_unavailable` for a body that is no set, or a larger one than anybody has.
    pub(crate) fn read(body: &[u8]) -> Result<Self> {
        if body.len() > MAX_ANSWER_BYTES {
            return Err(unavailable("the key set is too large"));
        }
        let published: Published = serde_json::from_slice(body).map_err(unavailable)?;
        if published.keys.len() > MAX_KEYS {
            return Err(unavailable("the key set has too many keys"));
        }
        let jwks = published.keys.into_iter().filter_map(|jwk| serde_json::from_value::<Jwk>(jwk).ok());
        Ok(Self { keys: jwks.filter_map(Jwk::key).collect() })
    }

    /// Whether there is a key of the name that a token gives; a token without one asks for nothing
    /// that could be missing.
    pub(crate) fn knows(&self, header: &TokenHeader) -> bool {
        header.kid.is_none() || self.keys.iter().any(|key| key.kid == header.kid)
    }

    /// The one key that a token can be signed with.
    pub(crate) fn key(&self, header: &TokenHeader) -> Result<&DecodingKey, Refusal> {
        let mut candidates = self.keys.iter().filter(|key| match &header.kid {
            Some(_) => key.kid == header.kid,
            None => key.fits(header.algorithm),
        });
        match (candidates.next(), candidates.next()) {
            (Some(key), None) if key.fits(header.algorithm) => Ok(&key.decoding_key),
            (Some(_), None) => Err("the key signs by another algorithm"),
            (None, _) => Err("the issuer has no such key"),
            (Some(_), Some(_)) => Err("the issuer has two such keys"),
        }
    }
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    fn key(self) -> Option<Key> {
        let is_for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|uses| uses.iter().any(|usage| usage == "verify"));
        if !is_for_signatures {
            return None;
        }
        let algorithm = match &self.alg {
            Some(name) => Some(IssuerAlgorithm::parse(name)?),
            None => None,
        };
        let (kind, decoding_key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => (KeyKind::Rsa, self.rsa()?),
            ("EC", Some("P-256")) => (KeyKind::P256, self.point(32)?),
            ("EC", Some("P-384")) => (KeyKind::P384, self.point(48)?),
            ("OKP", Some("Ed25519")) => {
                (KeyKind::Ed25519, DecodingKey::from_ed_der(&bytes(self.x.as_ref(), 32)?))
            }
            _ => return None,
        };
        Some(Key { kid: self.kid, kind, algorithm, decoding_key })
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let modulus = number(self.n.as_ref())?;
        let exponent = number(self.e.as_ref())?;
        let first = modulus.first()?;
        let bits = (modulus.len() * 8).checked_sub(usize::try_from(first.leading_zeros()).ok()?)?;
        // Of an even one, or of 1, everybody has the private key.
        let is_exponent = (1..=MAX_EXPONENT_BYTES).contains(&exponent.len())
            && exponent.last().is_some_and(|last| last % 2 == 1)
            && exponent != [1];
        (RSA_BITS.contains(&bits) && is_exponent)
            .then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
    }

    fn point(&self, length: usize) -> Option<DecodingKey> {
        let (x, y) = (bytes(self.x.as_ref(), length)?, bytes(self.y.as_ref(), length)?);
        // SEC 1, not compressed.
        Some(DecodingKey::from_ec_der(&[&[4], x.as_slice(), y.as_slice()].concat()))
    }
}

fn bytes(text: Option<&String>, length: usize) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok().filter(|bytes| bytes.len() == length)
}

/// Without the zeros that some put before it.
fn number(text: Option<&String>) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text?).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Some(bytes[zeros..].to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(bits: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xff; bits / 8])
    }

    fn usable(jwk: &Value) -> bool {
        let body = json!({"keys": [jwk]}).to_string();
        KeySet::read(body.as_bytes()).unwrap().keys.len() == 1
    }

    #[test]
    fn a_key_that_signs_is_taken() {
        let half = URL_SAFE_NO_PAD.encode([1; 32]);
        let longer = URL_SAFE_NO_PAD.encode([1; 48]);
        let padded = URL_SAFE_NO_PAD.encode([vec![0], vec![0xff; 256]].concat());
        for jwk in [
            json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB"}),
            json!({"kty": "RSA", "n": padded, "e": "AAEAAQ", "use": "sig", "alg": "RS256", "kid": "a"}),
            json!({"kty": "RSA", "n": rsa(4096), "e": "Aw", "key_ops": ["verify"]}),
            json!({"kty": "EC", "crv": "P-256", "x": half, "y": half, "alg": "ES256"}),
            json!({"kty": "EC", "crv": "P-384", "x": longer, "y": longer}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": half, "alg": "EdDSA"}),
        ] {
            assert!(usable(&jwk), "{jwk}");
        }
    }

    #[test]
    fn what_is_no_key_to_verify_with_is_passed_over() {
        let half = URL_SAFE_NO_PAD.encode([1; 32]);
        for jwk in [
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "n": rsa(2048), "e": "AQAB"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB", "alg": "HS256"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB", "alg": "RSA-OAEP"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB", "key_ops": ["encrypt"]}),
            json!({"kty": "RSA", "n": rsa(2040), "e": "AQAB"}),
            json!({"kty": "RSA", "n": rsa(1024), "e": "AQAB"}),
            json!({"kty": "RSA", "n": rsa(8192), "e": "AQAB"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": "AQ"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": "Ag"}),
            json!({"kty": "RSA", "n": rsa(2048), "e": ""}),
            json!({"kty": "RSA", "n": "", "e": "AQAB"}),
            json!({"kty": "RSA", "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-256", "x": half}),
            json!({"kty": "EC", "crv": "P-384", "x": half, "y": half}),
            json!({"kty": "EC", "crv": "P-521", "x": half, "y": half}),
            json!({"kty": "EC", "crv": "secp256k1", "x": half, "y": half}),
            json!({"kty": "OKP", "crv": "X25519", "x": half}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
            json!({"kty": 7}),
            json!("RSA"),
        ] {
            assert!(!usable(&jwk), "{jwk}");
        }
    }

    #[test]
    fn a_body_that_is_no_set_or_a_huge_one_is_an_issuer_that_cannot_be_asked() {
        let many = json!({"keys": vec![json!({}); MAX_KEYS + 1]}).to_string();
        let huge = format!("{}{}", " ".repeat(MAX_ANSWER_BYTES), r#"{"keys":[]}"#);
        for body in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#, many.as_str(), huge.as_str()] {
            let refused = KeySet::read(body.as_bytes()).err().unwrap();
            assert_eq!(refused.code(), "issuer_unavailable", "{}", &body[..body.len().min(20)]);
        }
    }

    #[test]
    fn a_token_is_signed_by_the_one_key_that_it_can_be_signed_by() {
        let key = |kid: Option<&str>, alg: Option<&str>| json!({"kty": "RSA", "n": rsa(2048), "e": "AQAB", "kid": kid, "alg": alg});
        let set = |keys: Value| KeySet::read(json!({"keys": keys}).to_string().as_bytes()).unwrap();
        let asked = |set: &KeySet, kid: Option<&str>, algorithm| {
            set.key(&TokenHeader { algorithm, kid: kid.map(str::to_owned) }).is_ok()
        };
        let two = set(json!([key(Some("a"), Some("RS256")), key(Some("b"), None)]));
        assert!(asked(&two, Some("a"), IssuerAlgorithm::RS256));
        assert!(!asked(&two, Some("a"), IssuerAlgorithm::RS384), "its own algorithm alone");
        assert!(asked(&two, Some("b"), IssuerAlgorithm::RS384));
        assert!(!asked(&two, Some("b"), IssuerAlgorithm::ES256), "a key of another kind");
        assert!(!asked(&two, Some("c"), IssuerAlgorithm::RS256));
        assert!(!asked(&two, None, IssuerAlgorithm::RS256), "either could have signed");
        assert!(asked(&two, None, IssuerAlgorithm::RS384), "one alone fits");
        let twice = set(json!([key(Some("a"), None), key(Some("a"), None)]));
        assert!(!asked(&twice, Some("a"), IssuerAlgorithm::RS256));
        let nameless = set(json!([key(None, None)]));
        assert!(asked(&nameless, None, IssuerAlgorithm::RS256));
        assert!(!asked(&nameless, Some("a"), IssuerAlgorithm::RS256), "a name that nobody has");
    }
}
