use bursar_kernel::AccountId;

bursar_kernel::text_enum! {
    /// What was compared with the entries.
    pub enum Compared {
        /// The sum of one posting's entries, which is to be zero.
        Posting = "posting",
        /// A posting and its lines: one is there without the other.
        Lines = "lines",
        /// A book's balance.
        Balance = "balance",
        /// What a book says is owed.
        Outstanding = "outstanding",
        /// What is left of a lot.
        Lot = "lot",
    }
}

/// A place where the ledger does not agree with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In whose book.
    pub account: AccountId,
    /// What was compared.
    pub compared: Compared,
    /// Which posting or lot, as published; `None` for what is of the whole book.
    pub subject: Option<String>,
    /// What is recorded, in micro-USD; of lines, how many postings they belong to.
    pub recorded: i64,
    /// What the entries say, in micro-USD; of lines, how many there are.
    pub expected: i64,
}

/// What a proof of the whole ledger found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many books were looked at.
    pub books: u64,
    /// How many entries.
    pub entries: u64,
    /// Where it does not agree; empty when all is well. At most
    /// [`Self::MAX_DIFFERENCES`] of each kind: what is found beyond them is found again after
    /// those are mended.
    pub differences: Vec<Difference>,
}

impl Verification {
    /// The most differences of one kind that are reported: a bound on the answer of a ledger that
    /// is all wrong.
    pub const MAX_DIFFERENCES: u64 = 100;
}
