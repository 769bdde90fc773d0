use serde_json::json;

use super::*;

const ISSUER: &str = "https://issuer.example";
const NOW: i64 = 1_790_000_000;

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn now() -> UnixTimestamp {
    UnixTimestamp::from_micros(NOW * 1_000_000 + 999_999)
}

/// The claims of a good token, with changes; a change to null takes one away.
fn changed(changes: Value) -> Claims {
    let mut claims = json!({"iss": ISSUER, "sub": "user_1", "aud": "bursar", "iat": NOW, "exp": NOW + 60});
    let (Some(all), Value::Object(changes)) = (claims.as_object_mut(), changes) else { panic!("objects") };
    all.extend(changes);
    Claims(all.clone())
}

fn read(changes: Value, audiences: &[&str], parties: &[&str]) -> Result<ExternalClaims, Refusal> {
    let (audiences, parties) = (owned(audiences), owned(parties));
    let addressee = Addressee { audiences: &audiences, parties: &parties, needs_party: true };
    changed(changes).read(ISSUER, &addressee, now())
}

#[test]
fn a_token_is_good_to_the_second_before_it_ends_and_a_minute_before_it_begins() {
    for good in [
        json!({"exp": NOW + 1}),
        json!({"exp": 1_790_000_001.5}),
        json!({"iat": NOW + 60}),
        json!({"nbf": NOW + 60}),
        json!({"nbf": null}),
    ] {
        assert!(read(good.clone(), &["bursar"], &[]).is_ok(), "{good}");
    }
    for bad in [
        json!({"exp": NOW}),
        json!({"exp": NOW - 1}),
        json!({"exp": 1_790_000_000.999}),
        json!({"exp": null}),
        json!({"exp": "1790000060"}),
        json!({"exp": 1e300}),
        json!({"exp": i64::MAX}),
        json!({"iat": NOW + 61}),
        json!({"iat": null}),
        json!({"nbf": NOW + 61}),
        json!({"nbf": true}),
    ] {
        assert!(read(bad.clone(), &["bursar"], &[]).is_err(), "{bad}");
    }
}

#[test]
fn the_issuer_is_exact_and_the_subject_there() {
    for bad in [
        json!({"iss": "https://issuer.example/"}),
        json!({"iss": "https://ISSUER.example"}),
        json!({"iss": null}),
        json!({"iss": [ISSUER]}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"sub": "a".repeat(256)}),
    ] {
        assert!(read(bad.clone(), &["bursar"], &[]).is_err(), "{bad}");
    }
    assert!(read(json!({"sub": "é".repeat(255)}), &["bursar"], &[]).is_ok());
}

#[test]
fn a_token_is_for_us_and_for_whom_we_let_ask() {
    let (ours, app): (&[&str], &[&str]) = (&["bursar", "bursar-api"], &["app"]);
    for (changes, audiences, parties, is_good) in [
        (json!({}), ours, &[][..], true),
        (json!({"azp": "anybody"}), ours, &[], true),
        (json!({"aud": "bursar-api"}), ours, &[], true),
        (json!({"aud": ["bursar"]}), ours, &[], true),
        (json!({"aud": "other"}), ours, &[], false),
        (json!({"aud": null}), ours, &[], false),
        (json!({"aud": []}), ours, &[], false),
        (json!({"aud": ["bursar", 7]}), ours, &[], false),
        (json!({"aud": {"bursar": true}}), ours, &[], false),
        (json!({"aud": "bursar"}), ours, app, false),
        (json!({"azp": "app"}), ours, app, true),
        (json!({"client_id": "app"}), ours, app, true),
        (json!({"azp": "other", "client_id": "app"}), ours, app, false),
        (json!({"azp": "other"}), ours, app, false),
        (json!({"azp": 7}), ours, &[], false),
        (json!({"aud": ["bursar", "other"]}), ours, &[], false),
        (json!({"aud": ["bursar", "other"], "azp": "other"}), ours, &[], false),
        (json!({"aud": ["bursar", "other"], "azp": "bursar"}), ours, &[], true),
        (json!({"aud": ["bursar", "other"], "azp": "app"}), ours, app, true),
        (json!({"aud": ["bursar", "other"], "azp": "bursar"}), ours, app, false),
        (json!({"aud": null, "azp": "app"}), &[], app, true),
        (json!({"aud": "whoever", "azp": "app"}), &[], app, false),
        (json!({"aud": [], "azp": "app"}), &[], app, true),
        (json!({"aud": ["a", "b"], "azp": "app"}), &[], app, false),
        (json!({"aud": null}), &[], app, false),
        (json!({"aud": null, "azp": "app"}), &[], &[], false),
    ] {
        let outcome = read(changes.clone(), audiences, parties);
        assert_eq!(outcome.is_ok(), is_good, "{changes} {audiences:?} {parties:?}: {outcome:?}");
    }
}

#[test]
fn who_the_person_is_is_read_as_far_as_it_can_be_shown() {
    let claims = |changes| read(changes, &["bursar"], &[]).unwrap();
    let ada = claims(json!({"email": "Ada@example.com", "email_verified": true, "name": " Ada\u{7} L. "}));
    assert_eq!(ada.email.map(|email| email.as_str().to_owned()).as_deref(), Some("Ada@example.com"));
    assert_eq!((ada.email_verified, ada.name.as_deref()), (true, Some("Ada L.")));
    let parts = claims(json!({"given_name": "Ada", "family_name": "Lovelace", "email": "a@example.com"}));
    assert_eq!((parts.name.as_deref(), parts.email_verified), (Some("Ada Lovelace"), false));
    let text = claims(json!({"email": "a@example.com", "email_verified": "true"}));
    assert!(text.email_verified, "as some issuers write it");
    let odd = claims(json!({"email": "nobody", "email_verified": true, "name": 7, "given_name": "\n"}));
    assert_eq!((odd.email, odd.email_verified, odd.name), (None, false, None));
    let long = claims(json!({"name": "愛".repeat(200)}));
    assert_eq!(long.name.map(|name| name.chars().count()), Some(100));
    let theirs = claims(json!({"email": "ext-1@users.invalid", "email_verified": true}));
    assert_eq!(theirs.email, None, "nobody takes the address of a person without one");
}

#[test]
fn a_proof_is_as_old_as_the_issuer_says_and_never_newer_than_the_token() {
    let proved = |changes| read(changes, &["bursar"], &[]).unwrap().proved_at.seconds() - NOW;
    assert_eq!(proved(json!({})), 0);
    assert_eq!(proved(json!({"auth_time": NOW - 500})), -500);
    assert_eq!(proved(json!({"auth_time": NOW + 500})), 0);
    assert_eq!(proved(json!({"fva": [7, -1]})), -420);
    for never in
        [json!({"fva": [-1, -1]}), json!({"fva": "7"}), json!({"act": {"sub": "helper"}, "auth_time": NOW})]
    {
        assert_eq!(proved(never), -NOW);
    }
    assert_eq!(proved(json!({"fva": [7, -1], "auth_time": NOW - 500})), -500);
    assert!(read(json!({"auth_time": "yesterday"}), &["bursar"], &[]).is_err());
    for other in [json!({"events": {}}), json!({"cnf": {"jkt": "a"}})] {
        assert!(read(other.clone(), &["bursar"], &[]).is_err(), "{other}");
    }
}
