//! The ways in: with a second factor, by a new account, by a link that came by mail.

use std::time::Duration;

use axum::http::StatusCode;
use bursar_testkit::{for_each_engine, on_sqlite, world::PASSWORD};

use crate::pages_browser::{Site, assert_hides, assert_leads, assert_refused, assert_shows, hidden};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "violet trombones at dusk";

#[tokio::test]
async fn somebody_with_a_second_factor_types_the_password_once_and_then_the_code() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let (secret, codes) = site.browser_of(ADA).await.set_up_second_factor().await;
        site.world.test.clock.advance(Duration::from_mins(1));

        let mut browser = site.browser();
        let first = [("email", ADA), ("password", PASSWORD), ("return_to", "/security")];
        let asked = browser.send("/sign-in", &first).await;
        assert_shows(&asked, &["autocomplete=\"one-time-code\"", "You sign in as ada@example.com."]);
        assert_hides(&asked, &["type=\"password\"", "role=\"alert\""]);
        assert!(browser.cookie.is_empty(), "not in yet");

        let typed = hidden(&asked, "typed_password");
        let second = |code: &str| {
            ["email", "typed_password", "return_to", "code"]
                .map(str::to_owned)
                .into_iter()
                .zip([ADA.to_owned(), typed.clone(), "/security".to_owned(), code.to_owned()])
                .collect::<Vec<_>>()
        };
        let wrong = second("000000");
        let wrong: Vec<_> = wrong.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let refused = browser.send("/sign-in", &wrong).await;
        assert_refused(&refused, StatusCode::BAD_REQUEST, "The code is not right.");
        assert_hides(&refused, &["type=\"password\""]);

        let code = site.code(&secret);
        let right = second(&code);
        let right: Vec<_> = right.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_leads(&browser.send("/sign-in", &right).await, "/security");
        assert_shows(&browser.open("/security").await, &["This session"]);

        let lost = [("email", ADA), ("password", PASSWORD), ("code", &*codes[0])];
        assert_leads(&site.browser().send("/sign-in", &lost).await, "/account");
    })
    .await;
}

#[tokio::test]
async fn what_carries_a_typed_password_is_good_for_its_address_and_five_minutes_alone() {
    on_sqlite(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        site.world.person("bob").await;
        let (secret, _) = site.browser_of(ADA).await.set_up_second_factor().await;
        site.world.test.clock.advance(Duration::from_mins(1));
        let mut browser = site.browser();
        let asked = browser.send("/sign-in", &[("email", ADA), ("password", PASSWORD)]).await;
        let carried = hidden(&asked, "typed_password");

        for (email, typed) in [("bob@example.com", carried.as_str()), (ADA, "1~v1.x.y"), (ADA, "")] {
            let form = [("email", email), ("typed_password", typed), ("code", "000000")];
            let refused = browser.send("/sign-in", &form).await;
            assert_refused(&refused, StatusCode::UNAUTHORIZED, "type your password again");
            assert!(refused.text().contains("type=\"password\""));
        }
        site.world.test.clock.advance(Duration::from_mins(5) + Duration::from_secs(1));
        let code = site.code(&secret);
        let late = [("email", ADA), ("typed_password", carried.as_str()), ("code", code.as_str())];
        assert_refused(
            &browser.send("/sign-in", &late).await,
            StatusCode::UNAUTHORIZED,
            "That took too long",
        );
        assert!(browser.cookie.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_person_signs_up_with_an_organization_and_is_signed_in() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let mut browser = site.browser();
        let sign_in = browser.open("/sign-in?return_to=%2Fsecurity").await;
        assert_shows(&sign_in, &["/sign-up?return_to=%2Fsecurity", "/password/forgot", "/sign-in/mail"]);
        let page = browser.open("/sign-up?return_to=%2Fsecurity").await;
        assert_shows(&page, &["autocomplete=\"new-password\"", "/sign-in?return_to=%2Fsecurity"]);

        let form = [
            ("name", "Ada <b>"),
            ("email", ADA),
            ("password", NEW_PASSWORD),
            ("organization", "Engines & Sons"),
            ("return_to", "/account"),
        ];
        assert_leads(&browser.send("/sign-up", &form).await, "/account");
        assert_shows(&browser.open("/account").await, &["Ada &#60;b&#62;", "Engines &#38; Sons", "owner"]);
        assert_leads(&browser.open("/sign-up").await, "/account");
    })
    .await;
}

#[tokio::test]
async fn a_refused_sign_up_keeps_what_was_typed_but_for_the_password() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser();
        let before = site.world.test.dump().await;
        for (email, password, organization, status, sentence) in [
            (ADA, NEW_PASSWORD, "", StatusCode::CONFLICT, "There is an account with this address already."),
            ("no address", NEW_PASSWORD, "", StatusCode::BAD_REQUEST, "The e-mail address must be"),
            (
                "eve@example.com",
                "password1",
                "",
                StatusCode::BAD_REQUEST,
                "The password is too easy to guess",
            ),
            (
                "eve@example.com",
                NEW_PASSWORD,
                "a\tb",
                StatusCode::BAD_REQUEST,
                "must not hold control characters.",
            ),
        ] {
            let form = [
                ("name", "Eve \"E\""),
                ("email", email),
                ("password", password),
                ("organization", organization),
            ];
            let refused = browser.send("/sign-up", &form).await;
            assert_refused(&refused, status, sentence);
            assert!(refused.text().contains("value=\"Eve &#34;E&#34;\""), "{}", refused.text());
            assert!(refused.text().contains(&format!("value=\"{email}\"")));
            assert_hides(&refused, &[password]);
        }
        assert_eq!(site.world.test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_mailed_link_signs_in_once_and_only_by_its_button() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser();
        for email in [ADA, "nobody@example.com", "no address"] {
            let asked = browser.send("/sign-in/mail", &[("email", email)]).await;
            assert_leads(&asked, "/sign-in/mail?sent=true");
        }
        assert_shows(&browser.open("/sign-in/mail?sent=true").await, &["Look into your mailbox"]);

        let path = site.mailed_path(ADA).await;
        let before = site.world.test.dump().await;
        let page = browser.open(&path).await;
        assert_shows(&page, &["You have followed the link in our mail."]);
        assert_eq!(site.world.test.dump().await, before, "programs look at links");
        let token = hidden(&page, "token");
        assert_leads(&browser.send("/sign-in/link", &[("token", &token)]).await, "/account");
        assert_shows(&browser.open("/account").await, &[ADA]);

        let mut other = site.browser();
        let used = other.send("/sign-in/link", &[("token", &token)]).await;
        assert_refused(&used, StatusCode::GONE, "This link has expired or was used.");
        assert!(used.text().contains("href=\"/sign-in/mail\"") && other.cookie.is_empty());
        assert_eq!(other.send("/sign-in/link", &[("token", "")]).await.status, StatusCode::GONE);
    })
    .await;
}

#[tokio::test]
async fn a_mailed_link_asks_for_the_second_factor_and_stays_good_until_it_is_right() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let (secret, _) = site.browser_of(ADA).await.set_up_second_factor().await;
        site.world.test.clock.advance(Duration::from_mins(1));
        let mut browser = site.browser();
        browser.send("/sign-in/mail", &[("email", ADA)]).await;
        let path = site.mailed_path(ADA).await;
        let token = hidden(&browser.open(&path).await, "token");
        let asked = browser.send("/sign-in/link", &[("token", &token)]).await;
        assert_shows(&asked, &["autocomplete=\"one-time-code\""]);
        let wrong = browser.send("/sign-in/link", &[("token", &token), ("code", "000000")]).await;
        assert_refused(&wrong, StatusCode::BAD_REQUEST, "The code is not right.");
        let code = site.code(&secret);
        let right = browser.send("/sign-in/link", &[("token", &token), ("code", &code)]).await;
        assert_leads(&right, "/account");
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_mailed_link() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut signed_in = site.browser_of(ADA).await;
        let mut browser = site.browser();
        assert_shows(&browser.open("/password/forgot").await, &["autocomplete=\"email\""]);
        for email in [ADA, "nobody@example.com"] {
            let asked = browser.send("/password/forgot", &[("email", email)]).await;
            assert_leads(&asked, "/password/forgot?sent=true");
        }
        assert_shows(&browser.open("/password/forgot?sent=true").await, &["Look into your mailbox"]);

        let path = site.mailed_path(ADA).await;
        let before = site.world.test.dump().await;
        let page = browser.open(&path).await;
        assert_shows(&page, &["autocomplete=\"new-password\""]);
        assert_eq!(site.world.test.dump().await, before);
        let token = hidden(&page, "token");
        let easy = browser.send("/password/reset", &[("token", &token), ("password", "password1")]).await;
        assert_refused(&easy, StatusCode::BAD_REQUEST, "The password is too easy to guess");
        assert_hides(&easy, &["password1"]);
        assert_eq!(hidden(&easy, "token"), token, "the link is good for another try");

        let form = [("token", token.as_str()), ("password", NEW_PASSWORD)];
        assert_leads(&browser.send("/password/reset", &form).await, "/sign-in?done=reset");
        assert_shows(
            &browser.open("/sign-in?done=reset").await,
            &["Your password is changed. Sign in with it."],
        );
        assert_leads(&signed_in.open("/account").await, "/sign-in?return_to=%2Faccount");
        let old = browser.send("/sign-in", &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(old.status, StatusCode::UNAUTHORIZED);
        let new = browser.send("/sign-in", &[("email", ADA), ("password", NEW_PASSWORD)]).await;
        assert_leads(&new, "/account");
        let used = browser.send("/password/reset", &form).await;
        assert_refused(&used, StatusCode::GONE, "This link has expired or was used.");
        assert!(used.text().contains("href=\"/password/forgot\""));
    })
    .await;
}

#[tokio::test]
async fn an_address_is_verified_by_a_mailed_link() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser_of(ADA).await;
        assert_shows(&browser.open("/security").await, &["not verified yet", "Send the link again"]);
        assert_leads(&browser.send("/security/verification", &[]).await, "/security?done=mailed");
        let path = site.mailed_path(ADA).await;
        let before = site.world.test.dump().await;
        let token = hidden(&browser.open(&path).await, "token");
        assert_eq!(site.world.test.dump().await, before);
        let verified = browser.send("/email/verify", &[("token", &token)]).await;
        assert_leads(&verified, "/security?done=verified");
        let security = browser.open("/security?done=verified").await;
        assert_shows(&security, &["Your e-mail address is verified."]);
        assert_hides(&security, &["Send the link again"]);
        let used = site.browser().send("/email/verify", &[("token", &token)]).await;
        assert_refused(&used, StatusCode::GONE, "This link has expired or was used.");
    })
    .await;
}

#[tokio::test]
async fn another_address_becomes_the_persons_by_a_link_in_its_mailbox() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser_of(ADA).await;
        let refused = browser.send("/security/email", &[("email", "countess@")]).await;
        assert_refused(&refused, StatusCode::BAD_REQUEST, "The e-mail address must be an e-mail address.");
        assert!(refused.text().contains("value=\"countess@\""));
        let asked = browser.send("/security/email", &[("email", "countess@example.com")]).await;
        assert_leads(&asked, "/security?done=mailed");
        let path = site.mailed_path("countess@example.com").await;
        let token = hidden(&browser.open(&path).await, "token");
        // In a browser where nobody is signed in, such as on a telephone.
        let changed = site.browser().send("/email/change", &[("token", &token)]).await;
        assert_leads(&changed, "/sign-in?done=address");
        assert_shows(&browser.open("/account").await, &["countess@example.com"]);
    })
    .await;
}
