//! `X-Request-Id`: in every response, in every log line, in every audit row.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};
use bursar_kernel::Entropy;

/// The header.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest identifier that is taken from a caller.
const MAX_LENGTH: usize = 128;

/// A request's identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's own when it is sane: it goes into logs and headers, so only letters, digits
    /// and `-_.:` are; else a new one.
    #[must_use]
    pub fn choose(headers: &HeaderMap, entropy: &dyn Entropy) -> Self {
        let sane = |text: &&str| {
            (1..=MAX_LENGTH).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        };
        let theirs = headers.get(&HEADER).and_then(|value| value.to_str().ok()).filter(sane);
        theirs.map_or_else(|| Self::new(entropy), |text| Self(text.into()))
    }

    fn new(entropy: &dyn Entropy) -> Self {
        Self(format!("req_{:032x}", u128::from_be_bytes(entropy.bytes())).into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use bursar_kernel::OsEntropy;

    use super::*;

    #[test]
    fn a_callers_identifier_is_taken_only_when_it_is_sane() {
        let chosen = |text: &'static [u8]| {
            let value = axum::http::HeaderValue::from_bytes(text).unwrap();
            RequestId::choose(&HeaderMap::from_iter([(HEADER, value)]), &OsEntropy)
        };
        assert_eq!(chosen(b"trace-1.a:b_c").as_str(), "trace-1.a:b_c");
        for insane in [&b""[..], b"a b", b"a\"b", &[b'a'; 129], b"\xff"] {
            assert!(chosen(insane).as_str().starts_with("req_"));
        }
        let ours = RequestId::choose(&HeaderMap::new(), &OsEntropy);
        assert_eq!(ours.as_str().len(), 36);
    }
}
