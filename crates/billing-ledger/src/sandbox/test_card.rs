use bursar_kernel::{DomainError, Result};

use crate::card::CardSummary;

bursar_kernel::text_enum! {
    /// Stripe's test cards that the sandbox knows, by their number.
    pub enum TestCard {
        /// Pays.
        Pays = "4242424242424242",
        /// Is declined.
        Declined = "4000000000000002",
        /// Is declined for want of money.
        InsufficientFunds = "4000000000009995",
        /// Pays once its holder has agreed.
        AsksForAuthentication = "4000002500003155",
    }
}

impl TestCard {
    /// The card of a number as people type it, with spaces or dashes.
    ///
    /// # Errors
    /// `invalid_field` that names the cards there are, so that nobody types a real one twice.
    pub fn from_number(number: &str) -> Result<Self> {
        let digits: String = number.chars().filter(|&letter| letter != ' ' && letter != '-').collect();
        Self::parse(&digits).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|card| card.as_str()).collect();
            DomainError::invalid("card", format_args!("must be one of the test cards {}", known.join(", ")))
        })
    }

    /// What may be shown of it.
    #[must_use]
    pub fn summary(self) -> CardSummary {
        let (_, last4) = self.as_str().split_at(12);
        CardSummary { brand: "visa".to_owned(), last4: last4.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_known_as_people_type_it_and_no_other_number_is_taken() {
        assert_eq!(TestCard::from_number("4242 4242-4242 4242").unwrap(), TestCard::Pays);
        assert_eq!(TestCard::AsksForAuthentication.summary().last4, "3155");
        for number in ["", "4242", "5555555555554444", "42424242424242420", "4242\u{a0}424242424242", "🦀"]
        {
            let refused = TestCard::from_number(number).unwrap_err();
            assert_eq!(refused.get("field"), Some("card"));
            assert!(refused.to_string().contains("4242424242424242"));
        }
    }
}
