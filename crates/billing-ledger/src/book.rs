use bursar_kernel::{Account, AccountId, Amount, CacheTag, Remainder, Result, UnixTimestamp};

/// One account's money as it stands: the projection of its entries, kept in the transaction of
/// each posting and proved by [`crate::Ledger::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Whose.
    pub account: Account,
    /// What is left: the sum of all entries on `credits`. Below zero after work that was already
    /// done was charged in full.
    pub balance: Amount,
    /// What authorizations keep aside.
    pub held: Amount,
    /// What is owed: the sum of all entries on `receivable`.
    pub outstanding: Amount,
    /// Up to how much may be owed; nothing for a prepaid account.
    pub postpaid_limit: Amount,
    /// What past charges left below one micro-USD.
    pub remainder: Remainder,
    /// When it last changed.
    pub updated_at: UnixTimestamp,
}

impl Book {
    /// What may still be authorized from credits.
    ///
    /// # Errors
    /// `amount_out_of_range` on overflow.
    pub fn available(&self) -> Result<Amount> {
        self.balance.minus(self.held)
    }
}

/// What kind of thing a cached book is.
const CACHED_KIND: &str = "book";

/// What is invalidated, in this process, when a book changes.
pub(crate) fn tag_of_book(account: AccountId) -> CacheTag {
    CacheTag::new(CACHED_KIND, account.uuid())
}

/// Whose book is said to have changed, if it is said of one.
#[must_use]
pub fn book_of_tag(tag: &CacheTag) -> Option<AccountId> {
    let (CACHED_KIND, account) = tag.parts() else { return None };
    account.parse().ok().map(AccountId::from_uuid)
}
