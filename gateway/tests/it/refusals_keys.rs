//! What is refused about keys, about the organization's own, and in signing in from outside.

use std::time::Duration;

use bursar_api_keys::Scope;
use bursar_operations::{delete_api_key, rotate_api_key};
use serde_json::{Value, json};

use crate::{
    client::{Ask, Credential, delete, get, patch, post},
    refusals::{Cast, refused_alike},
};

const UNKNOWN: &str = "key_01m3tc5h00e00800000000zzzz";

#[tokio::test]
async fn what_breaks_a_rule_about_keys_is_refused_as_its_snapshot_says() {
    refused_alike("keys", async |cast| {
        making(cast).await;
        changing(cast).await;
        by_keys(cast).await;
        organization(cast).await;
        outside(cast).await;
        too_late(cast).await;
    })
    .await;
}

/// A key of ada's on the organization.
async fn new_key(cast: &Cast) -> String {
    cast.stage.new_key(cast.stage.organizational(), &[Scope::Read]).await.key.id.to_string()
}

async fn making(cast: &Cast) {
    let make = |body: Value| post("/api/v1/api-keys").json(&body);
    cast.by_ada("a key without a name", make(json!({}))).await;
    cast.by_ada("a key with an empty name", make(json!({ "name": " " }))).await;
    cast.by_ada("a key that has ended", make(json!({ "name": "a", "expiresAt": "2020-01-01T00:00:00Z" })))
        .await;
    cast.by_ada("a key that ends on a day", make(json!({ "name": "a", "expiresAt": "2027-01-01" }))).await;
    cast.by_ada("a key with an unknown scope", make(json!({ "name": "a", "scopes": ["admin"] }))).await;
    cast.by_ada("a key without any scope", make(json!({ "name": "a", "scopes": [] }))).await;
    cast.by_ada("a network that is none", make(json!({ "name": "a", "allowedCidrs": ["10.0.0.0/33"] })))
        .await;
    let many: Vec<String> = (0..51).map(|last| format!("10.0.0.{last}")).collect();
    cast.by_ada("too many networks", make(json!({ "name": "a", "allowedCidrs": many }))).await;
    cast.by_ada("no use a minute", make(json!({ "name": "a", "perMinuteLimit": 0 }))).await;
    let limit = |limit: Value| make(json!({ "name": "a", "spendLimit": limit }));
    cast.by_ada("a spend limit of nothing", limit(json!({ "amountUsd": 0, "window": "day" }))).await;
    cast.by_ada(
        "a spend limit of less than a micro-dollar",
        limit(json!({ "amountUsd": 1e-7, "window": "day" })),
    )
    .await;
    cast.by_ada("a spend limit that is a text", limit(json!({ "amountUsd": "1", "window": "day" }))).await;
    cast.by_ada("a spend limit of a year", limit(json!({ "amountUsd": 1, "window": "year" }))).await;
    let wide = json!({ "name": "a", "scopes": ["billing:write"] });
    cast.refused(
        "an admin makes a key that may buy",
        &on_the_organization(cast, true).await,
        make(wide.clone()),
    )
    .await;
    cast.refused("a member makes a key that reports", &on_the_organization(cast, false).await, {
        make(json!({ "name": "a", "scopes": ["usage:write"] }))
    })
    .await;
    let own = |body: Value| post(cast.path("/api-keys")).json(&body);
    cast.by_alan("an admin makes an organization's key that may buy", own(wide)).await;
    cast.by_grace("a member makes an organization's key", own(json!({ "name": "a" }))).await;
    let stranger = cast.stage.other("stranger").await;
    cast.refused(
        "a stranger makes an organization's key",
        &stranger.access_token,
        own(json!({ "name": "a" })),
    )
    .await;
}

/// The token of alan the admin or grace the member, who act on the organization.
async fn on_the_organization(cast: &Cast, is_admin: bool) -> String {
    let person = if is_admin { &cast.alan } else { &cast.grace };
    let core = &cast.stage.world.core;
    bursar_operations::switch_account(core, &person.actor, Some(cast.stage.organization())).await.unwrap();
    person.access_token.clone()
}

async fn changing(cast: &Cast) {
    let key = new_key(cast).await;
    let change = |id: &str, body: Value| patch(format!("/api/v1/api-keys/{id}")).json(&body);
    let rotate = |id: &str, body: Value| post(format!("/api/v1/api-keys/{id}/rotate")).json(&body);
    for (name, ask) in [
        ("an unknown key is changed", change(UNKNOWN, json!({ "name": "a" }))),
        ("what is no key is changed", change("me", json!({ "name": "a" }))),
        ("a key is given an unknown scope", change(&key, json!({ "scopes": ["root"] }))),
        ("a key is left without a scope", change(&key, json!({ "scopes": [] }))),
        ("a key is to have ended", change(&key, json!({ "expiresAt": "2020-01-01T00:00:00Z" }))),
        ("a key is bound to what is no network", change(&key, json!({ "allowedCidrs": ["everywhere"] }))),
        ("a key is enabled by a word", change(&key, json!({ "enabled": "yes" }))),
        ("an unknown key is rotated", rotate(UNKNOWN, json!({}))),
        ("a key is rotated with an overlap of 31 days", rotate(&key, json!({ "overlapSeconds": 2_678_400 }))),
        (
            "a key is rotated with an overlap of less than nothing",
            rotate(&key, json!({ "overlapSeconds": -1 })),
        ),
        ("an unknown key is ended", delete(format!("/api/v1/api-keys/{UNKNOWN}"))),
        (
            "a key is ended for a reason too long",
            delete(format!("/api/v1/api-keys/{key}?reason={}", "x".repeat(201))),
        ),
    ] {
        cast.by_ada(name, ask).await;
    }
    for (name, ask) in [
        ("another's key is changed", change(&key, json!({ "enabled": false }))),
        ("another's key is rotated", rotate(&key, json!({}))),
        ("another's key is ended", delete(format!("/api/v1/api-keys/{key}"))),
    ] {
        cast.by_alan(name, ask).await;
    }
    let made = cast.stage.ada(post(cast.path("/api-keys")).json(&json!({ "name": "own" }))).await;
    let own = made.json()["data"]["id"].as_str().unwrap().to_owned();
    for (name, ask) in [
        ("a member changes the organization's key", change(&own, json!({ "enabled": false }))),
        ("a member rotates the organization's key", rotate(&own, json!({}))),
        ("a member ends the organization's key", delete(format!("/api/v1/api-keys/{own}"))),
    ] {
        cast.by_grace(name, ask).await;
    }
    let stranger = cast.stage.other("stranger").await;
    cast.refused("a stranger changes the organization's key", &stranger.access_token, {
        change(&own, json!({ "enabled": false }))
    })
    .await;
    cast.by_alan("an admin widens the organization's key beyond itself", {
        change(&own, json!({ "scopes": ["billing:write"] }))
    })
    .await;

    let core = &cast.stage.world.core;
    delete_api_key(core, &cast.stage.ada.person.actor, key.parse().unwrap(), None).await.unwrap();
    cast.by_ada("a key that was ended is changed", change(&key, json!({ "enabled": true }))).await;
    cast.by_ada("a key that was ended is rotated", rotate(&key, json!({}))).await;
    cast.by_ada("a key is ended twice", delete(format!("/api/v1/api-keys/{key}"))).await;
}

async fn by_keys(cast: &Cast) {
    let wide = cast.stage.new_key(cast.stage.organizational(), Scope::ALL).await;
    let (id, secret) = (wide.key.id, wide.secret.expose().clone());
    let other = new_key(cast).await;
    for (name, ask) in [
        ("a key makes a key", post("/api/v1/api-keys").json(&json!({ "name": "a", "scopes": ["read"] }))),
        ("a key makes an organization's key", post(cast.path("/api-keys")).json(&json!({ "name": "a" }))),
        ("a key widens itself", patch(format!("/api/v1/api-keys/{id}")).json(&json!({ "scopes": ["read"] }))),
        ("a key rotates itself", post(format!("/api/v1/api-keys/{id}/rotate"))),
        ("a key ends another", delete(format!("/api/v1/api-keys/{other}"))),
        ("a key regenerates the organization's", post("/api/organization/regenerate-key")),
    ] {
        cast.refused(name, &secret, ask).await;
    }
    let rotated = rotate_api_key(&cast.stage.world.core, &cast.stage.ada.person.actor, id, Duration::ZERO);
    let new = rotated.await.unwrap().secret.expose().clone();
    cast.refused("a key that was rotated away", &secret, get("/api/v1/users/me")).await;
    let bound = cast.stage.limited_key().await.secret.expose().clone();
    let from = |ip: &str| get("/api/v1/users/me").from(ip);
    cast.refused("a key from nobody knows where", &bound, get("/api/v1/users/me")).await;
    cast.refused("a key from another network", &bound, from("198.51.100.1")).await;
    let verify = |body: Value| post("/api/v1/api-keys/verify").json(&body);
    let key = "sk_1";
    for (name, body) in [
        ("a verification without a key", json!({})),
        ("a verification of a cost below zero", json!({ "key": bound, "cost": -1, "ip": "203.0.113.9" })),
        ("a verification of a cost that is a text", json!({ "key": key, "cost": "1" })),
        ("a verification of a cost of seven decimals", json!({ "key": key, "cost": 0.000_000_1 })),
        ("a verification from no address", json!({ "key": key, "ip": "here" })),
        ("a verification of permissions that are no list", json!({ "key": key, "permissions": "read" })),
    ] {
        cast.refused(name, &new, verify(body)).await;
    }
    cast.by_ada("a person verifies", verify(json!({ "key": key }))).await;
}

async fn organization(cast: &Cast) {
    on_the_organization(cast, false).await;
    cast.by_grace("a member regenerates the key", post("/api/organization/regenerate-key")).await;
    let primary = cast.stage.primary_key().await;
    let by_primary = |ask: Ask| ask.by(&Credential::ApiKey(primary.clone()));
    let known = cast.stage.ask(by_primary(get("/api/organization"))).await;
    assert_eq!(known.status.as_u16(), 200);
    cast.refused(
        "the organization's key regenerates itself",
        &primary,
        post("/api/organization/regenerate-key"),
    )
    .await;
    let stranger = cast.stage.other("stranger").await;
    cast.refused("the organization of nobody", &stranger.access_token, get("/api/organization")).await;
    cast.refused(
        "a key of nobody's organization",
        &stranger.access_token,
        post("/api/organization/regenerate-key"),
    )
    .await;
    cast.stage.ada(post("/api/organization/regenerate-key")).await;
    cast.refused("the organization's key of before", &primary, get("/api/organization")).await;
    cast.refused("a token that is none", "abc", get("/api/organization")).await;
    cast.refused("an operation that is not there", &stranger.access_token, get("/api/organization/other"))
        .await;
    cast.refused("a method that is not there", &stranger.access_token, delete("/api/organization")).await;
}

async fn outside(cast: &Cast) {
    let register = |token: &str| {
        post("/api/v1/auth/register").json(&json!({ "accessToken": token, "refreshToken": "r" }))
    };
    let mut expired = cast.stage.outside_claims("late", None);
    expired["exp"] = json!(1);
    let mut elsewhere = cast.stage.outside_claims("late", None);
    elsewhere["iss"] = json!("https://nobody.example");
    for (name, token) in [
        ("no token", String::new()),
        ("a token of nobody's", "abc".to_owned()),
        ("a token of our own", cast.stage.ada.person.access_token.clone()),
        ("a token that has expired", cast.stage.issuer.sign(expired)),
        ("a token of an issuer that is not trusted", cast.stage.issuer.sign(elsewhere)),
    ] {
        cast.refused(name, "none", register(&token)).await;
    }
    cast.by_ada("a register without a token", post("/api/v1/auth/register").json(&json!({}))).await;
    let token = |body: Value| post("/api/v1/auth/token").json(&body);
    cast.by_ada("a code that is none", {
        token(json!({ "grant_type": "authorization_code", "code": "x", "redirect_uri": "http://127.0.0.1/" }))
    })
    .await;
    cast.by_ada(
        "another grant",
        token(json!({ "grant_type": "password", "code": "x", "redirect_uri": "x" })),
    )
    .await;
    let refresh = |body: Value| post("/api/v1/auth/refresh").json(&body);
    cast.by_ada("a refresh token that is none", {
        refresh(json!({ "refreshToken": "x", "grantType": "refresh_token" }))
    })
    .await;
    cast.by_ada("another grant of a refresh", refresh(json!({ "refreshToken": "x", "grantType": "code" })))
        .await;
    cast.by_ada(
        "a client on the web asks",
        get("/api/v1/auth/authorize?client_type=x&callback_url=https%3A%2F%2Fevil.example&redirect_uri=https%3A%2F%2Fevil.example"),
    )
    .await;
}

/// What makes a key wider, half a day after the last sign-in.
async fn too_late(cast: &mut Cast) {
    let key = new_key(cast).await;
    let core = cast.stage.world.core.clone();
    cast.stage.world.test.clock.advance(Duration::from_hours(13));
    let origin = bursar_operations::Origin::default();
    let refresh_token = &cast.stage.ada.person.refresh_token;
    let renewed = bursar_operations::refresh_session(&core, &origin, refresh_token).await.unwrap();
    cast.stage.ada.person.access_token.clone_from(renewed.access_token.expose());
    let change = |body: Value| patch(format!("/api/v1/api-keys/{key}")).json(&body);
    let wider = change(json!({ "scopes": ["read", "usage:write"] }));
    cast.by_ada("a key is widened half a day later", wider).await;
    cast.by_ada("a key is rotated half a day later", post(format!("/api/v1/api-keys/{key}/rotate"))).await;
    let own = post(cast.path("/api-keys")).json(&json!({ "name": "late" }));
    cast.by_ada("an organization's key is made half a day later", own).await;
    let narrowed = cast.stage.ada(change(json!({ "enabled": false }))).await;
    assert_eq!(narrowed.status.as_u16(), 200, "a key is switched off at any time: {}", narrowed.text());
}
