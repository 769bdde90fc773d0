use std::{ops::Deref, sync::Arc, time::Duration};

use bursar_api_keys::{ApiKeyId, ApiKeys, KeySpending, OrganizationKeys};
use bursar_billing_ledger::{Ledger, PaymentProvider, Payments, ProviderEvents};
use bursar_identity::{
    AccessClaims, AccessTokens, AuthorizationCodes, Credentials, ExternalIdentities, Issuers, KeyRing,
    OneTimeTokens, Passwords, RefreshTokens, SecondFactors, Sessions, SignInLimits, SigningKeys, Users,
};
use bursar_kernel::{Cache, Db, Result, Sealer, SubjectKeys};
use bursar_notifications::MailOutbox;
use bursar_orgs_and_membership::{
    ActiveAccounts, ExternalOrganizations, Invites, Members, Organizations, ProviderKeys,
};
use bursar_plans_and_contracts::{AccountPlans, Catalogue, Plans};
use bursar_usage_metering::{MeterCatalogue, MeterReadings, PriceList, UsageEvents, UsageSummaries};

use crate::{
    ingest::{BatchLimits, IngestQueue},
    key_usage::KeyUsage,
    links::Links,
    rates::RateCounters,
    remembered::Remembered,
};

/// Everything that operations are made of: one service for each aggregate, and the database they
/// share.
pub struct Services {
    /// The database, with its clock and sources.
    pub db: Db,
    /// Seals what waits in the outbox and is nobody else's to read.
    pub sealer: Sealer,
    /// Keys of persons, for what the audit trail keeps of them.
    pub subject_keys: SubjectKeys,
    /// People.
    pub users: Arc<dyn Users>,
    /// Their passwords.
    pub credentials: Arc<dyn Credentials>,
    /// The hashing of passwords.
    pub passwords: Passwords,
    /// Their sessions.
    pub sessions: Arc<dyn Sessions>,
    /// What renews an access token.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// What lets a client in.
    pub authorization_codes: Arc<dyn AuthorizationCodes>,
    /// Links that work once.
    pub one_time_tokens: Arc<dyn OneTimeTokens>,
    /// Codes beside the password.
    pub second_factors: Arc<dyn SecondFactors>,
    /// Whether nobody is let in by a password before it showed that mail reaches it.
    pub requires_verified_email: bool,
    /// For how long somebody who proved itself may do what is dangerous.
    pub recent_sign_in: Duration,
    /// Outside issuers whose tokens are taken.
    pub issuers: Issuers,
    /// Whom their subjects are here.
    pub external_identities: Arc<dyn ExternalIdentities>,
    /// The keys that access tokens are signed with.
    pub signing_keys: Arc<dyn SigningKeys>,
    /// Those keys in memory.
    pub key_ring: KeyRing,
    /// How access tokens are made.
    pub access_tokens: AccessTokens,
    /// How often one may try to sign in.
    pub sign_in_limits: SignInLimits,
    /// Organizations.
    pub organizations: Arc<dyn Organizations>,
    /// Which of them outside issuers know.
    pub external_organizations: Arc<dyn ExternalOrganizations>,
    /// Who belongs to them.
    pub members: Arc<dyn Members>,
    /// Who is asked in.
    pub invites: Arc<dyn Invites>,
    /// Keys of model providers that organizations hand out.
    pub provider_keys: Arc<dyn ProviderKeys>,
    /// Which account a person has chosen.
    pub active_accounts: Arc<dyn ActiveAccounts>,
    /// API keys.
    pub api_keys: Arc<dyn ApiKeys>,
    /// The one key that each organization has from its beginning.
    pub organization_keys: Arc<dyn OrganizationKeys>,
    /// What keys spent.
    pub key_spending: Arc<dyn KeySpending>,
    /// Books, lots and postings.
    pub ledger: Arc<dyn Ledger>,
    /// Payments.
    pub payments: Arc<dyn Payments>,
    /// What payment providers said.
    pub provider_events: Arc<dyn ProviderEvents>,
    /// The payment provider, if one is configured.
    pub payment_provider: Option<Arc<dyn PaymentProvider>>,
    /// The plans as they are shipped.
    pub catalogue: Arc<Catalogue>,
    /// The plans as they can be and were bought.
    pub plans: Arc<dyn Plans>,
    /// Which account is on which.
    pub account_plans: Arc<dyn AccountPlans>,
    /// What leaves by mail.
    pub mail: MailOutbox,
    /// Where the links in it lead.
    pub links: Links,
    /// What the product is called.
    pub product_name: String,
    /// Reported usage.
    pub usage_events: Arc<dyn UsageEvents>,
    /// What was used, day by day.
    pub usage_summaries: Arc<dyn UsageSummaries>,
    /// What meters show.
    pub meter_readings: Arc<dyn MeterReadings>,
    /// What is metered.
    pub meters: Arc<MeterCatalogue>,
    /// What it costs.
    pub prices: Arc<PriceList>,
    /// How much one transaction of the ingest queue takes.
    pub batch_limits: BatchLimits,
}

/// Keys with a limit a minute that are in use on one node at a time: 10 MiB.
const MAX_RATED_KEYS: u64 = 100_000;

/// The core: what every API family translates to. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

struct Inner {
    services: Arc<Services>,
    ingest: IngestQueue,
    key_usage: KeyUsage,
    key_rates: RateCounters<ApiKeyId>,
    remembered: Arc<Remembered>,
}

impl Deref for Core {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.inner.services
    }
}

impl Core {
    /// Puts the core together and starts this node's ingest queue on the current runtime.
    #[must_use]
    pub fn new(services: Services) -> Self {
        let services = Arc::new(services);
        let ingest = IngestQueue::start(services.clone());
        let remembered = Arc::<Remembered>::default();
        services.db.register_cache(&(remembered.clone() as Arc<dyn Cache>));
        let key_rates = RateCounters::new(MAX_RATED_KEYS);
        let key_usage = KeyUsage::default();
        Self { inner: Arc::new(Inner { services, ingest, key_usage, key_rates, remembered }) }
    }

    /// The queue that usage is recorded through.
    #[must_use]
    pub fn ingest(&self) -> &IngestQueue {
        &self.inner.ingest
    }

    /// Which keys were used since they were last written down.
    pub(crate) fn key_usage(&self) -> &KeyUsage {
        &self.inner.key_usage
    }

    /// How often keys were used within the last minute.
    pub(crate) fn key_rates(&self) -> &RateCounters<ApiKeyId> {
        &self.inner.key_rates
    }

    /// What was read of keys a moment ago.
    pub(crate) fn remembered(&self) -> &Remembered {
        &self.inner.remembered
    }

    pub(crate) async fn verify_access_token(&self, token: &str) -> Result<AccessClaims> {
        self.key_ring.verify(self.db.reader(), &self.access_tokens, token).await
    }

    /// Makes what must be there before the first request: a signing key, and the plans that the
    /// catalogue ships.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn prepare(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.signing_keys.ensure(&mut tx).await?;
        tx.commit().await?;
        crate::plans::publish_plans(self).await
    }

    /// Ends in order: what was queued is recorded and answered, and what was noted is written
    /// down. Nothing new is taken meanwhile.
    pub async fn drain(&self) {
        self.inner.ingest.drain().await;
        if let Err(error) = crate::key_usage::write_key_usage(self).await {
            tracing::warn!(%error, "when keys were last used could not be written down");
        }
    }
}
