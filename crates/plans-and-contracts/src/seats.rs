use bursar_kernel::{DomainError, Result};

use crate::{
    account_plan::AccountPlan,
    error,
    limits::{Limit, MemberLimit},
    terms::PlanKind,
};

/// An individual plan is for the one person whose account it is.
const OF_ONE_PERSON: Limit = Limit::AtMost(1);

impl AccountPlan {
    /// How many people have room on it, those who are invited included.
    #[must_use]
    pub fn seats_in_all(&self) -> Limit {
        match self.plan.terms.limits.as_ref().map(|limits| limits.members) {
            None => OF_ONE_PERSON,
            Some(MemberLimit::Unlimited) => Limit::Unlimited,
            Some(MemberLimit::AtMost(most)) => Limit::AtMost(most),
            Some(MemberLimit::Seats) => Limit::AtMost(self.seats.map_or(0, u64::from)),
        }
    }
}

/// Whether `wanted` more have room beside those that are `used`. Nobody is put out: where more are
/// used than the limit says, only growth is refused.
///
/// # Errors
/// `no_seats_available` with `limit` and `used`.
pub fn check_room(limit: Limit, used: u64, wanted: u64) -> Result<()> {
    match limit {
        Limit::AtMost(most) if wanted > 0 && used.saturating_add(wanted) > most => {
            Err(DomainError::from(&error::NO_SEATS).param("limit", limit).param("used", used))
        }
        Limit::AtMost(_) | Limit::Unlimited => Ok(()),
    }
}

/// Seats are said where they are sold and nowhere else.
pub(crate) fn check_bought(kind: PlanKind, seats: Option<u32>) -> Result<()> {
    match (kind, seats) {
        (PlanKind::PerSeat, None | Some(0)) => {
            Err(DomainError::invalid("seats", "must be at least 1 for a plan that is sold by the seat"))
        }
        (PlanKind::PerSeat, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => {
            Err(DomainError::invalid("seats", "must be left out for a plan that is not sold by the seat"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_seat_is_given_and_the_next_one_refused() {
        assert!(check_room(Limit::AtMost(3), 2, 1).is_ok());
        let refused = check_room(Limit::AtMost(3), 3, 1).unwrap_err();
        assert!(refused.is(&error::NO_SEATS));
        assert_eq!(refused.to_string(), "no seats available");
        assert_eq!((refused.get("limit"), refused.get("used")), (Some("3"), Some("3")));
    }

    #[test]
    fn several_at_once_need_room_for_all_of_them() {
        assert!(check_room(Limit::AtMost(5), 2, 3).is_ok());
        assert!(check_room(Limit::AtMost(5), 2, 4).is_err());
    }

    #[test]
    fn more_people_than_a_smaller_plan_allows_stay_but_none_joins() {
        assert!(check_room(Limit::AtMost(3), 20, 0).is_ok());
        assert!(check_room(Limit::AtMost(3), 20, 1).is_err());
    }

    #[test]
    fn seats_are_said_where_they_are_sold_and_nowhere_else() {
        for kind in PlanKind::ALL {
            for seats in [None, Some(0), Some(1), Some(u32::MAX)] {
                let is_sold = *kind == PlanKind::PerSeat;
                let fits = if is_sold { seats.is_some_and(|seats| seats > 0) } else { seats.is_none() };
                let checked = check_bought(*kind, seats);
                assert_eq!(checked.is_ok(), fits, "{kind} with {seats:?}");
                if let Err(refused) = checked {
                    assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("seats")));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn room_is_what_the_limit_leaves(most: u64, used: u64, wanted: u64) {
            let has_room = u128::from(used) + u128::from(wanted) <= u128::from(most);
            prop_assert_eq!(check_room(Limit::AtMost(most), used, wanted).is_ok(), wanted == 0 || has_room);
            prop_assert!(check_room(Limit::Unlimited, used, wanted).is_ok());
        }
    }
}
