use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead, Payload},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::Mac as _;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    entropy::Entropy,
    error::{DomainError, Result},
    page::hmac_sha256,
};

/// A deployment's master key: 32 bytes from its configuration. Every other key is derived from it
/// for one purpose, so that none can stand in for another.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// From its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// From base64 text of exactly 32 bytes; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = STANDARD.decode(text.trim()).ok()?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Self::from_bytes);
        bytes.zeroize();
        key
    }

    /// The key for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac = hmac_sha256(&self.0);
        mac.update(b"bursar/v1/");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Eight hex digits that name the key without telling anything about it.
    fn id(&self) -> String {
        let [first, second, third, fourth, ..] = self.derive("key-id");
        format!("{:08x}", u32::from_be_bytes([first, second, third, fourth]))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "MasterKey({})", self.id())
    }
}

/// Seals values for the database: AES-256-GCM under the master key, with the key's name in the
/// text and the row as associated data, so that a sealed value moved to another row does not open.
#[derive(Clone)]
pub struct Sealer {
    keys: Vec<(String, Aes256Gcm)>,
}

impl Sealer {
    /// Seals under `current`; opens what `current` or an older key has sealed.
    #[must_use]
    pub fn new(current: &MasterKey, older: &[MasterKey]) -> Self {
        let keys = std::iter::once(current)
            .chain(older)
            .map(|key| (key.id(), Aes256Gcm::new(&key.derive("seal").into())))
            .collect();
        Self { keys }
    }

    /// The sealed text of a value that belongs to `row` (a stable name such as
    /// `signing_key:<id>`).
    ///
    /// # Errors
    /// `internal` when the value is too long to seal.
    pub fn seal(&self, entropy: &dyn Entropy, row: &str, value: &[u8]) -> Result<String> {
        let (id, cipher) = self.keys.first().ok_or_else(|| DomainError::internal("no sealing key"))?;
        let sealed = seal_with(cipher, entropy, row, value)?;
        Ok(format!("v1.{id}.{sealed}"))
    }

    /// The value behind a sealed text of `row`.
    ///
    /// # Errors
    /// `internal` when it was sealed under a key that the configuration does not name, belongs to
    /// another row, or was changed.
    pub fn open(&self, row: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
        let mut parts = sealed.splitn(3, '.');
        let (Some("v1"), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(DomainError::internal(format!("the sealed value of {row} is not in a known form")));
        };
        let (_, cipher) = self.keys.iter().find(|(known, _)| known == id).ok_or_else(|| {
            DomainError::internal(format!(
                "{row} was sealed under master key {id}, which the configuration does not hold"
            ))
        })?;
        open_with(cipher, row, body)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.keys.iter().map(|(id, _)| id)).finish()
    }
}

const NONCE_LENGTH: usize = 12;

pub(crate) fn seal_with(
    cipher: &Aes256Gcm,
    entropy: &dyn Entropy,
    row: &str,
    value: &[u8],
) -> Result<String> {
    let nonce: [u8; NONCE_LENGTH] = entropy.bytes();
    let payload = Payload { msg: value, aad: row.as_bytes() };
    let mut bytes = nonce.to_vec();
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| DomainError::internal(format!("the value of {row} cannot be sealed")))?;
    bytes.extend(sealed);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(crate) fn open_with(cipher: &Aes256Gcm, row: &str, body: &str) -> Result<Zeroizing<Vec<u8>>> {
    let broken = || DomainError::internal(format!("the sealed value of {row} does not open"));
    let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| broken())?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LENGTH>().ok_or_else(broken)?;
    let payload = Payload { msg: sealed, aad: row.as_bytes() };
    cipher.decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    #[test]
    fn what_was_sealed_opens_only_for_its_row_and_only_unchanged() {
        let sealer = Sealer::new(&MasterKey::from_bytes([1; 32]), &[]);
        let text = sealer.seal(&OsEntropy, "row:1", b"hush").unwrap();
        assert_eq!(sealer.open("row:1", &text).unwrap().as_slice(), b"hush");
        assert!(sealer.open("row:2", &text).is_err());
        let mut changed = text.clone();
        let last = if changed.pop() == Some('A') { 'E' } else { 'A' };
        changed.push(last);
        assert!(sealer.open("row:1", &changed).is_err());
        assert!(sealer.open("row:1", "plain").is_err());
    }

    #[test]
    fn a_new_master_key_still_opens_what_the_old_one_sealed() {
        let (old, new) = (MasterKey::from_bytes([1; 32]), MasterKey::from_bytes([2; 32]));
        let sealed = Sealer::new(&old, &[]).seal(&OsEntropy, "row", b"hush").unwrap();
        assert!(Sealer::new(&new, &[]).open("row", &sealed).is_err());
        assert_eq!(Sealer::new(&new, &[old]).open("row", &sealed).unwrap().as_slice(), b"hush");
    }

    #[test]
    fn a_master_key_never_prints_itself() {
        let key = MasterKey::from_bytes([0xAB; 32]);
        assert!(!format!("{key:?}").contains("abab"));
        assert!(MasterKey::parse("short").is_none());
    }
}
