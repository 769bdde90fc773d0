//! Whole worlds: the operations over a test's database, with people, organizations and money.

mod cast;
mod events;
#[cfg(feature = "issuer")]
mod issuers;
mod mail;
mod payments;
mod totp;

use std::{sync::Arc, time::Duration};

use bursar_billing_ledger::{
    PaymentProvider,
    sandbox::{Sandbox, SandboxDelivery},
};
use bursar_identity::{HourlyLimits, Issuers, Outbound};
use bursar_kernel::{CursorCodec, DomainError, MasterKey, Relay, Result, Sealer, Secret, Subscriber};
use bursar_notifications::{MailDelivery, SandboxMailbox};
use bursar_operations::{
    Assembly, BatchLimits, CheckoutReconciliation, Core, LinkMailing, ProviderEventSettlement,
};
use bursar_plans_and_contracts::Catalogue;
use bursar_usage_metering::{MeterCatalogue, PriceList};

pub use cast::{GOOD_CARD, Owner, PASSWORD, Person};
pub use events::{batch, inference};
#[cfg(feature = "issuer")]
pub use issuers::{STEADY_ISSUER, trusting};
use payments::StraightDoor;
pub use totp::totp;

use crate::TestDb;

/// Where a world's server would be.
pub const PUBLIC_URL: &str = "http://localhost:8080";

/// What the product of every world is called.
pub const PRODUCT_NAME: &str = "Bursar";

/// The operations over a test's database, with the sandbox as payment provider.
pub struct World {
    /// The database and the sources that it draws from.
    pub test: TestDb,
    /// The operations.
    pub core: Core,
    /// The payment provider.
    pub sandbox: Sandbox,
    /// Where mail ends up.
    pub mailbox: SandboxMailbox,
    relay: Relay,
}

impl World {
    /// An empty one, ready for its first request.
    ///
    /// # Panics
    /// When the database cannot be used.
    pub async fn new(test: TestDb) -> Self {
        Self::with(test, |_| {}).await
    }

    /// One that takes the tokens of outside issuers.
    ///
    /// # Panics
    /// When the database cannot be used.
    pub async fn trusting(test: TestDb, issuers: Issuers) -> Self {
        Self::with(test, |assembly| assembly.issuers = issuers).await
    }

    /// One that is put together otherwise.
    ///
    /// # Panics
    /// When the database cannot be used.
    pub async fn with(test: TestDb, change: impl FnOnce(&mut Assembly)) -> Self {
        let sandbox = Sandbox::new(test.db.clone(), sealer(), PUBLIC_URL);
        let mut assembly = assembly(&test, Some(Arc::new(sandbox.clone())));
        change(&mut assembly);
        let core = Core::new(assembly.services());
        core.prepare().await.expect("a signing key is made");
        let door = Arc::new(StraightDoor::new(core.clone()));
        let mailbox = SandboxMailbox::new(test.db.clone(), sealer());
        let transport = Arc::new(mailbox.clone());
        let mail = MailDelivery::new(sealer(), transport, PRODUCT_NAME, PUBLIC_URL);
        let subscribers: Vec<Arc<dyn Subscriber>> = vec![
            Arc::new(ProviderEventSettlement::new(core.clone())),
            Arc::new(CheckoutReconciliation::new(core.clone())),
            Arc::new(SandboxDelivery::new(sandbox.clone(), door)),
            Arc::new(mail),
            LinkMailing::subscriber(core.clone()),
        ];
        let relay = Relay::new(test.db.clone(), subscribers);
        Self { test, core, sandbox, mailbox, relay }
    }

    /// Delivers what is due in the outbox, and what that leads to, until nothing is due.
    ///
    /// # Panics
    /// When the outbox cannot be read.
    pub async fn settle(&self) {
        while self.relay.deliver_due().await.expect("the outbox is read") > 0 {}
    }
}

/// Nobody outside is trusted.
fn no_issuers() -> Issuers {
    Issuers::new(Vec::new(), Arc::new(NoWayOut))
}

/// A way out for worlds that have nobody to ask there.
struct NoWayOut;

#[async_trait::async_trait]
impl Outbound for NoWayOut {
    async fn get(&self, _: &url::Url) -> Result<Vec<u8>> {
        Err(DomainError::internal("a world without issuers asked one"))
    }

    async fn post_form(
        &self,
        _: &url::Url,
        _: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
    ) -> Result<Vec<u8>> {
        Err(DomainError::internal("a world without issuers asked one"))
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
        public_url: PUBLIC_URL.to_owned(),
        product_name: PRODUCT_NAME.to_owned(),
        requires_verified_email: false,
        recent_sign_in: Duration::from_hours(12),
        issuers: no_issuers(),
        audience: "bursar".to_owned(),
        access_token_lifetime: Duration::from_hours(1),
        password_permits: 2,
        password_memory_kib: bursar_identity::MIN_MEMORY_KIB,
        tries_per_minute_per_ip: 1_000,
        tries_per_minute_per_account: 1_000,
        hourly_limits: HourlyLimits {
            mails_per_ip: 10_000,
            mails_per_address: 1_000,
            codes_per_person: 1_000,
        },
        payment_provider,
        catalogue: Catalogue::parse(include_str!("../../../../gateway/catalogue/plans.toml"))
            .expect("the shipped plans are good"),
        meters: MeterCatalogue::parse(include_str!("../../../../gateway/catalogue/meters.toml"))
            .expect("the shipped meters are good"),
        prices: PriceList::parse(include_str!("../../../../gateway/catalogue/prices.toml"))
            .expect("the shipped prices are good"),
        batch_limits: BatchLimits::default(),
    }
}
