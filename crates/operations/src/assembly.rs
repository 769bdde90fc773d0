use std::{sync::Arc, time::Duration};

use bursar_api_keys::{KeyPrefix, SeaApiKeys};
use bursar_billing_ledger::{PaymentProvider, SeaLedger, SeaPayments, SeaProviderEvents};
use bursar_identity::{
    AccessTokens, KeyRing, Passwords, SeaAuthorizationCodes, SeaCredentials, SeaRefreshTokens, SeaSessions,
    SeaSigningKeys, SeaUsers, SignInLimits,
};
use bursar_kernel::{Db, Sealer, SubjectKeys};
use bursar_orgs_and_membership::{SeaActiveAccounts, SeaMembers, SeaOrganizations};
use bursar_usage_metering::{MeterCatalogue, PriceList, SeaMeterReadings, SeaUsageEvents};

use crate::{core::Services, ingest::BatchLimits};

/// What the services over a database are made with. The one place that names their
/// implementations is [`Assembly::services`].
pub struct Assembly {
    /// The database.
    pub db: Db,
    /// Seals what must not lie open in it.
    pub sealer: Sealer,
    /// Who issues access tokens: the public address of the server.
    pub issuer: String,
    /// Whom they are for.
    pub audience: String,
    /// How long they are good.
    pub access_token_lifetime: Duration,
    /// Passwords that are hashed at once.
    pub password_permits: usize,
    /// Memory of one hash, in KiB.
    pub password_memory_kib: u32,
    /// Sign-ins that one address may try in a minute.
    pub tries_per_minute_per_ip: u32,
    /// Sign-ins that may be tried for one person in a minute.
    pub tries_per_minute_per_account: u32,
    /// The payment provider, if there is one.
    pub payment_provider: Option<Arc<dyn PaymentProvider>>,
    /// What is metered.
    pub meters: MeterCatalogue,
    /// What it costs.
    pub prices: PriceList,
    /// How much one transaction of the ingest queue takes.
    pub batch_limits: BatchLimits,
}

impl Assembly {
    /// The services, all over the same database.
    #[must_use]
    pub fn services(self) -> Services {
        let clock = self.db.clock().clone();
        let meters = Arc::new(self.meters);
        let signing_keys = Arc::new(SeaSigningKeys::new(self.sealer.clone(), self.access_token_lifetime));
        Services {
            subject_keys: SubjectKeys::new(self.sealer),
            users: Arc::new(SeaUsers),
            credentials: Arc::new(SeaCredentials),
            passwords: Passwords::new(self.password_permits, self.password_memory_kib),
            sessions: Arc::new(SeaSessions),
            refresh_tokens: Arc::new(SeaRefreshTokens),
            authorization_codes: Arc::new(SeaAuthorizationCodes),
            key_ring: KeyRing::new(signing_keys.clone()),
            signing_keys,
            access_tokens: AccessTokens::new(self.issuer, self.audience, self.access_token_lifetime),
            sign_in_limits: SignInLimits::new(
                self.tries_per_minute_per_ip,
                self.tries_per_minute_per_account,
                clock,
            ),
            organizations: Arc::new(SeaOrganizations),
            members: Arc::new(SeaMembers),
            active_accounts: Arc::new(SeaActiveAccounts),
            api_keys: Arc::new(SeaApiKeys::new(KeyPrefix::default())),
            ledger: Arc::new(SeaLedger),
            payments: Arc::new(SeaPayments),
            provider_events: Arc::new(SeaProviderEvents),
            payment_provider: self.payment_provider,
            usage_events: Arc::new(SeaUsageEvents::new(meters.clone())),
            meter_readings: Arc::new(SeaMeterReadings::new(meters.clone())),
            meters,
            prices: Arc::new(self.prices),
            batch_limits: self.batch_limits,
            db: self.db,
        }
    }
}
