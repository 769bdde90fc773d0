use std::sync::Arc;

use bursar_identity::{IssuerAlgorithm, Issuers, OidcClient, OutboundPolicy, TrustedIssuer, WebOutbound};
use bursar_kernel::Secret;

use crate::issuer::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, LocalIssuer};

/// An issuer whose name does not change from run to run, as the address of a local one does. The
/// local one signs its tokens.
pub const STEADY_ISSUER: &str = "https://issuer.example";

/// That a local issuer is trusted, under the name `local`, for tokens and for sign-in by browser; and
/// by its keys [`STEADY_ISSUER`].
///
/// # Panics
/// When a way to it cannot be set up.
#[must_use]
pub fn trusting(issuer: &LocalIssuer) -> Issuers {
    let trusted = TrustedIssuer {
        name: "local".to_owned(),
        label: "Local".to_owned(),
        issuer: issuer.url(),
        jwks_url: None,
        audiences: vec![AUDIENCE.to_owned()],
        authorized_parties: Vec::new(),
        algorithms: vec![IssuerAlgorithm::RS256],
        client: Some(OidcClient::new(CLIENT_ID, Some(Secret::new(CLIENT_SECRET.to_owned())))),
    };
    let steady = TrustedIssuer {
        name: "steady".to_owned(),
        issuer: STEADY_ISSUER.to_owned(),
        jwks_url: Some(issuer.jwks_url().parse().expect("its address is one")),
        client: None,
        ..trusted.clone()
    };
    let outbound = WebOutbound::new(OutboundPolicy { allow_private: true }).expect("a way out is set up");
    Issuers::new(vec![trusted, steady], Arc::new(outbound))
}
