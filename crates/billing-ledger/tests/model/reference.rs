//! What the ledger is to do, said as plainly as it can be: no entries, no postings, no database,
//! nothing of the code that it judges. Money in whole micro-USD, instants in microseconds.

pub(crate) const NEVER: i64 = i64::MAX;

pub(crate) const NOT_REFUNDABLE: &str = "posting_not_refundable";
pub(crate) const TOO_MUCH: &str = "refund_exceeds_payment";

#[derive(Clone, Debug)]
pub(crate) struct Lot {
    pub(crate) left: i64,
    pub(crate) granted: i64,
    pub(crate) priority: i64,
    pub(crate) expires_at: i64,
    pub(crate) promotional: bool,
    refunded: i64,
}

#[derive(Clone, Debug)]
struct Charge {
    taken: Vec<(usize, i64)>,
    beyond: i64,
    reversed: bool,
}

/// One account's money.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// In the order of their coming in.
    lots: Vec<Lot>,
    charges: Vec<Charge>,
    pub(crate) overdraft: i64,
    pub(crate) remainder: i64,
    /// What was paid and not paid back.
    pub(crate) cash: i128,
    /// What was given and has not expired unused.
    pub(crate) promotion: i128,
}

impl Book {
    pub(crate) fn balance(&self) -> i64 {
        self.lots.iter().map(|lot| lot.left).sum::<i64>() - self.overdraft
    }

    /// Those that hold something, in the order in which they burn.
    pub(crate) fn open(&self) -> Vec<&Lot> {
        self.in_order().into_iter().map(|index| &self.lots[index]).collect()
    }

    pub(crate) fn expire(&mut self, now: i64) {
        for lot in &mut self.lots {
            if lot.expires_at <= now {
                if lot.promotional {
                    self.promotion -= i128::from(lot.left);
                }
                lot.left = 0;
            }
        }
    }

    /// Answers which lot it is.
    pub(crate) fn grant(&mut self, amount: i64, priority: i64, expires_at: i64, promotional: bool) -> usize {
        if promotional {
            self.promotion += i128::from(amount);
        } else {
            self.cash += i128::from(amount);
        }
        let repaid = amount.min(self.overdraft);
        self.overdraft -= repaid;
        let left = amount - repaid;
        self.lots.push(Lot { left, granted: amount, priority, expires_at, promotional, refunded: 0 });
        self.lots.len() - 1
    }

    /// Answers what each cost came to, and which charge it is if it came to anything.
    pub(crate) fn charge(&mut self, nanos: &[i64]) -> (Vec<i64>, Option<usize>) {
        let mut amounts = Vec::new();
        for cost in nanos {
            let due = self.remainder + cost;
            amounts.push(due / 1000);
            self.remainder = due % 1000;
        }
        let total = amounts.iter().sum();
        if total == 0 {
            return (amounts, None);
        }
        let before = self.overdraft;
        let taken = self.take(total);
        self.charges.push(Charge { taken, beyond: self.overdraft - before, reversed: false });
        (amounts, Some(self.charges.len() - 1))
    }

    /// Whether it was not reversed before.
    pub(crate) fn reverse(&mut self, charge: usize, now: i64) -> bool {
        let charge = &mut self.charges[charge];
        if charge.reversed {
            return false;
        }
        charge.reversed = true;
        for &(lot, part) in &charge.taken {
            self.lots[lot].left += part;
        }
        self.overdraft -= charge.beyond;
        if self.overdraft < 0 {
            let left = -self.overdraft;
            let lot =
                Lot { left, granted: left, priority: 0, expires_at: NEVER, promotional: false, refunded: 0 };
            self.lots.push(lot);
            self.overdraft = 0;
        }
        self.expire(now);
        let owed = std::mem::take(&mut self.overdraft);
        self.take(owed);
        true
    }

    /// All that is left to refund when no amount is asked for.
    pub(crate) fn refund(&mut self, lot: usize, asked: Option<i64>) -> Result<(), &'static str> {
        let paid = &mut self.lots[lot];
        if paid.promotional {
            return Err(NOT_REFUNDABLE);
        }
        let refundable = paid.granted - paid.refunded;
        let amount = asked.unwrap_or(refundable);
        if amount > refundable || refundable == 0 {
            return Err(TOO_MUCH);
        }
        paid.refunded += amount;
        self.cash -= i128::from(amount);
        let own = amount.min(paid.left);
        paid.left -= own;
        self.take(amount - own);
        Ok(())
    }

    /// Lots in burn order, then overdraft. Answers what each lot gave.
    fn take(&mut self, amount: i64) -> Vec<(usize, i64)> {
        let (mut taken, mut missing) = (Vec::new(), amount);
        for index in self.in_order() {
            let part = missing.min(self.lots[index].left);
            if part > 0 {
                self.lots[index].left -= part;
                missing -= part;
                taken.push((index, part));
            }
        }
        self.overdraft += missing;
        taken
    }

    fn in_order(&self) -> Vec<usize> {
        let mut open: Vec<_> = (0..self.lots.len()).filter(|&index| self.lots[index].left > 0).collect();
        // The sort is stable, so that the older comes first.
        open.sort_by_key(|&index| {
            let lot = &self.lots[index];
            (lot.priority, lot.expires_at, !lot.promotional)
        });
        open
    }
}
