use bursar_kernel::{Account, AccountId, Page, Reader, Result, Slice, Tx};

use crate::{
    book::Book,
    correction::{Refund, Reversal},
    grant::{Grant, Posted},
    locked_books::LockedBooks,
    lot::Lot,
    posting::Posting,
    verification::Verification,
};

/// The books of all accounts.
///
/// A transaction locks all the books that it moves money in by one call of [`Self::lock`], after
/// every other lock that it takes: books are locked last, in the order of their identifiers.
#[async_trait::async_trait]
pub trait Ledger: Send + Sync {
    /// Locks books, in the order of their identifiers, and loads what is open in them. A book that
    /// is not there yet is begun.
    async fn lock(&self, tx: &mut Tx, accounts: &[Account]) -> Result<LockedBooks>;

    /// Writes what was decided: postings, entries, lots and books by one statement each, whatever
    /// their number. Each of their rows is touched, or it fails.
    ///
    /// `reference_reused` when a reference was posted by an earlier transaction.
    async fn write(&self, tx: &mut Tx, books: LockedBooks) -> Result<()>;

    /// Posts one grant. A reference that was posted before with the same content answers the first
    /// posting, for ever; with other content it is `reference_reused`.
    async fn post(&self, tx: &mut Tx, grant: Grant) -> Result<Posted>;

    /// Takes a charge back, once for ever: who reverses it again gets the first reversal.
    ///
    /// `posting_not_found`, `posting_not_reversible` for what is no charge, `reference_reused` when
    /// the reference was posted for something else.
    async fn reverse(&self, tx: &mut Tx, reversal: Reversal) -> Result<Posted>;

    /// Takes back what was granted for a payment, or a part of it. A reference that was posted
    /// before with the same content answers the first posting, for ever.
    ///
    /// `posting_not_found`, `posting_not_refundable` for what nobody paid for,
    /// `refund_exceeds_payment` for more than is left to refund, `reference_reused` when the
    /// reference was posted for something else.
    async fn refund(&self, tx: &mut Tx, refund: Refund) -> Result<Posted>;

    /// Closes lots whose time is over, at most `limit`, oldest first, in books that nothing else
    /// has touched since. Answers how many: fewer than `limit` means that none are left.
    async fn expire(&self, tx: &mut Tx, limit: u64) -> Result<u64>;

    /// One book; `None` before its first posting.
    async fn book(&self, reader: Reader<'_>, account: AccountId) -> Result<Option<Book>>;

    /// The lots that still hold something, in burn order.
    async fn lots(&self, reader: Reader<'_>, account: AccountId) -> Result<Vec<Lot>>;

    /// The postings of one book, newest first.
    async fn postings(&self, reader: Reader<'_>, account: AccountId, page: Page) -> Result<Slice<Posting>>;

    /// Proves that every posting sums to zero and that every projection equals its entries.
    async fn verify(&self, reader: Reader<'_>) -> Result<Verification>;
}
