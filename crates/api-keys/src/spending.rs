use bursar_kernel::{AccountId, Amount, Reader, Result, Tx};

use crate::key::{ApiKey, ApiKeyId};

/// What came of spending by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was taken.
    Taken {
        /// What may still be spent in this window; nothing is said where there is no limit.
        left: Option<Amount>,
    },
    /// It is more than may be spent, and nothing was written.
    Exceeded {
        /// What may still be spent in this window: nothing for a key that was revoked.
        left: Amount,
    },
}

/// What keys spent, added up by day, by month and in all.
#[async_trait::async_trait]
pub trait KeySpending: Send + Sync {
    /// Takes `cost` from what a key may spend, if that much is left: three rows. The limit is read
    /// under the key's lock, since the caller's may be old; two that spend at once wait for one
    /// another until the transaction ends. It must not lock a book after this, since
    /// [`Self::charged`] comes after books.
    ///
    /// # Errors
    /// `invalid_field` for a negative `cost`.
    async fn spend(&self, tx: &mut Tx, key: &ApiKey, cost: Amount) -> Result<Spent>;

    /// Adds what was used through keys, whatever their limits: work that is done is always charged.
    /// A key counts for its own account only; others, and unknown ones, are passed over. Negative
    /// amounts take back. Says how many keys were charged: three rows each.
    ///
    /// Meant for transactions that hold books: it locks no keys, and sums in the order of their keys.
    ///
    /// # Errors
    /// `amount_out_of_range` when the amounts of one key do not fit.
    async fn charged(&self, tx: &mut Tx, costs: &[(AccountId, ApiKeyId, Amount)]) -> Result<u64>;

    /// What a key has spent in the window of its limit that is now; nothing without a limit.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn spent(&self, reader: Reader<'_>, key: &ApiKey) -> Result<Amount>;
}
