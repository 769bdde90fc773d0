use std::fmt;

use bursar_kernel::{DomainError, Result};

use crate::error;

bursar_kernel::text_enum! {
    /// Something that a key may do.
    pub enum Scope {
        /// Read what its creator may read on the account.
        Read = "read",
        /// Report usage that the account pays for.
        UsageWrite = "usage:write",
        /// Ask whether keys of the account are good.
        KeysVerify = "keys:verify",
        /// Buy: plans, seats, credits.
        BillingWrite = "billing:write",
    }
}

impl Scope {
    /// The scope of this name.
    ///
    /// # Errors
    /// `invalid_field` for `scopes` when there is none.
    pub fn named(name: &str) -> Result<Self> {
        Self::parse(name)
            .ok_or_else(|| DomainError::invalid("scopes", format!("must be among {}", ScopeSet::ALL)))
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a key may do: a set of scopes, kept as their names with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u8);

bursar_kernel::column_type!(ScopeSet, String, |set: ScopeSet| set.to_string(), |text: String| {
    ScopeSet::parse(&text)
});

impl ScopeSet {
    /// All that there are.
    pub const ALL: Self = Self::of(Scope::ALL);

    /// These.
    #[must_use]
    pub const fn of(scopes: &[Scope]) -> Self {
        let (mut bits, mut index) = (0, 0);
        while index < scopes.len() {
            bits |= scopes[index].bit();
            index += 1;
        }
        Self(bits)
    }

    /// Whether this one is among them.
    #[must_use]
    pub const fn holds(&self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of these are among them.
    #[must_use]
    pub const fn holds_all(&self, others: &Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those that are in both.
    #[must_use]
    pub const fn both(&self, other: &Self) -> Self {
        Self(self.0 & other.0)
    }

    /// One after the other, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(|scope| self.holds(*scope))
    }

    fn parse(text: &str) -> Option<Self> {
        text.split_ascii_whitespace()
            .map(Scope::parse)
            .collect::<Option<Vec<_>>>()
            .map(|scopes| Self::of(&scopes))
    }
}

/// `read usage:write`.
impl fmt::Display for ScopeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(formatter, "{space}{scope}")?;
        }
        Ok(())
    }
}

/// How a person stands to an account, as far as their keys are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It is their own.
    PersonalAccount,
    /// An organization's that they use.
    Member,
    /// An organization's that they run.
    Admin,
    /// An organization's that they own.
    Owner,
}

impl Standing {
    /// The scopes of a key that was made without a word about them.
    #[must_use]
    pub const fn defaults(self) -> ScopeSet {
        match self {
            Self::Member => ScopeSet::of(&[Scope::Read]),
            Self::PersonalAccount | Self::Admin | Self::Owner => {
                ScopeSet::of(&[Scope::Read, Scope::UsageWrite, Scope::KeysVerify])
            }
        }
    }

    /// The most that a key can have: what its creator may do.
    #[must_use]
    pub const fn grantable(self) -> ScopeSet {
        match self {
            Self::Member | Self::Admin => self.defaults(),
            Self::PersonalAccount | Self::Owner => ScopeSet::ALL,
        }
    }
}

/// The scopes of a key to be made.
///
/// # Errors
/// `scope_too_wide` when its creator may not give one of those asked for; `invalid_field` for
/// `scopes` when an empty list was asked for, since such a key could do nothing.
pub fn scopes_for(creator: Standing, asked_for: Option<&[Scope]>) -> Result<ScopeSet> {
    let Some(scopes) = asked_for else { return Ok(creator.defaults()) };
    if scopes.is_empty() {
        return Err(DomainError::invalid("scopes", "must name at least one, or be left out"));
    }
    let grantable = creator.grantable();
    match scopes.iter().find(|scope| !grantable.holds(**scope)) {
        Some(scope) => Err(DomainError::from(&error::SCOPE_TOO_WIDE).param("scope", scope)),
        None => Ok(ScopeSet::of(scopes)),
    }
}

/// What a key may do now: a key shrinks with its creator, and grows back no further than it was.
#[must_use]
pub const fn effective(creator_now: Standing, stored: &ScopeSet) -> ScopeSet {
    stored.both(&creator_now.grantable())
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    const STANDINGS: [Standing; 4] =
        [Standing::PersonalAccount, Standing::Member, Standing::Admin, Standing::Owner];

    #[test]
    fn each_standing_gives_what_the_contract_says() {
        let said = STANDINGS.map(|who| (who.defaults().to_string(), who.grantable().to_string()));
        let (three, all) = ("read usage:write keys:verify", "read usage:write keys:verify billing:write");
        let contract = [(three, all), ("read", "read"), (three, three), (three, all)];
        assert_eq!(said, contract.map(|(defaults, grantable)| (defaults.to_owned(), grantable.to_owned())));
    }

    #[test]
    fn a_scope_that_the_creator_may_not_give_is_refused_by_name() {
        let asked_for = [Scope::Read, Scope::BillingWrite];
        for who in [Standing::Member, Standing::Admin] {
            let refused = scopes_for(who, Some(&asked_for)).unwrap_err();
            assert!(refused.is(&error::SCOPE_TOO_WIDE));
            assert_eq!(refused.get("scope"), Some("billing:write"));
        }
        assert_eq!(scopes_for(Standing::Owner, Some(&asked_for)).unwrap(), ScopeSet::of(&asked_for));
        assert_eq!(scopes_for(Standing::Owner, None).unwrap(), Standing::Owner.defaults());
    }

    #[test]
    fn an_unknown_scope_and_an_empty_list_name_the_field() {
        for refused in [Scope::named("admin"), Scope::named("Read"), Scope::named("")] {
            assert_eq!(refused.unwrap_err().get("field"), Some("scopes"));
        }
        assert_eq!(scopes_for(Standing::Owner, Some(&[])).unwrap_err().get("field"), Some("scopes"));
        assert_eq!(Scope::named("usage:write").unwrap(), Scope::UsageWrite);
    }

    #[test]
    fn a_key_shrinks_with_its_creator() {
        let stored = Standing::Owner.grantable();
        assert_eq!(effective(Standing::Admin, &stored).to_string(), "read usage:write keys:verify");
        assert_eq!(effective(Standing::Member, &stored).to_string(), "read");
        let narrow = ScopeSet::of(&[Scope::Read]);
        assert_eq!(effective(Standing::Owner, &narrow), narrow, "and never grows");
    }

    fn scopes() -> impl Strategy<Value = Vec<Scope>> {
        proptest::collection::vec(select(Scope::ALL), 0..6)
    }

    proptest! {
        #[test]
        fn a_set_comes_back_from_its_text(scopes in scopes()) {
            let set = ScopeSet::of(&scopes);
            prop_assert_eq!(ScopeSet::parse(&set.to_string()), Some(set.clone()));
            prop_assert!(scopes.iter().all(|scope| set.holds(*scope)));
            prop_assert!(set.iter().all(|scope| scopes.contains(&scope)));
        }

        #[test]
        fn no_way_leads_to_a_scope_that_the_creator_may_not_give(
            creator in select(&STANDINGS[..]),
            later in select(&STANDINGS[..]),
            asked_for in proptest::option::of(scopes()),
        ) {
            if let Ok(stored) = scopes_for(creator, asked_for.as_deref()) {
                let now = effective(later, &stored);
                prop_assert!(creator.grantable().holds_all(&stored));
                prop_assert!(later.grantable().holds_all(&now) && stored.holds_all(&now));
            }
        }
    }
}
