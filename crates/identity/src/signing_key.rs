use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_kernel::{DomainError, Reader, Result, Secret, Tx};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{DecodingKey, EncodingKey};

bursar_kernel::typed_id!(
    /// A key that signs access tokens. Published as `kid`.
    SigningKeyId, "sigkey");

/// The part of a signing key that everybody may know: an Ed25519 JWK (`kty` OKP, `crv` Ed25519,
/// `alg` `EdDSA`, `use` `sig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its identifier.
    pub kid: SigningKeyId,
    /// The point, 32 bytes in base64url.
    pub x: String,
}

impl PublicKey {
    pub(crate) fn decoding_key(&self) -> Result<DecodingKey> {
        let point: [u8; 32] = URL_SAFE_NO_PAD
            .decode(&self.x)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| DomainError::internal(format!("{} is not an Ed25519 key", self.kid)))?;
        Ok(DecodingKey::from_ed_der(&point))
    }
}

/// A key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey {
    id: SigningKeyId,
    seed: Secret<[u8; 32]>,
}

impl SigningKey {
    /// From the 32 bytes that the key is derived from.
    #[must_use]
    pub const fn from_seed(id: SigningKeyId, seed: [u8; 32]) -> Self {
        Self { id, seed: Secret::new(seed) }
    }

    /// Its identifier.
    #[must_use]
    pub const fn id(&self) -> SigningKeyId {
        self.id
    }

    /// What may be published of it.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let point = self.pair().verifying_key().to_bytes();
        PublicKey { kid: self.id, x: URL_SAFE_NO_PAD.encode(point) }
    }

    pub(crate) fn encoding_key(&self) -> Result<EncodingKey> {
        let der = self.pair().to_pkcs8_der().map_err(DomainError::internal)?;
        Ok(EncodingKey::from_ed_der(der.as_bytes()))
    }

    pub(crate) const fn seed(&self) -> &[u8; 32] {
        self.seed.expose()
    }

    fn pair(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(self.seed.expose())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.id)
    }
}

/// The keys that sign access tokens: one that signs, and those whose tokens are still about.
#[async_trait::async_trait]
pub trait SigningKeys: Send + Sync {
    /// Makes a key if there is none: at most one row, however many nodes start at once.
    ///
    /// # Errors
    /// When the database refuses.
    async fn ensure(&self, tx: &mut Tx) -> Result<()>;

    /// The key that signs.
    ///
    /// # Errors
    /// `internal` when there is none, or it was sealed under a master key that is not configured.
    async fn current(&self, reader: Reader<'_>) -> Result<SigningKey>;

    /// Every key whose tokens may still be good, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn published(&self, reader: Reader<'_>) -> Result<Vec<PublicKey>>;

    /// Retires the key that signs and makes another, which is answered. The retired one's private
    /// part is erased at once; it stays published until its last token has expired. A rotation
    /// that meets another one makes no second key.
    ///
    /// # Errors
    /// When the database refuses.
    async fn rotate(&self, tx: &mut Tx) -> Result<SigningKey>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_part_is_the_one_of_rfc_8037() {
        // Appendix A.1 and A.2.
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let id = SigningKeyId::from_uuid(uuid::Uuid::nil());
        let key = SigningKey::from_seed(id, seed.try_into().unwrap());
        assert_eq!(key.public().x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(format!("{key:?}"), "SigningKey(sigkey_00000000000000000000000000)");
    }

    #[test]
    fn a_point_that_is_none_is_an_error_and_not_a_panic() {
        for x in ["", "AAAA", "=", &"A".repeat(44)] {
            let key = PublicKey { kid: SigningKeyId::from_uuid(uuid::Uuid::nil()), x: x.to_owned() };
            assert!(key.decoding_key().is_err(), "{x}");
        }
    }
}
