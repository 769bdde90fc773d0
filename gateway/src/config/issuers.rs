use bursar_identity::{IssuerAlgorithm, OidcClient, TrustedIssuer};
use bursar_kernel::Secret;
use url::Url;

use super::raw::RawIssuer;

/// The outside issuers that the configuration names, or what is wrong with them.
pub(super) fn check(
    raw: &[RawIssuer],
    public_url: &str,
    is_production: bool,
) -> Result<Vec<TrustedIssuer>, Vec<String>> {
    let mut faults = Vec::new();
    let mut issuers: Vec<TrustedIssuer> = Vec::new();
    for (index, entry) in raw.iter().enumerate() {
        let place = format!("issuers[{index}]");
        let before = faults.len();
        let issuer = one(entry, &place, &mut faults);
        if is_production && !entry.issuer.starts_with("https://") {
            faults.push(format!("{place}.issuer must begin with https:// in production"));
        }
        if entry.issuer == public_url {
            faults.push(format!("{place}.issuer is this server's own public_url"));
        }
        if is_production && entry.jwks_url.starts_with("http://") {
            faults.push(format!("{place}.jwks_url must begin with https:// in production"));
        }
        let known = |other: &TrustedIssuer| other.name == entry.name || other.issuer == entry.issuer;
        if issuers.iter().any(known) {
            faults.push(format!("{place} has the name or the issuer of another one"));
        }
        if faults.len() == before {
            issuers.extend(issuer);
        }
    }
    if faults.is_empty() { Ok(issuers) } else { Err(faults) }
}

fn one(entry: &RawIssuer, place: &str, faults: &mut Vec<String>) -> Option<TrustedIssuer> {
    let jwks_url = match entry.jwks_url.as_str() {
        "" => None,
        text => match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => Some(url),
            _ => {
                faults.push(format!("{place}.jwks_url must be an address of the web"));
                None
            }
        },
    };
    let mut algorithms = Vec::new();
    for name in &entry.algorithms {
        if let Some(algorithm) = IssuerAlgorithm::parse(name) {
            algorithms.push(algorithm);
        } else {
            let known = IssuerAlgorithm::ALL.map(IssuerAlgorithm::as_str).join(", ");
            faults.push(format!("{place}.algorithms: {name} is none of {known}"));
        }
    }
    let client = (!entry.client_id.is_empty()).then(|| {
        let secret = (!entry.client_secret.is_empty()).then(|| Secret::new(entry.client_secret.clone()));
        OidcClient::new(entry.client_id.clone(), secret)
    });
    let issuer = TrustedIssuer {
        name: entry.name.clone(),
        label: if entry.label.is_empty() { entry.name.clone() } else { entry.label.clone() },
        issuer: entry.issuer.clone(),
        jwks_url,
        audiences: entry.audiences.clone(),
        authorized_parties: entry.authorized_parties.clone(),
        algorithms,
        client,
    };
    match issuer.checked() {
        Ok(issuer) => Some(issuer),
        Err(fault) => {
            faults.push(format!("{place}.{fault}"));
            None
        }
    }
}
