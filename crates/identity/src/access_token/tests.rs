use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, jwk};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const ISSUER: &str = "https://bursar.example";
const AUDIENCE: &str = "bursar";
const HOUR: Duration = Duration::from_hours(1);

fn tokens() -> AccessTokens {
    AccessTokens::new(ISSUER, AUDIENCE, HOUR)
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(SigningKeyId::from_uuid(Uuid::from_u128(u128::from(number))), [number; 32])
}

fn start() -> UnixTimestamp {
    UnixTimestamp::parse("2026-10-01T00:00:00Z").unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        user: UserId::from_uuid(Uuid::from_u128(7)),
        session: SessionId::from_uuid(Uuid::from_u128(8)),
        issued_at: start(),
        expires_at: start().after(HOUR),
        organization: Some(OrganizationId::from_uuid(Uuid::from_u128(9))),
        organization_role: Some("org:owner".to_owned()),
    }
}

fn minted() -> String {
    tokens().mint(&key(1), &claims()).unwrap()
}

/// Refused as every bad token is: in the one way that tells nothing.
fn assert_refused(token: &str) {
    let refused = tokens().verify(&[key(1).public()], token, start()).unwrap_err();
    assert!(refused.is(&error::INVALID_TOKEN), "{refused:?} of {token}");
    assert_eq!(refused.to_string(), "Could not validate credentials");
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

/// A token signed by our own key over any header and claims.
fn signed(header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &key(1).encoding_key().unwrap()).unwrap()
}

fn ours() -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(key(1).id().to_string());
    header
}

#[test]
fn a_token_says_what_it_was_made_to_say_under_the_registered_names() {
    let token = minted();
    assert_eq!(tokens().verify(&[key(2).public(), key(1).public()], &token, start()).unwrap(), claims());
    assert_eq!(read(&token, 0), json!({"typ": "JWT", "alg": "EdDSA", "kid": key(1).id().to_string()}));
    assert_eq!(
        read(&token, 1),
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": claims().user.to_string(),
            "sid": claims().session.to_string(), "iat": start().seconds(), "exp": start().seconds() + 3600,
            "org_id": "org_00000000000000000000000009", "org_role": "org:owner",
        })
    );
}

#[test]
fn a_token_of_a_personal_account_has_no_organization_claims() {
    let claims = AccessClaims { organization: None, organization_role: None, ..claims() };
    let token = tokens().mint(&key(1), &claims).unwrap();
    assert!(read(&token, 1).get("org_id").is_none());
    assert_eq!(tokens().verify(&[key(1).public()], &token, start()).unwrap(), claims);
}

#[test]
fn a_token_ends_in_the_second_it_says_without_leeway() {
    let (token, keys) = (minted(), [key(1).public()]);
    let last = start().after(HOUR).before(Duration::from_micros(1));
    assert!(tokens().verify(&keys, &token, last).is_ok());
    assert!(tokens().verify(&keys, &token, start().after(HOUR)).is_err());
}

#[test]
fn an_unsigned_token_is_refused() {
    let claims = read(&minted(), 1);
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({"alg": alg, "kid": key(1).id().to_string()});
        for signature in ["", minted().rsplit('.').next().unwrap()] {
            assert_refused(&format!("{}.{}.{signature}", part(&header), part(&claims)));
        }
    }
}

#[test]
fn our_public_key_is_no_shared_secret() {
    let (public, claims) = (key(1).public(), read(&minted(), 1));
    let point = URL_SAFE_NO_PAD.decode(&public.x).unwrap();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for secret in [public.x.as_bytes(), &point, b""] {
            let header = Header { alg: algorithm, ..ours() };
            assert_refused(
                &jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap(),
            );
        }
    }
}

#[test]
fn another_algorithm_in_the_header_is_refused_whatever_the_signature() {
    let token = minted();
    let (_, rest) = token.split_once('.').unwrap();
    for alg in ["RS256", "PS512", "ES256", "ES384", "HS256", "Ed448", "EDDSA", "eddsa"] {
        let header = json!({"alg": alg, "kid": key(1).id().to_string()});
        assert_refused(&format!("{}.{rest}", part(&header)));
    }
}

#[test]
fn a_key_that_the_token_brings_along_is_not_believed() {
    let attacker = key(66);
    let jwk = jwk::Jwk {
        common: jwk::CommonParameters { key_id: Some(key(1).id().to_string()), ..Default::default() },
        algorithm: jwk::AlgorithmParameters::OctetKeyPair(jwk::OctetKeyPairParameters {
            key_type: jwk::OctetKeyPairType::OctetKeyPair,
            curve: jwk::EllipticCurve::Ed25519,
            x: attacker.public().x,
        }),
    };
    let address = Some("https://attacker.example/keys".to_owned());
    let headers = [
        Header { jwk: Some(jwk), ..ours() },
        Header { jku: address.clone(), ..ours() },
        Header { x5u: address, ..ours() },
        Header { kid: Some(attacker.id().to_string()), ..ours() },
        ours(),
    ];
    for header in headers {
        let forged =
            jsonwebtoken::encode(&header, &read(&minted(), 1), &attacker.encoding_key().unwrap()).unwrap();
        assert_refused(&forged);
    }
}

#[test]
fn a_key_identifier_that_is_none_of_ours_is_refused() {
    let claims = read(&minted(), 1);
    let upper = key(1).id().to_string().to_uppercase();
    for kid in ["", "1", "../../etc/passwd", "' OR 1=1 --", "user_00000000000000000000000001", &upper] {
        assert_refused(&signed(&Header { kid: Some(kid.to_owned()), ..ours() }, &claims));
    }
    assert_refused(&signed(&Header { kid: None, ..ours() }, &claims));
}

#[test]
fn a_claim_that_is_wrong_or_missing_is_refused_even_when_we_signed_it() {
    let good = read(&minted(), 1);
    assert!(tokens().verify(&[key(1).public()], &signed(&ours(), &good), start()).is_ok());
    for name in ["iss", "aud", "sub", "sid", "exp", "iat"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(name);
        assert_refused(&signed(&ours(), &without));
        for wrong in
            [json!("https://evil.example"), json!(null), json!(["bursar", "x"]), json!(-1), json!({})]
        {
            let mut changed = good.clone();
            changed[name] = wrong;
            if name == "iat" && changed[name] == json!(-1) {
                continue;
            }
            assert_refused(&signed(&ours(), &changed));
        }
    }
    for (name, wrong) in [("exp", json!(1e30)), ("exp", json!("9999999999")), ("iat", json!(i64::MAX))] {
        let mut changed = good.clone();
        changed[name] = wrong;
        assert_refused(&signed(&ours(), &changed));
    }
}

#[test]
fn a_token_of_another_deployment_with_our_key_is_refused() {
    for (issuer, audience) in [("https://bursar.example/", AUDIENCE), (ISSUER, "other"), ("", "")] {
        assert_refused(&AccessTokens::new(issuer, audience, HOUR).mint(&key(1), &claims()).unwrap());
    }
}

#[test]
fn every_edit_of_a_token_is_refused() {
    let token = minted();
    for index in 0..token.len() {
        let mut edited = token.clone().into_bytes();
        edited[index] = if edited[index] == b'A' { b'E' } else { b'A' };
        assert_refused(&String::from_utf8(edited).unwrap());
    }
}

#[test]
fn parts_of_two_good_tokens_make_no_third() {
    let other =
        tokens().mint(&key(1), &AccessClaims { user: UserId::from_uuid(Uuid::from_u128(70)), ..claims() });
    let (one, other) = (minted(), other.unwrap());
    let (head, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_refused(&format!("{head}.{signature}"));
}

#[test]
fn what_has_another_shape_is_refused() {
    let token = minted();
    for text in ["", ".", "..", "...", "a.b.c", "🦀.🦀.🦀", &format!("{token}."), &format!(".{token}")]
    {
        assert_refused(text);
    }
    assert_refused(&format!(" {token}"));
    assert_refused(&format!("{token}=="));
    assert_refused(&format!("{token}{}", "A".repeat(1_000_000)));
}

#[test]
fn a_good_token_that_is_too_long_is_refused_before_it_is_read() {
    let role = Some("x".repeat(MAX_LENGTH));
    let long = tokens().mint(&key(1), &AccessClaims { organization_role: role, ..claims() }).unwrap();
    assert_refused(&long);
}

proptest! {
    #[test]
    fn no_text_makes_verification_panic(text in "\\PC{0,80}(\\.\\PC{0,80}){0,4}") {
        prop_assert!(tokens().verify(&[key(1).public()], &text, start()).is_err());
    }

    #[test]
    fn no_header_makes_verification_panic(header in "\\{(\"(alg|kid|jwk|x5c|crit|typ)\":(\"[ -~&&[^\"\\\\]]{0,8}\"|null|\\[\\]|1),?){0,3}\\}") {
        let token = format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), "e30", "AAAA");
        prop_assert!(tokens().verify(&[key(1).public()], &token, start()).is_err());
    }
}
