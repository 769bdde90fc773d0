use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_kernel::{Reader, Result, Secret, Tx, UnixTimestamp, UserId};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a code is good: as long as a browser needs to carry it to its client.
pub const AUTHORIZATION_CODE_LIFETIME: Duration = Duration::from_mins(1);

/// A code to be: what a person's click grants to a client.
pub struct NewAuthorizationCode {
    /// Who clicked.
    pub user: UserId,
    /// Where the code is sent, and what its bearer must name again.
    pub redirect_uri: String,
    /// The client's PKCE challenge (RFC 7636, S256), if it made one.
    pub code_challenge: Option<String>,
    /// When who clicked last proved itself: the client's session is as old in this as the browser's.
    pub proved_at: UnixTimestamp,
}

/// What comes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeRedemption {
    /// It was good, and is used up.
    Granted {
        /// Whose it was.
        user: UserId,
        /// When that person had last proved itself.
        proved_at: UnixTimestamp,
    },
    /// It was there, but its bearer did not know where it was sent or what its challenge was made
    /// of. It is used up all the same, in this transaction, which the caller commits.
    Refused,
    /// Unknown, expired or used.
    Unknown,
}

/// Codes that carry a person's consent from a browser to a client: single-use, short, bound to
/// their redirect address, and by PKCE to the client that asked.
#[async_trait::async_trait]
pub trait AuthorizationCodes: Send + Sync {
    /// Makes a code. Only its digest is stored.
    async fn issue(&self, tx: &mut Tx, new: NewAuthorizationCode) -> Result<Secret<String>>;

    /// Whose a code is that can still be used; it stays so. Whoever uses it up locks that person
    /// first.
    async fn holder(&self, reader: Reader<'_>, code: &str) -> Result<Option<UserId>>;

    /// Uses a code up: of many at once, one is granted.
    async fn redeem(
        &self,
        tx: &mut Tx,
        code: &str,
        redirect_uri: &str,
        code_verifier: Option<&str>,
    ) -> Result<CodeRedemption>;

    /// Deletes every code of the person: so many rows.
    async fn forget(&self, tx: &mut Tx, user: UserId) -> Result<()>;
}

/// Whether a verifier is what a challenge was made of. A code without a challenge needs none.
pub(crate) fn answers(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(challenge), Some(verifier)) => {
            let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
            made.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_of_rfc_7636_answers_its_challenge_and_no_other_does() {
        // RFC 7636, appendix B.
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(answers(challenge, Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")));
        assert!(!answers(challenge, Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")));
        assert!(!answers(challenge, None));
        assert!(!answers(challenge, Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")));
        assert!(answers(None, None));
    }
}
