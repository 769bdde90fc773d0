use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};

use crate::{
    catalogue::Catalogue,
    terms::{Interval, PlanTerms},
};

bursar_kernel::typed_id!(
    /// A version of a plan in one interval.
    PlanId, "plan");

/// A version of a plan in one interval: what people buy. It stays as it was for whoever bought it,
/// whatever becomes of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its identifier.
    pub id: PlanId,
    /// Which plan of the catalogue it is a version of.
    pub key: String,
    /// From 1; a later one takes the place of those before it.
    pub version: u32,
    /// How long one payment lasts.
    pub interval: Interval,
    /// What one interval costs, for each seat where seats are sold; 0 for a contract, which says
    /// its own price.
    pub price_cents: i64,
    /// What was sold.
    pub terms: PlanTerms,
    /// Whether it is what the catalogue says now. `terms.is_active` says the same.
    pub is_active: bool,
    /// When it was published.
    pub created_at: UnixTimestamp,
    /// When it last began or ceased to be sold.
    pub updated_at: UnixTimestamp,
}

/// The plans in all their versions.
#[async_trait::async_trait]
pub trait Plans: Send + Sync {
    /// Brings what is sold in line with the catalogue, at start-up, and says how many rows that
    /// touched: one for each plan and interval whose content is not that of its newest version,
    /// which becomes a new version, and one for each version that is thereby sold no more or, when
    /// its plan left or came back, changes its place or whether it is sold. The same catalogue
    /// again touches none, also when several nodes publish it at once.
    ///
    /// # Errors
    /// When the database refuses.
    async fn publish(&self, tx: &mut Tx, catalogue: &Catalogue) -> Result<u64>;

    /// What can be bought now, in the order of the catalogue, a month before a year. Contracts are
    /// not among it.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn active(&self, reader: Reader<'_>) -> Result<Vec<Plan>>;

    /// A version, also one that is sold no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(&self, reader: Reader<'_>, id: PlanId) -> Result<Option<Plan>>;

    /// The version of a plan that is sold now, contracts included; `None` when it is not sold in
    /// this interval.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn current(&self, reader: Reader<'_>, key: &str, interval: Interval) -> Result<Option<Plan>>;
}
