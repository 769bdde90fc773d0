use bursar_kernel::{Amount, DomainError, Result, UnixTimestamp};

use crate::lot::LotId;

bursar_kernel::typed_id!(
    /// A posting.
    PostingId, "pst");

bursar_kernel::text_enum! {
    /// The accounts inside one book. An entry on `credits` is the customer's money: a grant adds,
    /// a charge takes away; the other side of each posting says where it came from or went to.
    pub enum EntryAccount {
        /// What the customer can spend.
        Credits = "credits",
        /// What the customer owes.
        Receivable = "receivable",
        /// What was paid from outside.
        Cash = "cash",
        /// What we earned.
        Revenue = "revenue",
        /// What we gave.
        Promotion = "promotion",
        /// What we corrected.
        Adjustment = "adjustment",
    }
}

bursar_kernel::text_enum! {
    /// Why money moved.
    pub enum PostingKind {
        /// Credits were bought.
        Topup = "topup",
        /// Credits for the beginning.
        FreeCredit = "free_credit",
        /// A voucher was redeemed.
        Voucher = "voucher",
        /// A contract's payment was paid.
        ContractCredit = "contract_credit",
        /// A contract's bonus.
        ContractBonus = "contract_bonus",
        /// A correction, up or down.
        Adjustment = "adjustment",
        /// What was charged is given back.
        Refund = "refund",
        /// What was paid is paid back, or was taken back by a dispute.
        PaymentRefund = "payment_refund",
        /// Metered use.
        Usage = "usage",
        /// Use that is passed through at a factor.
        RuntimeUsage = "runtime_usage",
        /// Events of an engine.
        EventCharge = "event_charge",
        /// Services by quantity.
        ServiceCharge = "service_charge",
        /// Active characters of a month.
        CharacterCharge = "character_charge",
        /// An agreed service.
        ServiceAgreement = "service_agreement",
        /// What was left of a lot when its time was over.
        Expiry = "expiry",
    }
}

impl PostingKind {
    /// Where granted credits come from; `None` for what is no grant.
    #[must_use]
    pub const fn source(self) -> Option<EntryAccount> {
        match self {
            Self::Topup | Self::ContractCredit => Some(EntryAccount::Cash),
            Self::FreeCredit | Self::Voucher | Self::ContractBonus => Some(EntryAccount::Promotion),
            Self::Adjustment => Some(EntryAccount::Adjustment),
            Self::Refund => Some(EntryAccount::Revenue),
            _ => None,
        }
    }

    /// Where charged credits go to; `None` for what is no charge.
    #[must_use]
    pub const fn sink(self) -> Option<EntryAccount> {
        match self {
            Self::Usage
            | Self::RuntimeUsage
            | Self::EventCharge
            | Self::ServiceCharge
            | Self::CharacterCharge
            | Self::ServiceAgreement => Some(EntryAccount::Revenue),
            Self::Adjustment => Some(EntryAccount::Adjustment),
            _ => None,
        }
    }
}

/// One line of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which account of the book.
    pub account: EntryAccount,
    /// How much, signed.
    pub amount: Amount,
    /// Which lot, for credits of one. Credits without a lot are overdraft and its repayment.
    pub lot: Option<LotId>,
}

/// The lines of one posting, which sum to zero by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    lines: Vec<Entry>,
    credits: Amount,
}

impl Entries {
    /// Takes lines that sum to zero, in their order.
    ///
    /// # Errors
    /// `internal` for lines that do not: such a posting is never written, whoever asks.
    pub fn balanced(lines: Vec<Entry>) -> Result<Self> {
        let sum: i128 = lines.iter().map(|line| i128::from(line.amount.micros())).sum();
        if sum != 0 || lines.is_empty() {
            return Err(DomainError::internal(format!("the entries of a posting sum to {sum}, not to zero")));
        }
        let credits = Amount::sum(
            lines.iter().filter(|line| line.account == EntryAccount::Credits).map(|line| line.amount),
        )?;
        Ok(Self { lines, credits })
    }

    /// By how much the balance moves.
    #[must_use]
    pub const fn credits(&self) -> Amount {
        self.credits
    }

    /// The lines; a line's index is its position.
    #[must_use]
    pub fn lines(&self) -> &[Entry] {
        &self.lines
    }
}

/// One movement of money inside one book. Never changed, never deleted: a correction is another
/// posting that names what it reverses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Its identifier.
    pub id: PostingId,
    /// Whose book.
    pub account: bursar_kernel::AccountId,
    /// Why.
    pub kind: PostingKind,
    /// What it is posted for, unique in the book for ever.
    pub reference: String,
    /// What was asked: tells a repetition from a reference that is used twice.
    pub content_hash: String,
    /// In words, for people.
    pub description: String,
    /// Who caused it: `system`, the name of a payment provider, or a user's identifier.
    pub actor: String,
    /// How many tokens it charges for.
    pub tokens: i64,
    /// Where the charged traffic came from.
    pub traffic_source: Option<String>,
    /// Which posting it corrects.
    pub reverses: Option<PostingId>,
    /// When.
    pub created_at: UnixTimestamp,
    /// The lines.
    pub entries: Entries,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(account: EntryAccount, micros: i64) -> Entry {
        Entry { account, amount: Amount::from_micros(micros), lot: None }
    }

    #[test]
    fn lines_that_do_not_sum_to_zero_make_no_posting() {
        let lines = vec![line(EntryAccount::Cash, -10), line(EntryAccount::Credits, 9)];
        assert_eq!(Entries::balanced(lines).unwrap_err().code(), "internal");
        assert!(Entries::balanced(vec![]).is_err(), "nothing is no posting either");
        let wrapping = vec![
            line(EntryAccount::Cash, i64::MAX),
            line(EntryAccount::Credits, i64::MAX),
            line(EntryAccount::Adjustment, 2),
        ];
        assert!(Entries::balanced(wrapping).is_err(), "a sum that wraps to zero is not zero");
    }

    #[test]
    fn credits_are_the_sum_of_the_credit_lines() {
        let lines = vec![
            line(EntryAccount::Cash, -10),
            line(EntryAccount::Credits, 3),
            line(EntryAccount::Credits, 7),
        ];
        assert_eq!(Entries::balanced(lines).unwrap().credits().micros(), 10);
    }

    #[test]
    fn only_an_adjustment_goes_both_ways() {
        let both: Vec<_> =
            PostingKind::ALL.iter().filter(|kind| kind.source().is_some() && kind.sink().is_some()).collect();
        assert_eq!(both, [&PostingKind::Adjustment]);
    }
}
