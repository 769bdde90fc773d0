use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_identity::{IssuerAlgorithm, Issuers, TrustedIssuer};
use bursar_kernel::UnixTimestamp;
use bursar_testkit::{
    MockClock,
    issuer::{JwksAnswer, LocalIssuer},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::{trusted, web};

/// A key of P-384 that was made for this test and protects nothing (PKCS #8).
const P384: &str = "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDsbEi34/Rx6+VH15728mZpn11WGt3P7w07Q52orHn6DToiCZF+Pto+Qr4eEEJYKHahZANiAARVokGy9vln8DfH7q5M7yH87xnDOGvE+ar7ZQWoqSIMuDOvrsOSWylEJM5C/no+ubdaMPpjt5vzXw/at0+Jm+t7/JII8af0NcDZ8FR6YEnxPg6HnsGsTvVTu1ikB6lHhzQ=";
/// Its point.
const P384_POINT: &str = "VaJBsvb5Z/A3x+6uTO8h/O8ZwzhrxPmq+2UFqKkiDLgzr67DklspRCTOQv56Prm3WjD6Y7eb818P2rdPiZvre/ySCPGn9DXA2fBUemBJ8T4Oh57BrE71U7tYpAepR4c0";

#[tokio::test]
async fn every_algorithm_that_can_be_pinned_verifies_and_excludes_the_others() {
    let local = LocalIssuer::start().await;
    let mut keys = local.jwks();
    // What the issuer's keys are for it says no more: the token and the pin do.
    for key in keys["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().remove("alg");
    }
    let point = STANDARD.decode(P384_POINT).unwrap();
    let (x, y) = point.split_at(48);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let p384 = json!({"kty": "EC", "crv": "P-384", "kid": "p384", "x": x, "y": y});
    keys["keys"].as_array_mut().unwrap().push(p384);
    local.serve_jwks_as(JwksAnswer::Body(keys.to_string().into_bytes()));

    let rsa = EncodingKey::from_rsa_der(&local.rsa_private_key());
    let longer = EncodingKey::from_ec_der(&STANDARD.decode(P384).unwrap());
    let claims = local.claims("user_1");
    let by = |algorithm: Algorithm, kid: &str, key: &EncodingKey| {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, &claims, key).unwrap()
    };
    let tokens = [
        (IssuerAlgorithm::RS256, by(Algorithm::RS256, "rsa-1", &rsa)),
        (IssuerAlgorithm::RS384, by(Algorithm::RS384, "rsa-1", &rsa)),
        (IssuerAlgorithm::RS512, by(Algorithm::RS512, "rsa-1", &rsa)),
        (IssuerAlgorithm::PS256, by(Algorithm::PS256, "rsa-1", &rsa)),
        (IssuerAlgorithm::PS384, by(Algorithm::PS384, "rsa-1", &rsa)),
        (IssuerAlgorithm::PS512, by(Algorithm::PS512, "rsa-1", &rsa)),
        (IssuerAlgorithm::ES256, local.sign_with(json!({"alg": "ES256"}), claims.clone())),
        (IssuerAlgorithm::ES384, by(Algorithm::ES384, "p384", &longer)),
        (IssuerAlgorithm::EdDSA, local.sign_with(json!({"alg": "EdDSA"}), claims.clone())),
    ];
    let now = UnixTimestamp::parse(MockClock::START).unwrap();
    for pinned in IssuerAlgorithm::ALL {
        let issuer = TrustedIssuer { algorithms: vec![pinned], ..trusted(&local) };
        let issuers = Issuers::new(vec![issuer], Arc::new(web()));
        let issuer = issuers.named("local").unwrap();
        for (algorithm, token) in &tokens {
            let outcome = issuers.verify(issuer, token, now).await;
            assert_eq!(outcome.is_ok(), pinned == *algorithm, "{algorithm:?} where {pinned:?} is pinned");
        }
    }
}
