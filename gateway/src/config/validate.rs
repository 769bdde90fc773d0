use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use bursar_identity::HourlyLimits;
use bursar_kernel::{MasterKey, Secret};
use figment::{Figment, providers::Serialized, value::Dict};

use super::{
    Config, Database, Effective, Environment, Http, Limits, PaymentsProvider, SignIn, Stripe, issuers,
    public_url_of, raw::Raw,
};
use crate::http::client_ip::Network;

/// The master key of `config.default.toml`, known to everybody.
const DEVELOPMENT_MASTER_KEY: &str = "ZGV2ZWxvcG1lbnQtb25seS1tYXN0ZXIta2V5LTAwMDE=";
/// The least memory of a password hash: OWASP's first argon2id profile.
const PASSWORD_MEMORY_KIB: RangeInclusive<i64> = 47_104..=1_048_576;
/// What a browser follows by itself: a code sent there would reach somebody else or run as script.
const BROWSER_SCHEMES: &[&str] = &[
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "http",
    "https",
    "javascript",
    "mailto",
    "view-source",
    "ws",
    "wss",
];
/// The shortest operator token: it is checked without a limit on tries.
const OPERATOR_TOKEN_MIN_LENGTH: usize = 32;

/// The typed configuration, or everything that is wrong with it.
pub(super) fn check(effective: Dict) -> Result<Config, Vec<String>> {
    let raw: Raw = Figment::from(Serialized::defaults(&effective))
        .extract()
        .map_err(|error| error.into_iter().map(|fault| fault.to_string()).collect::<Vec<_>>())?;
    let mut check = Check::default();

    let listen = check.listen(&raw.listen);
    let environment = check.environment(&raw.environment, listen);
    let public_url = check.public_url(&raw.public_url, listen);
    let payments = check.payments(&raw.payments.provider);
    let master_key = check.master_key("master_key", &raw.master_key);
    let older_master_keys =
        raw.older_master_keys.iter().map(|text| check.master_key("older_master_keys", text)).collect();
    if raw.product_name.trim().is_empty() {
        check.fault("product_name must not be empty");
    }
    if !raw.operator_token.is_empty() && raw.operator_token.len() < OPERATOR_TOKEN_MIN_LENGTH {
        check.fault(format!("operator_token must be at least {OPERATOR_TOKEN_MIN_LENGTH} characters"));
    }
    if payments == PaymentsProvider::Stripe {
        for (key, value) in [
            ("stripe.secret_key", &raw.stripe.secret_key),
            ("stripe.webhook_secret", &raw.stripe.webhook_secret),
        ] {
            if value.is_empty() {
                check.fault(format!("{key} must be set when payments.provider is stripe"));
            }
        }
    }
    if environment == Environment::Production {
        check.production(&raw, &public_url, payments);
    }

    let mail_from = check.mail_from(&raw, &public_url);
    let issuers = issuers::check(&raw.issuers, &public_url, environment == Environment::Production);
    let issuers = issuers.unwrap_or_else(|faults| {
        check.faults.extend(faults);
        Vec::new()
    });
    let config = Config {
        listen,
        environment,
        public_url,
        product_name: raw.product_name.trim().to_owned(),
        master_key,
        older_master_keys,
        operator_token: optional(&raw.operator_token).map(Secret::new),
        log: raw.log.clone(),
        database: check.database(&raw, environment),
        http: check.http(&raw),
        limits: check.limits(&raw),
        issuers,
        metrics_networks: check.networks("metrics.allowed_networks", &raw.metrics.allowed_networks),
        sign_in: check.sign_in(&raw),
        payments,
        stripe: Stripe {
            secret_key: optional(&raw.stripe.secret_key).map(Secret::new),
            webhook_secret: optional(&raw.stripe.webhook_secret).map(Secret::new),
            api_base: optional(&raw.stripe.api_base),
        },
        smtp_url: optional(&raw.mail.smtp_url).map(Secret::new),
        mail_from,
        sandbox_exposed: raw.sandbox.exposed,
        worker_in_process: raw.worker.in_process,
        effective: Effective(effective),
    };
    if check.faults.is_empty() { Ok(config) } else { Err(check.faults) }
}

fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Collects faults; each rule answers something usable, so that the next rules run too.
#[derive(Default)]
struct Check {
    faults: Vec<String>,
}

impl Check {
    fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    fn listen(&mut self, text: &str) -> SocketAddr {
        text.parse().unwrap_or_else(|_| {
            self.fault("listen must be an address and a port, such as 127.0.0.1:8080");
            SocketAddr::from(([127, 0, 0, 1], 8080))
        })
    }

    fn environment(&mut self, text: &str, listen: SocketAddr) -> Environment {
        match text {
            "development" => Environment::Development,
            "production" => Environment::Production,
            "" if listen.ip().is_loopback() => Environment::Development,
            "" => {
                self.fault(format!(
                    "environment must be development or production when listening beyond this machine ({listen})"
                ));
                Environment::Development
            }
            _ => {
                self.fault("environment must be development or production");
                Environment::Development
            }
        }
    }

    fn public_url(&mut self, text: &str, listen: SocketAddr) -> String {
        if text.is_empty() {
            return public_url_of(listen);
        }
        let url = text.trim_end_matches('/');
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
            self.fault("public_url must be http:// or https:// and a host, without a path");
        }
        url.to_owned()
    }

    fn payments(&mut self, text: &str) -> PaymentsProvider {
        match text {
            "sandbox" => PaymentsProvider::Sandbox,
            "stripe" => PaymentsProvider::Stripe,
            "none" => PaymentsProvider::None,
            _ => {
                self.fault("payments.provider must be sandbox, stripe or none");
                PaymentsProvider::None
            }
        }
    }

    fn master_key(&mut self, key: &str, text: &str) -> MasterKey {
        MasterKey::parse(text).unwrap_or_else(|| {
            self.fault(format!("{key} must be 32 bytes in base64 (openssl rand -base64 32)"));
            MasterKey::from_bytes([0; 32])
        })
    }

    fn production(&mut self, raw: &Raw, public_url: &str, payments: PaymentsProvider) {
        if raw.master_key == DEVELOPMENT_MASTER_KEY {
            self.fault("master_key must be your own in production, not the one of the defaults");
        }
        if payments == PaymentsProvider::Sandbox {
            self.fault("payments.provider must not be sandbox in production");
        }
        if !public_url.starts_with("https://") {
            self.fault("public_url must be https in production: cookies are sent over https only");
        }
        if !raw.database.durable {
            self.fault("database.durable must be true in production");
        }
        if raw.sandbox.exposed {
            self.fault("sandbox.exposed must be false in production");
        }
    }

    fn database(&mut self, raw: &Raw, environment: Environment) -> Database {
        let raw = &raw.database;
        let is_sqlite = raw.url.starts_with("sqlite:");
        if is_sqlite && bursar_kernel::Db::sqlite_path(&raw.url).is_none() {
            self.fault("database.url must name a file, such as sqlite://bursar.db");
        }
        if !is_sqlite && !raw.url.starts_with("postgres://") && !raw.url.starts_with("postgresql://") {
            self.fault("database.url must begin with sqlite:// or postgres://");
        }
        let migrate_on_start = match raw.migrate_on_start.as_str() {
            "always" => true,
            "never" => false,
            "auto" => is_sqlite || environment == Environment::Development,
            _ => {
                self.fault("database.migrate_on_start must be auto, always or never");
                false
            }
        };
        Database {
            url: Secret::new(raw.url.clone()),
            max_connections: self.number("database.max_connections", raw.max_connections, 1..=1000),
            acquire_timeout: self.seconds(
                "database.acquire_timeout_seconds",
                raw.acquire_timeout_seconds,
                1..=60,
            ),
            statement_timeout: self.seconds(
                "database.statement_timeout_seconds",
                raw.statement_timeout_seconds,
                1..=600,
            ),
            migrate_on_start,
            durable: raw.durable,
        }
    }

    fn http(&mut self, raw: &Raw) -> Http {
        let raw = &raw.http;
        Http {
            trusted_proxies: self.networks("http.trusted_proxies", &raw.trusted_proxies),
            max_connections: self.number("http.max_connections", raw.max_connections, 1..=1_000_000),
            max_header_bytes: self.number("http.max_header_bytes", raw.max_header_bytes, 8192..=1_048_576),
            header_timeout: self.seconds("http.header_timeout_seconds", raw.header_timeout_seconds, 1..=600),
            max_body_bytes: self.number("http.max_body_bytes", raw.max_body_bytes, 1024..=67_108_864),
            max_events_body_bytes: self.number(
                "http.max_events_body_bytes",
                raw.max_events_body_bytes,
                1024..=67_108_864,
            ),
            request_timeout: self.seconds(
                "http.request_timeout_seconds",
                raw.request_timeout_seconds,
                1..=600,
            ),
            shutdown_grace: self.seconds("http.shutdown_grace_seconds", raw.shutdown_grace_seconds, 0..=600),
        }
    }

    fn limits(&mut self, raw: &Raw) -> Limits {
        let mut limit = |key: &str, value: i64| {
            let number: u32 = self.number(key, value, 0..=10_000_000);
            (number > 0).then_some(number)
        };
        Limits {
            per_caller: limit("limits.per_caller", raw.limits.per_caller),
            per_platform_caller: limit("limits.per_platform_caller", raw.limits.per_platform_caller),
            per_ip: limit("limits.per_ip", raw.limits.per_ip),
        }
    }

    fn sign_in(&mut self, raw: &Raw) -> SignIn {
        let raw = &raw.sign_in;
        if raw.audience.is_empty() {
            self.fault("sign_in.audience must not be empty");
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let permits: usize = self.number("sign_in.password_permits", raw.password_permits, 0..=1024);
        SignIn {
            access_token_lifetime: self.seconds(
                "sign_in.access_token_seconds",
                raw.access_token_seconds,
                60..=604_800,
            ),
            audience: raw.audience.clone(),
            provider_tags: raw.provider_tags.clone(),
            callback_schemes: self.callback_schemes(&raw.callback_schemes),
            password_permits: if permits == 0 { cores.saturating_sub(1).max(1) } else { permits },
            password_memory_kib: self.number(
                "sign_in.password_memory_kib",
                raw.password_memory_kib,
                PASSWORD_MEMORY_KIB,
            ),
            tries_per_minute_per_ip: self.number(
                "sign_in.tries_per_minute_per_ip",
                raw.tries_per_minute_per_ip,
                1..=100_000,
            ),
            tries_per_minute_per_account: self.number(
                "sign_in.tries_per_minute_per_account",
                raw.tries_per_minute_per_account,
                1..=100_000,
            ),
            hourly_limits: HourlyLimits {
                mails_per_ip: self.number(
                    "sign_in.mails_per_hour_per_ip",
                    raw.mails_per_hour_per_ip,
                    1..=100_000,
                ),
                mails_per_address: self.number(
                    "sign_in.mails_per_hour_per_address",
                    raw.mails_per_hour_per_address,
                    1..=1_000,
                ),
                codes_per_person: self.number("sign_in.codes_per_hour", raw.codes_per_hour, 3..=1_000),
            },
            requires_verified_email: raw.require_verified_email,
            recent: self.seconds("sign_in.recent_seconds", raw.recent_seconds, 60..=2_592_000),
        }
    }

    /// The sender, and that the mail server's address is one.
    fn mail_from(&mut self, raw: &Raw, public_url: &str) -> String {
        let url = raw.mail.smtp_url.as_str();
        if !url.is_empty() && !url.starts_with("smtps://") && !url.starts_with("smtp://") {
            self.fault("mail.smtp_url must begin with smtps:// or smtp://");
        }
        let host = url::Url::parse(public_url).ok();
        let host = host.as_ref().and_then(url::Url::host_str).unwrap_or("localhost");
        let sender = match raw.mail.from.trim() {
            "" => format!("{} <no-reply@{host}>", raw.product_name.trim()),
            from => from.to_owned(),
        };
        if sender.contains(['\r', '\n']) || !sender.contains('@') {
            self.fault("mail.from must be an address, such as Bursar <accounts@example.com>");
        }
        sender
    }

    fn callback_schemes(&mut self, schemes: &[String]) -> Vec<String> {
        for scheme in schemes {
            let of_a_program = scheme.starts_with(|letter: char| letter.is_ascii_lowercase())
                && scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte))
                && !BROWSER_SCHEMES.contains(&scheme.as_str());
            if !of_a_program {
                self.fault(format!(
                    "sign_in.callback_schemes: {scheme} must be the scheme of a program, in small letters, such as vscode"
                ));
            }
        }
        schemes.to_vec()
    }

    fn number<T: TryFrom<i64>>(&mut self, key: &str, value: i64, range: RangeInclusive<i64>) -> T {
        let nearest = value.clamp(*range.start(), *range.end());
        if nearest != value {
            self.fault(format!("{key} must be {} to {}", range.start(), range.end()));
        }
        let Ok(number) = T::try_from(nearest) else { unreachable!("every range fits its type") };
        number
    }

    fn seconds(&mut self, key: &str, value: i64, range: RangeInclusive<i64>) -> Duration {
        Duration::from_secs(self.number(key, value, range))
    }

    fn networks(&mut self, key: &str, texts: &[String]) -> Vec<Network> {
        let mut networks = Vec::with_capacity(texts.len());
        for text in texts {
            match Network::parse(text) {
                Some(network) => networks.push(network),
                None => self.fault(format!("{key}: {text} is no network, such as 10.0.0.0/8")),
            }
        }
        networks
    }
}
