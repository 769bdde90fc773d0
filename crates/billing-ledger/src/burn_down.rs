//! In which order lots burn, and what a charge takes from each.

use std::cmp::Reverse;

use bursar_kernel::{Amount, Result, UnixTimestamp};

use crate::lot::{Lot, LotId};

/// What a lot is sorted by: lower priority first, then what expires first (never last), then
/// what was given before what was paid for, then the older.
#[must_use]
pub fn burn_order(lot: &Lot) -> impl Ord + use<> {
    let never = UnixTimestamp::from_micros(i64::MAX);
    (lot.priority, lot.expires_at.unwrap_or(never), Reverse(lot.promotional), lot.granted_at, lot.id)
}

/// What a charge takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// From which lots how much, in burn order; never zero.
    pub lots: Vec<(LotId, Amount)>,
    /// What no lot had left.
    pub overdraft: Amount,
}

/// Takes an amount from lots that stand in [`burn_order`]; a lot is emptied before the next one
/// is touched.
///
/// # Errors
/// `amount_out_of_range` on overflow.
pub fn draw<'a>(lots: impl IntoIterator<Item = &'a Lot>, amount: Amount) -> Result<Draw> {
    let mut taken = Vec::new();
    let mut missing = amount;
    for lot in lots {
        if !missing.is_positive() {
            break;
        }
        let part = lot.remaining.min(missing);
        if part.is_positive() {
            taken.push((lot.id, part));
            missing = missing.minus(part)?;
        }
    }
    Ok(Draw { lots: taken, overdraft: missing })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::posting::PostingKind;

    fn lot(id: u128, remaining: i64) -> Lot {
        Lot {
            id: LotId::from_uuid(Uuid::from_u128(id)),
            kind: PostingKind::Topup,
            granted: Amount::from_micros(remaining),
            remaining: Amount::from_micros(remaining),
            priority: 0,
            expires_at: None,
            promotional: false,
            granted_at: UnixTimestamp::from_micros(0),
            closed_at: None,
        }
    }

    fn at(micros: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(micros)
    }

    #[test]
    fn each_rule_decides_only_where_the_rules_before_it_are_equal() {
        let first_to_last = [
            Lot { priority: -1, ..lot(9, 1) },
            Lot { expires_at: Some(at(5)), promotional: true, ..lot(8, 1) },
            Lot { expires_at: Some(at(5)), ..lot(7, 1) },
            Lot { expires_at: Some(at(6)), promotional: true, ..lot(6, 1) },
            Lot { promotional: true, granted_at: at(9), ..lot(5, 1) },
            Lot { granted_at: at(1), ..lot(4, 1) },
            Lot { granted_at: at(2), ..lot(2, 1) },
            Lot { granted_at: at(2), ..lot(3, 1) },
            Lot { priority: 1, expires_at: Some(at(1)), ..lot(1, 1) },
        ];
        let mut shuffled = first_to_last.to_vec();
        shuffled.sort_by_key(|lot| lot.id);
        shuffled.sort_by_key(burn_order);
        assert_eq!(shuffled, first_to_last);
    }

    #[test]
    fn a_lot_is_emptied_before_the_next_one_is_touched() {
        let lots = [lot(1, 5), lot(2, 0), lot(3, 5)];
        for (amount, taken, overdraft) in [
            (0, vec![], 0),
            (1, vec![(1, 1)], 0),
            (5, vec![(1, 5)], 0),
            (6, vec![(1, 5), (3, 1)], 0),
            (10, vec![(1, 5), (3, 5)], 0),
            (13, vec![(1, 5), (3, 5)], 3),
        ] {
            let drawn = draw(&lots, Amount::from_micros(amount)).unwrap();
            let part = |(id, micros)| (LotId::from_uuid(Uuid::from_u128(id)), Amount::from_micros(micros));
            let expected = Draw {
                lots: taken.into_iter().map(part).collect(),
                overdraft: Amount::from_micros(overdraft),
            };
            assert_eq!(drawn, expected, "{amount}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_and_what_is_missing_make_the_charge(
            remaining in prop::collection::vec(0_i64..1_000, 0..12),
            amount in 0_i64..8_000,
        ) {
            let lots: Vec<_> = remaining.iter().zip(1_u128..).map(|(&left, id)| lot(id, left)).collect();
            let drawn = draw(&lots, Amount::from_micros(amount)).unwrap();
            let taken: i64 = drawn.lots.iter().map(|(_, part)| part.micros()).sum();
            let there: i64 = remaining.iter().sum();
            prop_assert_eq!(taken + drawn.overdraft.micros(), amount);
            prop_assert_eq!(taken, amount.min(there), "an overdraft begins where the lots end");
            prop_assert!(drawn.lots.iter().all(|(_, part)| part.is_positive()));
        }
    }
}
