//! What this node remembers of the keys that are shown to it, so that a key in use costs no reading.
//!
//! Nothing is served [`MAX_AGE`] after it was read, whatever else happens. Sooner than that, the
//! node that changes something forgets it before it answers, and others when the invalidation
//! channel tells them.

mod entries;
#[cfg(test)]
mod interleavings;
mod one;

use std::{sync::Arc, time::Duration};

use bursar_api_keys::{
    ApiKey, ApiKeyId, ForeignPrefix, KeyHolder, ParsedKey, Standing, hash_of_tag, is_of_prefixes,
};
use bursar_billing_ledger::book_of_tag;
use bursar_kernel::{Account, AccountId, Amount, Cache, CacheTag, DomainError, Reader, Result, UserId};
use bursar_orgs_and_membership::{membership_of_tag, organization_of_tag};
use bursar_plans_and_contracts::AccountPlan;

use self::{entries::Entries, one::One};
use crate::core::Core;

/// The bound that a revocation has with the channel down.
const MAX_AGE: Duration = Duration::from_secs(10);
/// Balances, and what keys spent, change all the time; other nodes are not told.
const MAX_BALANCE_AGE: Duration = Duration::from_secs(1);
/// Of each kind: some 20 MiB together, and more than are in use on one node within seconds.
const CAPACITY: u64 = 50_000;

pub(crate) struct Remembered {
    keys: Entries<[u8; 32], Arc<ApiKey>>,
    /// Of a person in an account; of nobody, whether the organization is there.
    standings: Entries<(AccountId, Option<UserId>), Standing>,
    balances: Entries<AccountId, Amount>,
    plans: Entries<AccountId, Arc<AccountPlan>>,
    spending: Entries<ApiKeyId, Amount>,
    prefixes: One<[ForeignPrefix]>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            keys: Entries::new(CAPACITY, MAX_AGE),
            standings: Entries::new(CAPACITY, MAX_AGE),
            balances: Entries::new(CAPACITY, MAX_BALANCE_AGE),
            plans: Entries::new(CAPACITY, MAX_AGE),
            spending: Entries::new(CAPACITY, MAX_BALANCE_AGE),
            prefixes: One::default(),
        }
    }
}

/// What kind of thing a cached plan of an account is.
const CACHED_PLAN: &str = "account_plan";
/// What kind of thing the cached spending of a key is.
const CACHED_SPENDING: &str = "api_key_spending";

/// What is invalidated when an account is put on another plan.
pub(crate) fn plan_tag(account: AccountId) -> CacheTag {
    CacheTag::new(CACHED_PLAN, account.uuid())
}

fn plan_of_tag(tag: &CacheTag) -> Option<AccountId> {
    let (CACHED_PLAN, which) = tag.parts() else { return None };
    which.parse().ok().map(AccountId::from_uuid)
}

/// What is invalidated when a key spends.
pub(crate) fn spending_tag(key: ApiKeyId) -> CacheTag {
    CacheTag::new(CACHED_SPENDING, key)
}

fn spending_of_tag(tag: &CacheTag) -> Option<ApiKeyId> {
    let (CACHED_SPENDING, which) = tag.parts() else { return None };
    which.parse().ok()
}

/// What kind of thing a cached person is.
const CACHED_PERSON: &str = "person";

/// What is invalidated when a person is deleted, suspended, or let in again.
pub(crate) fn person_tag(user: UserId) -> CacheTag {
    CacheTag::new(CACHED_PERSON, user)
}

fn is_of_person(tag: &CacheTag) -> bool {
    tag.parts().0 == CACHED_PERSON
}

impl Cache for Remembered {
    fn forget(&self, tag: &CacheTag) {
        if let Some(hash) = hash_of_tag(tag) {
            self.keys.forget(&hash);
        } else if let Some((organization, user)) = membership_of_tag(tag) {
            self.standings.forget(&(Account::Organization(organization).id(), Some(user)));
        } else if is_of_person(tag) {
            // Its own account and every organization of its: that is rare.
            self.standings.forget_all();
        } else if organization_of_tag(tag).is_some() {
            // It was deleted, with however many members: that is rare.
            self.standings.forget_all();
        } else if let Some(account) = book_of_tag(tag) {
            self.balances.forget(&account);
        } else if let Some(account) = plan_of_tag(tag) {
            self.plans.forget(&account);
        } else if let Some(key) = spending_of_tag(tag) {
            self.spending.forget(&key);
        } else if is_of_prefixes(tag) {
            self.prefixes.forget();
        }
    }

    fn forget_all(&self) {
        self.keys.forget_all();
        self.standings.forget_all();
        self.balances.forget_all();
        self.plans.forget_all();
        self.spending.forget_all();
        self.prefixes.forget();
    }
}

impl Core {
    /// The key of this hash, as it was at most [`MAX_AGE`] ago.
    pub(crate) async fn remembered_key(
        &self,
        reader: Reader<'_>,
        hash: [u8; 32],
    ) -> Result<Option<Arc<ApiKey>>> {
        let read = async { Ok(self.api_keys.by_hash(reader, &hash).await?.map(Arc::new)) };
        self.remembered().keys.get_or_read(hash, reader.now(), read).await
    }

    /// As [`crate::authorize::standing`], at most [`MAX_AGE`] ago.
    pub(crate) async fn remembered_standing(
        &self,
        reader: Reader<'_>,
        account: Account,
        user: UserId,
    ) -> Result<Option<Standing>> {
        let read = crate::authorize::standing(self, reader, account, user);
        self.remembered().standings.get_or_read((account.id(), Some(user)), reader.now(), read).await
    }

    /// How far the scopes of a key go: as far as its person's, as far as they were written down for
    /// one that is nobody's; `None` when it has nothing to stand on any more.
    pub(crate) async fn remembered_standing_of(
        &self,
        reader: Reader<'_>,
        key: &ApiKey,
    ) -> Result<Option<Standing>> {
        match key.holder {
            KeyHolder::Person(user) => self.remembered_standing(reader, key.account, user).await,
            KeyHolder::Organization { .. } => {
                Ok(self.is_there(reader, key.account).await?.then_some(Standing::Owner))
            }
            KeyHolder::Deployment => Ok(Some(Standing::Owner)),
        }
    }

    /// Whether an account was there at most [`MAX_AGE`] ago, and its person not suspended.
    pub(crate) async fn is_there(&self, reader: Reader<'_>, account: Account) -> Result<bool> {
        let organization = match account {
            Account::Personal(user) => {
                return Ok(self.remembered_standing(reader, account, user).await?.is_some());
            }
            Account::Organization(organization) => organization,
        };
        let read = async {
            let there = self.organizations.by_id(reader, organization).await?;
            Ok(there.map(|_| Standing::Owner))
        };
        let known = self.remembered().standings.get_or_read((account.id(), None), reader.now(), read).await?;
        Ok(known.is_some())
    }

    /// The plan of an account, as it was at most [`MAX_AGE`] ago.
    pub(crate) async fn remembered_plan(
        &self,
        reader: Reader<'_>,
        account: AccountId,
    ) -> Result<Arc<AccountPlan>> {
        let read = async { self.account_plans.of(reader, account).await.map(Arc::new).map(Some) };
        let plan = self.remembered().plans.get_or_read(account, reader.now(), read).await?;
        plan.ok_or_else(|| DomainError::internal("an account without a plan"))
    }

    /// What a key spent in the window of its limit, at most [`MAX_BALANCE_AGE`] ago.
    pub(crate) async fn remembered_spending(&self, reader: Reader<'_>, key: &ApiKey) -> Result<Amount> {
        let read = async { self.key_spending.spent(reader, key).await.map(Some) };
        let spent = self.remembered().spending.get_or_read(key.id, reader.now(), read).await?;
        Ok(spent.unwrap_or(Amount::ZERO))
    }

    /// Takes the text of a key apart. What is none is found out without asking the database.
    pub(crate) async fn parse_key(&self, text: &str) -> Result<Option<ParsedKey>> {
        let read = async { Ok(self.api_keys.foreign_prefixes(self.db.reader()).await?.into()) };
        let prefixes = self.remembered().prefixes.get_or_read(read).await?;
        Ok(ParsedKey::parse_among(text, &prefixes))
    }

    /// What is left in an account, at most [`MAX_BALANCE_AGE`] ago; exact as far as it was spent
    /// through this node.
    pub(crate) async fn remembered_balance(&self, reader: Reader<'_>, account: AccountId) -> Result<Amount> {
        // No book is a balance too: beginning one invalidates it.
        let read = async {
            let book = self.ledger.book(reader, account).await?;
            Ok(Some(book.map_or(Amount::ZERO, |book| book.balance)))
        };
        let balance = self.remembered().balances.get_or_read(account, reader.now(), read).await?;
        Ok(balance.unwrap_or(Amount::ZERO))
    }
}
