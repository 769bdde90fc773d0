//! Who is kept out: every operation that the documents do not open to everybody, called validly in
//! all but the credential. No operation is excepted.

use std::{collections::BTreeSet, time::Duration};

use axum::http::StatusCode;
use bursar_api_keys::{KeyName, Scope};
use bursar_kernel::{Clock as _, Secret};
use bursar_operations::{
    CreateApiKey, Origin, SignOut, authenticate, create_api_key, delete_api_key, sign_out,
};
use bursar_testkit::{for_each_engine, world::Person};
use serde_json::json;
use uuid::Uuid;

use crate::{
    client::{Ask, Credential, get},
    documented::{Documented, operations},
    scenarios::{Scene, scene},
    server::Answer,
    stage::{Stage, ids_in},
};

/// What anybody may call: what proves itself by a password, a token, a code, a mailed link or a
/// signature in the request, what only a mailbox learns of, and what is public.
const OPEN: &[&str] = &[
    "authorize",
    "changeEmail",
    "exchangeCode",
    "exchangeExternalToken",
    "forgotPassword",
    "jwks",
    "login",
    "openSession",
    "receiveProviderEvent",
    "redeemMagicLink",
    "refresh",
    "refreshTokens",
    "register",
    "requestMagicLink",
    "resetPassword",
    "verifyEmail",
];

#[test]
fn nothing_else_is_open_to_everybody() {
    let open: BTreeSet<String> = operations()
        .into_iter()
        .filter_map(|operation| (!operation.is_secured).then_some(operation.id))
        .collect();
    assert_eq!(open.iter().map(String::as_str).collect::<Vec<_>>(), OPEN);
}

#[tokio::test]
async fn a_credential_that_is_missing_forged_expired_or_ended_opens_no_operation() {
    for_each_engine(|test| async move {
        let mut stage = Stage::new(test).await;
        let refused = refused_credentials(&mut stage).await;
        for operation in secured() {
            let Scene { ask, .. } = scene(&stage, &operation.id).await.unwrap();
            let before = stage.world.test.dump().await;
            for (name, credential) in &refused {
                let answer = stage.ask(ask.clone().by(credential)).await;
                let at = format!("{} with {name}: {}", operation.id, answer.text());
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{at}");
                assert_is_unauthenticated(operation.family, &answer, credential, &at);
            }
            assert_eq!(stage.world.test.dump().await, before, "{} changed something", operation.id);
        }
    })
    .await;
}

#[tokio::test]
async fn the_owner_of_another_organization_reaches_nothing_of_ours() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mut stranger = strangers(&stage).await;
        // The one that ends ada's organization comes last.
        let (last, operations): (Vec<_>, Vec<_>) = secured().partition(|it| it.id == "deleteOrganization");
        for operation in operations.into_iter().chain(last) {
            let Scene { ask, by } = scene(&stage, &operation.id).await.unwrap();
            for credential in &stranger {
                assert_out_of_reach(&stage, &operation, &ask, credential).await;
            }
            // The same call is a good one by those whose it is.
            let ours = stage.ask(ask.by(&by)).await;
            assert!(ours.status.is_success(), "{}: {}", operation.id, ours.text());
            // What ends its caller has ended the stranger's own.
            for credential in stranger.clone() {
                let me = stage.ask(get("/auth/me").by(&credential)).await;
                if me.status == StatusCode::UNAUTHORIZED {
                    stranger = strangers(&stage).await;
                }
            }
        }
    })
    .await;
}

/// The owner of another organization: its token and its key.
async fn strangers(stage: &Stage) -> [Credential; 2] {
    let mallory = stage.world.funded_org(&stage.other_name("mallory"), 500).await;
    let key = stage.world.key(&mallory.person).await;
    [Credential::Bearer(mallory.person.access_token.clone()), Credential::Bearer(key.secret.expose().clone())]
}

fn secured() -> impl Iterator<Item = Documented> {
    operations().into_iter().filter(|operation| operation.is_secured)
}

/// Every kind of credential that is not good, most of them ada's own that once were.
async fn refused_credentials(stage: &mut Stage) -> Vec<(&'static str, Credential)> {
    let bearer = |text: &str| Credential::Bearer(text.to_owned());
    let expired_token = stage.token();
    let Person { email, actor, .. } = &stage.ada.person;
    let core = &stage.world.core;

    let signed_out = stage.sign_in(email).await;
    let signed_out_cookie = stage.cookie(email).await;
    sign_out(core, &stage.world.actor(&signed_out).await, SignOut::ThisSession).await.unwrap();
    let shown = bursar_operations::Credential::Cookie(Secret::new(signed_out_cookie.clone()));
    let by_cookie = authenticate(core, Some(&shown), Origin::default()).await.unwrap();
    sign_out(core, &by_cookie, SignOut::ThisSession).await.unwrap();

    let revoked_key = stage.new_key(stage.organizational(), Scope::ALL).await;
    delete_api_key(core, actor, revoked_key.key.id, None).await.unwrap();
    let command = CreateApiKey {
        expires_at: Some(stage.world.test.clock.now().after(Duration::from_mins(1))),
        scopes: Some(Scope::ALL.to_vec()),
        ..CreateApiKey::named(KeyName::new("short-lived").unwrap())
    };
    let expired_key = create_api_key(core, actor, command).await.unwrap();

    let (revoked_key, expired_key) =
        (revoked_key.secret.expose().clone(), expired_key.secret.expose().clone());
    // Longer than an access token lives.
    stage.later(Duration::from_hours(2)).await;
    let good_token = &stage.ada.person.access_token;
    let good_key = stage.key.secret.expose();
    vec![
        ("no credential", Credential::Nothing),
        ("a garbage bearer", bearer("garbage")),
        ("an unsigned token", bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyXzEifQ.")),
        ("a token with another signature", bearer(&swap_last(good_token))),
        ("a token of another's words", bearer(&reworded(good_token))),
        ("a garbage key", bearer("sk_garbage")),
        ("a mistyped key", bearer(&swap_last(good_key))),
        ("a garbage X-API-Key", Credential::ApiKey("garbage".to_owned())),
        ("a token as X-API-Key", Credential::ApiKey(good_token.clone())),
        ("a garbage cookie", Credential::Cookie("garbage".to_owned())),
        ("a token as a cookie", Credential::Cookie(good_token.clone())),
        ("an expired token", expired_token),
        ("the token of an ended session", bearer(&signed_out)),
        ("the cookie of an ended session", Credential::Cookie(signed_out_cookie)),
        ("a revoked key", bearer(&revoked_key)),
        ("a revoked X-API-Key", Credential::ApiKey(revoked_key)),
        ("an expired key", bearer(&expired_key)),
    ]
}

/// The same text with another letter at its end; the last one of base64 may carry no bits, so the
/// one before it changes too.
fn swap_last(text: &str) -> String {
    let (kept, end) = text.split_at(text.len() - 2);
    let swapped: String = end.chars().map(|letter| if letter == 'A' { 'B' } else { 'A' }).collect();
    format!("{kept}{swapped}")
}

/// A token whose claims were changed and whose signature was kept.
fn reworded(token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[1] = swap_last(&parts[1]);
    parts.join(".")
}

fn assert_is_unauthenticated(family: &str, answer: &Answer, credential: &Credential, at: &str) {
    let body = answer.json();
    match family {
        "accounts" => {
            let sentence = "Unauthorized: Please make sure you're using the latest version of Bursar and re-authenticate your Bursar account.";
            assert_eq!(body, json!({ "error": sentence }), "{at}");
        }
        "auth" | "organization" => {
            let detail = match credential {
                Credential::Nothing => "Not authenticated",
                Credential::ApiKey(_) => "Invalid or inactive API key",
                Credential::Bearer(text) if text.starts_with("sk_") => "Invalid or inactive API key",
                _ => "Could not validate credentials",
            };
            assert_eq!(body, json!({ "detail": detail }), "{at}");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{at}");
        }
        _ => {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{at}");
            assert_eq!((&body["status"], &body["title"]), (&json!(401), &json!("Unauthorized")), "{at}");
        }
    }
}

/// A call that names something of ada's is refused as if it did not exist, or as forbidden, and
/// changes nothing. Any other acts on the stranger's own things and tells nothing of ada's.
async fn assert_out_of_reach(stage: &Stage, operation: &Documented, ask: &Ask, credential: &Credential) {
    let (user, organization) = (stage.user().to_string(), stage.organization().to_string());
    let mut ours = ids_in(&format!("{} {}", ask.path, String::from_utf8_lossy(&ask.body)));
    let names_ours = !ours.is_empty();
    ours.extend([user, organization, stage.ada.person.email.clone(), stage.key.key.id.to_string()]);

    let before = stage.world.test.dump().await;
    let answer = stage.ask(ask.clone().by(credential)).await;
    let after = stage.world.test.dump().await;

    let at = format!("{} by {credential:?}: {} {}", operation.id, answer.status, answer.text());
    let is_refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
    // A code or a token in a body is ada's too, and no good for anybody else.
    let is_refused = is_refused || (!names_ours && answer.status.is_client_error());
    assert!(is_refused || (!names_ours && answer.status.is_success()), "{at}");
    for id in ours {
        assert!(!answer.text().contains(&id), "{at} tells {id}");
    }
    if is_refused {
        assert_eq!(after, before, "{at} changed something");
    }
    for id in [stage.user().uuid(), stage.organization().uuid()] {
        assert_eq!(rows_about(&after, id), rows_about(&before, id), "{at} changed something of ada's");
    }
}

/// The rows of a dump that hold an identifier, however the engine writes one.
fn rows_about(dump: &str, id: Uuid) -> Vec<&str> {
    let id = id.simple().to_string();
    dump.lines().filter(|row| row.replace('-', "").to_lowercase().contains(&id)).collect()
}
