//! The pages of a person about itself.

use std::time::Duration;

use axum::http::StatusCode;
use bursar_testkit::{for_each_engine, world::PASSWORD};

use crate::pages_browser::{Site, assert_hides, assert_leads, assert_refused, assert_shows, between};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "violet trombones at dusk";

#[tokio::test]
async fn a_person_changes_its_name() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser_of(ADA).await;
        let long = "é".repeat(101);
        let refused = browser.send("/account/name", &[("name", &long)]).await;
        assert_refused(&refused, StatusCode::BAD_REQUEST, "The name must be 1 to 100 characters");
        assert!(refused.text().contains(&format!("value=\"{long}\"")), "what was typed is kept");
        let named = browser.send("/account/name", &[("name", "Countess & Co")]).await;
        assert_leads(&named, "/account?done=named");
        let account = browser.open("/account?done=named").await;
        assert_shows(&account, &["The name is changed.", "<dd>Countess &#38; Co</dd>", "role=\"status\""]);
    })
    .await;
}

#[tokio::test]
async fn a_person_makes_organizations_and_chooses_which_one_it_acts_for() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let bob = site.world.owner("bob").await;
        let mut browser = site.browser_of(ADA).await;
        let refused = browser.send("/account/organizations", &[("name", "a\tb")]).await;
        assert_refused(&refused, StatusCode::BAD_REQUEST, "The name must not hold control characters.");

        let made = browser.send("/account/organizations", &[("name", "Engines")]).await;
        let page = made.header("location").to_owned();
        let id = between(&page, "/organizations/", "?").to_owned();
        assert_shows(&browser.open(&page).await, &["The organization is made", "Engines", "owner"]);

        let act_for = |id: &str| [("organization", id.to_owned())];
        for (id, acting_for) in [
            (id.as_str(), "<p class=\"eyebrow\">Engines</p>"),
            ("", "<p class=\"eyebrow\">Personal account</p>"),
        ] {
            let [(name, value)] = act_for(id);
            assert_leads(&browser.send("/account/active", &[(name, &value)]).await, "/account?done=active");
            assert_shows(&browser.open("/account").await, &[acting_for]);
        }
        for foreign in [bob.organization.to_string(), "org_1".to_owned()] {
            let refused = browser.send("/account/active", &[("organization", &foreign)]).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND);
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_changes_its_password_and_is_signed_out_everywhere_else() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut other = site.browser_of(ADA).await;
        let mut browser = site.browser_of(ADA).await;
        for (current, new, status, sentence) in [
            ("a guess", NEW_PASSWORD, StatusCode::FORBIDDEN, "The password is not right."),
            (PASSWORD, "password1", StatusCode::BAD_REQUEST, "The password is too easy to guess"),
        ] {
            let refused = browser.send("/security/password", &[("current", current), ("new", new)]).await;
            assert_refused(&refused, status, sentence);
            assert_hides(&refused, &[current, new]);
        }
        let form = [("current", PASSWORD), ("new", NEW_PASSWORD)];
        assert_leads(&browser.send("/security/password", &form).await, "/security?done=password");
        assert_shows(&browser.open("/security").await, &["This session"]);
        assert_leads(&other.open("/security").await, "/sign-in?return_to=%2Fsecurity");
    })
    .await;
}

#[tokio::test]
async fn the_second_factor_is_set_up_used_renewed_and_turned_off() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser_of(ADA).await;
        assert_shows(&browser.open("/security").await, &["Set up"]);
        let begun = browser.send("/security/second-factor", &[]).await;
        assert_shows(&begun, &["href=\"otpauth://totp/Bursar:ada@example.com?secret="]);

        let pending = browser.open("/security").await;
        assert_shows(&pending, &["You have begun to set it up."]);
        assert_hides(&pending, &["otpauth:"]);
        let wrong = browser.send("/security/second-factor/confirm", &[("code", "000000")]).await;
        assert_refused(&wrong, StatusCode::BAD_REQUEST, "The code is not right.");

        let (secret, codes) = browser.set_up_second_factor().await;
        assert_eq!(codes.len(), 10);
        let on = browser.open("/security").await;
        assert_shows(&on, &["10 recovery codes are left."]);
        for code in &codes {
            assert_hides(&on, &[code]);
        }
        let renewed = browser.send("/security/recovery-codes", &[]).await;
        assert_shows(&renewed, &["New recovery codes"]);
        assert_hides(&renewed, &[codes[0].as_str()]);

        let old = browser.send("/security/second-factor/off", &[("code", &codes[0])]).await;
        assert_refused(&old, StatusCode::BAD_REQUEST, "The code is not right.");
        site.world.test.clock.advance(Duration::from_mins(1));
        let code = site.code(&secret);
        let off = browser.send("/security/second-factor/off", &[("code", &format!(" {code} "))]).await;
        assert_leads(&off, "/security?done=factor-off");
        assert_shows(
            &browser.open("/security?done=factor-off").await,
            &["The second factor is off.", "Set up"],
        );
    })
    .await;
}

#[tokio::test]
async fn a_person_sees_its_sessions_and_ends_them() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut bob = {
            site.world.person("bob").await;
            site.browser_of("bob@example.com").await
        };
        let mut other = site.browser_of(ADA).await;
        let mut browser = site.browser_of(ADA).await;
        let page = browser.open("/security").await;
        // Those of the two browsers, and that of the program it signed up with.
        assert_shows(&page, &["Firefox on Linux", "This session", "program", "End all others"]);
        let paths = |text: &str| {
            let parts = text.split("action=\"/security/sessions/").skip(1);
            parts.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect::<Vec<_>>()
        };
        let ends = paths(&page.text());
        assert_eq!(ends.len(), 3, "one for each other session, and one for all: {ends:?}");

        let foreign = bob.send(&format!("/security/sessions/{}", ends[0]), &[]).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        assert_eq!(bob.send("/security/sessions/ses_1/end", &[]).await.status, StatusCode::NOT_FOUND);
        let ended = browser.send(&format!("/security/sessions/{}", ends[0]), &[]).await;
        assert_leads(&ended, "/security?done=ended");
        assert_leads(&other.open("/account").await, "/sign-in?return_to=%2Faccount");
        let all = browser.send("/security/sessions/end-others", &[]).await;
        assert_leads(&all, "/security?done=others-ended");
        let alone = browser.open("/security?done=others-ended").await;
        assert_shows(&alone, &["Every other session has ended."]);
        assert!(paths(&alone.text()).is_empty());
        assert_shows(&bob.open("/security").await, &["bob@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_dangerous_leads_to_the_password_and_back() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let mut browser = site.browser_of(ADA).await;
        site.world.test.clock.advance(Duration::from_hours(13));
        let organization = format!("/organizations/{}", ada.organization);
        let delete = format!("{organization}/delete");
        let step_up = |back: &str| format!("/step-up?return_to={}", back.replace('/', "%2F"));
        for (path, form, back) in [
            ("/security/second-factor", vec![], "/security"),
            ("/security/email", vec![("email", "countess@example.com")], "/security"),
            ("/security/delete", vec![("email", ADA)], "/security"),
            (delete.as_str(), vec![("name", "ada's")], delete.as_str()),
        ] {
            assert_leads(&browser.send(path, &form).await, &step_up(back));
        }
        let page = browser.open(&step_up(&delete)).await;
        assert_shows(&page, &["autocomplete=\"current-password\"", ADA]);
        assert_hides(&page, &["one-time-code"]);
        let wrong = browser.send("/step-up", &[("password", "a guess"), ("return_to", &delete)]).await;
        assert_refused(&wrong, StatusCode::FORBIDDEN, "The password is not right.");
        let elsewhere = [("password", PASSWORD), ("return_to", "https://evil.example/")];
        assert_leads(&browser.send("/step-up", &elsewhere).await, "/account");

        let (secret, _) = browser.set_up_second_factor().await;
        site.world.test.clock.advance(Duration::from_hours(13));
        assert_shows(&browser.open("/step-up").await, &["one-time-code"]);
        let without = browser.send("/step-up", &[("password", PASSWORD)]).await;
        assert_refused(&without, StatusCode::UNAUTHORIZED, "A code of the second factor is needed.");
        let code = site.code(&secret);
        let form = [("password", PASSWORD), ("code", code.as_str()), ("return_to", delete.as_str())];
        assert_leads(&browser.send("/step-up", &form).await, &delete);
        assert_leads(&browser.send(&delete, &[("name", "ada's")]).await, "/account?done=gone");
        assert_eq!(browser.open(&organization).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_person_deletes_its_account_once_it_has_typed_its_address() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (bob, _) = site.world.member(&ada, "bob", bursar_orgs_and_membership::Role::Member).await;
        let mut browser = site.browser_of(ADA).await;
        let other = browser.send("/security/delete", &[("email", "somebody@example.com")]).await;
        assert_refused(&other, StatusCode::BAD_REQUEST, "The e-mail address is not the one of this account.");
        let needed = browser.send("/security/delete", &[("email", ADA)]).await;
        assert_refused(&needed, StatusCode::CONFLICT, "You are the only owner of an organization");

        let mut browser = site.browser_of(&bob.email).await;
        let gone = browser.send("/security/delete", &[("email", " Bob@Example.com ")]).await;
        assert_leads(&gone, "/sign-in?done=deleted");
        assert!(browser.cookie.is_empty());
        assert_shows(&browser.open("/sign-in?done=deleted").await, &["Your account is deleted."]);
        let back = browser.send("/sign-in", &[("email", &bob.email), ("password", PASSWORD)]).await;
        assert_eq!(back.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}
