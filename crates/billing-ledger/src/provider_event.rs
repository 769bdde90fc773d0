use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};

use crate::provider::ProviderName;

/// A webhook as its provider sent it, kept before anybody reads it, so that one that we cannot
/// read is not lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Whose.
    pub provider: ProviderName,
    /// The provider's id for it.
    pub event_id: String,
    /// What kind.
    pub event_type: String,
    /// The body as it came.
    pub body: String,
    /// When it came first.
    pub received_at: UnixTimestamp,
    /// When it had its effect.
    pub processed_at: Option<UnixTimestamp>,
}

/// What the providers told us: each event once, for ever.
#[async_trait::async_trait]
pub trait ProviderEvents: Send + Sync {
    /// Keeps an event: one row and `true`, or none and `false` when it was there. What came first
    /// stays.
    async fn store(
        &self,
        tx: &mut Tx,
        provider: ProviderName,
        event_id: &str,
        event_type: &str,
        body: &str,
    ) -> Result<bool>;

    /// A kept event.
    async fn load(
        &self,
        reader: Reader<'_>,
        provider: ProviderName,
        event_id: &str,
    ) -> Result<Option<StoredEvent>>;

    /// Marks an event as processed, in the transaction of its effect: `true` for the first call
    /// ever, and only then may there be an effect. Of two at once the second waits for the first.
    async fn processed(&self, tx: &mut Tx, provider: ProviderName, event_id: &str) -> Result<bool>;
}
