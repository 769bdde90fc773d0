use bursar_kernel::Clock as _;
use bursar_operations::{
    Origin, begin_second_factor, confirm_second_factor, list_sessions, request_magic_link,
};
use bursar_testkit::world::{PASSWORD, Person, totp};
use serde_json::json;

use super::{Ask, Scene, delete, get, post, put};
use crate::{client::Credential, stage::Stage};

/// A password that is as good as the first one.
const OTHER_PASSWORD: &str = "quite another horse battery";

/// Scenes of what proves somebody.
pub(super) async fn proving(stage: &Stage, operation: &str) -> Option<Scene> {
    let by_ada = |ask: Ask| Scene { ask, by: stage.token() };
    let by_nobody = |ask: Ask| Scene { ask, by: Credential::Nothing };
    let ada = &stage.ada.person.email;
    Some(match operation {
        "listSessions" => by_ada(get("/auth/sessions")),
        "endSession" => {
            let other = stage.sign_in(ada).await;
            let actor = stage.world.actor(&other).await;
            let own = list_sessions(&stage.world.core, &actor).await.unwrap();
            let other = own.into_iter().find(|session| session.is_this_one).unwrap().session.id;
            by_ada(delete(format!("/auth/sessions/{other}")))
        }
        "stepUp" => by_ada(post("/auth/step-up").json(&json!({ "password": PASSWORD }))),
        "forgotPassword" => {
            let other = stage.other("forgetful").await;
            by_nobody(post("/auth/password/forgot").json(&json!({ "email": other.email })))
        }
        "resetPassword" => {
            let other = stage.other("forgetful").await;
            bursar_operations::request_password_reset(&stage.world.core, &Origin::default(), &other.email)
                .await
                .unwrap();
            let token = stage.world.mailed_token(&other.email).await;
            let body = json!({ "token": token, "password": OTHER_PASSWORD });
            by_nobody(post("/auth/password/reset").json(&body))
        }
        "changePassword" => {
            let other = stage.other("careful").await;
            let body = json!({ "current_password": PASSWORD, "password": OTHER_PASSWORD });
            by(&other, put("/auth/password").json(&body))
        }
        "requestEmailVerification" => {
            let other = stage.other("careful").await;
            by(&other, post("/auth/email/verification"))
        }
        "verifyEmail" => {
            let other = stage.other("careful").await;
            let token = stage.world.mailed_token(&other.email).await;
            by_nobody(post("/auth/email/verify").json(&json!({ "token": token })))
        }
        "requestEmailChange" => {
            let other = stage.other("moving").await;
            by(&other, post("/auth/email").json(&json!({ "email": format!("new-{}", other.email) })))
        }
        "changeEmail" => {
            let other = stage.other("moving").await;
            let email = format!("new-{}", other.email);
            let asked = post("/auth/email").json(&json!({ "email": email }));
            let asked = stage.ask(asked.by(&Credential::Bearer(other.access_token.clone()))).await;
            assert_eq!(asked.status, 202, "{}", asked.text());
            let token = stage.world.mailed_token(&email).await;
            by_nobody(post("/auth/email/change").json(&json!({ "token": token })))
        }
        "requestMagicLink" => {
            let other = stage.other("forgetful").await;
            by_nobody(post("/auth/magic-link").json(&json!({ "email": other.email })))
        }
        "redeemMagicLink" => {
            let other = stage.other("forgetful").await;
            request_magic_link(&stage.world.core, &Origin::default(), &other.email).await.unwrap();
            let token = stage.world.mailed_token(&other.email).await;
            by_nobody(post("/auth/magic-link/redeem").json(&json!({ "token": token })))
        }
        "getSecondFactor" => by_ada(get("/auth/second-factor")),
        "beginSecondFactor" => {
            let other = stage.other("careful").await;
            by(&other, post("/auth/second-factor"))
        }
        "confirmSecondFactor" => {
            let other = stage.other("careful").await;
            let secret = begin(stage, &other).await;
            let code = totp(&secret, stage.world.test.clock.now());
            by(&other, post("/auth/second-factor/confirm").json(&json!({ "code": code })))
        }
        "renewRecoveryCodes" => {
            let other = stage.other("careful").await;
            turn_on(stage, &other).await;
            by(&other, post("/auth/second-factor/recovery-codes"))
        }
        "removeSecondFactor" => {
            let other = stage.other("careful").await;
            let code = turn_on(stage, &other).await;
            by(&other, delete("/auth/second-factor").json(&json!({ "code": code })))
        }
        _ => return None,
    })
}

fn by(person: &Person, ask: Ask) -> Scene {
    Scene { ask, by: Credential::Bearer(person.access_token.clone()) }
}

/// Begins a second factor and answers its secret.
async fn begin(stage: &Stage, person: &Person) -> String {
    let enrolment = begin_second_factor(&stage.world.core, &person.actor).await.unwrap();
    enrolment.secret_base32.expose().clone()
}

/// Turns a second factor on and answers a recovery code.
async fn turn_on(stage: &Stage, person: &Person) -> String {
    let secret = begin(stage, person).await;
    let code = totp(&secret, stage.world.test.clock.now());
    let codes = confirm_second_factor(&stage.world.core, &person.actor, &code).await.unwrap();
    codes[0].expose().clone()
}
