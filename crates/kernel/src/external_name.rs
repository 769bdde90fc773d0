use sha2::{Digest, Sha256};

/// What is kept of a name that an outside issuer has for somebody or something: the SHA-256 of issuer
/// and name. The zero between them is in neither, so no two pairs are one text.
#[must_use]
pub fn external_digest(issuer: &str, name: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(issuer);
    digest.update([0]);
    digest.update(name);
    digest.finalize().into()
}
