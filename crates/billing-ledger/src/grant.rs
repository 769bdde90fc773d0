use bursar_kernel::{Account, Amount, UnixTimestamp};

use crate::{
    content::Content,
    posting::{PostingId, PostingKind},
};

/// Credits that come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose.
    pub account: Account,
    /// How they come in; a kind that has a [`PostingKind::source`].
    pub kind: PostingKind,
    /// What they are granted for, such as a payment's identifier: unique in the book for ever.
    pub reference: String,
    /// How much; more than nothing.
    pub amount: Amount,
    /// Given, not paid for.
    pub promotional: bool,
    /// Lower burns first.
    pub priority: i64,
    /// From when on they may not be used.
    pub expires_at: Option<UnixTimestamp>,
    /// In words, for people.
    pub description: String,
    /// Who caused it: `system`, the name of a payment provider, or a user's identifier.
    pub actor: String,
}

impl Grant {
    /// What makes the grant what it is. Not its words: the same money under another description is
    /// the same grant.
    pub(crate) fn content_hash(&self) -> String {
        Content::new(self.kind)
            .number(self.amount.micros())
            .number(i64::from(self.promotional))
            .number(self.priority)
            .number(self.expires_at.map_or(i64::MAX, UnixTimestamp::micros))
            .hash()
    }
}

/// What became of a grant that was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The one posting of its reference.
    pub posting: PostingId,
    /// It was there before; nothing moved now.
    pub replayed: bool,
}
