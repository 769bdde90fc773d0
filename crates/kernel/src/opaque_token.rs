//! Tokens that are nothing but random: links, cookies, codes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{entropy::Entropy, secret::Secret};

/// 256 bits: nobody guesses it, so a plain digest hides it.
const LENGTH: usize = 32;
/// The same in base64.
const TEXT_LENGTH: usize = 43;

/// A new token: what its bearer alone will know, and what is stored of it.
#[must_use]
pub fn draw(entropy: &dyn Entropy) -> (Secret<String>, String) {
    let bytes = Zeroizing::new(entropy.bytes::<LENGTH>());
    let token = Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    let stored = digest_of(token.expose());
    (token, stored)
}

/// What is stored of a token, and what it is found by; `None` for a text that is no token.
///
/// A lookup by digest gives nothing away by its duration: who can choose the digest's first bytes
/// has already broken SHA-256.
#[must_use]
pub fn digest(token: &str) -> Option<String> {
    (token.len() == TEXT_LENGTH).then(|| digest_of(token))
}

fn digest_of(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    #[test]
    fn a_token_is_256_bits_and_its_digest_another_text() {
        let ((token, stored), (other, _)) = (draw(&OsEntropy), draw(&OsEntropy));
        assert_ne!(token.expose(), other.expose());
        assert_ne!(token.expose(), &stored);
        assert_eq!(digest(token.expose()), Some(stored));
        assert_eq!(URL_SAFE_NO_PAD.decode(token.expose()).unwrap().len(), 32);
    }

    #[test]
    fn a_text_of_another_length_is_not_even_looked_up() {
        for text in ["", "short", &"a".repeat(44), &"a".repeat(1_000_000)] {
            assert_eq!(digest(text), None);
        }
    }
}
