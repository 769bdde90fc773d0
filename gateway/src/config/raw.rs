use serde::Deserialize;

/// The configuration as it is written: `config.default.toml`, key by key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) listen: String,
    pub(super) environment: String,
    pub(super) public_url: String,
    pub(super) product_name: String,
    pub(super) master_key: String,
    pub(super) older_master_keys: Vec<String>,
    pub(super) operator_token: String,
    pub(super) log: String,
    pub(super) database: RawDatabase,
    pub(super) http: RawHttp,
    pub(super) limits: RawLimits,
    pub(super) issuers: Vec<RawIssuer>,
    pub(super) metrics: RawMetrics,
    pub(super) sign_in: RawSignIn,
    pub(super) payments: RawPayments,
    pub(super) stripe: RawStripe,
    pub(super) mail: RawMail,
    pub(super) sandbox: RawSandbox,
    pub(super) worker: RawWorker,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDatabase {
    pub(super) url: String,
    pub(super) max_connections: i64,
    pub(super) acquire_timeout_seconds: i64,
    pub(super) statement_timeout_seconds: i64,
    pub(super) migrate_on_start: String,
    pub(super) durable: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHttp {
    pub(super) trusted_proxies: Vec<String>,
    pub(super) max_connections: i64,
    pub(super) max_header_bytes: i64,
    pub(super) header_timeout_seconds: i64,
    pub(super) max_body_bytes: i64,
    pub(super) max_events_body_bytes: i64,
    pub(super) request_timeout_seconds: i64,
    pub(super) shutdown_grace_seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    pub(super) per_caller: i64,
    pub(super) per_platform_caller: i64,
    pub(super) per_ip: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIssuer {
    pub(super) name: String,
    #[serde(default)]
    pub(super) label: String,
    pub(super) issuer: String,
    #[serde(default)]
    pub(super) jwks_url: String,
    #[serde(default)]
    pub(super) audiences: Vec<String>,
    #[serde(default)]
    pub(super) authorized_parties: Vec<String>,
    #[serde(default = "usual_algorithms")]
    pub(super) algorithms: Vec<String>,
    #[serde(default)]
    pub(super) client_id: String,
    #[serde(default)]
    pub(super) client_secret: String,
}

fn usual_algorithms() -> Vec<String> {
    vec!["RS256".to_owned()]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMetrics {
    pub(super) allowed_networks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSignIn {
    pub(super) access_token_seconds: i64,
    pub(super) audience: String,
    pub(super) provider_tags: Vec<String>,
    pub(super) callback_schemes: Vec<String>,
    pub(super) password_permits: i64,
    pub(super) password_memory_kib: i64,
    pub(super) tries_per_minute_per_ip: i64,
    pub(super) tries_per_minute_per_account: i64,
    pub(super) mails_per_hour_per_ip: i64,
    pub(super) mails_per_hour_per_address: i64,
    pub(super) codes_per_hour: i64,
    pub(super) recent_seconds: i64,
    pub(super) require_verified_email: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPayments {
    pub(super) provider: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStripe {
    pub(super) secret_key: String,
    pub(super) webhook_secret: String,
    pub(super) api_base: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMail {
    pub(super) smtp_url: String,
    pub(super) from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSandbox {
    pub(super) exposed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWorker {
    pub(super) in_process: bool,
}
