use bursar_kernel::{Account, Amount};

use crate::{
    content::Content,
    posting::{PostingId, PostingKind},
};

/// A charge that is taken back whole: the work was not done, or should not have been charged.
///
/// It is a posting of its own that names the charge and repeats its lines with the other sign, so
/// that the two together move nothing:
///
/// - **Each lot gets back exactly what was taken from it** and is open again, with its old place in
///   the burn order. One whose time is over by now expires at once, by a posting of its own: a
///   reversal makes nothing usable that would not be without the charge.
/// - **What was charged beyond the lots** lowers the overdraft. As much of it as later grants have
///   repaid comes back as a lot of the reversal itself, paid for and without end, because no lot
///   stands for it any more.
/// - **No lot stands open beside an overdraft**: what others were charged beyond the lots meanwhile
///   is taken from the lots that are open again, as a new lot would repay it.
///
/// The balance so rises by what the charge took and falls by what expires of it. What the charge
/// left below one micro-USD stays in the remainder: it was never taken.
///
/// A charge is reversed once. Whoever reverses it again, under whatever reference, gets the first
/// reversal. Of a lot whose payment was refunded meanwhile nothing is special: the refund charged
/// what was spent of it, and that is what the reversal gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// Whose.
    pub account: Account,
    /// The charge.
    pub posting: PostingId,
    /// What it is reversed for: unique in the book for ever.
    pub reference: String,
    /// In words, for people.
    pub description: String,
    /// Who caused it: `system` or a user's identifier.
    pub actor: String,
}

impl Reversal {
    /// What makes the reversal what it is.
    pub(crate) fn content_hash(&self) -> String {
        Content::new(PostingKind::Refund).id(self.posting.uuid().into_bytes()).hash()
    }
}

/// A payment that was given back, or taken back by a dispute, in whole or in part.
///
/// It takes from the payment's own lot first. What the lot no longer has, because it was spent,
/// repaid an overdraft or expired, is charged like use: to the other lots in burn order, then below
/// zero. All of it goes back to `cash`, where the grant took it from, so the balance falls by
/// exactly what was refunded. All refunds of one payment together are at most what it granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Whose.
    pub account: Account,
    /// The posting that granted what was paid for.
    pub grant: PostingId,
    /// How much; all that is not refunded yet when absent.
    pub amount: Option<Amount>,
    /// What it is refunded for, such as the provider's refund: unique in the book for ever.
    pub reference: String,
    /// In words, for people.
    pub description: String,
    /// Who caused it: `system`, the name of a payment provider, or a user's identifier.
    pub actor: String,
}

impl Refund {
    /// What makes the refund what it is: what was asked, not what it came to.
    pub(crate) fn content_hash(&self) -> String {
        Content::new(PostingKind::PaymentRefund)
            .id(self.grant.uuid().into_bytes())
            .number(self.amount.map_or(0, Amount::micros))
            .hash()
    }
}
