use bursar_kernel::{Amount, UnixTimestamp};

use crate::posting::{PostingId, PostingKind};

bursar_kernel::typed_id!(
    /// A lot: 16 bytes that are also those of the posting that granted it.
    LotId, "lot");

impl LotId {
    /// The lot that a posting grants.
    #[must_use]
    pub const fn granted_by(posting: PostingId) -> Self {
        Self::from_uuid(posting.uuid())
    }

    /// The posting that granted the lot.
    #[must_use]
    pub const fn posting(self) -> PostingId {
        PostingId::from_uuid(self.uuid())
    }
}

/// Credits that came in together, and what is left of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its identifier.
    pub id: LotId,
    /// How they came in.
    pub kind: PostingKind,
    /// How much came in, with what repaid an overdraft at once.
    pub granted: Amount,
    /// How much is left: the sum of all entries on `credits` that name it.
    pub remaining: Amount,
    /// Lower burns first.
    pub priority: i64,
    /// From when on it may not be used.
    pub expires_at: Option<UnixTimestamp>,
    /// Given, not paid for.
    pub promotional: bool,
    /// When it came in.
    pub granted_at: UnixTimestamp,
    /// When nothing was left of it.
    pub closed_at: Option<UnixTimestamp>,
}

impl Lot {
    /// Whether it may no longer be used at an instant.
    #[must_use]
    pub fn has_expired(&self, now: UnixTimestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}
