use crate::limits::Limits;

/// A year costs what so many months cost: the rule of every plan, and so no data.
const MONTHS_PAID_A_YEAR: i64 = 10;

bursar_kernel::text_enum! {
    /// How a plan is sold.
    pub enum PlanKind {
        /// To an organization, at one price however many people it has.
        Flat = "flat",
        /// To an organization, at a price for each seat.
        PerSeat = "per_seat",
        /// To a person, for themself.
        Individual = "individual",
        /// By an agreement with one customer, which says the price.
        Contract = "contract",
    }
}

bursar_kernel::text_enum! {
    /// How long one payment for a plan lasts.
    pub enum Interval {
        /// A month.
        Monthly = "Monthly",
        /// A year.
        Annual = "Annual",
    }
}

/// A plan as the catalogue says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTerms {
    /// Its name in APIs, for ever.
    pub key: String,
    /// What people read.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// How it is sold.
    pub kind: PlanKind,
    /// What a month costs, for each seat where seats are sold; absent for a contract.
    pub monthly_cents: Option<i64>,
    /// What it allows; absent for an individual plan.
    pub limits: Option<Limits>,
    /// What it has besides, as words.
    pub features: Vec<String>,
    /// Whether it is still sold.
    pub is_active: bool,
}

impl PlanTerms {
    /// What one interval costs in cents, for each seat where seats are sold. `None` where a
    /// contract says it.
    #[must_use]
    pub fn price_cents(&self, interval: Interval) -> Option<i64> {
        let monthly = self.monthly_cents?;
        Some(match interval {
            Interval::Monthly => monthly,
            // The catalogue takes no price of which ten times would not fit.
            Interval::Annual => monthly.saturating_mul(MONTHS_PAID_A_YEAR),
        })
    }

    /// The intervals in which it is published. Where nothing is paid, or nothing that is known
    /// here, there is no year to pay at once.
    #[must_use]
    pub const fn intervals(&self) -> &'static [Interval] {
        match self.monthly_cents {
            None | Some(0) => &[Interval::Monthly],
            Some(_) => Interval::ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(kind: PlanKind, monthly_cents: Option<i64>) -> PlanTerms {
        let (key, name, description) = ("x".to_owned(), "X".to_owned(), "An x".to_owned());
        let (limits, features) = (None, Vec::new());
        PlanTerms { key, name, description, kind, monthly_cents, limits, features, is_active: true }
    }

    #[test]
    fn a_year_costs_ten_months() {
        for kind in [PlanKind::Flat, PlanKind::PerSeat, PlanKind::Individual] {
            let terms = priced(kind, Some(2_900));
            let prices = terms.intervals().iter().map(|interval| (*interval, terms.price_cents(*interval)));
            let expected = [(Interval::Monthly, Some(2_900)), (Interval::Annual, Some(29_000))];
            assert_eq!(prices.collect::<Vec<_>>(), expected, "{kind}");
        }
    }

    #[test]
    fn where_nothing_is_paid_there_is_no_year() {
        assert_eq!(priced(PlanKind::Flat, Some(0)).intervals(), [Interval::Monthly]);
        let contract = priced(PlanKind::Contract, None);
        assert_eq!(contract.intervals(), [Interval::Monthly]);
        assert_eq!(contract.price_cents(Interval::Monthly), None);
    }
}
