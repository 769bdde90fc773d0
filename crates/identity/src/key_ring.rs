use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bursar_kernel::{Reader, Result, UnixTimestamp};

use crate::{
    access_token::{AccessClaims, AccessTokens},
    signing_key::{PublicKey, SigningKeyId, SigningKeys},
};

/// How long a node believes what it read. A key that was rotated on another node is known sooner:
/// by the first token that names it.
const STALE_AFTER: Duration = Duration::from_mins(1);
/// The least time between two reads for keys that are not known: tokens with invented keys must
/// not make a read each.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(1);

/// The published keys, held in memory, so that a request with an access token does not read them
/// from the database.
pub struct KeyRing {
    keys: Arc<dyn SigningKeys>,
    held: RwLock<Option<Held>>,
}

#[derive(Clone)]
struct Held {
    read_at: UnixTimestamp,
    keys: Arc<[PublicKey]>,
}

impl Held {
    /// Whether it was read so recently, by a clock that has not gone back since.
    fn is_younger_than(&self, age: Duration, now: UnixTimestamp) -> bool {
        self.read_at <= now && now.since(self.read_at) < age
    }
}

impl KeyRing {
    /// An empty ring, filled by the first use.
    #[must_use]
    pub const fn new(keys: Arc<dyn SigningKeys>) -> Self {
        Self { keys, held: RwLock::new(None) }
    }

    /// What a good access token says.
    ///
    /// # Errors
    /// `invalid_token`; `database_unavailable` when the keys cannot be known now.
    pub async fn verify(
        &self,
        reader: Reader<'_>,
        tokens: &AccessTokens,
        token: &str,
    ) -> Result<AccessClaims> {
        let keys = self.with_key(reader, AccessTokens::key_id(token)?).await?;
        tokens.verify(&keys, token, reader.now())
    }

    /// The keys to publish, no older than a minute.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn published(&self, reader: Reader<'_>) -> Result<Arc<[PublicKey]>> {
        match self.held() {
            Some(held) if held.is_younger_than(STALE_AFTER, reader.now()) => Ok(held.keys),
            _ => self.read(reader).await,
        }
    }

    async fn with_key(&self, reader: Reader<'_>, kid: SigningKeyId) -> Result<Arc<[PublicKey]>> {
        let keys = self.published(reader).await?;
        let just_read = self.held().is_some_and(|held| held.is_younger_than(UNKNOWN_KEY_PAUSE, reader.now()));
        if just_read || keys.iter().any(|key| key.kid == kid) {
            return Ok(keys);
        }
        self.read(reader).await
    }

    async fn read(&self, reader: Reader<'_>) -> Result<Arc<[PublicKey]>> {
        let keys: Arc<[PublicKey]> = self.keys.published(reader).await?.into();
        let held = Held { read_at: reader.now(), keys: keys.clone() };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(keys)
    }

    fn held(&self) -> Option<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        // Before the first key was made there is nothing to believe.
        held.clone().filter(|held| !held.keys.is_empty())
    }
}
