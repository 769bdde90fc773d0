//! API keys through the whole server: what limits them, and what attackers try.

use std::time::Duration;

use bursar_api_keys::{
    ForeignPrefix, ImportedKey, KeyHolder, KeyName, KeyPrefix, KeySecret, Scope, ScopeSet,
};
use bursar_kernel::{Account, OsEntropy, Secret};
use bursar_operations::{
    Origin, VerifyApiKey, authenticate, create_service_key, import_api_keys, verify_api_key, write_key_usage,
};
use bursar_orgs_and_membership::Role;
use bursar_testkit::for_each_engine;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    client::{Ask, Credential, delete, get, patch, post},
    stage::{Stage, event},
};

/// A new key of ada's on her organization: its identifier and its text.
async fn make(stage: &Stage, body: Value) -> (String, String) {
    let made = stage.ada(post("/api/v1/api-keys").json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let data = &made.json()["data"];
    (data["id"].as_str().unwrap().to_owned(), data["key"].as_str().unwrap().to_owned())
}

/// What a product that shows a key is told.
async fn verified(stage: &Stage, body: Value) -> Value {
    let answer = stage.by_key(post("/api/v1/api-keys/verify").json(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn code(stage: &Stage, body: Value) -> String {
    verified(stage, body).await["code"].as_str().unwrap().to_owned()
}

fn bearer(secret: &str) -> Credential {
    Credential::Bearer(secret.to_owned())
}

#[tokio::test]
async fn each_limit_of_a_key_has_its_verdict_and_the_most_lasting_one_is_told() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let limits = json!({
            "name": "limited", "scopes": ["read"], "allowedCidrs": ["203.0.113.0/24", "2001:db8::/32"],
            "perMinuteLimit": 2, "spendLimit": { "amountUsd": 1, "window": "day" },
        });
        let (id, key) = make(&stage, limits).await;
        let from = |ip: &str| json!({ "key": key, "ip": ip });
        assert_eq!(code(&stage, json!({ "key": key })).await, "FORBIDDEN_IP", "nobody knows from where");
        assert_eq!(code(&stage, from("198.51.100.1")).await, "FORBIDDEN_IP");
        let wanted = json!({ "key": key, "ip": "203.0.113.1", "permissions": ["usage:write"] });
        assert_eq!(code(&stage, wanted).await, "INSUFFICIENT_PERMISSIONS");
        // Refusals are no uses: both of the minute are still there.
        let told = verified(&stage, json!({ "key": key, "ip": "::ffff:203.0.113.1", "cost": 0.75 })).await;
        assert_eq!(told["ratelimit"], json!({ "limit": 2, "remaining": 1, "reset": 30 }));
        assert_eq!((told["code"].as_str(), told["remaining"].to_string().as_str()), (Some("VALID"), "0.25"));
        assert_eq!(
            code(&stage, json!({ "key": key, "ip": "2001:db8::9", "cost": 0.5 })).await,
            "USAGE_EXCEEDED"
        );
        assert_eq!(code(&stage, from("203.0.113.1")).await, "RATE_LIMITED");
        let me = |ip: &str| get("/api/v1/users/me").from(ip).by(&bearer(&key));
        let refused = stage.ask(me("203.0.113.1")).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header("retry-after")),
            (429, "31"),
            "one limit for all uses"
        );
        stage.world.test.clock.advance(Duration::from_secs(31));
        assert_eq!(stage.ask(me("203.0.113.1")).await.status, 200);
        assert_eq!(stage.ask(me("198.51.100.1")).await.status, 403);

        let change = |body: Value| patch(format!("/api/v1/api-keys/{id}")).json(&body);
        assert_eq!(stage.ada(change(json!({ "enabled": false }))).await.status, 200);
        assert_eq!(code(&stage, from("203.0.113.1")).await, "DISABLED");
        assert_eq!(stage.ask(me("203.0.113.1")).await.status, 401);
        let open =
            json!({ "enabled": true, "allowedCidrs": null, "perMinuteLimit": null, "spendLimit": null });
        assert_eq!(stage.ada(change(open)).await.status, 200);
        let told = verified(&stage, json!({ "key": key, "cost": 100 })).await;
        assert_eq!(
            (&told["code"], &told["ratelimit"], &told["remaining"]),
            (&json!("VALID"), &Value::Null, &Value::Null)
        );
        let soon = stage.world.core.db.reader().now().after(Duration::from_secs(1)).rfc3339();
        assert_eq!(stage.ada(change(json!({ "expiresAt": soon }))).await.status, 200);
        stage.world.test.clock.advance(Duration::from_secs(1));
        assert_eq!(code(&stage, json!({ "key": key })).await, "EXPIRED");
        let ended = stage.ada(delete(format!("/api/v1/api-keys/{id}?reason=found%20on%20a%20forum"))).await;
        assert_eq!(ended.status, 204);
        assert_eq!(code(&stage, json!({ "key": key })).await, "REVOKED");
        let why = "SELECT COUNT(*) FROM api_keys_key WHERE revocation_reason = 'found on a forum'";
        assert_eq!(stage.world.test.number(why).await, 1);
    })
    .await;
}

#[tokio::test]
async fn two_hundred_spends_at_once_on_a_key_with_room_for_fifty_are_exactly_fifty() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let limit = json!({ "name": "spender", "spendLimit": { "amountUsd": 5, "window": "month" } });
        let (_, key) = make(&stage, limit).await;
        let codes = join_all((0..200).map(|_| code(&stage, json!({ "key": key, "cost": 0.1 })))).await;
        assert_eq!(codes.iter().filter(|code| *code == "VALID").count(), 50);
        assert_eq!(codes.iter().filter(|code| *code == "USAGE_EXCEEDED").count(), 150);
        // Also for one that asks for nothing, once the node has seen it.
        assert_eq!(code(&stage, json!({ "key": key })).await, "USAGE_EXCEEDED");
        stage.world.test.clock.advance(Duration::from_hours(31 * 24));
        assert_eq!(code(&stage, json!({ "key": key, "cost": 0.1 })).await, "VALID", "a new month");
    })
    .await;
}

#[tokio::test]
async fn usage_that_is_attributed_to_a_key_counts_against_what_it_may_spend() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let limit = json!({ "name": "metered", "spendLimit": { "amountUsd": 0.003, "window": "total" } });
        let (id, key) = make(&stage, limit).await;
        let report = |name: &str| {
            let mut event = event(stage.organizational(), name);
            event["data"]["apiKeyId"] = json!(id);
            post("/api/v1/events").json(&event)
        };
        assert_eq!(stage.by_key(report("one")).await.status, 200);
        let told = verified(&stage, json!({ "key": key })).await;
        assert_eq!(
            (told["code"].as_str(), told["remaining"].to_string().as_str()),
            (Some("VALID"), "0.0005")
        );
        // Work that is done is charged, and the next is refused. The same event twice counts once.
        assert_eq!(stage.by_key(report("two")).await.status, 200);
        assert_eq!(stage.by_key(report("two")).await.status, 200);
        let told = verified(&stage, json!({ "key": key })).await;
        assert_eq!(
            (told["code"].as_str(), told["remaining"].to_string().as_str()),
            (Some("USAGE_EXCEEDED"), "0")
        );
        let spent =
            "SELECT CAST(SUM(spent_micros) AS BIGINT) FROM api_keys_spend WHERE spend_window = 'total'";
        assert_eq!(stage.world.test.number(spent).await, 5_000);
    })
    .await;
}

#[tokio::test]
async fn spending_beyond_all_reason_keeps_no_work_from_being_charged() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let (id, key) = make(&stage, json!({ "name": "spender" })).await;
        let huge = post("/api/v1/api-keys/verify").json(&json!({ "key": key, "cost": 1_000_000.01 }));
        assert_eq!(stage.by_key(huge).await.status, 400);
        assert_eq!(code(&stage, json!({ "key": key, "cost": 1_000_000 })).await, "VALID");
        let nearly = "UPDATE api_keys_spend SET spent_micros = 8999999999999999999";
        stage.world.test.execute(nearly).await.unwrap();
        let mut event = event(stage.organizational(), "work");
        event["data"]["apiKeyId"] = json!(id);
        let reported = stage.by_key(post("/api/v1/events").json(&event)).await;
        assert_eq!(reported.status, 200, "{}", reported.text());
        assert_eq!(code(&stage, json!({ "key": key, "cost": 1 })).await, "VALID");
    })
    .await;
}

#[tokio::test]
async fn another_accounts_usage_never_counts_against_a_key() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let limit = json!({ "name": "victim", "spendLimit": { "amountUsd": 0.001, "window": "total" } });
        let (id, key) = make(&stage, limit).await;
        let eve = stage.world.funded_org("eve", 5_000).await;
        let eves = stage.world.key(&eve.person).await;
        let mut event = event(Account::Organization(eve.organization), "attack");
        event["data"]["apiKeyId"] = json!(id);
        let by_eve = post("/api/v1/events").json(&event).by(&bearer(eves.secret.expose()));
        assert_eq!(stage.ask(by_eve).await.status, 200);
        assert_eq!(code(&stage, json!({ "key": key })).await, "VALID");
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_and_the_one_before_are_good_until_the_overlap_is_over() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let (id, old) = make(&stage, json!({ "name": "rotating", "perMinuteLimit": 3 })).await;
        assert_eq!(code(&stage, json!({ "key": old })).await, "VALID");
        let rotate = |seconds: u64| {
            post(format!("/api/v1/api-keys/{id}/rotate")).json(&json!({ "overlapSeconds": seconds }))
        };
        let rotated = stage.ada(rotate(60)).await;
        assert_eq!((rotated.status.as_u16(), rotated.json()["id"].as_str()), (201, Some(id.as_str())));
        let new = rotated.json()["key"].as_str().unwrap().to_owned();
        assert_ne!(new, old);
        for key in [&old, &new] {
            assert_eq!(code(&stage, json!({ "key": key })).await, "VALID");
        }
        assert_eq!(code(&stage, json!({ "key": new })).await, "RATE_LIMITED", "one key, one limit");
        stage.world.test.clock.advance(Duration::from_mins(1));
        assert_eq!(code(&stage, json!({ "key": old })).await, "EXPIRED");
        assert_eq!(code(&stage, json!({ "key": new })).await, "VALID");
        // Twice within an overlap: the first is refused at once.
        let second = stage.ada(rotate(3600)).await.json()["key"].as_str().unwrap().to_owned();
        let third = stage.ada(rotate(3600)).await.json()["key"].as_str().unwrap().to_owned();
        stage.world.test.clock.advance(Duration::from_mins(1));
        let codes = [&new, &second, &third];
        let told = join_all(codes.map(|key| code(&stage, json!({ "key": key })))).await;
        assert_eq!(told, ["NOT_FOUND", "VALID", "VALID"]);
    })
    .await;
}

#[tokio::test]
async fn a_key_ends_itself_and_when_it_was_used_is_told() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let (id, key) = make(&stage, json!({ "name": "leaked", "scopes": ["usage:write"] })).await;
        stage.world.test.clock.advance(Duration::from_secs(5));
        assert_eq!(code(&stage, json!({ "key": key })).await, "VALID");
        write_key_usage(&stage.world.core).await.unwrap();
        let listed = stage.ada(get("/api/v1/api-keys")).await.json();
        let items = listed["data"]["items"].as_array().unwrap().clone();
        let own = items.iter().find(|item| item["id"] == id.as_str()).unwrap();
        assert_eq!(own["lastUsedAt"], stage.world.core.db.reader().now().rfc3339());
        assert_eq!(stage.ask(delete(format!("/api/v1/api-keys/{id}")).by(&bearer(&key))).await.status, 204);
        assert_eq!(stage.ask(delete(format!("/api/v1/api-keys/{id}")).by(&bearer(&key))).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn what_a_body_says_of_owners_roles_and_accounts_is_nobodys_word() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let victim = stage.world.owner("victim").await;
        let (grace, _) = stage.world.member(&stage.ada, "grace", Role::Member).await;
        let organization = victim.organization.to_string();
        let forged = json!({
            "name": "forged", "userId": victim.person.user.to_string(), "accountId": organization,
            "organizationId": organization, "creatorId": victim.person.user.to_string(), "role": "owner",
            "holder": "organization", "isPrimary": true, "id": "key_01m3tc5h00e00800000000zzzz",
            "key": "sk_00000000000000000000000000000000000000", "keyHash": "00", "prefix": "ak",
        });
        let made = stage.ask(post("/api/v1/api-keys").json(&forged).by(&bearer(&grace.access_token))).await;
        let data = made.json()["data"].clone();
        assert_eq!(
            (made.status.as_u16(), data["accountId"].as_str()),
            (201, Some(grace.user.to_string().as_str()))
        );
        assert_eq!((data["prefix"].as_str(), data["id"] == forged["id"]), (Some("sk"), false));
        let secret = data["key"].as_str().unwrap().to_owned();
        let theirs = get(format!("/api/v1/organizations/{organization}")).by(&bearer(&secret));
        assert_eq!(stage.ask(theirs).await.status, 404);
        let patched = patch(format!("/api/v1/api-keys/{}", data["id"].as_str().unwrap())).json(&forged);
        let patched = stage.ask(patched.by(&bearer(&grace.access_token))).await;
        assert_eq!((patched.status.as_u16(), &patched.json()["accountId"]), (200, &data["accountId"]));
    })
    .await;
}

#[tokio::test]
async fn the_organizations_own_key_is_shown_whole_to_who_runs_it_and_replaced_at_once() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let (grace, _) = stage.world.member(&stage.ada, "grace", Role::Member).await;
        let own = || get("/api/organization");
        let shown = stage.ada(own()).await.json();
        let key = shown["api_key"].as_str().unwrap().to_owned();
        assert_eq!((key.len(), key.starts_with("ak_")), (40, true));
        let core = &stage.world.core;
        bursar_operations::switch_account(core, &grace.actor, Some(stage.organization())).await.unwrap();
        let masked = format!("{}…{}", &key[..7], &key[36..]);
        let by_grace = stage.ask(own().by(&bearer(&grace.access_token))).await;
        assert_eq!(by_grace.json()["api_key"], masked.as_str());
        // As either header; it does not see itself whole.
        for credential in [Credential::ApiKey(key.clone()), bearer(&key)] {
            assert_eq!(stage.ask(own().by(&credential)).await.json()["api_key"], masked.as_str());
        }
        let reported = post("/api/v1/events").json(&event(stage.organizational(), "by the organization"));
        assert_eq!(stage.ask(reported.by(&Credential::ApiKey(key.clone()))).await.status, 200);
        let renewed = stage.ada(post("/api/organization/regenerate-key")).await.json();
        let new = renewed["api_key"].as_str().unwrap().to_owned();
        assert_ne!(new, key);
        assert_eq!(
            stage.ask(own().by(&Credential::ApiKey(key))).await.json()["detail"],
            "Invalid or inactive API key"
        );
        assert_eq!(stage.ask(own().by(&Credential::ApiKey(new.clone()))).await.status, 200);
        // It goes with its organization.
        let path = format!("/api/v1/organizations/{}", stage.organization());
        assert_eq!(stage.ada(delete(path)).await.status, 204);
        assert_eq!(stage.ask(own().by(&Credential::ApiKey(new))).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn an_admin_gets_nothing_of_the_owners_by_way_of_the_organizations_keys() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let (alan, _) = stage.world.member(&stage.ada, "alan", Role::Admin).await;
        let own = |rest: &str| format!("/api/v1/organizations/{}{rest}", stage.organization());
        let wide = json!({ "name": "buyer", "scopes": ["read", "billing:write"] });
        let made = stage.ada(post(own("/api-keys")).json(&wide)).await.json()["data"].clone();
        let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap().to_owned());
        let by_alan = |ask: Ask| ask.by(&bearer(&alan.access_token));
        let rotated = stage.ask(by_alan(post(format!("/api/v1/api-keys/{id}/rotate")))).await;
        assert_eq!(
            (rotated.status.as_u16(), &rotated.json()["type"]),
            (403, &json!("urn:bursar:scope_too_wide"))
        );
        let change = |body: Value| patch(format!("/api/v1/api-keys/{id}")).json(&body);
        assert_eq!(
            stage.ask(by_alan(change(json!({ "enabled": false })))).await.status,
            200,
            "it is ended by all"
        );
        assert_eq!(stage.ask(by_alan(change(json!({ "enabled": true })))).await.status, 403);
        assert_eq!(stage.ada(change(json!({ "enabled": true }))).await.status, 200);
        let primary = stage.primary_key().await;
        for (key, status) in [(&primary, 403), (&secret, 200)] {
            let payments = get(own("/payments")).by(&Credential::ApiKey(key.clone()));
            assert_eq!(stage.ask(payments).await.status.as_u16(), status);
        }
    })
    .await;
}

#[tokio::test]
async fn a_service_of_the_deployment_verifies_and_reports_for_every_account_and_is_nobody_else() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let service = create_service_key(&stage.world.core, KeyName::new("product").unwrap(), &[]).await.unwrap();
        let service = Credential::ApiKey(service.secret.expose().clone());
        let by_service = |ask: Ask| ask.by(&service);
        let (_, key) = make(&stage, json!({ "name": "shown" })).await;
        let verify = |key: &str| post("/api/v1/api-keys/verify").json(&json!({ "key": key }));
        let told = stage.ask(by_service(verify(&key))).await.json();
        assert_eq!(told["accountId"], stage.organization().to_string());
        let other = stage.world.owner("other").await;
        for account in [stage.organizational(), stage.personal(), Account::Organization(other.organization)] {
            let reported = stage.ask(by_service(post("/api/v1/events").json(&event(account, "s")))).await;
            assert_eq!(reported.status, 200, "{}", reported.text());
            let meter = format!(
                "/api/v1/meters/tokens/query?subject={account}&from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z&windowSize=DAY"
            );
            assert_eq!(stage.ask(by_service(get(meter))).await.status, 200);
        }
        let nobody = Account::parse("org_01m3tc5h00e00800000000zzzz").unwrap();
        let before = stage.world.test.dump().await;
        assert_eq!(stage.ask(by_service(post("/api/v1/events").json(&event(nobody, "s")))).await.status, 404);
        let organization = format!("/api/v1/organizations/{}", stage.organization());
        for (ask, status) in [
            (get(organization.clone()), 404),
            (get(format!("{organization}/balance")), 404),
            (get("/api/v1/users/me"), 403),
            (get(format!("/api/v1/users/{}/balance", stage.user())), 403),
            (get("/api/organization"), 404),
            (get("/api/v1/api-keys"), 403),
            (post("/api/v1/api-keys").json(&json!({ "name": "a" })), 403),
            (post(format!("{organization}/api-keys")).json(&json!({ "name": "a" })), 403),
            (post("/api/organization/regenerate-key"), 403),
        ] {
            let at = format!("{} {}", ask.method, ask.path);
            assert_eq!(stage.ask(by_service(ask)).await.status.as_u16(), status, "{at}");
        }
        assert_eq!(stage.world.test.dump().await, before);
        // Its own key is nobody's to ask about.
        let Credential::ApiKey(secret) = &service else { unreachable!() };
        assert_eq!(stage.ask(by_service(verify(secret))).await.json()["code"], "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn keys_of_another_system_go_on_working_by_their_hashes() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let text = "pk-live_4f9a0c2e.7b1d-88aa";
        let imported = || ImportedKey {
            account: stage.organizational(),
            holder: KeyHolder::Person(stage.user()),
            name: KeyName::new("from before").unwrap(),
            scopes: ScopeSet::of(&[Scope::Read]),
            expires_at: None,
            hash: Sha256::digest(text).into(),
            last_four: Some("88aa".to_owned()),
        };
        let me = || get("/api/v1/users/me").by(&Credential::ApiKey(text.to_owned()));
        let as_bearer = || get("/api/v1/users/me").by(&bearer(text));
        assert_eq!(stage.ask(me()).await.status, 401, "not before it is imported");
        assert_eq!(stage.ask(as_bearer()).await.status, 401);
        let prefix = ForeignPrefix::new("pk-live_").unwrap();
        let core = &stage.world.core;
        assert_eq!(import_api_keys(core, &prefix, vec![imported()]).await.unwrap(), 1);
        assert_eq!(stage.ask(me()).await.status, 200);
        assert_eq!(stage.ask(as_bearer()).await.status, 200);
        assert_eq!(code(&stage, json!({ "key": text })).await, "VALID");
        assert_eq!(code(&stage, json!({ "key": "pk-live_4f9a0c2e.7b1d-88ab" })).await, "NOT_FOUND");
        assert_eq!(
            import_api_keys(core, &prefix, vec![imported()]).await.unwrap(),
            0,
            "an import can be repeated"
        );
        let stranger = stage.other("stranger").await;
        let wrong = ImportedKey { holder: KeyHolder::Person(stranger.user), hash: [1; 32], ..imported() };
        let refused = import_api_keys(core, &prefix, vec![imported(), wrong]).await.unwrap_err();
        assert_eq!((refused.get("field"), refused.get("index")), (Some("account"), Some("1")));
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_keys_with_one_flipped_character_ask_the_database_nothing() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mut keys = Vec::new();
        for number in 0..4 {
            keys.push(make(&stage, json!({ "name": format!("flipped {number}") })).await.1);
        }
        let core = stage.world.core.clone();
        let verifier = stage.world.key_actor(&stage.key).await;
        let letters: Vec<char> =
            ('0'..='9').chain('A'..='Z').chain('a'..='z').chain("_- .é\u{0}".chars()).collect();
        // What imported keys begin with is read once.
        let shown = VerifyApiKey::shown(keys[0].clone());
        assert_eq!(verify_api_key(&core, &verifier, shown).await.unwrap().verdict.as_str(), "VALID");
        let asked = || (stage.world.test.db.faults().reads(), stage.world.test.db.faults().disarm());
        asked();
        let before = asked();
        let places = keys.iter().flat_map(|key| (0..key.len()).map(move |place| (key, place)));
        let flips = places.flat_map(|(key, place)| {
            letters.iter().filter_map(move |letter| {
                let mut flipped: Vec<char> = key.chars().collect();
                let other = std::mem::replace(&mut flipped[place], *letter);
                (other != *letter).then(|| flipped.into_iter().collect::<String>())
            })
        });
        let mut tried = 0;
        for text in flips.take(10_000) {
            let shown = VerifyApiKey::shown(text.clone());
            let told = verify_api_key(&core, &verifier, shown).await.unwrap();
            assert_eq!(told.verdict.as_str(), "NOT_FOUND", "{text}");
            let credential = bursar_operations::Credential::ApiKey(Secret::new(text));
            let refused = authenticate(&core, Some(&credential), Origin::default()).await;
            assert_eq!(refused.unwrap_err().code(), "invalid_api_key");
            tried += 1;
        }
        assert_eq!(tried, 10_000);
        assert_eq!(asked(), before, "no statement was sent to the database");
        // The counters count: a key that might be there is looked for.
        let made_up = KeySecret::generate(&OsEntropy, &KeyPrefix::default()).into_text();
        let shown = VerifyApiKey::shown(made_up.expose().clone());
        assert_eq!(verify_api_key(&core, &verifier, shown).await.unwrap().verdict.as_str(), "NOT_FOUND");
        assert_eq!(asked().0, before.0 + 1);
    })
    .await;
}
