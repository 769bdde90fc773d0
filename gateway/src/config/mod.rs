//! What the operator decides: defaults ← file ← environment, checked whole before anything starts.

mod issuers;
mod layers;
mod raw;
mod validate;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use bursar_identity::{HourlyLimits, TrustedIssuer};
use bursar_kernel::{DbOptions, MasterKey, Secret};

use crate::http::client_ip::Network;

/// The documented defaults, embedded.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Where Bursar runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// On somebody's own machine: human logs, sandbox payments, a known master key.
    Development,
    /// For the world: every development default is refused.
    Production,
}

/// Who moves the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentsProvider {
    /// Test cards, no money.
    Sandbox,
    /// Stripe.
    Stripe,
    /// Nobody: checkouts are refused.
    None,
}

/// The whole configuration, valid.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Development or production.
    pub environment: Environment,
    /// What clients reach this server as, without a trailing slash.
    pub public_url: String,
    /// The product's name, for people and for the sentences that clients match on.
    pub product_name: String,
    /// The deployment's master key.
    pub master_key: MasterKey,
    /// Master keys of before.
    pub older_master_keys: Vec<MasterKey>,
    /// The bearer token of the operator routes.
    pub operator_token: Option<Secret<String>>,
    /// Log directives.
    pub log: String,
    /// How to reach the database.
    pub database: Database,
    /// Limits of the HTTP server.
    pub http: Http,
    /// How often one may ask.
    pub limits: Limits,
    /// Outside issuers whose tokens are taken.
    pub issuers: Vec<TrustedIssuer>,
    /// Who may read `/metrics`.
    pub metrics_networks: Vec<Network>,
    /// Sign-in.
    pub sign_in: SignIn,
    /// Who moves the money.
    pub payments: PaymentsProvider,
    /// Stripe's secrets.
    pub stripe: Stripe,
    /// Where mail goes.
    pub smtp_url: Option<Secret<String>>,
    /// Who it is from.
    pub mail_from: String,
    /// Serves the sandbox pages on a listener that is not loopback.
    pub sandbox_exposed: bool,
    /// Runs the outbox inside `serve`.
    pub worker_in_process: bool,
    effective: Effective,
}

/// Everything as it was written, secrets too: prints only what may be seen.
#[derive(Clone)]
struct Effective(figment::value::Dict);

impl fmt::Debug for Effective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&layers::describe(&self.0))
    }
}

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`; holds a password.
    pub url: Secret<String>,
    /// Connections of the pool.
    pub max_connections: u32,
    /// How long a request waits for one.
    pub acquire_timeout: Duration,
    /// The longest that a statement may take.
    pub statement_timeout: Duration,
    /// Runs pending migrations at start-up.
    pub migrate_on_start: bool,
    /// Insists that the database keeps what it acknowledges.
    pub durable: bool,
}

/// Limits of the HTTP server.
#[derive(Clone, Debug)]
pub struct Http {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Connections at once.
    pub max_connections: usize,
    /// The largest head of a request.
    pub max_header_bytes: usize,
    /// The longest that a head may take, and the longest that a connection waits for the next one.
    pub header_timeout: Duration,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// The largest batch of events.
    pub max_events_body_bytes: usize,
    /// The longest that a request may take, and then that its answer may wait to be read.
    pub request_timeout: Duration,
    /// How long a stopping server finishes what is under way.
    pub shutdown_grace: Duration,
}

/// Requests a minute; no limit where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one caller, to the APIs for people and their clients.
    pub per_caller: Option<u32>,
    /// Of one caller, to the platform's.
    pub per_platform_caller: Option<u32>,
    /// Without a good credential, from one address.
    pub per_ip: Option<u32>,
}

/// Sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// How long an access token is good.
    pub access_token_lifetime: Duration,
    /// Its `aud`.
    pub audience: String,
    /// Tags that clients write before a token.
    pub provider_tags: Vec<String>,
    /// Schemes of programs on people's machines that may be sent a code.
    pub callback_schemes: Vec<String>,
    /// Password hashes computed at once.
    pub password_permits: usize,
    /// Memory of one hash.
    pub password_memory_kib: u32,
    /// Tries a minute from one address.
    pub tries_per_minute_per_ip: u32,
    /// Tries a minute for one account.
    pub tries_per_minute_per_account: u32,
    /// Mails and codes that may be had in an hour.
    pub hourly_limits: HourlyLimits,
    /// Nobody is let in by a password before it showed that mail reaches it.
    pub requires_verified_email: bool,
    /// For how long after signing in one may do what is dangerous.
    pub recent: Duration,
}

/// Stripe's secrets.
#[derive(Clone, Debug)]
pub struct Stripe {
    /// The API key.
    pub secret_key: Option<Secret<String>>,
    /// What signs its webhooks.
    pub webhook_secret: Option<Secret<String>>,
    /// Another base address of its API.
    pub api_base: Option<String>,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration has faults:")?;
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  - {fault}"))
    }
}

impl std::error::Error for Faults {}

impl Config {
    /// Reads the file (when there is one) and the environment over the defaults.
    ///
    /// # Errors
    /// All faults at once.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Faults> {
        let mut variables: Vec<(String, String)> =
            environment.into_iter().filter(|(name, _)| name.starts_with("BURSAR_")).collect();
        variables.sort();
        let named = variables.iter().position(|(name, _)| name == "BURSAR_CONFIG");
        let named = named.map(|index| PathBuf::from(variables.remove(index).1));
        let file = file.map(Path::to_path_buf).or(named);
        let effective = layers::merge(file.as_deref(), &variables).map_err(Faults)?;
        validate::check(effective).map_err(Faults)
    }

    /// The defaults and nothing else: what `bursar serve` runs with on a fresh machine.
    ///
    /// # Errors
    /// When the embedded defaults are broken, which a test rules out.
    pub fn development() -> Result<Self, Faults> {
        Self::load(None, [])
    }

    /// The same on the address that was really taken: of port 0 the system makes a free one, and
    /// a public URL that was not set follows.
    #[must_use]
    pub fn listening_on(mut self, taken: SocketAddr) -> Self {
        if self.public_url == public_url_of(self.listen) {
            self.public_url = public_url_of(taken);
        }
        self.listen = taken;
        self
    }

    /// How the kernel connects.
    #[must_use]
    pub fn db_options(&self) -> DbOptions {
        DbOptions {
            max_connections: self.database.max_connections,
            acquire_timeout: self.database.acquire_timeout,
            statement_timeout: self.database.statement_timeout,
            durable: self.database.durable,
            ..DbOptions::new(self.database.url.expose())
        }
    }

    /// Whether this is production.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    /// Whether cookies are sent over https only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether the sandbox helpers are served: in development, with the sandbox as provider, on a
    /// loopback listener unless the operator exposes them.
    #[must_use]
    pub fn serves_sandbox(&self) -> bool {
        self.environment == Environment::Development
            && self.payments == PaymentsProvider::Sandbox
            && (self.listen.ip().is_loopback() || self.sandbox_exposed)
    }

    /// Whether mail is kept to be looked at instead of being sent: in development without a server
    /// for it, on a loopback listener unless the operator exposes it.
    #[must_use]
    pub fn keeps_mail(&self) -> bool {
        self.environment == Environment::Development
            && self.smtp_url.is_none()
            && (self.listen.ip().is_loopback() || self.sandbox_exposed)
    }

    /// The effective configuration as `key = value` lines, without secrets.
    #[must_use]
    pub fn describe(&self) -> String {
        layers::describe(&self.effective.0)
    }
}

/// What a server is reached as when nothing else is said.
fn public_url_of(listen: SocketAddr) -> String {
    format!("http://{listen}")
}

#[cfg(test)]
mod tests;
