use bursar_identity::IssuerAlgorithm;
use bursar_testkit::issuer::{AUDIENCE, JwksAnswer, LocalIssuer};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::World;

/// A token whose claims are good, but for some.
fn claiming(world: &World, changes: Value) -> String {
    let mut claims = world.local.claims("user_1");
    let (Some(all), Value::Object(changes)) = (claims.as_object_mut(), changes) else { panic!("objects") };
    all.extend(changes);
    world.local.sign(claims)
}

/// A token whose header is good, but for some.
fn headed(world: &World, header: Value) -> String {
    world.local.sign_with(header, world.local.claims("user_1"))
}

/// By a secret that everybody knows: the issuer's public key.
fn by_public_key(world: &World, secret: &[u8]) -> String {
    let header = Header { kid: Some("rsa-1".to_owned()), ..Header::new(Algorithm::HS256) };
    let claims = world.local.claims("user_1");
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

async fn assert_each_refused(world: &World, tokens: &[(&str, String)]) {
    assert_eq!(world.refusal(&headed(world, json!({}))).await, None, "a good one is taken");
    for (attack, token) in tokens {
        assert_eq!(world.refusal(token).await, Some("invalid_token"), "{attack}");
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_the_issuers_is_refused_before_a_key_is_asked_for() {
    let world = World::new().await;
    let (der, pem) = world.local.rsa_public_key();
    let good = headed(&world, json!({}));
    let [_, claims, signature] = parts(&good);
    let unsigned = headed(&world, json!({"alg": "none"}));
    let tokens = [
        ("unsigned", unsigned.clone()),
        ("unsigned, with a signature", format!("{unsigned}{signature}")),
        ("none in another case", headed(&world, json!({"alg": "nOnE"}))),
        ("without an algorithm", headed(&world, json!({"alg": null}))),
        ("the public key as a secret, in PEM", by_public_key(&world, pem.as_bytes())),
        (
            "the public key as a secret, in PEM without its last line",
            by_public_key(&world, pem.trim().as_bytes()),
        ),
        ("the public key as a secret, in DER", by_public_key(&world, &der)),
        ("another algorithm of the issuer", headed(&world, json!({"alg": "ES256"}))),
        ("a header that is none", format!("e30.{claims}.{signature}")),
        ("no token", "not a token".to_owned()),
    ];
    for (attack, token) in &tokens {
        assert_eq!(world.refusal(token).await, Some("invalid_token"), "{attack}");
    }
    assert_eq!(world.local.jwks_fetches(), 0);
    assert_each_refused(&world, &tokens).await;
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_never_used() {
    let world = World::new().await;
    let attacker = LocalIssuer::start().await;
    // Its first keys are those of every such issuer.
    attacker.rotate();
    let claims = || world.local.claims("user_1");
    let with = |header: Value| attacker.sign_with(header, claims());
    let mut jwk = attacker.jwks()["keys"][3].clone();
    jwk["kid"] = json!("rsa-1");
    let certificate = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
    assert_each_refused(
        &world,
        &[
            ("the attacker's own key", with(json!({}))),
            ("under the issuer's name", with(json!({"kid": "rsa-1"}))),
            ("jku", with(json!({"kid": "rsa-1", "jku": attacker.jwks_url()}))),
            ("jku of a key that nobody has", with(json!({"jku": attacker.jwks_url()}))),
            ("jwk", with(json!({"kid": "rsa-1", "jwk": jwk}))),
            ("jwk without kid", with(json!({"kid": null, "jwk": jwk}))),
            ("x5u", with(json!({"kid": "rsa-1", "x5u": attacker.jwks_url()}))),
            ("x5c", with(json!({"kid": "rsa-1", "x5c": [certificate]}))),
            ("x5c without kid", with(json!({"kid": null, "x5c": [certificate]}))),
        ],
    )
    .await;
    assert_eq!(attacker.connections(), 0, "its address was never asked");
}

#[tokio::test]
async fn a_name_of_a_key_is_a_name_and_nothing_else() {
    let world = World::new().await;
    let named = |kid: Value| headed(&world, json!({ "kid": kid }));
    assert_each_refused(
        &world,
        &[
            ("a path", named(json!("../../../../dev/null"))),
            ("an address", named(json!("http://127.0.0.1/jwks"))),
            ("SQL", named(json!("rsa-1' OR '1'='1"))),
            ("a beginning", named(json!("rsa-"))),
            ("another case", named(json!("RSA-1"))),
            ("with a zero", named(json!("rsa-1\u{0}"))),
            ("empty", named(json!(""))),
            ("no text", named(json!(["rsa-1"]))),
            ("a key of another kind", named(json!("ec-1"))),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_signature_is_that_of_this_very_token() {
    let world = World::new().await;
    let good = headed(&world, json!({}));
    let [header, claims, signature] = parts(&good);
    let other = world.local.sign(world.local.claims("user_2"));
    let [_, other_claims, other_signature] = parts(&other);
    assert_each_refused(
        &world,
        &[
            ("without one", format!("{header}.{claims}.")),
            ("without its part", format!("{header}.{claims}")),
            ("another token's", format!("{header}.{claims}.{other_signature}")),
            ("over other claims", format!("{header}.{other_claims}.{signature}")),
            ("cut short", good[..good.len() - 4].to_owned()),
            ("with something after it", format!("{good}AAAA")),
            ("padded", format!("{good}==")),
            ("with a fourth part", format!("{good}.{signature}")),
            ("with space around it", format!(" {good}")),
            ("what must be understood", headed(&world, json!({"crit": ["exp"]}))),
        ],
    )
    .await;
}

#[tokio::test]
async fn claims_that_are_not_for_us_now_are_refused() {
    let world = World::new().await;
    let (url, now) = (world.local.url(), world.now().seconds());
    let claiming = |changes| claiming(&world, changes);
    assert_each_refused(
        &world,
        &[
            ("two audiences", claiming(json!({"aud": [AUDIENCE, "other"]}))),
            ("another audience", claiming(json!({"aud": "other"}))),
            ("no audience", claiming(json!({"aud": null}))),
            ("another issuer", claiming(json!({"iss": "https://evil.example"}))),
            ("an issuer with a slash", claiming(json!({"iss": format!("{url}/")}))),
            ("no issuer", claiming(json!({"iss": null}))),
            ("expired to the second", claiming(json!({"exp": now}))),
            ("without an end", claiming(json!({"exp": null}))),
            ("not good yet", claiming(json!({"nbf": now + 61}))),
            ("made far ahead", claiming(json!({"iat": now + 86_400}))),
            ("nobody's", claiming(json!({"sub": null}))),
            ("a megabyte", claiming(json!({"filler": "a".repeat(1_000_000)}))),
        ],
    )
    .await;
    assert_eq!(world.refusal(&claiming(json!({"exp": now + 1, "nbf": now + 60}))).await, None);
}

#[tokio::test]
async fn a_key_signs_by_algorithms_of_its_own_kind() {
    let both = [IssuerAlgorithm::RS256, IssuerAlgorithm::ES256, IssuerAlgorithm::EdDSA];
    let world = World::with(|issuer| issuer.algorithms = both.to_vec()).await;
    for algorithm in both {
        let token = headed(
            &world,
            json!({"alg": algorithm.as_str(), "kid": match algorithm {
                IssuerAlgorithm::ES256 => "ec-1",
                IssuerAlgorithm::EdDSA => "ed-1",
                _ => "rsa-1",
            }}),
        );
        assert_eq!(world.refusal(&token).await, None, "{algorithm:?}");
    }
    assert_each_refused(
        &world,
        &[
            ("ES256 with a key of RSA", headed(&world, json!({"alg": "ES256", "kid": "rsa-1"}))),
            ("EdDSA with a key of ECDSA", headed(&world, json!({"alg": "EdDSA", "kid": "ec-1"}))),
            ("RS256 with a key of Ed25519", headed(&world, json!({"alg": "RS256", "kid": "ed-1"}))),
        ],
    )
    .await;
}

#[tokio::test]
async fn two_keys_of_one_name_are_none_and_a_published_secret_signs_nothing() {
    let world = World::new().await;
    let mut twice = world.local.jwks();
    let second = twice["keys"][0].clone();
    twice["keys"].as_array_mut().unwrap().push(second);
    world.local.serve_jwks_as(JwksAnswer::Body(twice.to_string().into_bytes()));
    assert_eq!(world.refusal(&headed(&world, json!({}))).await, Some("invalid_token"));

    let world = World::new().await;
    let mut keys = world.local.jwks();
    let secret = json!({"kty": "oct", "kid": "rsa-1", "alg": "HS256", "k": "c2VjcmV0"});
    keys["keys"].as_array_mut().unwrap().push(secret);
    world.local.serve_jwks_as(JwksAnswer::Body(keys.to_string().into_bytes()));
    assert_each_refused(&world, &[("the secret", by_public_key(&world, b"secret"))]).await;
}
