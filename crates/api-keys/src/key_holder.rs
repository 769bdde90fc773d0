use bursar_kernel::{Account, DomainError, OrganizationId, Result, UserId};

/// Whose a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyHolder {
    /// A person's: acts as that person on the key's account, and shrinks with them.
    Person(UserId),
    /// An organization's own: nobody's, has scopes and no role, and stays when its creator leaves.
    Organization {
        /// Who made it.
        creator: UserId,
    },
    /// The deployment's: the product that runs beside it.
    Deployment,
}

impl KeyHolder {
    /// The person as whom the key acts, if it acts as one.
    #[must_use]
    pub const fn person(&self) -> Option<UserId> {
        match self {
            Self::Person(user) => Some(*user),
            Self::Organization { .. } | Self::Deployment => None,
        }
    }

    /// Who made the key, where that was a person.
    #[must_use]
    pub const fn creator(&self) -> Option<UserId> {
        match self {
            Self::Person(creator) | Self::Organization { creator } => Some(*creator),
            Self::Deployment => None,
        }
    }

    /// In whose list a key on this account is.
    ///
    /// # Errors
    /// `internal` when the holder can have no key on the account.
    pub(crate) fn on(self, account: Account) -> Result<Holder> {
        match (self, account) {
            (Self::Deployment, Account::DEPLOYMENT) => Ok(Holder::Deployment),
            (Self::Person(user), _) if account != Account::DEPLOYMENT => Ok(Holder::Person(user)),
            (Self::Organization { .. }, Account::Organization(organization))
                if account != Account::DEPLOYMENT =>
            {
                Ok(Holder::Organization(organization))
            }
            _ => Err(DomainError::internal(format!("{self:?} can have no key on {account}"))),
        }
    }
}

/// Whose list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person's, on whatever account.
    Person(UserId),
    /// An organization's own.
    Organization(OrganizationId),
    /// The deployment's.
    Deployment,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_holder_has_keys_on_no_account_but_its_own_kind() {
        let (user, organization) =
            (UserId::from_uuid(Uuid::from_u128(1)), OrganizationId::from_uuid(Uuid::from_u128(2)));
        let (personal, shared) = (Account::Personal(user), Account::Organization(organization));
        let own = KeyHolder::Organization { creator: user };
        for (holder, account, list) in [
            (KeyHolder::Person(user), personal, Some(Holder::Person(user))),
            (KeyHolder::Person(user), shared, Some(Holder::Person(user))),
            (KeyHolder::Person(user), Account::DEPLOYMENT, None),
            (own, shared, Some(Holder::Organization(organization))),
            (own, personal, None),
            (own, Account::DEPLOYMENT, None),
            (KeyHolder::Deployment, Account::DEPLOYMENT, Some(Holder::Deployment)),
            (KeyHolder::Deployment, shared, None),
        ] {
            assert_eq!(holder.on(account).ok(), list, "{holder:?} {account}");
        }
    }
}
