use std::{sync::Arc, time::Duration};

use bursar_api_keys::{KeyPrefix, SeaApiKeys, SeaKeySpending, SeaOrganizationKeys};
use bursar_billing_ledger::{PaymentProvider, SeaLedger, SeaPayments, SeaProviderEvents};
use bursar_identity::{
    AccessTokens, HourlyLimits, Issuers, KeyRing, Passwords, SeaAuthorizationCodes, SeaCredentials,
    SeaExternalIdentities, SeaOneTimeTokens, SeaRefreshTokens, SeaSecondFactors, SeaSessions, SeaSigningKeys,
    SeaUsers, SignInLimits,
};
use bursar_kernel::{Db, Sealer, SubjectKeys};
use bursar_notifications::MailOutbox;
use bursar_orgs_and_membership::{
    SeaActiveAccounts, SeaExternalOrganizations, SeaInvites, SeaMembers, SeaOrganizations, SeaProviderKeys,
};
use bursar_plans_and_contracts::{Catalogue, SeaAccountPlans, SeaPlans};
use bursar_usage_metering::{MeterCatalogue, PriceList, SeaMeterReadings, SeaUsageEvents, SeaUsageSummaries};

use crate::{core::Services, ingest::BatchLimits, links::Links};

/// What the services over a database are made with. The one place that names their
/// implementations is [`Assembly::services`].
pub struct Assembly {
    /// The database.
    pub db: Db,
    /// Seals what must not lie open in it.
    pub sealer: Sealer,
    /// The public address of the server: who issues access tokens, and where links in mail lead.
    pub public_url: String,
    /// What the product is called.
    pub product_name: String,
    /// Whether nobody is let in by a password before it showed that mail reaches it.
    pub requires_verified_email: bool,
    /// For how long somebody who proved itself may do what is dangerous.
    pub recent_sign_in: Duration,
    /// Outside issuers whose tokens are taken.
    pub issuers: Issuers,
    /// Whom access tokens are for.
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
    /// Mails and codes that may be had in an hour.
    pub hourly_limits: HourlyLimits,
    /// The payment provider, if there is one.
    pub payment_provider: Option<Arc<dyn PaymentProvider>>,
    /// The plans that are shipped.
    pub catalogue: Catalogue,
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
            sealer: self.sealer.clone(),
            subject_keys: SubjectKeys::new(self.sealer.clone()),
            users: Arc::new(SeaUsers),
            credentials: Arc::new(SeaCredentials),
            passwords: Passwords::new(self.password_permits, self.password_memory_kib),
            sessions: Arc::new(SeaSessions),
            refresh_tokens: Arc::new(SeaRefreshTokens),
            authorization_codes: Arc::new(SeaAuthorizationCodes),
            one_time_tokens: Arc::new(SeaOneTimeTokens),
            second_factors: Arc::new(SeaSecondFactors::new(self.sealer.clone())),
            requires_verified_email: self.requires_verified_email,
            recent_sign_in: self.recent_sign_in,
            issuers: self.issuers,
            external_identities: Arc::new(SeaExternalIdentities),
            key_ring: KeyRing::new(signing_keys.clone()),
            signing_keys,
            access_tokens: AccessTokens::new(
                self.public_url.clone(),
                self.audience,
                self.access_token_lifetime,
            ),
            sign_in_limits: SignInLimits::new(
                self.tries_per_minute_per_ip,
                self.tries_per_minute_per_account,
                self.hourly_limits,
                clock,
            ),
            organizations: Arc::new(SeaOrganizations::new(self.sealer.clone())),
            external_organizations: Arc::new(SeaExternalOrganizations),
            members: Arc::new(SeaMembers),
            invites: Arc::new(SeaInvites),
            provider_keys: Arc::new(SeaProviderKeys::new(self.sealer.clone())),
            active_accounts: Arc::new(SeaActiveAccounts),
            api_keys: Arc::new(SeaApiKeys::new(KeyPrefix::default())),
            organization_keys: Arc::new(SeaOrganizationKeys::new(self.sealer.clone())),
            key_spending: Arc::new(SeaKeySpending),
            ledger: Arc::new(SeaLedger),
            payments: Arc::new(SeaPayments),
            provider_events: Arc::new(SeaProviderEvents),
            payment_provider: self.payment_provider,
            catalogue: Arc::new(self.catalogue),
            plans: Arc::new(SeaPlans),
            account_plans: Arc::new(SeaAccountPlans),
            mail: MailOutbox::new(self.sealer),
            links: Links::new(self.public_url),
            product_name: self.product_name,
            usage_summaries: Arc::new(SeaUsageSummaries),
            usage_events: Arc::new(SeaUsageEvents::new(meters.clone())),
            meter_readings: Arc::new(SeaMeterReadings::new(meters.clone())),
            meters,
            prices: Arc::new(self.prices),
            batch_limits: self.batch_limits,
            db: self.db,
        }
    }
}
