use bursar_api_keys::{ApiKey, Scope};
use bursar_kernel::UnixTimestamp;
use serde_json::{Value, json};

/// What the audit trail keeps of a key: everything about it that can be changed.
pub(super) fn told(key: &ApiKey) -> Value {
    json!({
        "name": key.name,
        "scopes": key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
        "expiresAt": key.expires_at.map(UnixTimestamp::rfc3339),
        "enabled": key.enabled,
        "allowedCidrs": key.networks.to_strings(),
        "perMinuteLimit": key.per_minute,
        "spendLimit": key.spend_limit.map(|limit| json!({
            "amountMicros": limit.amount.micros(),
            "window": limit.window.as_str(),
        })),
    })
}
