use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_kernel::{DomainError, Entropy, Result, UnixTimestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    recovery_code::RecoveryCode,
    second_factor::Enrolment,
    totp::{self, SECRET_LENGTH},
};

const RECOVERY_KEY_LENGTH: usize = 32;

/// What is secret about one person's second factor, sealed in its row as one value: the secret
/// that the authenticator has too, and the key that recovery codes are digested with.
///
/// A recovery code has 50 bits, which who reads a table of plain digests tries out in hours. Under
/// a key that is sealed by the deployment's master key there is nothing to try without that one,
/// and a lookup stays a lookup: argon2 would cost up to ten slow hashes for each code that is typed.
pub(crate) struct FactorKeys {
    secret: Zeroizing<[u8; SECRET_LENGTH]>,
    recovery_key: Zeroizing<[u8; RECOVERY_KEY_LENGTH]>,
}

impl FactorKeys {
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        Self { secret: Zeroizing::new(entropy.bytes()), recovery_key: Zeroizing::new(entropy.bytes()) }
    }

    /// From what was sealed; `None` when it is something else.
    pub(crate) fn read(opened: &[u8]) -> Option<Self> {
        let (secret, recovery_key) = opened.split_first_chunk()?;
        let recovery_key = recovery_key.try_into().ok()?;
        Some(Self { secret: Zeroizing::new(*secret), recovery_key: Zeroizing::new(recovery_key) })
    }

    /// What is to be sealed.
    pub(crate) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.secret.as_slice(), self.recovery_key.as_slice()].concat())
    }

    /// What an authenticator needs to know.
    pub(crate) fn enrolment(&self, issuer: &str, account: &str) -> Enrolment {
        totp::enrolment(&self.secret, issuer, account)
    }

    /// The step that an authenticator's code, however it is grouped, belongs to, if it is right now.
    pub(crate) fn step_of(&self, code: &str, now: UnixTimestamp) -> Option<i64> {
        let digits: String = code.split_whitespace().collect();
        totp::step_of(*self.secret, &digits, now)
    }

    /// What is stored of a recovery code, and what it is found by.
    pub(crate) fn digest_of(&self, code: &RecoveryCode) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.recovery_key.as_slice())
            .map_err(|_| DomainError::internal("a key of recovery codes has the wrong length"))?;
        mac.update(code.letters().as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use bursar_kernel::OsEntropy;

    use super::*;

    #[test]
    fn keys_are_read_as_they_were_sealed() {
        let keys = FactorKeys::draw(&OsEntropy);
        let read = FactorKeys::read(&keys.bytes()).unwrap();
        assert_eq!(read.bytes(), keys.bytes());
        for wrong in [0, 20, 51, 53] {
            assert!(FactorKeys::read(&vec![7; wrong]).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_recovery_code_has_another_digest_for_everybody() {
        let (ada, bob) = (FactorKeys::draw(&OsEntropy), FactorKeys::draw(&OsEntropy));
        let code = RecoveryCode::draw(&OsEntropy);
        let again = RecoveryCode::read(code.shown().expose()).unwrap();
        assert_eq!(ada.digest_of(&code).unwrap(), ada.digest_of(&again).unwrap());
        assert_ne!(ada.digest_of(&code).unwrap(), bob.digest_of(&code).unwrap());
    }
}
