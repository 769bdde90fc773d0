//! What this node remembers of the keys that are shown to it, so that a key in use costs no reading.
//!
//! Nothing is served [`MAX_AGE`] after it was read, whatever else happens. Sooner than that, the
//! node that changes something forgets it before it answers, and others when the invalidation
//! channel tells them.

mod entries;

use std::{sync::Arc, time::Duration};

use bursar_api_keys::{ApiKey, Standing, hash_of_tag};
use bursar_billing_ledger::book_of_tag;
use bursar_kernel::{Account, AccountId, Amount, Cache, CacheTag, Reader, Result, UserId};
use bursar_orgs_and_membership::{membership_of_tag, organization_of_tag};

use self::entries::Entries;
use crate::core::Core;

/// The bound that a revocation has with the channel down.
const MAX_AGE: Duration = Duration::from_secs(10);
/// Balances change all the time; other nodes are not told.
const MAX_BALANCE_AGE: Duration = Duration::from_secs(1);
/// Of each kind: some 20 MiB together, and more than are in use on one node within seconds.
const CAPACITY: u64 = 50_000;

pub(crate) struct Remembered {
    keys: Entries<[u8; 32], Arc<ApiKey>>,
    standings: Entries<(AccountId, UserId), Standing>,
    balances: Entries<AccountId, Amount>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            keys: Entries::new(CAPACITY, MAX_AGE),
            standings: Entries::new(CAPACITY, MAX_AGE),
            balances: Entries::new(CAPACITY, MAX_BALANCE_AGE),
        }
    }
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
            self.standings.forget(&(Account::Organization(organization).id(), user));
        } else if is_of_person(tag) {
            // Its own account and every organization of its: that is rare.
            self.standings.forget_all();
        } else if organization_of_tag(tag).is_some() {
            // It was deleted, with however many members: that is rare.
            self.standings.forget_all();
        } else if let Some(account) = book_of_tag(tag) {
            self.balances.forget(&account);
        }
    }

    fn forget_all(&self) {
        self.keys.forget_all();
        self.standings.forget_all();
        self.balances.forget_all();
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
        self.remembered().standings.get_or_read((account.id(), user), reader.now(), read).await
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
