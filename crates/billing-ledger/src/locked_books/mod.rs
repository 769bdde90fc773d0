mod corrections;
mod open_book;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use bursar_kernel::{AccountId, Amount, DomainError, IdSource, Result, UnixTimestamp};

use self::open_book::{LotChange, OpenBook, OpenLot};
use crate::{
    book::Book,
    burn_down::draw,
    charge::{Charge, Charged},
    content::Content,
    error,
    grant::Grant,
    lot::{Lot, LotId},
    posting::{Entries, Entry, EntryAccount, Posting, PostingId, PostingKind},
};

/// The books of one transaction under their locks, with their open lots: what moves money is
/// decided here, in memory, and written at once by [`crate::Ledger::write`].
///
/// A grant or charge that is refused leaves the books as they were, so that one refusal does not
/// undo what was decided before it. What is not written did not happen.
pub struct LockedBooks {
    now: UnixTimestamp,
    ids: Arc<dyn IdSource>,
    books: BTreeMap<AccountId, OpenBook>,
    postings: Vec<Posting>,
    references: HashSet<(AccountId, String)>,
}

/// What is to be written.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) postings: Vec<Posting>,
    pub(crate) granted: Vec<(AccountId, Lot)>,
    pub(crate) moved: Vec<(AccountId, Lot)>,
    pub(crate) books: Vec<Book>,
}

impl LockedBooks {
    /// Takes the books that were locked with their open lots. What has expired is closed first, by
    /// postings of its own, so that nothing can be charged to it.
    pub(crate) fn new(
        now: UnixTimestamp,
        ids: Arc<dyn IdSource>,
        locked: impl IntoIterator<Item = (Book, Vec<Lot>)>,
    ) -> Result<Self> {
        let mut books =
            Self { now, ids, books: BTreeMap::new(), postings: Vec::new(), references: HashSet::new() };
        for (book, lots) in locked {
            let account = book.account.id();
            books.books.insert(account, OpenBook::new(book, lots));
            books.close_expired(account)?;
        }
        Ok(books)
    }

    /// A book as it stands after what was decided so far; `None` when it is not locked.
    #[must_use]
    pub fn book(&self, account: AccountId) -> Option<&Book> {
        self.books.get(&account).map(|open| &open.book)
    }

    /// Adds credits: a lot of their own, less what repays an overdraft at once.
    ///
    /// # Errors
    /// `invalid_field` for an amount that is not more than nothing and for an expiry that is not in
    /// the future, `reference_reused` for a reference of these books, `amount_out_of_range` on
    /// overflow, `internal` for a kind that is no grant and for a book that is not locked.
    pub fn grant(&mut self, grant: Grant) -> Result<PostingId> {
        let account = grant.account.id();
        let source = grant.kind.source().ok_or_else(|| not_a("grant", grant.kind))?;
        if !grant.amount.is_positive() {
            return Err(DomainError::invalid("amount", "must be more than 0"));
        }
        if grant.expires_at.is_some_and(|expires_at| expires_at <= self.now) {
            return Err(DomainError::invalid("expiresAt", "must be in the future"));
        }
        self.assert_new(account, &grant.reference)?;
        let content_hash = grant.content_hash();
        let (id, now) = (self.new_posting(), self.now);
        let open = self.open_book(account)?;
        let repaid = open.overdraft()?.min(grant.amount);
        let remaining = grant.amount.minus(repaid)?;
        let lot = Lot {
            id: LotId::granted_by(id),
            kind: grant.kind,
            granted: grant.amount,
            remaining,
            priority: grant.priority,
            expires_at: grant.expires_at,
            promotional: grant.promotional,
            granted_at: now,
            closed_at: (!remaining.is_positive()).then_some(now),
        };
        let mut lines = vec![Entry { account: source, amount: grant.amount.negated()?, lot: None }];
        lines.extend(credits(repaid, None));
        lines.extend(credits(remaining, Some(lot.id)));
        let entries = Entries::balanced(lines)?;
        open.book.balance = open.book.balance.plus(entries.credits())?;
        open.add(lot);
        self.record(Posting {
            id,
            account,
            kind: grant.kind,
            reference: grant.reference,
            content_hash,
            description: grant.description,
            actor: grant.actor,
            tokens: 0,
            traffic_source: None,
            reverses: None,
            created_at: now,
            entries,
        });
        Ok(id)
    }

    /// Takes what was used: each cost through the book's remainder, in order, and the whole from
    /// the lots in burn order in one posting. What no lot has left is overdraft.
    ///
    /// # Errors
    /// `reference_reused` for a reference of these books, `amount_out_of_range` on overflow,
    /// `internal` for a kind that is no charge and for a book that is not locked.
    pub fn charge(&mut self, charge: Charge) -> Result<Charged> {
        let account = charge.account.id();
        let sink = charge.kind.sink().ok_or_else(|| not_a("charge", charge.kind))?;
        self.assert_new(account, &charge.reference)?;
        let now = self.now;
        let open = self.open_book(account)?;
        let mut remainder = open.book.remainder;
        let mut amounts = Vec::with_capacity(charge.costs.len());
        for cost in &charge.costs {
            let (amount, carried) = remainder.charge(*cost)?;
            amounts.push(amount);
            remainder = carried;
        }
        let total = Amount::sum(amounts.iter().copied())?;
        if !total.is_positive() {
            open.changed |= remainder != open.book.remainder;
            open.book.remainder = remainder;
            return Ok(Charged { posting: None, amounts });
        }
        let drawn = draw(open.lots(), total)?;
        let mut lines = Vec::with_capacity(drawn.lots.len() + 2);
        for &(lot, part) in &drawn.lots {
            lines.extend(credits(part.negated()?, Some(lot)));
        }
        lines.extend(credits(drawn.overdraft.negated()?, None));
        lines.push(Entry { account: sink, amount: total, lot: None });
        let entries = Entries::balanced(lines)?;
        open.book.balance = open.book.balance.plus(entries.credits())?;
        open.book.remainder = remainder;
        open.take(&drawn.lots, now)?;
        let id = self.new_posting();
        self.record(Posting {
            id,
            account,
            kind: charge.kind,
            content_hash: charge.content_hash(),
            reference: charge.reference,
            description: charge.description,
            actor: charge.actor,
            tokens: charge.tokens,
            traffic_source: charge.traffic_source,
            reverses: None,
            created_at: now,
            entries,
        });
        Ok(Charged { posting: Some(id), amounts })
    }

    /// What is to be written.
    pub(crate) fn into_changes(self) -> Changes {
        let mut changes = Changes { postings: self.postings, ..Changes::default() };
        for (account, open) in self.books {
            if open.changed {
                changes.books.push(Book { updated_at: self.now, ..open.book.clone() });
            }
            for OpenLot { lot, change } in open.into_lots() {
                match change {
                    LotChange::None => {}
                    LotChange::Granted => changes.granted.push((account, lot)),
                    LotChange::Moved => changes.moved.push((account, lot)),
                }
            }
        }
        changes
    }

    fn close_expired(&mut self, account: AccountId) -> Result<()> {
        let now = self.now;
        let open = self.open_book(account)?;
        let expired: Vec<_> = open.lots().filter(|lot| lot.has_expired(now)).cloned().collect();
        for lot in expired {
            let kept = if lot.promotional { EntryAccount::Promotion } else { EntryAccount::Revenue };
            let entries = Entries::balanced(vec![
                Entry { account: EntryAccount::Credits, amount: lot.remaining.negated()?, lot: Some(lot.id) },
                Entry { account: kept, amount: lot.remaining, lot: None },
            ])?;
            let id = self.new_posting();
            let open = self.open_book(account)?;
            open.book.balance = open.book.balance.plus(entries.credits())?;
            open.take(&[(lot.id, lot.remaining)], now)?;
            let posting = Posting {
                id,
                account,
                kind: PostingKind::Expiry,
                // A lot that gets credits back when its time is over expires again.
                reference: format!("expiry:{}:{id}", lot.id),
                content_hash: Content::new(PostingKind::Expiry).number(lot.remaining.micros()).hash(),
                description: format!("Expired: {} of {}", lot.remaining, lot.granted),
                actor: "system".to_owned(),
                tokens: 0,
                traffic_source: None,
                reverses: None,
                created_at: now,
                entries,
            };
            self.record(posting);
        }
        Ok(())
    }

    fn new_posting(&self) -> PostingId {
        PostingId::from_uuid(self.ids.next(self.now))
    }

    fn record(&mut self, posting: Posting) {
        self.references.insert((posting.account, posting.reference.clone()));
        self.postings.push(posting);
    }

    fn assert_new(&self, account: AccountId, reference: &str) -> Result<()> {
        if self.references.contains(&(account, reference.to_owned())) {
            return Err(DomainError::from(&error::REFERENCE_REUSED).param("reference", reference));
        }
        Ok(())
    }

    fn open_book(&mut self, account: AccountId) -> Result<&mut OpenBook> {
        self.books
            .get_mut(&account)
            .ok_or_else(|| DomainError::internal("money was to move in a book that is not locked"))
    }
}

/// A line on `credits`, unless it would say nothing.
fn credits(amount: Amount, lot: Option<LotId>) -> Option<Entry> {
    (amount != Amount::ZERO).then_some(Entry { account: EntryAccount::Credits, amount, lot })
}

fn not_a(what: &str, kind: PostingKind) -> DomainError {
    DomainError::internal(format!("{kind} is no {what}"))
}
