use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the statements of every [`crate::Tx`] of a [`crate::Db`] and, when armed by a test,
/// fails the n-th: so that "a failure after each step leaves nothing" is proved by one loop.
///
/// A commit counts as a statement. Reads outside a transaction do not: they are counted apart.
#[derive(Debug, Default)]
pub struct Faults {
    seen: AtomicU64,
    /// The statement to fail, counted from 1; 0 = none.
    fail_at: AtomicU64,
    /// Reads outside a transaction.
    reads: AtomicU64,
}

impl Faults {
    /// Starts counting anew; the `n`-th statement from now fails, `0` fails none.
    pub fn arm(&self, n: u64) {
        self.seen.store(0, Ordering::SeqCst);
        self.fail_at.store(n, Ordering::SeqCst);
    }

    /// Ends failing and says how many statements were counted since [`Self::arm`].
    pub fn disarm(&self) -> u64 {
        self.fail_at.store(0, Ordering::SeqCst);
        self.seen.swap(0, Ordering::SeqCst)
    }

    /// How many statements were sent outside a transaction, ever.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    /// # Errors
    /// When this is the statement to fail.
    pub(crate) fn step(&self) -> Result<(), sea_orm::DbErr> {
        let nth = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        if nth == self.fail_at.load(Ordering::Relaxed) {
            return Err(sea_orm::DbErr::Custom(format!(
                "statement {nth} failed because a test asked for it"
            )));
        }
        Ok(())
    }
}
