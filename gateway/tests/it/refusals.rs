//! What is refused about people and organizations, with its status and its words, on both engines:
//! the other half of `success.rs`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bursar_kernel::Engine;
use bursar_orgs_and_membership::Role;
use bursar_testkit::{
    for_each_engine,
    world::{PASSWORD, Person},
};
use serde_json::{Value, json};

use crate::{
    client::{Ask, Credential, delete, get, patch, post, put},
    stage::Stage,
};

/// What was refused, by what was asked.
type Refusals = BTreeMap<String, Value>;

/// A stage with somebody in every role beside ada, who owns the organization alone.
pub(crate) struct Cast {
    pub(crate) stage: Stage,
    pub(crate) alan: Person,
    pub(crate) grace: Person,
    alans: String,
    graces: String,
    refusals: Mutex<Refusals>,
}

impl Cast {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/organizations/{}{rest}", self.stage.organization())
    }

    /// Asks as somebody, is refused, and changes nothing.
    pub(crate) async fn refused(&self, name: &str, by: &str, ask: Ask) {
        let before = self.stage.world.test.dump().await;
        let answer = self.stage.ask(ask.by(&Credential::Bearer(by.to_owned()))).await;
        let status = answer.status.as_u16();
        assert!((400..500).contains(&status), "{name}: {status} {}", answer.text());
        assert_eq!(self.stage.world.test.dump().await, before, "{name} changed something");
        let told = json!({ "status": status, "body": answer.json() });
        assert!(
            self.refusals.lock().unwrap().insert(name.to_owned(), told).is_none(),
            "{name} is there twice"
        );
    }

    pub(crate) async fn by_ada(&self, name: &str, ask: Ask) {
        self.refused(name, &self.stage.ada.person.access_token, ask).await;
    }

    pub(crate) async fn by_alan(&self, name: &str, ask: Ask) {
        self.refused(name, &self.alan.access_token, ask).await;
    }

    pub(crate) async fn by_grace(&self, name: &str, ask: Ask) {
        self.refused(name, &self.grace.access_token, ask).await;
    }
}

#[tokio::test]
async fn what_breaks_a_rule_about_people_and_organizations_is_refused_as_its_snapshot_says() {
    refused_alike("people_and_organizations", async |cast| {
        people(cast).await;
        settings(cast).await;
        members(cast).await;
        invites(cast).await;
        reading(cast).await;
        proving(cast).await;
        too_late(cast).await;
    })
    .await;
}

/// What a play is refused, on both engines and in its snapshot.
pub(crate) async fn refused_alike(snapshot: &str, play: impl AsyncFn(&mut Cast)) {
    let told = Arc::<Mutex<BTreeMap<String, Refusals>>>::default();
    for_each_engine(|test| {
        let (told, play) = (told.clone(), &play);
        async move {
            let engine = format!("{:?}", test.engine);
            let stage = Stage::new(test).await;
            let (alan, alans) = stage.world.member(&stage.ada, "alan", Role::Admin).await;
            let (grace, graces) = stage.world.member(&stage.ada, "grace", Role::Member).await;
            let mut cast = Cast {
                stage,
                alan,
                grace,
                alans: alans.to_string(),
                graces: graces.to_string(),
                refusals: Mutex::default(),
            };
            play(&mut cast).await;
            told.lock().unwrap().insert(engine, cast.refusals.into_inner().unwrap());
        }
    })
    .await;
    let told = told.lock().unwrap();
    let on_sqlite = &told[&format!("{:?}", Engine::Sqlite)];
    for (engine, refusals) in told.iter() {
        assert_eq!(refusals, on_sqlite, "{engine} refuses alike");
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => true }, {
        insta::assert_json_snapshot!(snapshot, on_sqlite);
    });
}

async fn people(cast: &Cast) {
    let me = |body: Value| patch("/api/v1/users/me").json(&body);
    cast.by_ada("a display name that is empty", me(json!({ "displayName": "  " }))).await;
    cast.by_ada("a display name that is too long", me(json!({ "displayName": "x".repeat(101) }))).await;
    cast.by_ada("a picture that is a script", me(json!({ "photoUrl": "javascript:alert(1)" }))).await;
    cast.by_ada("a consent that is a text", me(json!({ "clineBenchConsent": "yes" }))).await;
    cast.by_ada("the only owner of others deletes itself", delete("/api/v1/users/me")).await;
}

async fn settings(cast: &Cast) {
    let change = |body: Value| put(cast.path("")).json(&body);
    let document = |text: &str| change(json!({ "defaultRemoteConfig": text }));
    cast.by_alan("an admin renames", change(json!({ "name": "Another" }))).await;
    cast.by_grace("a member configures", change(json!({ "remoteConfigEnabled": true }))).await;
    cast.by_ada("a name that is empty", change(json!({ "name": "" }))).await;
    cast.by_ada("a document that is no JSON", document("{\"version\":\n")).await;
    cast.by_ada("a document without a version", document("{}")).await;
    cast.by_ada("a version that is a number", document(r#"{"version":1}"#)).await;
    let nested =
        r#"{"version":"v1","providerSettings":{"OpenAiCompatible":{"models":[{"id":"a"},{"id":7}]}}}"#;
    cast.by_ada("a fault deep in a document", document(nested)).await;
    let large = format!(r#"{{"version":"{}"}}"#, "x".repeat(256 * 1024));
    cast.by_ada("a document above 256 KiB", document(&large)).await;
    let larger = format!(r#"{{"version":"{}"}}"#, "x".repeat(1024 * 1024));
    cast.by_ada("a document of 1 MiB", document(&larger)).await;
    let keys = |body: Value| put(cast.path("/provider-api-keys")).json(&body);
    cast.by_grace("a member sets provider keys", keys(json!({ "litellm": "sk-1" }))).await;
    cast.by_ada("a provider that is no name", keys(json!({ "Lite LLM": "sk-1" }))).await;
    cast.by_ada("a provider key with a line break", keys(json!({ "litellm": "sk\n1" }))).await;
    cast.by_ada("a provider key that is a number", keys(json!({ "litellm": 1 }))).await;
    cast.by_alan("an admin deletes the organization", delete(cast.path(""))).await;
}

async fn members(cast: &Cast) {
    let own = cast.stage.own_membership().await.unwrap().id.to_string();
    let nobody = "mbr_01m3tc5h00e00800000000zzzz";
    let remove = |members: Value| delete(cast.path("/members")).json(&json!({ "memberIds": members }));
    cast.by_ada("nobody is removed", remove(json!([]))).await;
    cast.by_ada("what is no member is removed", remove(json!(["user_1"]))).await;
    cast.by_ada("an unknown member is removed with another", remove(json!([cast.graces, nobody]))).await;
    cast.by_ada("the last owner is removed", remove(json!([own]))).await;
    cast.by_alan("an admin removes an owner", remove(json!([own]))).await;
    cast.by_alan("an admin removes an admin", remove(json!([cast.alans]))).await;
    cast.by_grace("a member removes", remove(json!([cast.graces]))).await;
    let role = |member: &str, role: &str| {
        put(cast.path(&format!("/members/{member}/role"))).json(&json!({ "role": role }))
    };
    cast.by_ada("an unknown role", role(&cast.graces, "king")).await;
    cast.by_ada("the role of an unknown member", role(nobody, "admin")).await;
    cast.by_ada("the role of what is no member", role("me", "admin")).await;
    cast.by_ada("the last owner becomes a member", role(&own, "member")).await;
    cast.by_alan("an admin makes an admin", role(&cast.graces, "admin")).await;
    cast.by_alan("an admin demotes an owner", role(&own, "member")).await;
    cast.by_grace("a member lists members", get(cast.path("/members"))).await;
    cast.by_grace(
        "a member reads another's usage",
        get(cast.path(&format!("/members/{}/usages", cast.alans))),
    )
    .await;
    cast.by_ada("the usage of an unknown member", get(cast.path(&format!("/members/{nobody}/usages")))).await;
    cast.by_ada("a cursor of another list", get(cast.path("/members?cursor=abc"))).await;
}

async fn invites(cast: &Cast) {
    let invite = |invites: Value| post(cast.path("/invites")).json(&json!({ "invites": invites }));
    let to = |email: &str, role: &str| json!({ "email": email, "role": role });
    let asked = cast.stage.ada(invite(json!([to("guest@example.com", "member")]))).await;
    assert_eq!(asked.status.as_u16(), 201, "{}", asked.text());
    let pending = asked.json()["data"]["items"][0]["id"].as_str().unwrap().to_owned();
    let token = cast.stage.world.mailed_token("guest@example.com").await;
    cast.by_ada("nobody is invited", invite(json!([]))).await;
    cast.by_ada("an address that is none is invited", invite(json!([to("guest", "member")]))).await;
    cast.by_ada("an unknown role is offered", invite(json!([to("x@example.com", "king")]))).await;
    cast.by_ada(
        "an address is invited twice",
        invite(json!([to("x@example.com", "member"), to("X@example.com", "admin")])),
    )
    .await;
    cast.by_ada("an address with a pending invite", invite(json!([to("Guest@example.com", "member")]))).await;
    cast.by_ada("a member is invited", invite(json!([to("grace@example.com", "member")]))).await;
    cast.by_alan("an admin invites an admin", invite(json!([to("x@example.com", "admin")]))).await;
    cast.by_grace("a member invites", invite(json!([to("x@example.com", "member")]))).await;
    cast.by_grace("a member counts invites", get(cast.path("/invites/count"))).await;

    let accept = |token: &str| post("/api/v1/invites/accept").json(&json!({ "token": token }));
    cast.by_ada("an unknown invite is accepted", accept("unknown")).await;
    cast.by_grace("another's invite is accepted", accept(&token)).await;
    let unknown = cast.path("/invites/inv_01m3tc5h00e00800000000zzzz");
    cast.by_ada("an unknown invite is taken back", delete(unknown)).await;
    let taken_back = cast.stage.ada(delete(cast.path(&format!("/invites/{pending}")))).await;
    assert_eq!(taken_back.status.as_u16(), 204);
    cast.by_ada("an invite is taken back twice", delete(cast.path(&format!("/invites/{pending}")))).await;
    let guest = cast.stage.world.person("guest").await;
    cast.refused("an invite that was taken back is accepted", &guest.access_token, accept(&token)).await;
    cast.by_ada(
        "an invite that was accepted is taken back",
        delete(cast.path(&format!("/invites/{}", accepted_invite(cast).await))),
    )
    .await;

    let account = cast.stage.organizational();
    bursar_operations::set_account_plan(&cast.stage.world.core, account, "free", None).await.unwrap();
    cast.by_ada("no seat is left", invite(json!([to("late@example.com", "member")]))).await;
}

/// The invite by which somebody new has joined.
async fn accepted_invite(cast: &Cast) -> String {
    let invites = json!({ "invites": [{ "email": "joan@example.com", "role": "member" }] });
    let asked = cast.stage.ada(post(cast.path("/invites")).json(&invites)).await;
    let id = asked.json()["data"]["items"][0]["id"].as_str().unwrap().to_owned();
    let token = cast.stage.world.mailed_token("joan@example.com").await;
    let joan = cast.stage.world.person("joan").await;
    let accept = post("/api/v1/invites/accept").json(&json!({ "token": token }));
    let accepted = cast.stage.ask(accept.by(&Credential::Bearer(joan.access_token))).await;
    assert_eq!(accepted.status.as_u16(), 200, "{}", accepted.text());
    id
}

async fn reading(cast: &Cast) {
    let metrics = |query: &str| get(cast.path(&format!("/metrics?{query}")));
    cast.by_ada("metrics of no day", metrics("startDate=yesterday")).await;
    cast.by_ada("metrics that end before they begin", metrics("startDate=2026-10-02&endDate=2026-10-01"))
        .await;
    cast.by_ada("metrics of 367 days", metrics("startDate=2025-10-01&endDate=2026-10-02")).await;
    cast.by_grace("a member reads metrics", metrics("")).await;
    cast.by_ada("plans of an unknown type", get("/api/v1/plans?type=family")).await;
    cast.by_ada("an unknown operation of the audit log", get(cast.path("/audit-log?operation=steal"))).await;
    cast.by_ada("an actor that is none", get(cast.path("/audit-log?actorId=me"))).await;
    cast.by_grace("a member reads the audit log", get(cast.path("/audit-log"))).await;
    let stranger = cast.stage.world.person("stranger").await;
    for rest in ["", "/members", "/invites", "/remote-config", "/api-keys", "/metrics", "/audit-log"] {
        let name = format!("a stranger reads the organization{rest}");
        cast.refused(&name, &stranger.access_token, get(cast.path(rest))).await;
    }
}

async fn proving(cast: &Cast) {
    let open = |path: &str, body: Value| post(path).json(&body);
    let weak = json!({ "email": "new@example.com", "password": "password1" });
    for (name, ask) in [
        ("a password that is easy to guess", open("/auth/register", weak)),
        ("a mailed link that is none", open("/auth/email/verify", json!({ "token": "none" }))),
        ("a link for another address that is none", open("/auth/email/change", json!({ "token": "none" }))),
        ("a magic link that is none", open("/auth/magic-link/redeem", json!({ "token": "none" }))),
        (
            "a link for a new password that is none",
            open("/auth/password/reset", json!({ "token": "none", "password": PASSWORD })),
        ),
    ] {
        cast.by_ada(name, ask).await;
    }
    let change = json!({ "current_password": "wrong", "password": "quite another horse battery" });
    cast.by_ada("a present password that is wrong", put("/auth/password").json(&change)).await;
    cast.by_ada("step-up with a wrong password", open("/auth/step-up", json!({ "password": "wrong" }))).await;
    cast.by_ada(
        "a code without a second factor",
        open("/auth/second-factor/confirm", json!({ "code": "1" })),
    )
    .await;
    cast.by_ada("an unknown session is ended", delete("/auth/sessions/ses_01m3tc5h00e00800000000zzzz")).await;
}

/// What is dangerous, half a day after the last sign-in.
async fn too_late(cast: &mut Cast) {
    let core = cast.stage.world.core.clone();
    cast.stage.world.test.clock.advance(Duration::from_hours(13));
    let origin = bursar_operations::Origin::default();
    let refresh_token = &cast.stage.ada.person.refresh_token;
    let renewed = bursar_operations::refresh_session(&core, &origin, refresh_token).await.unwrap();
    cast.stage.ada.person.access_token.clone_from(renewed.access_token.expose());
    cast.by_ada("a key is made half a day later", post("/api/v1/api-keys").json(&json!({ "name": "late" })))
        .await;
    cast.by_ada("the organization is deleted half a day later", delete(cast.path(""))).await;
    cast.by_ada(
        "another address half a day later",
        post("/auth/email").json(&json!({ "email": "a@example.com" })),
    )
    .await;
    let owner = json!({ "role": "owner" });
    cast.by_ada(
        "ownership is given half a day later",
        put(cast.path(&format!("/members/{}/role", cast.graces))).json(&owner),
    )
    .await;
}
