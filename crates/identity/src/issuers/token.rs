use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::issuer::IssuerAlgorithm;

/// The longest token that is looked at. Those of issuers that put a person's groups in have some
/// kilobytes.
const MAX_LENGTH: usize = 16 * 1024;

/// What a token may call itself (RFC 7519, RFC 9068): words of other kinds, such as logout tokens, are
/// signed by the same keys.
const KINDS: [&str; 3] = ["JWT", "at+jwt", "application/at+jwt"];

/// Why a token is no good: for those who run the deployment, never for who sent it.
pub(crate) type Refusal = &'static str;

/// A token as it came: nothing of it is believed yet.
pub(crate) struct Token<'a> {
    header: &'a str,
    payload: &'a str,
    /// What is signed.
    pub(crate) message: &'a str,
    /// In base64.
    pub(crate) signature: &'a str,
}

/// What the header says that is listened to. Keys and addresses that it brings along are not.
pub(crate) struct TokenHeader {
    /// How it says it is signed.
    pub(crate) algorithm: IssuerAlgorithm,
    /// With which key.
    pub(crate) kid: Option<String>,
}

impl<'a> Token<'a> {
    /// Takes it apart.
    pub(crate) fn split(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > MAX_LENGTH {
            return Err("the token is too long");
        }
        let (message, signature) = text.rsplit_once('.').ok_or("the token has one part")?;
        let (header, payload) = message.split_once('.').ok_or("the token has two parts")?;
        if payload.contains('.') || signature.is_empty() {
            return Err("the token has not three parts");
        }
        Ok(Self { header, payload, message, signature })
    }

    /// What its header says, when the algorithm is one of these.
    pub(crate) fn header(&self, algorithms: &[IssuerAlgorithm]) -> Result<TokenHeader, Refusal> {
        let header = object(self.header).ok_or("the header is no JSON object")?;
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(IssuerAlgorithm::parse);
        let algorithm = algorithm
            .filter(|algorithm| algorithms.contains(algorithm))
            .ok_or("the algorithm is none of the issuer's")?;
        if header.contains_key("crit") {
            return Err("the header asks for what is not understood");
        }
        let kind = header.get("typ").map_or(Some("JWT"), Value::as_str).unwrap_or_default();
        if !KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err("the token is of another kind");
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err("kid is no text"),
        };
        Ok(TokenHeader { algorithm, kid })
    }

    /// What it claims. To be believed after its signature was checked.
    pub(crate) fn claims(&self) -> Option<Map<String, Value>> {
        object(self.payload)
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(header: &str) -> bool {
        let text = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        Token::split(&text).and_then(|token| token.header(&[IssuerAlgorithm::RS256])).is_err()
    }

    #[test]
    fn a_token_has_three_parts_and_no_more_than_sixteen_kibibytes() {
        let long = format!("a.b.{}", "c".repeat(MAX_LENGTH - 4));
        assert!(Token::split(&long).is_ok());
        for text in ["", ".", "a.b", "a.b.", "a.b.c.d", "a.b.c.", &format!("{long}c")] {
            assert!(Token::split(text).is_err(), "{}", &text[..text.len().min(9)]);
        }
    }

    #[test]
    fn a_header_is_taken_by_its_algorithm_and_key_alone() {
        assert!(!refused(r#"{"alg":"RS256"}"#));
        assert!(!refused(r#"{"alg":"RS256","kid":"a","typ":"JWT","jku":"https://evil.example"}"#));
        for header in [
            "",
            "[]",
            "{}",
            r#"{"alg":"none"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"{"alg":"RS256","kid":null}"#,
            r#"{"alg":"RS256","crit":["exp"]}"#,
            r#"{"alg":"RS256","crit":null}"#,
            r#"{"alg":"RS256","typ":"logout+jwt"}"#,
            r#"{"alg":"RS256","typ":7}"#,
        ] {
            assert!(refused(header), "{header}");
        }
    }
}
