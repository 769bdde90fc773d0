//! An API key as it is written in JSON, in every family that shows keys.

use std::net::IpAddr;

use bursar_api_keys::{ApiKey, KeyName, Networks, Scope, SpendLimit, SpendWindow};
use bursar_kernel::{Amount, DomainError, Result, UnixTimestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::decimal::{Exact, Usd};

/// The most uses a minute that can be asked for.
const MAX_PER_MINUTE: u32 = 1_000_000;

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Key {
    /// `key_…`
    id: String,
    name: String,
    /// What its text begins with.
    prefix: String,
    last_four: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// `user_…` or `org_…`: the account that it acts on.
    account_id: String,
    scopes: Vec<String>,
    enabled: bool,
    /// From where it may be used; from anywhere when there is none.
    allowed_cidrs: Vec<String>,
    /// How often it may be used in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_minute_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spend_limit: Option<SpendLimitShape>,
}

/// What a key may spend.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SpendLimitShape {
    /// USD.
    #[schema(value_type = f64)]
    amount_usd: Exact,
    /// `day`, `month` (UTC) or `total`
    window: String,
}

/// What a key is to be allowed to spend.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WantedSpendLimit {
    /// USD, more than 0, with at most six decimals.
    #[schema(value_type = f64)]
    amount_usd: Usd,
    /// `day`, `month` (UTC) or `total`
    window: String,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            account_id: key.account.to_string(),
            name: key.name,
            prefix: key.prefix,
            last_four: key.last_four,
            created_at: key.created_at.rfc3339(),
            last_used_at: key.last_used_at.map(UnixTimestamp::rfc3339),
            expires_at: key.expires_at.map(UnixTimestamp::rfc3339),
            scopes: key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            enabled: key.enabled,
            allowed_cidrs: key.networks.to_strings(),
            per_minute_limit: key.per_minute,
            spend_limit: key.spend_limit.map(|limit| SpendLimitShape {
                amount_usd: Exact::usd(limit.amount),
                window: limit.window.to_string(),
            }),
        }
    }
}

/// A key with its secret: this is the only time that it is shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyWithSecret {
    #[serde(flatten)]
    key_without_secret: Key,
    /// `sk_…`
    key: String,
}

impl From<bursar_api_keys::CreatedKey> for KeyWithSecret {
    fn from(created: bursar_api_keys::CreatedKey) -> Self {
        Self { key: created.secret.expose().clone(), key_without_secret: created.key.into() }
    }
}

/// A key to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateKey {
    /// 1 to 100 characters.
    name: String,
    /// RFC 3339; in the future.
    expires_at: Option<String>,
    /// Some of `read`, `usage:write`, `keys:verify`, `billing:write`, no more than the caller has.
    scopes: Option<Vec<String>>,
    /// From where it may be used, such as `10.0.0.0/8`; from anywhere when there is none. At most 50.
    #[serde(default)]
    allowed_cidrs: Vec<String>,
    /// How often it may be used in a minute.
    per_minute_limit: Option<u32>,
    spend_limit: Option<WantedSpendLimit>,
}

impl TryFrom<CreateKey> for bursar_operations::CreateApiKey {
    type Error = DomainError;

    fn try_from(body: CreateKey) -> Result<Self> {
        Ok(Self {
            name: KeyName::new(&body.name)?,
            expires_at: body.expires_at.as_deref().map(end).transpose()?,
            scopes: body.scopes.as_deref().map(scopes).transpose()?,
            networks: Networks::parse(&body.allowed_cidrs)?,
            per_minute: body.per_minute_limit.map(per_minute).transpose()?,
            spend_limit: body.spend_limit.as_ref().map(spend_limit).transpose()?,
        })
    }
}

/// When a key is to end.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn end(text: &str) -> Result<UnixTimestamp> {
    UnixTimestamp::parse(text)
        .ok_or_else(|| DomainError::invalid("expiresAt", "must be an RFC 3339 date-time with an offset"))
}

/// What a key is to be allowed.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn scopes(words: &[String]) -> Result<Vec<Scope>> {
    words.iter().map(|word| Scope::named(word)).collect()
}

/// How often a key is to be good in a minute.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn per_minute(number: u32) -> Result<u32> {
    if (1..=MAX_PER_MINUTE).contains(&number) {
        return Ok(number);
    }
    Err(DomainError::invalid("perMinuteLimit", format!("must be 1 to {MAX_PER_MINUTE}")))
}

/// What a key is to be allowed to spend.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn spend_limit(wanted: &WantedSpendLimit) -> Result<SpendLimit> {
    let amount = wanted.amount_usd.amount("spendLimit.amountUsd")?;
    if amount <= Amount::ZERO {
        return Err(DomainError::invalid("spendLimit.amountUsd", "must be more than 0"));
    }
    let window = SpendWindow::parse(&wanted.window)
        .ok_or_else(|| DomainError::invalid("spendLimit.window", "must be day, month or total"))?;
    Ok(SpendLimit { amount, window })
}

/// An address of the internet.
///
/// # Errors
/// `invalid_field` for `ip`.
pub(crate) fn address(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| DomainError::invalid("ip", "must be an IPv4 or IPv6 address"))
}
