//! What is decided about money that moves back; the rules stand with [`Reversal`] and [`Refund`].

use bursar_kernel::{Amount, DomainError, Result};

use super::{LockedBooks, credits};
use crate::{
    burn_down::draw,
    correction::{Refund, Reversal},
    error,
    lot::{Lot, LotId},
    posting::{Entries, Entry, EntryAccount, Posting, PostingId, PostingKind},
};

impl LockedBooks {
    /// Takes back a charge that was not reversed yet. `closed` are the lots that it took from and
    /// that were closed before the lock.
    ///
    /// # Errors
    /// `posting_not_reversible` for what is no charge, `reference_reused` for a reference of these
    /// books, `amount_out_of_range` on overflow, `internal` for a book that is not locked.
    pub(crate) fn reverse(
        &mut self,
        reversal: Reversal,
        charge: &Posting,
        closed: Vec<Lot>,
    ) -> Result<PostingId> {
        let account = reversal.account.id();
        if charge.kind.sink().is_none() || !charge.entries.credits().is_negative() {
            return Err(DomainError::from(&error::POSTING_NOT_REVERSIBLE));
        }
        self.assert_new(account, &reversal.reference)?;
        let (id, now) = (self.new_posting(), self.now);
        let mut open = self.open_book(account)?.clone();
        let mut lines = Vec::with_capacity(charge.entries.lines().len() + 2);
        let (mut returned, mut beyond_lots) = (Vec::new(), Amount::ZERO);
        for line in charge.entries.lines() {
            let amount = line.amount.negated()?;
            match (line.account, line.lot) {
                (EntryAccount::Credits, None) => beyond_lots = beyond_lots.plus(amount)?,
                (EntryAccount::Credits, Some(lot)) => {
                    returned.push((lot, amount));
                    lines.extend(credits(amount, Some(lot)));
                }
                _ => lines.push(Entry { amount, ..*line }),
            }
        }
        let overdraft = open.overdraft()?;
        let lowered = beyond_lots.min(overdraft);
        let repaid_since = beyond_lots.minus(lowered)?;
        open.give_back(&returned, closed)?;
        if repaid_since.is_positive() {
            let lot = Lot {
                id: LotId::granted_by(id),
                kind: PostingKind::Refund,
                granted: repaid_since,
                remaining: repaid_since,
                priority: 0,
                expires_at: None,
                promotional: false,
                granted_at: now,
                closed_at: None,
            };
            lines.extend(credits(repaid_since, Some(lot.id)));
            open.add(lot);
        }
        let still_missing = overdraft.minus(lowered)?;
        let drawn = draw(open.lots().filter(|lot| !lot.has_expired(now)), still_missing)?;
        for &(lot, part) in &drawn.lots {
            lines.extend(credits(part.negated()?, Some(lot)));
        }
        let repaid_now = still_missing.minus(drawn.overdraft)?;
        lines.extend(credits(lowered.plus(repaid_now)?, None));
        open.take(&drawn.lots, now)?;
        let entries = Entries::balanced(lines)?;
        open.book.balance = open.book.balance.plus(entries.credits())?;
        *self.open_book(account)? = open;
        self.record(Posting {
            id,
            account,
            kind: PostingKind::Refund,
            content_hash: reversal.content_hash(),
            reference: reversal.reference,
            description: reversal.description,
            actor: reversal.actor,
            tokens: charge.tokens.saturating_neg(),
            traffic_source: charge.traffic_source.clone(),
            reverses: Some(charge.id),
            created_at: now,
            entries,
        });
        self.close_expired(account)?;
        Ok(id)
    }

    /// Takes back what was granted for a payment, of which `refunded` is given back already.
    ///
    /// # Errors
    /// `posting_not_refundable` for what nobody paid for, `invalid_field` for an amount that is not
    /// more than nothing, `refund_exceeds_payment` for more than is left to refund,
    /// `reference_reused` for a reference of these books, `amount_out_of_range` on overflow,
    /// `internal` for a book that is not locked.
    pub(crate) fn refund(&mut self, refund: Refund, paid: &Posting, refunded: Amount) -> Result<PostingId> {
        let account = refund.account.id();
        if paid.kind.source() != Some(EntryAccount::Cash) {
            return Err(DomainError::from(&error::POSTING_NOT_REFUNDABLE));
        }
        let refundable = paid.entries.credits().minus(refunded)?;
        let amount = refund.amount.unwrap_or(refundable);
        if refund.amount.is_some() && !amount.is_positive() {
            return Err(DomainError::invalid("amount", "must be more than 0"));
        }
        if amount > refundable || !refundable.is_positive() {
            let refused = DomainError::from(&error::REFUND_EXCEEDS_PAYMENT);
            return Err(refused.param("refundable", refundable.micros()));
        }
        self.assert_new(account, &refund.reference)?;
        let (id, now) = (self.new_posting(), self.now);
        let mut open = self.open_book(account)?.clone();
        let own = LotId::granted_by(paid.id);
        let from_own = draw(open.lots().filter(|lot| lot.id == own), amount)?;
        let from_others = draw(open.lots().filter(|lot| lot.id != own), from_own.overdraft)?;
        let mut lines = Vec::with_capacity(from_others.lots.len() + 3);
        for drawn in [&from_own.lots, &from_others.lots] {
            for &(lot, part) in drawn {
                lines.extend(credits(part.negated()?, Some(lot)));
            }
            open.take(drawn, now)?;
        }
        lines.extend(credits(from_others.overdraft.negated()?, None));
        lines.push(Entry { account: EntryAccount::Cash, amount, lot: None });
        let entries = Entries::balanced(lines)?;
        open.book.balance = open.book.balance.plus(entries.credits())?;
        *self.open_book(account)? = open;
        self.record(Posting {
            id,
            account,
            kind: PostingKind::PaymentRefund,
            content_hash: refund.content_hash(),
            reference: refund.reference,
            description: refund.description,
            actor: refund.actor,
            tokens: 0,
            traffic_source: None,
            reverses: Some(paid.id),
            created_at: now,
            entries,
        });
        Ok(id)
    }
}
