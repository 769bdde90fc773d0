use uuid::Uuid;

crate::typed_id!(
    /// A person.
    UserId, "user");
crate::typed_id!(
    /// An organization.
    OrganizationId, "org");

/// The 16 bytes that tenant-owned rows begin with: a person's or an organization's own
/// identifier. The shard key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Uuid);

crate::column_type!(AccountId, Uuid, |value: AccountId| value.0, |uuid: Uuid| Some(AccountId(uuid)));

impl AccountId {
    /// From its 16 bytes.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// Whose money and usage it is: a person's own account or an organization's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// A person's own.
    Personal(UserId),
    /// An organization's.
    Organization(OrganizationId),
}

impl Account {
    /// Stands where an account must stand for a service of the deployment, which acts on none of its
    /// own. No organization has this identifier.
    pub const DEPLOYMENT: Self = Self::Organization(OrganizationId::from_uuid(Uuid::nil()));

    /// The shard key.
    #[must_use]
    pub const fn id(self) -> AccountId {
        match self {
            Self::Personal(user) => AccountId(user.uuid()),
            Self::Organization(organization) => AccountId(organization.uuid()),
        }
    }

    /// The organization, if it is one.
    #[must_use]
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Personal(_) => None,
            Self::Organization(organization) => Some(organization),
        }
    }

    /// From `user_…` or `org_…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().map(Self::Personal).or_else(|_| text.parse().map(Self::Organization)).ok()
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Personal(user) => user.fmt(formatter),
            Self::Organization(organization) => organization.fmt(formatter),
        }
    }
}
