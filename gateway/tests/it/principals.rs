//! What each kind of credential may do, in each role: people by token or cookie, and keys. The table
//! has a row for every operation that needs a credential, and the whole of it is tried.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use bursar_api_keys::Scope;
use bursar_orgs_and_membership::Role;
use bursar_testkit::{TestDb, for_each_engine};
use serde_json::json;

use crate::{
    client::{Ask, Credential, delete, post},
    documented::{Documented, operations},
    scenarios::{Scene, scene},
    stage::Stage,
};

/// Whom an operation admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admits {
    People,
    PeopleAndKeys(Scope),
    /// People, and a key about itself, which is never the one that is asked about here.
    PeopleAndOwnKey,
    Keys(Scope),
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// The person who calls: roles do not matter.
    Oneself,
    /// The caller's own account; the key must be one on it.
    OwnAccount,
    /// An organization, of which the caller must be at least this.
    Organization(Role),
    /// The active account: as an organization's member at least this, and nothing special as nobody
    /// of it.
    ActiveAccount(Role),
    /// The active organization, of which the caller must be at least this.
    ActiveOrganization(Role),
}

use About::{ActiveAccount, ActiveOrganization, Oneself, Organization, OwnAccount};
use Admits::{Keys, People, PeopleAndKeys, PeopleAndOwnKey};
use Role::{Admin, Member, Owner};
use Scope::{BillingWrite, KeysVerify, Read, UsageWrite};

const RULES: &[(&str, Admits, About)] = &[
    ("acceptInvite", People, Oneself),
    ("acceptTerms", People, Oneself),
    ("beginSecondFactor", People, Oneself),
    ("changePassword", People, Oneself),
    ("checkoutOrganizationCredits", PeopleAndKeys(BillingWrite), Organization(Owner)),
    ("checkoutUserCredits", PeopleAndKeys(BillingWrite), OwnAccount),
    ("closeSession", People, Oneself),
    ("confirmSecondFactor", People, Oneself),
    ("countInvites", PeopleAndKeys(Read), Organization(Admin)),
    // With scopes that members cannot give.
    ("createApiKey", People, ActiveAccount(Admin)),
    ("createInvites", People, Organization(Admin)),
    ("createOrganization", People, Oneself),
    ("createOrganizationApiKey", People, Organization(Admin)),
    ("deleteApiKey", PeopleAndOwnKey, Oneself),
    ("deleteMe", People, Oneself),
    ("deleteOrganization", People, Organization(Owner)),
    ("endSession", People, Oneself),
    ("getAuditLog", PeopleAndKeys(Read), Organization(Admin)),
    ("getMe", PeopleAndKeys(Read), Oneself),
    ("getMyRemoteConfig", PeopleAndKeys(Read), Oneself),
    ("getOrganization", PeopleAndKeys(Read), Organization(Member)),
    ("getOrganizationApiKeys", PeopleAndKeys(Read), Organization(Member)),
    ("getOrganizationBalance", PeopleAndKeys(Read), Organization(Member)),
    ("getOrganizationMetrics", PeopleAndKeys(Read), Organization(Admin)),
    ("getOrganizationPayment", PeopleAndKeys(Read), Organization(Owner)),
    ("getOrganizationPaymentStatus", PeopleAndKeys(Read), Organization(Owner)),
    ("getOrganizationProviderPayment", PeopleAndKeys(Read), Organization(Owner)),
    ("getOrganizationRemoteConfig", PeopleAndKeys(Read), Organization(Member)),
    ("getOwnOrganization", PeopleAndKeys(Read), ActiveOrganization(Member)),
    ("getSecondFactor", People, Oneself),
    ("getUserBalance", PeopleAndKeys(Read), OwnAccount),
    ("getUserPayment", PeopleAndKeys(Read), OwnAccount),
    ("getUserPaymentStatus", PeopleAndKeys(Read), OwnAccount),
    ("getUserProviderPayment", PeopleAndKeys(Read), OwnAccount),
    ("ingestEvents", Keys(UsageWrite), Organization(Admin)),
    ("listApiKeys", PeopleAndKeys(Read), Oneself),
    ("listAvailableRoles", PeopleAndKeys(Read), Organization(Admin)),
    ("listInvites", PeopleAndKeys(Read), Organization(Admin)),
    ("listMemberUsages", PeopleAndKeys(Read), Organization(Member)),
    ("listMembers", PeopleAndKeys(Read), Organization(Admin)),
    ("listOrganizationPayments", PeopleAndKeys(Read), Organization(Owner)),
    ("listOrganizationUsages", PeopleAndKeys(Read), Organization(Admin)),
    ("listPlans", PeopleAndKeys(Read), Oneself),
    ("listSessions", People, Oneself),
    ("listUserPayments", PeopleAndKeys(Read), OwnAccount),
    ("listUserUsages", PeopleAndKeys(Read), OwnAccount),
    ("logout", People, Oneself),
    ("me", PeopleAndKeys(Read), Oneself),
    ("putActiveAccount", People, Organization(Member)),
    ("putProviderApiKeys", People, Organization(Admin)),
    ("queryMeter", PeopleAndKeys(Read), Organization(Admin)),
    ("regenerateOrganizationKey", People, ActiveOrganization(Admin)),
    ("removeMembers", People, Organization(Admin)),
    ("removeSecondFactor", People, Oneself),
    ("renewRecoveryCodes", People, Oneself),
    ("requestEmailChange", People, Oneself),
    ("requestEmailVerification", People, Oneself),
    ("revokeInvite", People, Organization(Admin)),
    ("rotateApiKey", People, Oneself),
    ("setMemberRole", People, Organization(Admin)),
    ("stepUp", People, Oneself),
    ("updateApiKey", People, Oneself),
    ("updateMe", People, Oneself),
    ("updateOrganization", People, Organization(Admin)),
    ("verifyApiKey", Keys(KeysVerify), Organization(Admin)),
];

#[test]
fn the_table_holds_every_operation_that_needs_a_credential() {
    let documented: BTreeSet<String> = operations()
        .into_iter()
        .filter_map(|operation| operation.is_secured.then_some(operation.id))
        .collect();
    assert_eq!(RULES.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), Vec::from_iter(&documented));
}

/// What ada shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Token,
    Cookie,
    /// A key on the organization that was made with this scope alone.
    OrganizationKey(Scope),
    /// The same on her own account.
    PersonalKey(Scope),
    /// The one that came with the organization.
    PrimaryKey,
}

impl Shown {
    fn all() -> Vec<Self> {
        let keys =
            Scope::ALL.iter().flat_map(|&scope| [Self::OrganizationKey(scope), Self::PersonalKey(scope)]);
        [Self::Token, Self::Cookie, Self::PrimaryKey].into_iter().chain(keys).collect()
    }
}

/// What must come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Success,
    Forbidden,
    NotFound,
    Unauthenticated,
}

/// What the contract says, for ada in a role or as one who has left.
fn outcome((operation, admits, about): (&str, Admits, About), role: Option<Role>, shown: Shown) -> Outcome {
    use Outcome::{Forbidden, NotFound, Success, Unauthenticated};
    if shown == Shown::PrimaryKey {
        // It is nobody's, whatever ada is: it has scopes and no role.
        return match (admits, about) {
            (PeopleAndOwnKey, _) => NotFound,
            // Of a member who has left.
            _ if operation == "listMemberUsages" && role.is_none() => NotFound,
            // What is the owner's is no admin's by way of a key.
            (PeopleAndKeys(Read), Organization(Owner)) => Forbidden,
            (
                PeopleAndKeys(Read) | Keys(UsageWrite | KeysVerify),
                Organization(_) | ActiveOrganization(_),
            ) => Success,
            (PeopleAndKeys(Read), _) if operation == "listPlans" => Success,
            _ => Forbidden,
        };
    }
    let scope = match shown {
        Shown::Token | Shown::Cookie | Shown::PrimaryKey => None,
        // A key falls with its maker's membership.
        Shown::OrganizationKey(_) if role.is_none() => return Unauthenticated,
        Shown::OrganizationKey(scope) | Shown::PersonalKey(scope) => Some(scope),
    };
    let admitted = match (admits, scope) {
        (People | PeopleAndKeys(_) | PeopleAndOwnKey, None) => true,
        (PeopleAndKeys(needed) | Keys(needed), Some(scope)) => needed == scope,
        (PeopleAndOwnKey, Some(_)) => return NotFound,
        _ => false,
    };
    // Its scopes shrink with its maker's role.
    let shrunk = matches!((shown, role), (Shown::OrganizationKey(scope), Some(role))
        if (scope == BillingWrite && role < Owner) || (scope != Read && role < Admin));
    if !admitted || shrunk {
        return Forbidden;
    }
    match (about, shown) {
        (OwnAccount, Shown::OrganizationKey(_)) => Forbidden,
        // Scopes on an account that one has left are nobody's to give.
        (Oneself, _) if operation == "updateApiKey" && role.is_none() => Forbidden,
        // Another account's subjects and keys are told as unknown.
        (Organization(_), Shown::PersonalKey(_)) if operation == "ingestEvents" => NotFound,
        (Organization(_), Shown::PersonalKey(_)) if operation == "verifyApiKey" => Success,
        (Organization(_), Shown::PersonalKey(_)) if role.is_some() => Forbidden,
        (ActiveOrganization(_), Shown::PersonalKey(_)) => NotFound,
        (Organization(least) | ActiveOrganization(least), _) => match role {
            None => NotFound,
            Some(role) if role < least => Forbidden,
            Some(_) => Success,
        },
        (ActiveAccount(least), _) if role.is_some_and(|role| role < least) => Forbidden,
        (Oneself | OwnAccount | ActiveAccount(_), _) => Success,
    }
}

/// What can be called once in a world, or by its scene's own caller alone.
const ENDS_ITS_CALLER: &[&str] = &[
    "acceptInvite",
    "changePassword",
    "closeSession",
    "confirmSecondFactor",
    "deleteMe",
    "logout",
    "removeSecondFactor",
    "renewRecoveryCodes",
];

#[tokio::test]
async fn accounts_do_for_each_credential_in_each_role_what_the_table_says() {
    try_part("accounts", 0).await;
}

#[tokio::test]
async fn accounts_do_for_each_credential_in_each_role_what_the_table_says_second_part() {
    try_part("accounts", 1).await;
}

#[tokio::test]
async fn accounts_do_for_each_credential_in_each_role_what_the_table_says_third_part() {
    try_part("accounts", 2).await;
}

#[tokio::test]
async fn accounts_do_for_each_credential_in_each_role_what_the_table_says_last_part() {
    try_part("accounts", 3).await;
}

#[tokio::test]
async fn sign_in_the_organization_and_the_platform_do_for_each_credential_in_each_role_what_the_table_says() {
    for family in ["auth", "organization", "platform"] {
        for part in 0..PARTS {
            try_part(family, part).await;
        }
    }
}

/// Into so many parts a family is dealt, so that each ends in useful time.
const PARTS: usize = 4;

async fn try_part(family: &'static str, part: usize) {
    for_each_engine(|test| async move {
        let mut matrix = Matrix::new(test).await;
        let secured = operations().into_iter().filter(|it| it.is_secured && it.family == family);
        // The last of all is the one after which nothing is left to try others on.
        let (last, others): (Vec<_>, Vec<_>) =
            secured.skip(part).step_by(PARTS).partition(|it| it.id == "deleteOrganization");
        for operation in others.into_iter().chain(last) {
            matrix.try_operation(&operation.id).await;
        }
    })
    .await;
}

/// A world in which ada is tried in every role, beside another owner.
struct Matrix {
    stage: Stage,
    cookie: Credential,
    keys: Vec<(Shown, Credential)>,
}

impl Matrix {
    async fn new(test: TestDb) -> Self {
        let stage = Stage::new(test).await;
        stage.world.member(&stage.ada, "olga", Owner).await;
        let cookie = Credential::Cookie(stage.cookie(&stage.ada.person.email).await);
        let mut keys = Vec::new();
        for &scope in Scope::ALL {
            for (shown, account) in [
                (Shown::OrganizationKey(scope), stage.organizational()),
                (Shown::PersonalKey(scope), stage.personal()),
            ] {
                let secret = stage.new_key(account, &[scope]).await.secret.expose().clone();
                keys.push((shown, Credential::ApiKey(secret)));
            }
        }
        Self { stage, cookie, keys }
    }

    async fn credential(&self, shown: Shown) -> Credential {
        match shown {
            Shown::PrimaryKey => Credential::ApiKey(self.stage.primary_key().await),
            Shown::Token => self.stage.token(),
            Shown::Cookie => self.cookie.clone(),
            _ => self.keys.iter().find(|(key, _)| *key == shown).unwrap().1.clone(),
        }
    }

    async fn try_operation(&mut self, operation: &str) {
        let rule = *RULES.iter().find(|(id, ..)| *id == operation).unwrap();
        let roles: &[Option<Role>] = match rule.2 {
            // Its scene's invite is ada's own, and ends with her leaving.
            Oneself if operation == "acceptInvite" => &[Some(Owner)],
            Oneself | OwnAccount => &[Some(Owner), None],
            _ => &[None, Some(Member), Some(Admin), Some(Owner)],
        };
        for &role in roles {
            self.stage.become_in_organization(Some(Owner)).await;
            let Scene { ask, .. } = scene(&self.stage, operation).await.unwrap();
            self.stage.become_in_organization(role).await;
            let ask = self.of_own_membership(operation, ask).await;
            let (refused, admitted): (Vec<_>, Vec<_>) =
                Shown::all().into_iter().partition(|shown| outcome(rule, role, *shown) != Outcome::Success);
            let before = self.stage.world.test.dump().await;
            for shown in refused {
                self.expect(rule, role, shown, ask.clone().by(&self.credential(shown).await)).await;
            }
            let after = self.stage.world.test.dump().await;
            assert_eq!(after, before, "{operation} as {role:?} changed something");
            for shown in admitted {
                self.stage.become_in_organization(Some(Owner)).await;
                let Scene { ask, by } = scene(&self.stage, operation).await.unwrap();
                self.stage.become_in_organization(role).await;
                let ask = self.of_own_membership(operation, ask).await;
                let own = ENDS_ITS_CALLER.contains(&operation);
                let ask = ask.by(&if own { by } else { self.credential(shown).await });
                self.expect(rule, role, shown, ask).await;
                if operation == "deleteOrganization" {
                    return;
                }
            }
        }
        self.stage.become_in_organization(Some(Owner)).await;
    }

    /// One who left and came back has another membership.
    async fn of_own_membership(&self, operation: &str, ask: Ask) -> Ask {
        match self.stage.own_membership().await {
            Some(own) if operation == "listMemberUsages" => {
                let organization = self.stage.organization();
                Ask { path: format!("/api/v1/organizations/{organization}/members/{}/usages", own.id), ..ask }
            }
            _ => ask,
        }
    }

    async fn expect(&self, rule: (&str, Admits, About), role: Option<Role>, shown: Shown, ask: Ask) {
        let answer = self.stage.ask(ask).await;
        let at = format!("{} as {role:?} by {shown:?}: {} {}", rule.0, answer.status, answer.text());
        match outcome(rule, role, shown) {
            Outcome::Success => assert!(answer.status.is_success(), "{at}"),
            Outcome::Forbidden => {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{at}");
                assert!(answer.text().contains("Forbidden") || rule.0 == "createApiKey", "{at}");
            }
            Outcome::NotFound => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
            Outcome::Unauthenticated => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{at}"),
        }
    }
}

#[tokio::test]
async fn a_suspended_person_is_refused_by_every_operation_whatever_it_shows() {
    for_each_engine(|test| async move {
        let matrix = Matrix::new(test).await;
        let mut asks = Vec::new();
        for (operation, ..) in RULES {
            if *operation != "acceptInvite" {
                asks.push((operation, scene(&matrix.stage, operation).await.unwrap().ask));
            }
        }
        let user = matrix.stage.user();
        bursar_operations::suspend_user(&matrix.stage.world.core, user, true).await.unwrap();
        let before = matrix.stage.world.test.dump().await;
        for (operation, ask) in asks {
            // The organization's own key is nobody's.
            for shown in Shown::all().into_iter().filter(|shown| *shown != Shown::PrimaryKey) {
                let answer = matrix.stage.ask(ask.clone().by(&matrix.credential(shown).await)).await;
                let at = format!("{operation} by {shown:?}: {}", answer.text());
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{at}");
            }
        }
        assert_eq!(matrix.stage.world.test.dump().await, before);
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
