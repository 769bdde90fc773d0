use std::sync::Arc;

use bursar_api_keys::{ApiKey, ParsedKey, Scope, ScopeSet, Verdict, effective, judge};
use bursar_identity::Actor;
use bursar_kernel::{Amount, Result};

use crate::{authorize::admit, core::Core, operation::Operation};

/// A key that a product was shown, and what its holder wants to do.
pub struct VerifyApiKey {
    /// The key's whole text.
    pub key: String,
    /// Scopes that it must hold; words that are no scope of ours are held by no key.
    pub permissions: Vec<String>,
}

/// Whether a key is good.
pub struct Verification {
    /// What is to be said of it.
    pub verdict: Verdict,
    /// The key, unless it is unknown to the caller.
    pub key: Option<VerifiedKey>,
}

/// What a product may know of a key that was shown to it.
pub struct VerifiedKey {
    /// The key.
    pub key: Arc<ApiKey>,
    /// What it may do now.
    pub scopes: ScopeSet,
    /// What is left in its account, at most a second ago.
    pub balance: Amount,
}

/// Says whether a key is good, and whose it is. A key of another account is answered like one
/// that does not exist.
///
/// # Errors
/// `forbidden` without the scope `keys:verify`; `database_unavailable` rather than a wrong "no".
pub async fn verify_api_key(core: &Core, actor: &Actor, command: VerifyApiKey) -> Result<Verification> {
    admit(actor, Operation::VerifyApiKey)?;
    let not_found = Verification { verdict: Verdict::NotFound, key: None };
    let Some(parsed) = ParsedKey::parse(&command.key) else { return Ok(not_found) };
    let reader = core.db.reader();
    let Some(key) = core.remembered_key(reader, parsed.hash()).await? else { return Ok(not_found) };
    if key.account != actor.account {
        return Ok(not_found);
    }
    // A key whose creator has left the account is as good as ended.
    let Some(standing) = core.remembered_standing(reader, key.account, key.creator).await? else {
        return Ok(Verification { verdict: Verdict::Revoked, key: None });
    };
    let scopes = effective(standing, &key.scopes);
    let wanted: Option<Vec<Scope>> = command.permissions.iter().map(|word| Scope::parse(word)).collect();
    let verdict = match wanted {
        Some(wanted) => judge(&key, reader.now(), &wanted, &scopes),
        None => match judge(&key, reader.now(), &[], &scopes) {
            Verdict::Valid => Verdict::InsufficientPermissions,
            refused => refused,
        },
    };
    if verdict == Verdict::Valid {
        core.key_used(key.id, reader.now());
    }
    let balance = core.remembered_balance(reader, key.account.id()).await?;
    Ok(Verification { verdict, key: Some(VerifiedKey { key, scopes, balance }) })
}
