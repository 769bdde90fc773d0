//! People of an outside issuer: by its tokens, and by a browser.

use bursar_orgs_and_membership::Role;
use bursar_testkit::for_each_engine;
use serde_json::{Value, json};

use crate::{
    client::{Ask, Credential, delete, get, post, put},
    server::Answer,
    stage::Stage,
};

async fn by_token(stage: &Stage, token: &str, ask: Ask) -> Answer {
    stage.ask(ask.by(&Credential::Bearer(token.to_owned()))).await
}

async fn me(stage: &Stage, token: &str) -> Value {
    let answer = by_token(stage, token, get("/api/v1/users/me")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"].clone()
}

#[tokio::test]
async fn a_person_is_made_on_first_sight_and_known_by_its_subject_ever_after() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let token = stage.outside_token("grace", None);
        let first = me(&stage, &token).await;
        assert_eq!(first["email"], "grace@outside.example");
        assert_eq!(first["name"], "Somebody Outside");
        assert_eq!(me(&stage, &format!("workos:{token}")).await["id"], first["id"], "a tag carries no trust");
        // The address may change; the person is the same.
        let mut claims = stage.outside_claims("grace", None);
        claims["email"] = json!("hopper@outside.example");
        claims["email_verified"] = json!(true);
        assert_eq!(me(&stage, &stage.issuer.sign(claims)).await["id"], first["id"]);
        assert_ne!(me(&stage, &stage.outside_token("alan", None)).await["id"], first["id"]);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_somebodys_makes_nobody_that_person() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mut claims = stage.outside_claims("impostor", None);
        claims["email"] = json!(stage.ada.person.email);
        claims["email_verified"] = json!(true);
        let seen = me(&stage, &stage.issuer.sign(claims)).await;
        assert_ne!(seen["id"], stage.user().to_string());
        assert!(seen["email"].as_str().unwrap().ends_with("@users.invalid"), "{seen}");
        assert_eq!(seen["organizations"], json!([]));
        // Nor is one that the issuer has not seen mail reach anybody's.
        let mut claims = stage.outside_claims("squatter", None);
        claims["email"] = json!("victim@example.com");
        let seen = me(&stage, &stage.issuer.sign(claims)).await;
        assert!(seen["email"].as_str().unwrap().ends_with("@users.invalid"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn the_organization_of_a_token_selects_the_account_and_our_membership_authorizes() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let founder = stage.outside_token("founder", Some("org_acme"));
        let seen = me(&stage, &founder).await;
        let organization = seen["organizations"][0]["organizationId"].as_str().unwrap().to_owned();
        assert_eq!(seen["organizations"][0]["roles"], json!(["owner"]));
        let own = by_token(&stage, &founder, get(format!("/api/v1/organizations/{organization}"))).await;
        assert_eq!(own.json()["data"]["externalOrganizationId"], "org_acme");
        // Whom the issuer vouches for is a member, whatever it calls itself there.
        let colleague = stage.outside_token("colleague", Some("org_acme"));
        let joined = me(&stage, &colleague).await;
        assert_eq!(joined["organizations"][0]["organizationId"], organization.as_str());
        assert_eq!(joined["organizations"][0]["roles"], json!(["member"]));
        let members = format!("/api/v1/organizations/{organization}/members");
        assert_eq!(by_token(&stage, &colleague, get(&members)).await.status, 403);
        // The same identifier at another issuer, or without the claim, is none of it.
        assert_eq!(me(&stage, &stage.outside_token("stranger", None)).await["organizations"], json!([]));
        // The claim selects the account that is acted on, without choosing it for good.
        let chosen = put("/api/v1/users/active-account").json(&json!({ "organizationId": null }));
        assert_eq!(by_token(&stage, &founder, chosen).await.status, 204);
        assert_eq!(by_token(&stage, &founder, get("/api/organization")).await.status, 200);
        let unclaimed = stage.outside_token("founder", None);
        assert_eq!(by_token(&stage, &unclaimed, get("/api/organization")).await.status, 404);

        // Who was taken out stays out, whatever the issuer goes on saying.
        let listed = by_token(&stage, &founder, get(&members)).await.json();
        let items = listed["data"]["items"].as_array().unwrap().clone();
        let member = items.iter().find(|item| item["roles"] == json!([Role::Member.as_str()])).unwrap();
        let removal = delete(members).json(&json!({ "memberIds": [member["memberId"]] }));
        assert_eq!(by_token(&stage, &founder, removal).await.status, 204);
        assert_eq!(me(&stage, &colleague).await["organizations"], json!([]));
        assert_eq!(by_token(&stage, &colleague, get("/api/organization")).await.status, 404);
        // Also as somebody new.
        let gone = by_token(&stage, &colleague, delete("/api/v1/users/me")).await;
        assert_eq!(gone.status, 204, "{}", gone.text());
        stage.world.test.clock.advance(std::time::Duration::from_secs(2));
        let anew = stage.outside_token("colleague", Some("org_acme"));
        assert_eq!(me(&stage, &anew).await["organizations"], json!([]));
        // What its owner deleted is not made again by a token.
        let founder = stage.outside_token("founder", Some("org_acme"));
        let path = format!("/api/v1/organizations/{organization}");
        assert_eq!(by_token(&stage, &founder, delete(path)).await.status, 204);
        assert_eq!(me(&stage, &founder).await["organizations"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_suspended_or_deleted_person_is_not_let_in_by_its_issuer() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let token = stage.outside_token("grace", None);
        let user = me(&stage, &token).await["id"].as_str().unwrap().parse().unwrap();
        let core = &stage.world.core;
        bursar_operations::suspend_user(core, user, true).await.unwrap();
        let register = || post("/api/v1/auth/register").json(&json!({ "accessToken": token }));
        assert_eq!(by_token(&stage, &token, get("/api/v1/users/me")).await.status, 401);
        assert_eq!(stage.ask(register()).await.status, 403);
        let founding = stage.outside_token("grace", Some("org_new"));
        let founding = post("/api/v1/auth/register").json(&json!({ "accessToken": founding }));
        assert_eq!(stage.ask(founding).await.status, 403, "nor does it make organizations");
        assert_eq!(stage.world.test.number("SELECT COUNT(*) FROM orgs_organization").await, 1);
        bursar_operations::suspend_user(core, user, false).await.unwrap();
        assert_eq!(me(&stage, &token).await["id"], user.to_string());
        let gone = by_token(&stage, &token, delete("/api/v1/users/me")).await;
        assert_eq!(gone.status, 204, "{}", gone.text());
        assert_eq!(by_token(&stage, &token, get("/api/v1/users/me")).await.status, 401);
        assert_eq!(stage.ask(register()).await.status, 401);
        stage.world.test.clock.advance(std::time::Duration::from_secs(2));
        let anew = me(&stage, &stage.outside_token("grace", None)).await;
        assert_ne!(anew["id"], user.to_string(), "whoever comes back is somebody new");
    })
    .await;
}

#[tokio::test]
async fn fifty_first_sights_at_once_make_one_person_and_one_organization() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let token = stage.outside_token("founder", Some("org_acme"));
        let asked = (0..50).map(|_| by_token(&stage, &token, get("/api/v1/users/me")));
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{}", answers[0].text());
        let seen = me(&stage, &token).await;
        assert_eq!(seen["organizations"].as_array().unwrap().len(), 1);
        let people = "SELECT COUNT(*) FROM identity_user";
        assert_eq!(stage.world.test.number(people).await, 2, "ada and the founder");
        assert_eq!(stage.world.test.number("SELECT COUNT(*) FROM orgs_organization").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_browser_goes_to_the_issuer_and_comes_back_signed_in() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let page = stage.ask_page(get("/sign-in?return_to=/security")).await;
        assert!(page.text().contains("/sign-in/with/local?return_to=%2Fsecurity"), "{}", page.text());
        let person = json!({ "sub": "grace", "email": "grace@outside.example", "email_verified": true });
        stage.issuer.set_person(person);
        let (back, kept) = gone_and_back(&stage).await;
        let answer = stage.ask_page(get(&back).header("cookie", &kept)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/security"),
            "{}",
            answer.text()
        );
        let session = cookies(&answer).into_iter().find(|it| it.starts_with("bursar_session=")).unwrap();
        let me = stage.ask(get("/auth/me").header("cookie", session.split(';').next().unwrap())).await;
        assert_eq!(me.json()["email"], "grace@outside.example");
        assert!(
            cookies(&answer).iter().any(|it| it.starts_with("bursar_outside=;")),
            "what was kept is taken away"
        );

        // The same answer again, in another browser, with another state, without a code.
        let refused = |ask: Ask| stage.ask_page(ask);
        assert_eq!(refused(get(&back).header("cookie", &kept)).await.status, 401, "a code is good once");
        let (back, kept) = gone_and_back(&stage).await;
        assert_eq!(refused(get(&back)).await.status, 401, "another browser");
        let (_, other) = gone_and_back(&stage).await;
        assert_eq!(refused(get(&back).header("cookie", &other)).await.status, 401, "another sign-in's state");
        let denied = back.split('?').next().unwrap().to_owned();
        let state = back.split("state=").nth(1).unwrap().to_owned();
        let denied = get(format!("{denied}?error=access_denied&state={state}")).header("cookie", &kept);
        let answer = refused(denied).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/sign-in?return_to=%2Fsecurity")
        );
        stage.world.test.clock.advance(std::time::Duration::from_mins(11));
        assert_eq!(refused(get(&back).header("cookie", &kept)).await.status, 401, "too late");
        assert_eq!(stage.ask_page(get("/sign-in/with/nobody")).await.status, 404);
    })
    .await;
}

/// Where the issuer sends the browser, and what the browser kept meanwhile.
async fn gone_and_back(stage: &Stage) -> (String, String) {
    let gone = stage.ask_page(get("/sign-in/with/local?return_to=/security")).await;
    assert_eq!(gone.status, 303, "{}", gone.text());
    let kept = cookies(&gone).remove(0);
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Lax"), "{kept}");
    let back = stage.issuer.visit(gone.header("location"));
    let back = back.strip_prefix(bursar_testkit::world::PUBLIC_URL).unwrap().to_owned();
    (back, kept.split(';').next().unwrap().to_owned())
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}
