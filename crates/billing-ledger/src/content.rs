//! The fingerprint of what was asked, kept with each posting.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::posting::PostingKind;

/// Collects what makes a posting what it is. Numbers and identifiers have a fixed width and the kind
/// ends with a zero byte, so that two different contents never read alike.
pub(crate) struct Content(Sha256);

impl Content {
    pub(crate) fn new(kind: PostingKind) -> Self {
        Self(Sha256::new().chain_update(kind.as_str()).chain_update([0]))
    }

    pub(crate) fn number(self, number: i64) -> Self {
        Self(self.0.chain_update(number.to_be_bytes()))
    }

    pub(crate) fn id(self, id: [u8; 16]) -> Self {
        Self(self.0.chain_update(id))
    }

    /// SHA-256, hex.
    pub(crate) fn hash(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
