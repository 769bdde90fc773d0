//! Whether the ledger holds what its reference holds.

use std::{collections::BTreeMap, fmt::Debug};

use bursar_billing_ledger::{EntryAccount, Ledger as _, SeaLedger};
use bursar_kernel::{DomainError, Page, UnixTimestamp};
use proptest::test_runner::TestCaseError;

use crate::{reference, world::World};

impl World<'_> {
    /// Compares what is left, in all and of each lot.
    pub(crate) async fn compare(&self, book: usize) -> Result<(), TestCaseError> {
        let (account, expected) = (self.accounts[book].id(), &self.expected[book]);
        let found = SeaLedger.book(self.test.db.reader(), account).await.map_err(failed)?;
        let lots = SeaLedger.lots(self.test.db.reader(), account).await.map_err(failed)?;
        let (balance, remainder) =
            found.map_or((0, 0), |book| (book.balance.micros(), book.remainder.nanos()));
        let overdraft = lots.iter().map(|lot| lot.remaining.micros()).sum::<i64>() - balance;
        let lots: Vec<_> = lots
            .iter()
            .map(|lot| {
                let expires_at = lot.expires_at.map_or(reference::NEVER, UnixTimestamp::micros);
                (lot.remaining.micros(), lot.granted.micros(), lot.priority, expires_at, lot.promotional)
            })
            .collect();
        let open: Vec<_> = expected
            .open()
            .into_iter()
            .map(|lot| (lot.left, lot.granted, lot.priority, lot.expires_at, lot.promotional))
            .collect();
        same(
            &(balance, remainder, overdraft, lots),
            &(expected.balance(), expected.remainder, expected.overdraft, open),
            &format!("book {book}"),
        )
    }

    /// The proof of these books at the end: the ledger's own, and every entry added up by account.
    pub(crate) async fn prove(&self) -> Result<(), TestCaseError> {
        let found = SeaLedger.verify(self.test.db.reader()).await.map_err(failed)?;
        for (account, expected) in self.accounts.iter().zip(&self.expected) {
            let differences: Vec<_> =
                found.differences.iter().filter(|difference| difference.account == account.id()).collect();
            same(&differences, &vec![], &"verify")?;
            let mut sums = BTreeMap::<_, i128>::new();
            let mut after = None;
            loop {
                let page = Page::new(None, after);
                let page =
                    SeaLedger.postings(self.test.db.reader(), account.id(), page).await.map_err(failed)?;
                for line in page.items.iter().flat_map(|posting| posting.entries.lines()) {
                    *sums.entry(line.account.as_str()).or_default() += i128::from(line.amount.micros());
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let sum = |account: EntryAccount| sums.get(account.as_str()).copied().unwrap_or_default();
            let credits = i128::from(expected.balance());
            same(
                &[EntryAccount::Credits, EntryAccount::Cash, EntryAccount::Promotion, EntryAccount::Revenue]
                    .map(sum),
                &[credits, -expected.cash, -expected.promotion, expected.cash + expected.promotion - credits],
                &"entries",
            )?;
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err takes")]
pub(crate) fn failed(error: DomainError) -> TestCaseError {
    TestCaseError::fail(format!("{error:?}"))
}

pub(crate) fn same<T: Debug + PartialEq>(
    found: &T,
    expected: &T,
    of: &impl Debug,
) -> Result<(), TestCaseError> {
    if found == expected {
        return Ok(());
    }
    Err(TestCaseError::fail(format!("{of:?}\n   found {found:?}\nexpected {expected:?}")))
}
