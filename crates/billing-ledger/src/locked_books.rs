use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use bursar_kernel::{AccountId, Amount, DomainError, IdSource, Result, UnixTimestamp};

use crate::{
    book::Book,
    burn_down::{burn_order, draw},
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

struct OpenBook {
    book: Book,
    changed: bool,
    /// Lots with something left, in burn order.
    open: Vec<OpenLot>,
    /// Lots that were closed now.
    closed: Vec<OpenLot>,
}

struct OpenLot {
    lot: Lot,
    change: LotChange,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LotChange {
    None,
    Granted,
    Drawn,
}

/// What is to be written.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) postings: Vec<Posting>,
    pub(crate) granted: Vec<(AccountId, Lot)>,
    pub(crate) drawn: Vec<(AccountId, Lot)>,
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
        for (book, mut lots) in locked {
            let account = book.account.id();
            lots.sort_by_cached_key(burn_order);
            let open = lots.into_iter().map(|lot| OpenLot { lot, change: LotChange::None }).collect();
            books.books.insert(account, OpenBook { book, changed: false, open, closed: Vec::new() });
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
        let id = PostingId::from_uuid(self.ids.next(self.now));
        let now = self.now;
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
        let drawn = draw(open.open.iter().map(|open| &open.lot), total)?;
        let mut lines = Vec::with_capacity(drawn.lots.len() + 2);
        for &(lot, part) in &drawn.lots {
            lines.extend(credits(part.negated()?, Some(lot)));
        }
        lines.extend(credits(drawn.overdraft.negated()?, None));
        lines.push(Entry { account: sink, amount: total, lot: None });
        let entries = Entries::balanced(lines)?;
        open.book.balance = open.book.balance.plus(entries.credits())?;
        open.book.remainder = remainder;
        self.take(account, &drawn.lots)?;
        let id = PostingId::from_uuid(self.ids.next(self.now));
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
            created_at: self.now,
            entries,
        });
        Ok(Charged { posting: Some(id), amounts })
    }

    /// What is to be written.
    pub(crate) fn into_changes(self) -> Changes {
        let mut changes = Changes { postings: self.postings, ..Changes::default() };
        for (account, open) in self.books {
            for OpenLot { lot, change } in open.open.into_iter().chain(open.closed) {
                match change {
                    LotChange::None => {}
                    LotChange::Granted => changes.granted.push((account, lot)),
                    LotChange::Drawn => changes.drawn.push((account, lot)),
                }
            }
            if open.changed {
                changes.books.push(Book { updated_at: self.now, ..open.book });
            }
        }
        changes
    }

    fn close_expired(&mut self, account: AccountId) -> Result<()> {
        let now = self.now;
        let open = self.open_book(account)?;
        let expired: Vec<Lot> =
            open.open.iter().map(|open| &open.lot).filter(|lot| lot.has_expired(now)).cloned().collect();
        for lot in expired {
            let kept = if lot.promotional { EntryAccount::Promotion } else { EntryAccount::Revenue };
            let entries = Entries::balanced(vec![
                Entry { account: EntryAccount::Credits, amount: lot.remaining.negated()?, lot: Some(lot.id) },
                Entry { account: kept, amount: lot.remaining, lot: None },
            ])?;
            let open = self.open_book(account)?;
            open.book.balance = open.book.balance.plus(entries.credits())?;
            self.take(account, &[(lot.id, lot.remaining)])?;
            let posting = Posting {
                id: PostingId::from_uuid(self.ids.next(now)),
                account,
                kind: PostingKind::Expiry,
                reference: format!("expiry:{}", lot.id),
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

    /// Takes parts from lots that are known to have them; a lot that is emptied closes.
    fn take(&mut self, account: AccountId, parts: &[(LotId, Amount)]) -> Result<()> {
        let now = self.now;
        let open = self.open_book(account)?;
        open.changed = true;
        for &(id, part) in parts {
            let place = open.open.iter().position(|open| open.lot.id == id);
            let place = place.ok_or_else(|| DomainError::internal("a lot that is drawn is not open"))?;
            let drawn = &mut open.open[place];
            drawn.lot.remaining = drawn.lot.remaining.minus(part)?;
            if drawn.change == LotChange::None {
                drawn.change = LotChange::Drawn;
            }
            if !drawn.lot.remaining.is_positive() {
                drawn.lot.closed_at = Some(now);
                let closed = open.open.remove(place);
                open.closed.push(closed);
            }
        }
        Ok(())
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

impl OpenBook {
    /// What was charged beyond the lots: the credits that no lot stands for.
    fn overdraft(&self) -> Result<Amount> {
        let lots = Amount::sum(self.open.iter().map(|open| open.lot.remaining))?;
        Ok(lots.minus(self.book.balance)?.max(Amount::ZERO))
    }

    fn add(&mut self, lot: Lot) {
        self.changed = true;
        let granted = OpenLot { lot, change: LotChange::Granted };
        if granted.lot.closed_at.is_some() {
            self.closed.push(granted);
        } else {
            let key = burn_order(&granted.lot);
            let place = self.open.partition_point(|open| burn_order(&open.lot) < key);
            self.open.insert(place, granted);
        }
    }
}

/// A line on `credits`, unless it would say nothing.
fn credits(amount: Amount, lot: Option<LotId>) -> Option<Entry> {
    (amount != Amount::ZERO).then_some(Entry { account: EntryAccount::Credits, amount, lot })
}

fn not_a(what: &str, kind: PostingKind) -> DomainError {
    DomainError::internal(format!("{kind} is no {what}"))
}
