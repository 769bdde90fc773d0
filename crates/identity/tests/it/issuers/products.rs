use bursar_identity::{ExternalClaims, ExternalOrganizationClaim, Issuers, TrustedIssuer};
use bursar_testkit::issuer::{AUTHORIZED_PARTY, LocalIssuer};
use serde_json::json;

use super::{World, trusted, web};

/// As Clerk is trusted: by who asks for the token.
fn by_party(issuer: &mut TrustedIssuer) {
    issuer.audiences = Vec::new();
    issuer.authorized_parties = vec![AUTHORIZED_PARTY.to_owned()];
}

fn ada_of_acme(world: &World) -> ExternalClaims {
    let now = world.now();
    ExternalClaims {
        issuer: world.local.url(),
        subject: "user_1".to_owned(),
        email: None,
        email_verified: false,
        name: None,
        picture: None,
        organization: Some(ExternalOrganizationClaim {
            id: "org_1".to_owned(),
            role: Some("admin".to_owned()),
            name: None,
        }),
        issued_at: now,
        expires_at: now.after(bursar_testkit::issuer::TOKEN_LIFETIME),
        proved_at: now,
    }
}

#[tokio::test]
async fn the_tokens_of_every_product_say_the_same() {
    let clerk = World::with(by_party).await;
    for claims in
        [clerk.local.clerk_v1("user_1", Some("org_1")), clerk.local.clerk_v2("user_1", Some("org_1"))]
    {
        let said = clerk.verify(&clerk.local.sign(claims.clone())).await;
        assert_eq!(said.unwrap(), ada_of_acme(&clerk), "{claims}");
    }
    let workos = World::new().await;
    let said = workos.verify(&workos.local.sign(workos.local.workos("user_1", Some("org_1")))).await;
    assert_eq!(said.unwrap(), ada_of_acme(&workos));
}

#[tokio::test]
async fn a_person_without_an_organization_has_none_in_any_product() {
    let clerk = World::with(by_party).await;
    for claims in [clerk.local.clerk_v1("user_1", None), clerk.local.clerk_v2("user_1", None)] {
        let said = clerk.verify(&clerk.local.sign(claims)).await.unwrap();
        assert_eq!(said, ExternalClaims { organization: None, ..ada_of_acme(&clerk) });
    }
    let workos = World::new().await;
    let said = workos.verify(&workos.local.sign(workos.local.workos("user_1", None))).await.unwrap();
    assert_eq!(said.organization, None);
}

#[tokio::test]
async fn a_token_that_another_application_asked_for_is_refused() {
    let clerk = World::with(by_party).await;
    for azp in [json!("https://evil.example"), json!(null), json!(format!("{AUTHORIZED_PARTY}/"))] {
        let mut claims = clerk.local.clerk_v2("user_1", None);
        claims["azp"] = azp.clone();
        assert_eq!(clerk.refusal(&clerk.local.sign(claims)).await, Some("invalid_token"), "{azp}");
    }
}

#[tokio::test]
async fn a_token_of_two_versions_that_disagree_is_refused() {
    let clerk = World::with(by_party).await;
    let mut claims = clerk.local.clerk_v2("user_1", Some("org_1"));
    claims["org_id"] = json!("org_2");
    assert_eq!(clerk.refusal(&clerk.local.sign(claims)).await, Some("invalid_token"));
}

#[tokio::test]
async fn keys_are_found_by_discovery_or_at_the_given_address() {
    let world = World::new().await;
    assert_eq!(world.refusal(&world.long_token()).await, None);
    assert_eq!(
        (world.local.connections(), world.local.jwks_fetches()),
        (2, 1),
        "the document, then the keys"
    );
    let given = World::with(|issuer| issuer.jwks_url = format!("{}/jwks", issuer.issuer).parse().ok()).await;
    assert_eq!(given.refusal(&given.long_token()).await, None);
    assert_eq!((given.local.connections(), given.local.jwks_fetches()), (1, 1));
}

#[tokio::test]
async fn a_token_is_of_the_issuer_that_it_names_and_good_for_no_other() {
    let (one, other) = (LocalIssuer::start().await, LocalIssuer::start().await);
    other.rotate();
    let named = |local: &LocalIssuer, name: &str| TrustedIssuer { name: name.to_owned(), ..trusted(local) };
    let issuers = Issuers::new(vec![named(&one, "one"), named(&other, "other")], std::sync::Arc::new(web()));
    let names: Vec<_> = issuers.all().map(|issuer| issuer.name.as_str()).collect();
    assert_eq!(names, ["one", "other"]);
    let token = other.sign(other.claims("user_1"));
    let found = issuers.of_token(&token).unwrap();
    assert_eq!(found.name, "other");
    let now = bursar_kernel::UnixTimestamp::parse(bursar_testkit::MockClock::START).unwrap();
    assert!(issuers.verify(found, &token, now).await.is_ok());
    let refused = issuers.verify(issuers.named("one").unwrap(), &token, now).await.unwrap_err();
    assert_eq!(refused.code(), "invalid_token");
    for stranger in ["", "a.b.c", &one.sign(json!({"iss": "https://stranger.example"}))] {
        assert!(issuers.of_token(stranger).is_none(), "{stranger}");
    }
}
