use bursar_identity::EmailAddress;
use bursar_operations::{InviteTo, create_invites};
use bursar_orgs_and_membership::Role;
use serde_json::json;

use super::{Ask, Scene, delete, get, patch, post, put};
use crate::{client::Credential, stage::Stage};

/// A document for members' clients, as small as it can be and with a key that no client knows.
const DOCUMENT: &str = r#"{"version":"v1","telemetryEnabled":false,"colour":"green"}"#;

/// Scenes of who somebody is and whom they work with.
pub(super) async fn organizational(stage: &Stage, operation: &str) -> Option<Scene> {
    let by_ada = |ask: Ask| Scene { ask, by: stage.token() };
    let path = |rest: &str| format!("/api/v1/organizations/{}{rest}", stage.organization());
    Some(match operation {
        "updateMe" => by_ada(patch("/api/v1/users/me").json(&json!({
            "displayName": "Ada Lovelace",
            "photoUrl": "https://example.com/ada.png",
            "clineBenchConsent": true,
            "email": "ignored@example.com",
        }))),
        // Somebody who is nobody else's: whoever calls is gone afterwards.
        "deleteMe" => {
            let leaver = stage.other("leaver").await;
            Scene { ask: delete("/api/v1/users/me"), by: Credential::Bearer(leaver.access_token) }
        }
        "getMyRemoteConfig" => {
            configure(stage).await;
            by_ada(get("/api/v1/users/me/remote-config"))
        }
        "updateOrganization" => by_ada(put(path("")).json(&json!({
            "remoteConfigEnabled": true,
            "defaultRemoteConfig": DOCUMENT,
        }))),
        "deleteOrganization" => by_ada(delete(path(""))),
        "getOrganizationRemoteConfig" => {
            configure(stage).await;
            by_ada(get(path("/remote-config")))
        }
        "getOrganizationApiKeys" => {
            let keys = json!({ "litellm": "sk-1234", "openai": "sk-proj-5" });
            let set = stage.ada(put(path("/provider-api-keys")).json(&keys)).await;
            assert!(set.status.is_success(), "{}", set.text());
            by_ada(get(path("/api-keys")))
        }
        "putProviderApiKeys" => {
            by_ada(put(path("/provider-api-keys")).json(&json!({ "litellm": "sk-1234", "openai": null })))
        }
        "getOrganizationMetrics" => {
            let name = stage.other_name("measured");
            stage.report(stage.organizational(), &name).await;
            by_ada(get(path("/metrics?startDate=2026-10-01&endDate=2026-10-01")))
        }
        "listMembers" => {
            join(stage, "grace").await;
            by_ada(get(path("/members?limit=1")))
        }
        "removeMembers" => {
            let member = join(stage, "grace").await;
            by_ada(delete(path("/members")).json(&json!({ "memberIds": [member] })))
        }
        "listAvailableRoles" => by_ada(get(path("/members/available-roles"))),
        // Which every admin may do; that only owners make owners is a test of its own.
        "setMemberRole" => {
            let member = join(stage, "grace").await;
            by_ada(put(path(&format!("/members/{member}/role"))).json(&json!({ "role": "member" })))
        }
        // One's own, which every member may read.
        "listMemberUsages" => {
            let name = stage.other_name("own");
            stage.report(stage.organizational(), &name).await;
            let member = stage.own_membership().await.unwrap();
            by_ada(get(path(&format!("/members/{}/usages?limit=1", member.id))))
        }
        "listInvites" | "countInvites" => {
            invite(stage, "mary").await;
            by_ada(get(path(if operation == "listInvites" { "/invites" } else { "/invites/count" })))
        }
        "createInvites" => {
            stage.world.make_room(&stage.ada).await;
            let (one, two) = (stage.other_name("mary"), stage.other_name("joan"));
            by_ada(post(path("/invites")).json(&json!({ "invites": [
                { "email": format!("{one}@example.com"), "role": "member" },
                { "email": format!("{two}@Example.com"), "role": "member" },
            ] })))
        }
        "revokeInvite" => {
            let (_, id) = invite(stage, "mary").await;
            by_ada(delete(path(&format!("/invites/{id}"))))
        }
        "acceptInvite" => {
            let (email, _) = invite(stage, "mary").await;
            let token = stage.world.mailed_token(&email).await;
            let (name, _) = email.split_once('@').unwrap();
            let mary = stage.world.person(name).await;
            let ask = post("/api/v1/invites/accept").json(&json!({ "token": token }));
            Scene { ask, by: Credential::Bearer(mary.access_token) }
        }
        "listPlans" => by_ada(get("/api/v1/plans?type=teams")),
        "getAuditLog" => by_ada(get(path("/audit-log?limit=2&operation=create_api_key"))),
        _ => return None,
    })
}

/// Stores the document.
async fn configure(stage: &Stage) {
    let body = json!({ "remoteConfigEnabled": true, "defaultRemoteConfig": DOCUMENT });
    let path = format!("/api/v1/organizations/{}", stage.organization());
    let set = stage.ada(put(path).json(&body)).await;
    assert!(set.status.is_success(), "{}", set.text());
}

/// Somebody new in ada's organization: the identifier of the membership.
async fn join(stage: &Stage, what: &str) -> String {
    let name = stage.other_name(what);
    stage.world.member(&stage.ada, &name, Role::Member).await.1.to_string()
}

/// A pending invite into ada's organization: its address and its identifier.
async fn invite(stage: &Stage, what: &str) -> (String, String) {
    let email = format!("{}@example.com", stage.other_name(what));
    stage.world.make_room(&stage.ada).await;
    let invites = vec![InviteTo { email: EmailAddress::parse(&email).unwrap(), role: Role::Member }];
    let (core, ada) = (&stage.world.core, &stage.ada);
    let made = create_invites(core, &ada.person.actor, ada.organization, invites).await.unwrap();
    (email, made[0].id.to_string())
}
