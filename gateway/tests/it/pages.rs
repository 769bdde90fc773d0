use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use bursar_testkit::{TestDb, for_each_engine, on_sqlite};
use serde_json::{Value, json};

use crate::server::{Answer, config, get, post, ready_router, send};

const FORM: &str = "application/x-www-form-urlencoded";
const OURS: &str = "http://127.0.0.1:8080";
const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "analytical+engine";
const CALLBACK: &str = "http%3A%2F%2F127.0.0.1%3A9%2Fcallback";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The server, with ada and her organization.
async fn served(test: &TestDb, variables: &[(&str, &str)]) -> Router {
    let router = ready_router(test, config(variables)).await;
    let ada = json!({
        "email": EMAIL, "password": PASSWORD, "display_name": "Ada <b>", "organization_name": "Engines & Sons",
    });
    let registered = post(&router, "/auth/register", "application/json", ada.to_string()).await;
    assert_eq!(registered.status, StatusCode::OK, "{}", registered.text());
    router
}

/// What a page of a site sends, with the cookies of ours.
async fn submit(router: &Router, site: Option<&str>, cookie: &str, path: &str, form: &str) -> Answer {
    let request = Request::post(path).header("content-type", FORM).header("cookie", cookie);
    let request = site.into_iter().fold(request, |request, site| request.header("origin", site));
    send(router, request.body(Body::from(form.to_owned())).unwrap()).await
}

async fn sign_in(router: &Router, password: &str, return_to: &str) -> Answer {
    let pairs = [("email", EMAIL), ("password", password), ("return_to", return_to)];
    let form: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", escaped(value))).into();
    submit(router, Some(OURS), "", "/sign-in", &form.join("&")).await
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The cookie of a new session, as a browser sends it.
async fn signed_in(router: &Router) -> String {
    let answer = sign_in(router, PASSWORD, "/account").await;
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn get_as(router: &Router, cookie: &str, path: &str) -> Answer {
    send(router, Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
}

fn assert_leads_to(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, to), "{}", answer.text());
}

#[tokio::test]
async fn a_person_signs_in_goes_where_it_was_going_and_signs_out() {
    for_each_engine(|test| async move {
        let router = served(&test, &[]).await;
        assert_leads_to(&get(&router, "/account").await, "/sign-in?return_to=%2Faccount");
        let page = get(&router, "/sign-in?return_to=%2Faccount").await;
        assert!(page.text().contains(r#"name="return_to" value="/account""#));
        assert_eq!(
            page.header("referrer-policy"),
            "same-origin",
            "else browsers hide the form's origin from us"
        );

        let opened = sign_in(&router, PASSWORD, "/authorize?state=1").await;
        assert_leads_to(&opened, "/authorize?state=1");
        assert!(opened.header("set-cookie").ends_with("; HttpOnly; SameSite=Lax; Path=/"));
        assert_leads_to(&sign_in(&router, PASSWORD, "//evil.example/").await, "/account");

        let cookie = opened.header("set-cookie").split(';').next().unwrap();
        let account = get_as(&router, cookie, "/account").await;
        for told in ["Ada &#60;b&#62;", EMAIL, "Engines &#38; Sons", "owner", "0.00"] {
            assert!(account.text().contains(told), "{told}: {}", account.text());
        }
        assert_leads_to(&get_as(&router, cookie, "/sign-in").await, "/account");

        let closed = submit(&router, Some(OURS), cookie, "/sign-out", "").await;
        assert_leads_to(&closed, "/sign-in?signed_out=true");
        assert!(closed.header("set-cookie").contains("Max-Age=0"));
        assert_leads_to(&get_as(&router, cookie, "/account").await, "/sign-in?return_to=%2Faccount");
    })
    .await;
}

#[tokio::test]
async fn a_refused_sign_in_shows_the_page_again_without_the_password() {
    on_sqlite(|test| async move {
        let router = served(&test, &[("BURSAR_SIGN_IN_TRIES_PER_MINUTE_PER_ACCOUNT", "2")]).await;
        let wrong = sign_in(&router, "\"><script>guess", "/account").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        let page = wrong.text();
        assert!(page.contains("Invalid email or password.") && page.contains(&format!("value=\"{EMAIL}\"")));
        assert!(!page.contains("guess") && wrong.header("set-cookie").is_empty());

        sign_in(&router, "another", "/account").await;
        let limited = sign_in(&router, PASSWORD, "/account").await;
        assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(limited.text().contains("Too many attempts. Try again in"));
        assert!(limited.header("retry-after").parse::<u64>().unwrap() > 0);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_another_site_sends_changes_nothing() {
    for_each_engine(|test| async move {
        let router = served(&test, &[]).await;
        let cookie = signed_in(&router).await;
        let before = test.dump().await;
        let sign_in = format!("email={}&password={}", escaped(EMAIL), escaped(PASSWORD));
        let authorize = format!("callback_url={CALLBACK}&decision=approve");
        for (path, form) in [("/sign-in", &*sign_in), ("/sign-out", ""), ("/authorize", &*authorize)] {
            for site in [None, Some("null"), Some("https://evil.example"), Some("http://localhost:8080")] {
                let refused = submit(&router, site, &cookie, path, form).await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} from {site:?}");
                assert!(refused.text().contains("This form is taken from http://127.0.0.1:8080 only"));
                assert!(refused.header("set-cookie").is_empty() && refused.header("location").is_empty());
            }
        }
        let json = post(&router, "/sign-in", "application/json", "{}").await;
        assert_eq!(json.status, StatusCode::FORBIDDEN);
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_person_lets_a_client_in_by_a_click_on_our_page_and_by_nothing_else() {
    for_each_engine(|test| async move {
        let router = served(&test, &[]).await;
        let asked = format!(
            "callback_url={CALLBACK}&state=s%261&code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let led = get(&router, &format!("/api/v1/auth/authorize?client_type=cli&{asked}")).await;
        assert_leads_to(&led, &format!("{OURS}/authorize?{asked}"));
        let page = format!("/authorize?{asked}");
        let to_sign_in = get(&router, &page).await;
        assert!(
            to_sign_in.header("location").starts_with("/sign-in?return_to=%2Fauthorize%3Fcallback_url%3D")
        );

        let cookie = signed_in(&router).await;
        let before = test.dump().await;
        let question = get_as(&router, &cookie, &page).await;
        assert_eq!(question.status, StatusCode::OK);
        assert!(question.text().contains("http://127.0.0.1:9") && question.text().contains(EMAIL));
        let policy = question.header("content-security-policy");
        assert!(policy.contains("form-action 'self' http://127.0.0.1:9;"), "{policy}");
        let denied =
            submit(&router, Some(OURS), &cookie, "/authorize", &format!("{asked}&decision=deny")).await;
        assert_leads_to(
            &denied,
            "http://127.0.0.1:9/callback?error=access_denied&provider=bursar&state=s%261",
        );
        let approve = format!("{asked}&decision=approve");
        let unknown = submit(&router, Some(OURS), "", "/authorize", &approve).await;
        assert!(unknown.header("location").starts_with("/sign-in?"));
        assert_eq!(test.dump().await, before, "no code before the click");

        let granted = submit(&router, Some(OURS), &cookie, "/authorize", &approve).await;
        let address = granted.header("location");
        let code = address.strip_prefix("http://127.0.0.1:9/callback?code=").unwrap();
        let code = code.strip_suffix("&provider=bursar&state=s%261").unwrap();
        let exchanged = exchange(&router, code).await;
        assert_eq!(exchanged.json()["data"]["userInfo"]["email"], EMAIL, "{}", exchanged.text());
        assert_eq!(exchange(&router, code).await.status, StatusCode::UNAUTHORIZED, "a code is good once");
    })
    .await;
}

async fn exchange(router: &Router, code: &str) -> Answer {
    let body: Value = json!({
        "grant_type": "authorization_code", "code": code, "client_type": "cli",
        "redirect_uri": "http://127.0.0.1:9/callback", "code_verifier": VERIFIER,
    });
    post(router, "/api/v1/auth/token", "application/json", body.to_string()).await
}

#[tokio::test]
async fn a_question_that_cannot_be_put_is_refused_before_anybody_is_asked() {
    on_sqlite(|test| async move {
        let router = served(&test, &[("BURSAR_SIGN_IN_CALLBACK_SCHEMES", "vscode")]).await;
        let cookie = signed_in(&router).await;
        for (asked, field) in [
            ("client_type=cli", "callback_url is required"),
            ("callback_url=https%3A%2F%2Fevil.example", "callback_url must be http://"),
            ("callback_url=cursor%3A%2F%2Fa%2Fb", "callback_url must be http://"),
            ("redirect_uri=vscode%3A%2F%2Fa%2Fb&code_challenge=x", "code_challenge must be"),
        ] {
            let by_client = get(&router, &format!("/api/v1/auth/authorize?{asked}")).await;
            assert_eq!(by_client.status, StatusCode::BAD_REQUEST);
            assert!(by_client.json()["error"].as_str().unwrap().starts_with(field), "{}", by_client.text());
            let by_person = get_as(&router, &cookie, &format!("/authorize?{asked}")).await;
            assert_eq!(by_person.status, StatusCode::BAD_REQUEST);
            assert!(by_person.text().contains(field) && !by_person.text().contains("<form"));
        }
        let editor = get_as(&router, &cookie, "/authorize?callback_url=vscode%3A%2F%2Fa.b%2Fauth").await;
        assert!(editor.header("content-security-policy").contains("form-action 'self' vscode:;"));
    })
    .await;
}
