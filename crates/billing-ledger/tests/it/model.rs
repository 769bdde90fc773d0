//! The ledger against a small reference that keeps no entries, does nothing cleverly and knows
//! only what is left.

use std::time::Duration;

use bursar_billing_ledger::{Grant, Ledger as _, PostingKind, SeaLedger};
use bursar_kernel::{Account, Clock as _, UnixTimestamp};
use bursar_testkit::{TestDb, for_each_engine};

use crate::books::{assert_proved, charge, grant, organization};

const HOUR: i64 = 3_600_000_000;

/// Left, priority, expiry, paid, order of coming in.
type Lot = (i64, i64, i64, bool, usize);

#[derive(Clone, Default, Debug)]
struct Model {
    lots: Vec<Lot>,
    overdraft: i64,
    remainder: i64,
    granted: usize,
}

impl Model {
    fn expire(&mut self, now: i64) {
        self.lots.retain(|lot| lot.2 > now);
    }

    fn grant(&mut self, amount: i64, priority: i64, expires_at: i64, paid: bool) {
        let repaid = amount.min(self.overdraft);
        self.overdraft -= repaid;
        self.lots.push((amount - repaid, priority, expires_at, paid, self.granted));
        self.granted += 1;
    }

    fn charge(&mut self, nanos: &[i64]) {
        let total = nanos.iter().sum::<i64>() + self.remainder;
        self.remainder = total % 1000;
        for _ in 0..total / 1000 {
            let first =
                self.lots.iter_mut().filter(|lot| lot.0 > 0).min_by_key(|lot| (lot.1, lot.2, lot.3, lot.4));
            match first {
                Some(lot) => lot.0 -= 1,
                None => self.overdraft += 1,
            }
        }
    }

    fn left(&self) -> Vec<i64> {
        let mut open: Vec<_> = self.lots.iter().filter(|lot| lot.0 > 0).collect();
        open.sort_by_key(|lot| (lot.1, lot.2, lot.3, lot.4));
        open.into_iter().map(|lot| lot.0).collect()
    }
}

/// Numbers that a seed repeats (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % bound).unwrap()
    }
}

#[tokio::test]
async fn random_grants_charges_expiries_and_crashes_agree_with_the_reference() {
    for_each_engine(|test| async move {
        for seed in [1, 0x5eed, u64::MAX] {
            run(&test, seed).await;
        }
        assert_proved(&test.db).await;
    })
    .await;
}

async fn run(test: &TestDb, seed: u64) {
    let mut dice = Dice(seed);
    let accounts: Vec<_> = (0..3).map(|number| organization(u128::from(seed) * 3 + number)).collect();
    let mut models = vec![Model::default(); accounts.len()];
    for transaction in 0..80 {
        test.clock.advance(Duration::from_micros(u64::try_from(dice.below(3) * HOUR).unwrap()));
        let mut decided = models.clone();
        let mut tx = test.db.begin().await.unwrap();
        let mut books = SeaLedger.lock(&mut tx, &accounts).await.unwrap();
        let now = test.clock.now().micros();
        for model in &mut decided {
            model.expire(now);
        }
        for step in 0..=dice.below(5) {
            let chosen = usize::try_from(dice.below(3)).unwrap();
            let (account, model) = (accounts[chosen], &mut decided[chosen]);
            let reference = format!("{transaction}:{step}");
            if dice.below(2) == 0 {
                let nanos: Vec<_> = (0..dice.below(5)).map(|_| dice.below(90_000)).collect();
                let charged = books.charge(charge(account, &reference, &nanos)).unwrap();
                assert_eq!(charged.amounts.len(), nanos.len());
                model.charge(&nanos);
            } else {
                let granted = random_grant(&mut dice, account, &reference, now);
                model.grant(
                    granted.amount.micros(),
                    granted.priority,
                    granted.expires_at.map_or(i64::MAX, UnixTimestamp::micros),
                    !granted.promotional,
                );
                books.grant(granted).unwrap();
            }
        }
        SeaLedger.write(&mut tx, books).await.unwrap();
        // One in four goes down before it commits.
        if dice.below(4) == 0 {
            drop(tx);
            continue;
        }
        tx.commit().await.unwrap();
        models = decided;
        for (account, model) in accounts.iter().zip(&models) {
            assert_agrees(test, *account, model, &format!("seed {seed}, transaction {transaction}")).await;
        }
    }
}

fn random_grant(dice: &mut Dice, account: Account, reference: &str, now: i64) -> Grant {
    let promotional = dice.below(2) == 0;
    let expires = dice.below(2) == 0;
    let expires_at = UnixTimestamp::from_micros(now + HOUR * (1 + dice.below(6)));
    Grant {
        kind: if promotional { PostingKind::Voucher } else { PostingKind::Topup },
        promotional,
        priority: dice.below(3),
        expires_at: expires.then_some(expires_at),
        ..grant(account, reference, 1 + dice.below(200))
    }
}

async fn assert_agrees(test: &TestDb, account: Account, model: &Model, at: &str) {
    let book = SeaLedger.book(test.db.reader(), account.id()).await.unwrap().unwrap();
    let lots = SeaLedger.lots(test.db.reader(), account.id()).await.unwrap();
    let left: Vec<_> = lots.iter().map(|lot| lot.remaining.micros()).collect();
    assert_eq!(left, model.left(), "{at}");
    assert_eq!(book.balance.micros(), left.iter().sum::<i64>() - model.overdraft, "{at}");
    assert_eq!(book.remainder.nanos(), model.remainder, "{at}");
}
