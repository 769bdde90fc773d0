//! Puts the server together from its configuration.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use bursar_billing_ledger::{PaymentProvider, sandbox::Sandbox};
use bursar_identity::{Issuers, OutboundPolicy, WebOutbound};
use bursar_kernel::{CursorCodec, Db, Sealer, Subscriber};
use bursar_migrations::{Migrator, MigratorTrait as _};
use bursar_notifications::{MailDelivery, MailTransport, NoTransport, SandboxMailbox, SmtpTransport};
use bursar_operations::{
    Assembly, BatchLimits, CheckoutReconciliation, Core, LinkMailing, ProviderEventSettlement,
};
use bursar_plans_and_contracts::Catalogue;
use bursar_usage_metering::{MeterCatalogue, PriceList};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    config::{Config, PaymentsProvider},
    lock::DatabaseLock,
    routes,
    state::Parts,
    worker,
};

/// What is metered, and the list price of each model: data, embedded.
const METERS: &str = include_str!("../catalogue/meters.toml");
const PRICES: &str = include_str!("../catalogue/prices.toml");
/// What can be bought.
const PLANS: &str = include_str!("../catalogue/plans.toml");

/// An open database, held by this process alone when it is a SQLite file.
pub struct Opened {
    /// The database.
    pub db: Db,
    _lock: Option<DatabaseLock>,
}

/// Opens the database: takes the lock of a SQLite file, and refuses one that could lose what it
/// acknowledges, unless the configuration allows that.
///
/// # Errors
/// When it cannot be opened, is in use, or is not durable.
pub async fn open(config: &Config) -> anyhow::Result<Opened> {
    let url = config.database.url.expose();
    let lock = match Db::sqlite_path(url) {
        Some(path) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            }
            Some(DatabaseLock::take(&path)?)
        }
        None => None,
    };
    let db = Db::connect(&config.db_options())
        .await
        .map_err(|error| explain(error, "the database cannot be opened"))?;
    if config.database.durable {
        db.assert_durable().await.map_err(|error| explain(error, "the database is not fit to serve"))?;
    } else {
        tracing::warn!("database.durable is false: what is acknowledged may be lost");
    }
    Ok(Opened { db, _lock: lock })
}

/// A failure with its private cause: whoever starts the server may see it.
fn explain(error: bursar_kernel::DomainError, what: &'static str) -> anyhow::Error {
    anyhow::Error::new(error).context(what)
}

/// Applies what is pending.
///
/// # Errors
/// When a migration fails.
pub async fn migrate(db: &Db) -> anyhow::Result<()> {
    Migrator::up(db.for_migrations(), None).await.context("a migration failed")
}

/// The core over a database, with the provider that the configuration names.
///
/// # Errors
/// When the catalogue is broken.
pub fn core(config: &Config, db: Db) -> anyhow::Result<(Core, Option<Sandbox>)> {
    let (assembly, sandbox) = assembly(config, db)?;
    Ok((Core::new(assembly.services()), sandbox))
}

/// What the core is made with.
///
/// # Errors
/// When the catalogue is broken.
pub fn assembly(config: &Config, db: Db) -> anyhow::Result<(Assembly, Option<Sandbox>)> {
    let sealer = Sealer::new(&config.master_key, &config.older_master_keys);
    let sandbox = (config.payments == PaymentsProvider::Sandbox)
        .then(|| Sandbox::new(db.clone(), sealer.clone(), &config.public_url));
    let sign_in = &config.sign_in;
    let policy = OutboundPolicy { allow_private: !config.is_production() };
    let outbound = WebOutbound::new(policy).context("the way out to issuers cannot be set up")?;
    let assembly = Assembly {
        issuers: Issuers::new(config.issuers.clone(), Arc::new(outbound)),
        db,
        sealer,
        public_url: config.public_url.clone(),
        product_name: config.product_name.clone(),
        requires_verified_email: sign_in.requires_verified_email,
        recent_sign_in: sign_in.recent,
        audience: sign_in.audience.clone(),
        access_token_lifetime: sign_in.access_token_lifetime,
        password_permits: sign_in.password_permits,
        password_memory_kib: sign_in.password_memory_kib,
        tries_per_minute_per_ip: sign_in.tries_per_minute_per_ip,
        tries_per_minute_per_account: sign_in.tries_per_minute_per_account,
        hourly_limits: sign_in.hourly_limits,
        payment_provider: sandbox.clone().map(|sandbox| Arc::new(sandbox) as Arc<dyn PaymentProvider>),
        catalogue: Catalogue::parse(PLANS).context("catalogue/plans.toml")?,
        meters: MeterCatalogue::parse(METERS).context("catalogue/meters.toml")?,
        prices: PriceList::parse(PRICES).context("catalogue/prices.toml")?,
        batch_limits: BatchLimits::default(),
    };
    Ok((assembly, sandbox))
}

/// A server that is ready to be listened to, and what follows from its transactions.
pub struct Server {
    /// Every route, in its frame.
    pub router: Router,
    /// The operations.
    pub core: Core,
    /// Who listens to the outbox.
    pub subscribers: Vec<Arc<dyn Subscriber>>,
    /// The sandbox provider, where it is the one.
    pub sandbox: Option<Sandbox>,
}

/// How mail leaves, and where it is kept instead in development.
///
/// # Errors
/// When the mail server's address is none.
fn mail(config: &Config, db: &Db) -> anyhow::Result<(Arc<dyn MailTransport>, Option<SandboxMailbox>)> {
    let sealer = Sealer::new(&config.master_key, &config.older_master_keys);
    if let Some(url) = &config.smtp_url {
        let smtp =
            SmtpTransport::new(url.expose(), &config.mail_from).context("mail.smtp_url or mail.from")?;
        return Ok((Arc::new(smtp), None));
    }
    if config.keeps_mail() {
        let mailbox = SandboxMailbox::new(db.clone(), sealer);
        return Ok((Arc::new(mailbox.clone()), Some(mailbox)));
    }
    tracing::warn!("mail.smtp_url is not set: mail waits in the outbox");
    Ok((Arc::new(NoTransport), None))
}

/// The server over an open and migrated database.
///
/// # Errors
/// When the catalogue is broken.
pub fn server(config: Arc<Config>, db: &Db, metrics: Option<PrometheusHandle>) -> anyhow::Result<Server> {
    let (core, sandbox) = core(&config, db.clone())?;
    server_over(config, db, core, sandbox, metrics)
}

/// The server over a core that was put together before.
///
/// # Errors
/// When a document cannot be written.
pub fn server_over(
    config: Arc<Config>,
    db: &Db,
    core: Core,
    sandbox: Option<Sandbox>,
    metrics: Option<PrometheusHandle>,
) -> anyhow::Result<Server> {
    let (transport, mailbox) = mail(&config, db)?;
    let sealer = Sealer::new(&config.master_key, &config.older_master_keys);
    let delivery = MailDelivery::new(sealer, transport, &config.product_name, &config.public_url);
    let parts = Parts {
        cursors: CursorCodec::new(&config.master_key),
        config,
        db: db.clone(),
        core: core.clone(),
        sandbox: sandbox.clone(),
        mailbox,
        metrics,
    };
    let router = routes::router(parts)?;
    let mut subscribers: Vec<Arc<dyn Subscriber>> = vec![
        Arc::new(ProviderEventSettlement::new(core.clone())),
        Arc::new(CheckoutReconciliation::new(core.clone())),
        Arc::new(delivery),
        LinkMailing::subscriber(core.clone()),
    ];
    if let Some(sandbox) = sandbox.clone() {
        subscribers.push(worker::sandbox_delivery(sandbox, router.clone()));
    }
    Ok(Server { router, core, subscribers, sandbox })
}
