use std::collections::HashMap;

use std::time::Duration;

use bursar_identity::{BrowserSignIn, ExternalClaims, OidcClient};
use bursar_kernel::{Entropy as _, Result, Secret};
use bursar_testkit::{SeededEntropy, issuer::CLIENT_ID};
use serde_json::{Value, json};
use url::Url;

use super::World;

const REDIRECT_URI: &str = "https://bursar.example/auth/local/callback";

impl World {
    async fn begin(&self) -> BrowserSignIn {
        let entropy = SeededEntropy::default();
        self.issuers
            .begin(self.issuer(), REDIRECT_URI, Duration::from_hours(12), &entropy, self.now())
            .await
            .unwrap()
    }

    /// Lets the browser go there: the code that it comes back with.
    fn code(&self, begun: &BrowserSignIn) -> String {
        let back = Url::parse(&self.local.visit(&begun.url)).unwrap();
        assert!(back.as_str().starts_with(REDIRECT_URI));
        let fields: HashMap<_, _> = back.query_pairs().into_owned().collect();
        assert_eq!(&fields["state"], begun.state.expose());
        fields["code"].clone()
    }

    async fn finish(&self, begun: &BrowserSignIn, code: &str) -> Result<ExternalClaims> {
        let (verifier, nonce) = (&begun.verifier, begun.nonce.expose());
        self.issuers.finish(self.issuer(), REDIRECT_URI, code, verifier, nonce, self.now()).await
    }

    /// A whole sign-in of somebody of whom the issuer says so.
    async fn sign_in(&self, person: Value) -> Result<ExternalClaims> {
        self.local.set_person(person);
        let begun = self.begin().await;
        let code = self.code(&begun);
        self.finish(&begun, &code).await
    }
}

fn code_of(outcome: Result<ExternalClaims>) -> &'static str {
    outcome.unwrap_err().code()
}

#[tokio::test]
async fn a_person_signs_in_at_the_issuer_and_comes_back_as_itself() {
    let world = World::new().await;
    let ada = json!({"sub": "user_1", "email": "ada@example.com", "email_verified": true, "name": "Ada",
        "picture": "https://issuer.example/ada.png", "auth_time": world.now().seconds() - 30});
    let said = world.sign_in(ada).await.unwrap();
    assert_eq!((said.issuer, said.subject.as_str()), (world.local.url(), "user_1"));
    assert_eq!(said.email.unwrap().as_str(), "ada@example.com");
    assert_eq!((said.email_verified, said.name.as_deref()), (true, Some("Ada")));
    assert_eq!(said.picture.as_deref(), Some("https://issuer.example/ada.png"));
    assert_eq!(said.proved_at.seconds(), world.now().seconds() - 30);
}

#[tokio::test]
async fn a_sign_in_asks_with_a_code_pkce_and_three_secrets() {
    let world = World::new().await;
    let begun = world.begin().await;
    let url = Url::parse(&begun.url).unwrap();
    let fields: HashMap<_, _> = url.query_pairs().into_owned().collect();
    for (field, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("state", begun.state.expose()),
        ("nonce", begun.nonce.expose()),
    ] {
        assert_eq!(fields[field], value, "{field}");
    }
    let secrets = [&begun.state, &begun.nonce, &begun.verifier].map(Secret::expose);
    for (at, secret) in secrets.iter().enumerate() {
        assert_eq!(secret.len(), 43, "256 bits");
        assert!(!secrets[..at].contains(secret));
        assert!(!format!("{begun:?}").contains(secret.as_str()));
    }
    assert!(!begun.url.contains(begun.verifier.expose()), "the verifier stays here");
    let entropy = SeededEntropy::new(1);
    entropy.fill(&mut [0; 8]);
    let other = world
        .issuers
        .begin(world.issuer(), REDIRECT_URI, Duration::from_hours(12), &entropy, world.now())
        .await
        .unwrap();
    assert_ne!(other.state.expose(), begun.state.expose());
}

#[tokio::test]
async fn a_token_of_another_sign_in_is_refused() {
    let world = World::new().await;
    let begun = world.begin().await;
    for nonce in ["", "another", &begun.nonce.expose()[1..]] {
        let code = world.code(&begun);
        let refused = world
            .issuers
            .finish(world.issuer(), REDIRECT_URI, &code, &begun.verifier, nonce, world.now())
            .await;
        assert_eq!(code_of(refused), "invalid_token", "{nonce}");
    }
    for nonce in [json!(null), json!("another"), json!(7)] {
        let refused = world.sign_in(json!({"sub": "user_1", "nonce": nonce})).await;
        assert_eq!(code_of(refused), "invalid_token", "{nonce}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_for_this_client_is_refused() {
    let world = World::new().await;
    for claims in [
        json!({"sub": "user_1", "aud": "another client"}),
        json!({"sub": "user_1", "aud": bursar_testkit::issuer::AUDIENCE}),
        json!({"sub": "user_1", "aud": [CLIENT_ID, "another client"]}),
        json!({"sub": "user_1", "aud": [CLIENT_ID, "another client"], "azp": "another client"}),
        json!({"sub": "user_1", "azp": "another client"}),
        json!({"sub": "user_1", "aud": null}),
        json!({"sub": "user_1", "iss": "https://evil.example"}),
        json!({"sub": "user_1", "exp": world.now().seconds()}),
        json!({"sub": ""}),
    ] {
        assert_eq!(code_of(world.sign_in(claims.clone()).await), "invalid_token", "{claims}");
    }
    let several = json!({"sub": "user_1", "aud": [CLIENT_ID, "another client"], "azp": CLIENT_ID});
    assert!(world.sign_in(several).await.is_ok());
}

#[tokio::test]
async fn a_code_is_good_once_and_for_who_began() {
    let world = World::new().await;
    let begun = world.begin().await;
    let code = world.code(&begun);
    assert!(world.finish(&begun, &code).await.is_ok());
    assert_eq!(code_of(world.finish(&begun, &code).await), "invalid_token");

    let thief = BrowserSignIn { verifier: Secret::new("guessed".repeat(7)), ..world.begin().await };
    let stolen = world.code(&begun);
    assert_eq!(code_of(world.finish(&thief, &stolen).await), "invalid_token");
    assert_eq!(code_of(world.finish(&begun, &stolen).await), "invalid_token", "it was used up");
    let code = world.code(&begun);
    let elsewhere = world
        .issuers
        .finish(world.issuer(), "https://bursar.example/", &code, &begun.verifier, "", world.now())
        .await;
    assert_eq!(code_of(elsewhere), "invalid_token");
}

#[tokio::test]
async fn a_client_that_the_issuer_does_not_know_is_a_fault_of_the_deployment() {
    let wrong = Some(Secret::new("wrong".to_owned()));
    for secret in [wrong, None] {
        let world = World::with(|issuer| issuer.client = Some(OidcClient::new(CLIENT_ID, secret))).await;
        assert_eq!(code_of(world.sign_in(json!({"sub": "user_1"})).await), "issuer_unavailable");
    }
    let world = World::with(|issuer| issuer.client = None).await;
    let refused = world
        .issuers
        .begin(world.issuer(), REDIRECT_URI, Duration::from_hours(12), &SeededEntropy::default(), world.now())
        .await;
    assert_eq!(refused.unwrap_err().code(), "internal");
}
