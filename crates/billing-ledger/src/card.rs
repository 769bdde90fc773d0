/// What may be shown of a card: never its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardSummary {
    /// `visa`, `mastercard`, …, as the provider spells it.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}
