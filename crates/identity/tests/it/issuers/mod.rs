//! Tokens of outside issuers, against one on this machine and over its web.

mod algorithms;
mod attacks;
mod browser;
mod outbound;
mod products;
mod rotation;

use std::{sync::Arc, time::Duration};

use bursar_identity::{
    ExternalClaims, IssuerAlgorithm, Issuers, OidcClient, OutboundPolicy, TrustedIssuer, WebOutbound,
};
use bursar_kernel::{Clock as _, Result, Secret, UnixTimestamp};
use bursar_testkit::{
    MockClock,
    issuer::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, LocalIssuer},
};

/// An issuer, and a deployment that takes its tokens.
struct World {
    local: LocalIssuer,
    issuers: Arc<Issuers>,
    clock: Arc<MockClock>,
}

fn web() -> WebOutbound {
    WebOutbound::new(OutboundPolicy { allow_private: true }).unwrap()
}

fn trusted(local: &LocalIssuer) -> TrustedIssuer {
    TrustedIssuer {
        name: "local".to_owned(),
        label: "Continue with this machine".to_owned(),
        issuer: local.url(),
        jwks_url: None,
        audiences: vec![AUDIENCE.to_owned()],
        authorized_parties: Vec::new(),
        algorithms: vec![IssuerAlgorithm::RS256],
        client: Some(OidcClient::new(CLIENT_ID, Some(Secret::new(CLIENT_SECRET.to_owned())))),
    }
}

impl World {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// One in which the issuer is trusted otherwise.
    async fn with(change: impl FnOnce(&mut TrustedIssuer)) -> Self {
        let clock = Arc::<MockClock>::default();
        let local = LocalIssuer::start_at(clock.clone()).await;
        let mut issuer = trusted(&local);
        change(&mut issuer);
        let issuers = Arc::new(Issuers::new(vec![issuer], Arc::new(web())));
        Self { local, issuers, clock }
    }

    fn now(&self) -> UnixTimestamp {
        self.clock.now()
    }

    fn issuer(&self) -> &TrustedIssuer {
        self.issuers.named("local").unwrap()
    }

    async fn verify(&self, token: &str) -> Result<ExternalClaims> {
        self.issuers.verify(self.issuer(), token, self.now()).await
    }

    /// The code of the refusal; nothing for a token that is taken.
    async fn refusal(&self, token: &str) -> Option<&'static str> {
        self.verify(token).await.err().map(|refused| refused.code())
    }

    /// A token of somebody that is good for a day, by the issuer's newest key.
    fn long_token(&self) -> String {
        let mut claims = self.local.claims("user_1");
        claims["exp"] = (self.now().seconds() + 86_400).into();
        self.local.sign(claims)
    }

    fn later(&self, duration: Duration) {
        self.clock.advance(duration);
    }
}
