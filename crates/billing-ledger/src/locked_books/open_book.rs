use bursar_kernel::{Amount, DomainError, Result, UnixTimestamp};

use crate::{
    book::Book,
    burn_down::burn_order,
    lot::{Lot, LotId},
};

/// A book under its lock, and its lots as far as they matter.
#[derive(Clone)]
pub(super) struct OpenBook {
    pub(super) book: Book,
    pub(super) changed: bool,
    /// Lots with something left, in burn order.
    open: Vec<OpenLot>,
    /// Lots that were closed now, or were loaded to be opened again.
    closed: Vec<OpenLot>,
}

#[derive(Clone)]
pub(super) struct OpenLot {
    pub(super) lot: Lot,
    pub(super) change: LotChange,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LotChange {
    None,
    Granted,
    Moved,
}

impl OpenBook {
    pub(super) fn new(book: Book, mut lots: Vec<Lot>) -> Self {
        lots.sort_by_cached_key(burn_order);
        let open = lots.into_iter().map(OpenLot::untouched).collect();
        Self { book, changed: false, open, closed: Vec::new() }
    }

    /// What may be drawn from, in burn order.
    pub(super) fn lots(&self) -> impl Iterator<Item = &Lot> {
        self.open.iter().map(|open| &open.lot)
    }

    /// All that was loaded or granted, and what became of it.
    pub(super) fn into_lots(self) -> impl Iterator<Item = OpenLot> {
        self.open.into_iter().chain(self.closed)
    }

    /// What was charged beyond the lots: the credits that no lot stands for.
    pub(super) fn overdraft(&self) -> Result<Amount> {
        let lots = Amount::sum(self.lots().map(|lot| lot.remaining))?;
        Ok(lots.minus(self.book.balance)?.max(Amount::ZERO))
    }

    pub(super) fn add(&mut self, lot: Lot) {
        self.changed = true;
        let granted = OpenLot { lot, change: LotChange::Granted };
        if granted.lot.closed_at.is_some() {
            self.closed.push(granted);
        } else {
            self.insert(granted);
        }
    }

    /// Takes parts from lots that are known to have them; a lot that is emptied closes.
    pub(super) fn take(&mut self, parts: &[(LotId, Amount)], now: UnixTimestamp) -> Result<()> {
        self.changed = true;
        for &(id, part) in parts {
            let place = self.open.iter().position(|open| open.lot.id == id);
            let place = place.ok_or_else(|| DomainError::internal("a lot that is drawn is not open"))?;
            let drawn = &mut self.open[place];
            drawn.lot.remaining = drawn.lot.remaining.minus(part)?;
            drawn.touch();
            if !drawn.lot.remaining.is_positive() {
                drawn.lot.closed_at = Some(now);
                let closed = self.open.remove(place);
                self.closed.push(closed);
            }
        }
        Ok(())
    }

    /// Gives parts back to lots that they were taken from; one that was closed is open again.
    /// `loaded` are the closed ones among them as they were before the lock.
    pub(super) fn give_back(&mut self, parts: &[(LotId, Amount)], loaded: Vec<Lot>) -> Result<()> {
        self.changed = true;
        self.closed.extend(loaded.into_iter().map(OpenLot::untouched));
        for &(id, part) in parts {
            let is_it = |open: &OpenLot| open.lot.id == id;
            let mut lot = if let Some(place) = self.open.iter().position(is_it) {
                self.open.remove(place)
            } else if let Some(place) = self.closed.iter().position(is_it) {
                self.closed.remove(place)
            } else {
                return Err(DomainError::internal("a lot that gets credits back is not there"));
            };
            lot.lot.remaining = lot.lot.remaining.plus(part)?;
            if lot.lot.remaining > lot.lot.granted {
                return Err(DomainError::internal("a lot would hold more than was granted"));
            }
            lot.lot.closed_at = None;
            lot.touch();
            self.insert(lot);
        }
        Ok(())
    }

    fn insert(&mut self, lot: OpenLot) {
        let key = burn_order(&lot.lot);
        let place = self.open.partition_point(|open| burn_order(&open.lot) < key);
        self.open.insert(place, lot);
    }
}

impl OpenLot {
    const fn untouched(lot: Lot) -> Self {
        Self { lot, change: LotChange::None }
    }

    fn touch(&mut self) {
        if self.change == LotChange::None {
            self.change = LotChange::Moved;
        }
    }
}
