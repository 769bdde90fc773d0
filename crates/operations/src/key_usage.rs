use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use bursar_api_keys::ApiKeyId;
use bursar_kernel::{Result, UnixTimestamp};

use crate::core::Core;

/// Keys noted between two writes: beyond it, further keys go unnoted until the next write. It is a
/// courtesy to readers and bounds memory.
const MAX_NOTED: usize = 10_000;

/// When keys were used, noted in memory and written down in batches, so that using a key does not
/// cost a write.
#[derive(Default)]
pub(crate) struct KeyUsage {
    noted: Mutex<BTreeMap<ApiKeyId, UnixTimestamp>>,
}

impl KeyUsage {
    pub(crate) fn note(&self, key: ApiKeyId, at: UnixTimestamp) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MAX_NOTED || noted.contains_key(&key) {
            noted.insert(key, at);
        }
    }

    fn take(&self) -> Vec<(ApiKeyId, UnixTimestamp)> {
        std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

impl Core {
    pub(crate) fn key_used(&self, key: ApiKeyId, at: UnixTimestamp) {
        self.key_usage().note(key, at);
    }
}

/// Writes down when keys were last used. A server calls it every few seconds and when it ends.
///
/// # Errors
/// When the database refuses; what was noted is then lost.
pub async fn write_key_usage(core: &Core) -> Result<()> {
    let used = core.key_usage().take();
    if used.is_empty() {
        return Ok(());
    }
    let mut tx = core.db.begin().await?;
    core.api_keys.used(&mut tx, &used).await?;
    tx.commit().await
}
