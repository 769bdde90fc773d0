//! Whole worlds: the operations over a test's database, with people, organizations and money.

mod cast;
mod events;
mod payments;

use std::{sync::Arc, time::Duration};

use bursar_billing_ledger::{
    PaymentProvider,
    sandbox::{Sandbox, SandboxDelivery},
};
use bursar_kernel::{CursorCodec, MasterKey, Relay, Sealer, Subscriber};
use bursar_operations::{Assembly, BatchLimits, CheckoutReconciliation, Core, ProviderEventSettlement};
use bursar_usage_metering::{MeterCatalogue, PriceList};

pub use cast::{GOOD_CARD, Owner, PASSWORD, Person};
pub use events::{batch, inference};
use payments::StraightDoor;

use crate::TestDb;

/// Where a world's server would be.
pub const PUBLIC_URL: &str = "http://localhost:8080";

/// The operations over a test's database, with the sandbox as payment provider.
pub struct World {
    /// The database and the sources that it draws from.
    pub test: TestDb,
    /// The operations.
    pub core: Core,
    /// The payment provider.
    pub sandbox: Sandbox,
    relay: Relay,
}

impl World {
    /// An empty one, ready for its first request.
    ///
    /// # Panics
    /// When the database cannot be used.
    pub async fn new(test: TestDb) -> Self {
        let sandbox = Sandbox::new(test.db.clone(), sealer(), PUBLIC_URL);
        let core = Core::new(assembly(&test, Some(Arc::new(sandbox.clone()))).services());
        core.prepare().await.expect("a signing key is made");
        let door = Arc::new(StraightDoor::new(core.clone()));
        let subscribers: Vec<Arc<dyn Subscriber>> = vec![
            Arc::new(ProviderEventSettlement::new(core.clone())),
            Arc::new(CheckoutReconciliation::new(core.clone())),
            Arc::new(SandboxDelivery::new(sandbox.clone(), door)),
        ];
        let relay = Relay::new(test.db.clone(), subscribers);
        Self { test, core, sandbox, relay }
    }

    /// Delivers what is due in the outbox, and what that leads to, until nothing is due.
    ///
    /// # Panics
    /// When the outbox cannot be read.
    pub async fn settle(&self) {
        while self.relay.deliver_due().await.expect("the outbox is read") > 0 {}
    }
}

/// The master key of every world.
#[must_use]
pub fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// Seals under [`master_key`].
#[must_use]
pub fn sealer() -> Sealer {
    Sealer::new(&master_key(), &[])
}

/// Signs cursors under [`master_key`].
#[must_use]
pub fn cursors() -> CursorCodec {
    CursorCodec::new(&master_key())
}

/// What a world is made with: the shipped catalogue, and limits that no test meets by chance.
///
/// # Panics
/// When the shipped catalogue is broken.
#[must_use]
pub fn assembly(test: &TestDb, payment_provider: Option<Arc<dyn PaymentProvider>>) -> Assembly {
    Assembly {
        db: test.db.clone(),
        sealer: sealer(),
        issuer: PUBLIC_URL.to_owned(),
        audience: "bursar".to_owned(),
        access_token_lifetime: Duration::from_hours(1),
        password_permits: 2,
        password_memory_kib: bursar_identity::MIN_MEMORY_KIB,
        tries_per_minute_per_ip: 1_000,
        tries_per_minute_per_account: 1_000,
        payment_provider,
        meters: MeterCatalogue::parse(include_str!("../../../../gateway/catalogue/meters.toml"))
            .expect("the shipped meters are good"),
        prices: PriceList::parse(include_str!("../../../../gateway/catalogue/prices.toml"))
            .expect("the shipped prices are good"),
        batch_limits: BatchLimits::default(),
    }
}
