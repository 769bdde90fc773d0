use bursar_kernel::{Account, Amount, CostNanos};

use crate::{
    content::Content,
    posting::{PostingId, PostingKind},
};

/// Something that was used and is paid for from credits, below zero if need be: work that is done
/// is always charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whose.
    pub account: Account,
    /// For what; a kind that has a [`PostingKind::sink`].
    pub kind: PostingKind,
    /// What it is charged for, such as a batch of events: unique in the book for ever, once it
    /// posted anything. A charge of less than one micro-USD posts nothing and moves the remainder
    /// each time that it is asked for: who may ask again knows by itself what was charged, as
    /// events are known by their identifiers.
    pub reference: String,
    /// The exact cost of each thing, in order.
    pub costs: Vec<CostNanos>,
    /// How many tokens they are, together.
    pub tokens: i64,
    /// Where the traffic came from.
    pub traffic_source: Option<String>,
    /// In words, for people.
    pub description: String,
    /// Who caused it: `system` or a user's identifier.
    pub actor: String,
}

impl Charge {
    /// What makes the charge what it is.
    pub(crate) fn content_hash(&self) -> String {
        self.costs
            .iter()
            .fold(Content::new(self.kind).number(self.tokens), |content, cost| content.number(cost.nanos()))
            .hash()
    }
}

/// What a charge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// Absent when everything together cost less than one micro-USD: that waits in the remainder.
    pub posting: Option<PostingId>,
    /// What each cost was charged with, in order. Their sum is what the balance lost.
    pub amounts: Vec<Amount>,
}
