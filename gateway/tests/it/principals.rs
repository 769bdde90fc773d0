//! What each kind of credential may do: people by token or cookie, keys by scope, members by role.

use std::{collections::BTreeSet, time::Duration};

use axum::http::StatusCode;
use bursar_api_keys::Scope;
use bursar_kernel::Account;
use bursar_testkit::for_each_engine;
use serde_json::json;

use crate::{
    client::{Credential, delete, post},
    documented::{Documented, operations},
    scenarios::{Scene, scene},
    server::Answer,
    stage::Stage,
};

/// Whom an operation admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admits {
    People,
    PeopleAndKeys(Scope),
    Keys(Scope),
}

use Admits::{Keys, People, PeopleAndKeys};

const ADMITS: &[(&str, Admits)] = &[
    ("acceptTerms", People),
    ("checkoutOrganizationCredits", PeopleAndKeys(Scope::BillingWrite)),
    ("checkoutUserCredits", PeopleAndKeys(Scope::BillingWrite)),
    ("closeSession", People),
    ("createApiKey", People),
    ("createOrganization", People),
    ("deleteApiKey", People),
    ("getMe", PeopleAndKeys(Scope::Read)),
    ("getOrganization", PeopleAndKeys(Scope::Read)),
    ("getOrganizationBalance", PeopleAndKeys(Scope::Read)),
    ("getOrganizationPayment", PeopleAndKeys(Scope::Read)),
    ("getOrganizationPaymentStatus", PeopleAndKeys(Scope::Read)),
    ("getOrganizationProviderPayment", PeopleAndKeys(Scope::Read)),
    ("getUserBalance", PeopleAndKeys(Scope::Read)),
    ("getUserPayment", PeopleAndKeys(Scope::Read)),
    ("getUserPaymentStatus", PeopleAndKeys(Scope::Read)),
    ("getUserProviderPayment", PeopleAndKeys(Scope::Read)),
    ("ingestEvents", Keys(Scope::UsageWrite)),
    ("listApiKeys", PeopleAndKeys(Scope::Read)),
    ("listOrganizationPayments", PeopleAndKeys(Scope::Read)),
    ("listOrganizationUsages", PeopleAndKeys(Scope::Read)),
    ("listUserPayments", PeopleAndKeys(Scope::Read)),
    ("listUserUsages", PeopleAndKeys(Scope::Read)),
    ("logout", People),
    ("me", PeopleAndKeys(Scope::Read)),
    ("putActiveAccount", People),
    ("queryMeter", PeopleAndKeys(Scope::Read)),
    ("verifyApiKey", Keys(Scope::KeysVerify)),
];

/// What neither a plain member nor its keys may do in an organization.
const NOT_FOR_MEMBERS: &[&str] = &[
    "checkoutOrganizationCredits",
    // With a scope that members cannot give.
    "createApiKey",
    "getOrganizationPayment",
    "getOrganizationPaymentStatus",
    "getOrganizationProviderPayment",
    "ingestEvents",
    "listOrganizationPayments",
    "listOrganizationUsages",
    "queryMeter",
    "verifyApiKey",
];

#[test]
fn the_table_holds_every_operation_that_needs_a_credential() {
    let documented: BTreeSet<String> = operations()
        .into_iter()
        .filter_map(|operation| operation.is_secured.then_some(operation.id))
        .collect();
    assert_eq!(ADMITS.iter().map(|(id, _)| *id).collect::<Vec<_>>(), Vec::from_iter(&documented));
}

/// A way to call.
struct Caller {
    name: String,
    credential: Credential,
    /// The scope of a key; nothing of a person.
    scope: Option<Scope>,
}

impl Caller {
    fn is_admitted(&self, admits: Admits) -> bool {
        match (admits, self.scope) {
            (People | PeopleAndKeys(_), None) => true,
            (PeopleAndKeys(needed) | Keys(needed), Some(scope)) => scope == needed,
            _ => false,
        }
    }
}

#[tokio::test]
async fn each_kind_of_credential_does_what_the_table_says_and_nothing_else() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mut on_organization = people(&stage).await;
        let mut on_person = people(&stage).await;
        for &scope in Scope::ALL {
            on_organization.push(key(&stage, stage.organizational(), scope).await);
            on_person.push(key(&stage, stage.personal(), scope).await);
        }
        for &(operation, admits) in ADMITS {
            let Scene { ask, .. } = scene(&stage, operation).await.unwrap();
            // A key acts on one account only.
            let of_person =
                ask.path.starts_with("/api/v1/users/user_") || ask.path.contains("/users/credits/");
            let callers = if of_person { &on_person } else { &on_organization };
            let before = stage.world.test.dump().await;
            for caller in callers.iter().filter(|caller| !caller.is_admitted(admits)) {
                let answer = stage.ask(ask.clone().by(&caller.credential)).await;
                assert_is_forbidden(&answer, &format!("{operation} by {}", caller.name));
            }
            assert_eq!(stage.world.test.dump().await, before, "{operation} changed something");
            for caller in callers.iter().filter(|caller| caller.is_admitted(admits)) {
                let Scene { ask, by } = scene(&stage, operation).await.unwrap();
                // What ends a session ends the scene's own.
                let ends_session = matches!(operation, "logout" | "closeSession");
                let answer = stage.ask(ask.by(if ends_session { &by } else { &caller.credential })).await;
                assert!(answer.status.is_success(), "{operation} by {}: {}", caller.name, answer.text());
            }
        }
    })
    .await;
}

async fn people(stage: &Stage) -> Vec<Caller> {
    let cookie = Credential::Cookie(stage.cookie(&stage.ada.person.email).await);
    [("a token", stage.token()), ("a cookie", cookie)]
        .map(|(name, credential)| Caller { name: name.to_owned(), credential, scope: None })
        .into()
}

async fn key(stage: &Stage, account: Account, scope: Scope) -> Caller {
    let secret = stage.new_key(account, &[scope]).await.secret.expose().clone();
    Caller {
        name: format!("a key that may {scope}"),
        credential: Credential::ApiKey(secret),
        scope: Some(scope),
    }
}

/// How long a node may remember what a key's maker may do.
const REMEMBERED: Duration = Duration::from_secs(10);

fn assert_is_forbidden(answer: &Answer, at: &str) {
    let said = answer.text();
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{at}: {said}");
    assert!(said.contains("Forbidden"), "{at}: {said}");
}

#[tokio::test]
async fn a_member_and_its_keys_may_only_use_the_organization() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        for &(operation, _) in ADMITS {
            let Scene { ask, by } = scene(&stage, operation).await.unwrap();
            for (role, is_refused) in [("member", NOT_FOR_MEMBERS.contains(&operation)), ("owner", false)] {
                let set = format!("UPDATE orgs_membership SET role = '{role}'");
                stage.world.test.execute(&set).await.unwrap();
                // Changed past the operations, so that nobody is told: age alone ends what is remembered.
                stage.world.test.clock.advance(REMEMBERED);
                // What ends its own object can be done once.
                if role == "owner" && matches!(operation, "logout" | "closeSession" | "deleteApiKey") {
                    continue;
                }
                let answer = stage.ask(ask.clone().by(&by)).await;
                let is_as_said = if is_refused {
                    answer.status == StatusCode::FORBIDDEN
                } else {
                    answer.status.is_success()
                };
                assert!(is_as_said, "{operation} as {role}: {} {}", answer.status, answer.text());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_write_by_cookie_needs_a_page_of_ours_and_a_read_does_not() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let cookie = format!("bursar_session={}", stage.cookie(&stage.ada.person.email).await);
        for operation in secured_reads() {
            let Scene { ask, .. } = scene(&stage, &operation.id).await.unwrap();
            let answer = stage.ask(ask.header("cookie", &cookie)).await;
            assert!(answer.status.is_success(), "{}: {}", operation.id, answer.text());
        }
        let before = stage.world.test.dump().await;
        let writes =
            [post("/api/v1/organizations").json(&json!({ "name": "Forged" })), delete("/auth/session")];
        for write in writes.map(|write| write.header("cookie", &cookie)) {
            let elsewhere =
                ["https://evil.example", "null", ""].map(|origin| write.clone().header("origin", origin));
            for forged in elsewhere.into_iter().chain([write]) {
                let answer = stage.ask(forged).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
                assert!(answer.text().contains("needs an Origin of this site"), "{}", answer.text());
            }
        }
        assert_eq!(stage.world.test.dump().await, before);
    })
    .await;
}

fn secured_reads() -> impl Iterator<Item = Documented> {
    operations().into_iter().filter(|operation| operation.is_secured && operation.method.is_safe())
}
