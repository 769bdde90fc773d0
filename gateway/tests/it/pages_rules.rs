//! What holds for every page: who may open it, that looking changes nothing, and whose forms are
//! taken.

use axum::http::StatusCode;
use bursar_orgs_and_membership::Role;
use bursar_testkit::for_each_engine;

use crate::pages_browser::{Site, assert_leads};

/// Every page of a person who is signed in.
fn own_pages(organization: &str, member: &str) -> Vec<String> {
    [
        "/account".to_owned(),
        "/security".to_owned(),
        "/step-up".to_owned(),
        organization.to_owned(),
        format!("{organization}/audit-log"),
        format!("{organization}/delete"),
        format!("{organization}/members/{member}/remove"),
    ]
    .into()
}

/// Where a form is sent, where its sender comes back to, and what stands in it.
type Form = (String, String, [(&'static str, &'static str); 2]);

/// Every form that such a page sends.
fn own_forms(organization: &str, member: &str) -> Vec<Form> {
    let name = [("name", "another"), ("", "")];
    let email = [("email", "ada@example.com"), ("", "")];
    let code = [("code", "000000"), ("", "")];
    let nothing = [("", ""), ("", "")];
    let remove = format!("{organization}/members/{member}/remove");
    let delete = format!("{organization}/delete");
    let here = organization.to_owned();
    vec![
        ("/account/name".to_owned(), "/account".to_owned(), name),
        ("/account/active".to_owned(), "/account".to_owned(), [("organization", ""), ("", "")]),
        ("/account/organizations".to_owned(), "/account".to_owned(), name),
        ("/security/password".to_owned(), "/security".to_owned(), [("current", "a"), ("new", "b")]),
        ("/security/email".to_owned(), "/security".to_owned(), email),
        ("/security/verification".to_owned(), "/security".to_owned(), nothing),
        ("/security/second-factor".to_owned(), "/security".to_owned(), nothing),
        ("/security/second-factor/confirm".to_owned(), "/security".to_owned(), code),
        ("/security/second-factor/off".to_owned(), "/security".to_owned(), code),
        ("/security/recovery-codes".to_owned(), "/security".to_owned(), nothing),
        ("/security/sessions/end-others".to_owned(), "/security".to_owned(), nothing),
        ("/security/delete".to_owned(), "/security".to_owned(), email),
        ("/step-up".to_owned(), "/step-up".to_owned(), [("password", "a"), ("", "")]),
        (format!("{organization}/name"), here.clone(), name),
        (
            format!("{organization}/invites"),
            here.clone(),
            [("email", "guest@example.com"), ("role", "member")],
        ),
        (format!("{organization}/members/{member}/role"), here, [("role", "admin"), ("", "")]),
        (remove.clone(), remove, nothing),
        (delete.clone(), delete, [("name", "ada's"), ("", "")]),
    ]
}

/// Every page that anybody may open.
const OPEN_PAGES: [&str; 9] = [
    "/sign-in",
    "/sign-up",
    "/sign-in/mail",
    "/sign-in/link?token=x",
    "/password/forgot",
    "/password/reset?token=x",
    "/email/verify?token=x",
    "/email/change?token=x",
    "/invites/accept?token=x",
];

#[tokio::test]
async fn nobody_opens_a_page_of_a_person_without_signing_in_and_is_led_back_to_it() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (_, member) = site.world.member(&ada, "bob", Role::Member).await;
        let (organization, member) = (format!("/organizations/{}", ada.organization), member.to_string());
        let mut nobody = site.browser();
        let before = site.world.test.dump().await;
        let sign_in = |back: &str| format!("/sign-in?return_to={}", back.replace('/', "%2F"));
        for page in own_pages(&organization, &member) {
            assert_leads(&nobody.open(&page).await, &sign_in(&page));
        }
        for (path, back, form) in own_forms(&organization, &member) {
            assert_leads(&nobody.send(&path, &form).await, &sign_in(&back));
        }
        assert_eq!(site.world.test.dump().await, before);
        let query = format!("{organization}/audit-log?operation=sign_in");
        let led = nobody.open(&query).await;
        assert!(led.header("location").ends_with("audit-log%3Foperation%3Dsign_in"));
    })
    .await;
}

#[tokio::test]
async fn looking_at_a_page_changes_nothing() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (_, member) = site.world.member(&ada, "bob", Role::Member).await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut browser = site.browser_of("ada@example.com").await;
        let before = site.world.test.dump().await;
        for page in own_pages(&organization, &member.to_string()) {
            assert_eq!(browser.open(&page).await.status, StatusCode::OK, "{page}");
        }
        let mut nobody = site.browser();
        for page in OPEN_PAGES {
            let status = nobody.open(page).await.status;
            assert!(status == StatusCode::OK || page.starts_with("/invites"), "{page}: {status}");
        }
        assert_eq!(site.world.test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_on_every_page() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (_, member) = site.world.member(&ada, "bob", Role::Member).await;
        let organization = format!("/organizations/{}", ada.organization);
        let browser = site.browser_of("ada@example.com").await;
        let before = site.world.test.dump().await;
        let own = own_forms(&organization, &member.to_string());
        let own = own.iter().map(|(path, _, form)| (path.as_str(), form.as_slice()));
        let email: &[_] = &[("email", "ada@example.com"), ("password", "a"), ("name", "b")];
        let token: &[_] = &[("token", "x"), ("password", "a")];
        let open = [
            ("/sign-up", email),
            ("/sign-in/mail", email),
            ("/sign-in/link", token),
            ("/password/forgot", email),
            ("/password/reset", token),
            ("/email/verify", token),
            ("/email/change", token),
            ("/invites/accept", token),
        ];
        for (path, form) in own.chain(open) {
            for from in [None, Some("null"), Some("https://evil.example")] {
                let refused = browser.send_from(from, path, form).await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} from {from:?}");
                assert!(refused.text().contains("This form is taken from http://localhost:8080 only"));
            }
        }
        assert_eq!(site.world.test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn the_pages_of_another_organization_are_not_there() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (_, member) = site.world.member(&ada, "bob", Role::Member).await;
        site.world.owner("eve").await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut eve = site.browser_of("eve@example.com").await;
        let before = site.world.test.dump().await;
        let member = member.to_string();
        for page in own_pages(&organization, &member).iter().filter(|page| page.starts_with("/organizations"))
        {
            let answer = eve.open(page).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
            assert!(answer.text().contains("Organization not found") && !answer.text().contains("ada"));
        }
        for (path, _, form) in own_forms(&organization, &member) {
            if path.starts_with("/organizations") {
                assert_eq!(eve.send(&path, &form).await.status, StatusCode::NOT_FOUND, "{path}");
            }
        }
        for unknown in ["/organizations/org_1", "/organizations/%00", "/organizations/x/audit-log"] {
            assert_eq!(eve.open(unknown).await.status, StatusCode::NOT_FOUND, "{unknown}");
        }
        assert_eq!(site.world.test.dump().await, before);
    })
    .await;
}
