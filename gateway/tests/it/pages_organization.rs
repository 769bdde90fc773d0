//! The pages of an organization, and the way into one.

use axum::http::StatusCode;
use bursar_orgs_and_membership::Role;
use bursar_testkit::for_each_engine;

use crate::pages_browser::{
    Browser, Site, assert_hides, assert_leads, assert_refused, assert_shows, between, hidden,
};
use crate::server::Answer;

const ADA: &str = "ada@example.com";
const GUEST: &str = "guest@example.com";

async fn invite(browser: &mut Browser<'_>, organization: &str, email: &str, role: &str) {
    let form = [("email", email), ("role", role)];
    let invited = browser.send(&format!("{organization}/invites"), &form).await;
    assert_leads(&invited, &format!("{organization}?done=invited"));
}

#[tokio::test]
async fn somebody_is_invited_signs_up_and_joins() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut owner = site.browser_of(ADA).await;
        invite(&mut owner, &organization, GUEST, "admin").await;
        assert_shows(&owner.open(&organization).await, &[GUEST, "good until", "2 of 3 taken"]);

        let path = site.mailed_path(GUEST).await;
        let before = site.world.test.dump().await;
        let mut guest = site.browser();
        let page = guest.open(&path).await;
        assert_shows(&page, &["Join ada&#39;s?", "ada asks you in.", GUEST, "admin"]);
        assert_eq!(site.world.test.dump().await, before);

        let to_sign_up = between(&page.text(), "href=\"/sign-up", "\"").to_owned();
        let sign_up = guest.open(&format!("/sign-up{to_sign_up}")).await;
        assert_shows(&sign_up, &[&format!("value=\"{GUEST}\""), "Then you can join ada&#39;s."]);
        assert_hides(&sign_up, &["name=\"organization\""]);
        let back = hidden(&sign_up, "return_to");
        assert_eq!(back, path);
        let form = [
            ("name", "Guest"),
            ("email", GUEST),
            ("password", "violet trombones at dusk"),
            ("return_to", back.as_str()),
        ];
        assert_leads(&guest.send("/sign-up", &form).await, &path);
        let page = guest.open(&path).await;
        assert_shows(&page, &["<button>Join</button>"]);
        let token = hidden(&page, "token");
        let joined = guest.send("/invites/accept", &[("token", &token)]).await;
        assert_leads(&joined, &format!("{organization}?done=joined"));
        assert_shows(
            &guest.open(joined.header("location")).await,
            &["Welcome: you are a member now.", "admin"],
        );
        assert_shows(&guest.open("/account").await, &["<p class=\"eyebrow\">ada&#39;s</p>"]);

        let again = guest.open(&path).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.text().contains("The invite was already accepted"));
    })
    .await;
}

#[tokio::test]
async fn an_invite_is_for_who_it_was_sent_to() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        site.world.person("bob").await;
        let organization = format!("/organizations/{}", ada.organization);
        invite(&mut site.browser_of(ADA).await, &organization, GUEST, "member").await;
        let path = site.mailed_path(GUEST).await;
        let token = path.split_once("?token=").unwrap().1.to_owned();

        let mut nobody = site.browser();
        let led = nobody.send("/invites/accept", &[("token", &token)]).await;
        assert!(led.header("location").starts_with("/sign-in?return_to=%2Finvites%2Faccept%3Ftoken%3D"));
        let mut bob = site.browser_of("bob@example.com").await;
        let page = bob.open(&path).await;
        assert_shows(&page, &["You are signed in as bob@example.com.", "Sign out"]);
        assert_hides(&page, &["<button>Join</button>"]);
        let refused = bob.send("/invites/accept", &[("token", &token)]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text().contains("This invite was sent to another address"));
        let out = bob.send("/sign-out", &[("return_to", &hidden(&page, "return_to"))]).await;
        assert_leads(&out, &path);
        assert!(bob.cookie.is_empty());

        for unknown in ["/invites/accept", "/invites/accept?token=unknown"] {
            assert_eq!(bob.open(unknown).await.status, StatusCode::NOT_FOUND);
        }
        let id = between(&site.browser_of(ADA).await.open(&organization).await.text(), "/invites/inv_", "/")
            .to_owned();
        let revoke = format!("{organization}/invites/inv_{id}/revoke");
        assert_leads(
            &site.browser_of(ADA).await.send(&revoke, &[]).await,
            &format!("{organization}?done=revoked"),
        );
        let gone = bob.open(&path).await;
        assert_eq!(gone.status, StatusCode::GONE);
        assert!(gone.text().contains("This invite has expired or was revoked"));
        let twice = site.browser_of(ADA).await.send(&revoke, &[]).await;
        // Nothing is left in the list that could name it.
        assert!(twice.status == StatusCode::GONE && twice.text().contains("role=\"alert\""));
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_cannot_be_made_is_refused_beside_what_was_typed() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut owner = site.browser_of(ADA).await;
        invite(&mut owner, &organization, GUEST, "member").await;
        let invites = format!("{organization}/invites");
        for (email, role, status, sentence) in [
            ("nobody", "admin", StatusCode::BAD_REQUEST, "The e-mail address must be"),
            (ADA, "admin", StatusCode::CONFLICT, "This person is a member already."),
            (GUEST, "admin", StatusCode::CONFLICT, "An invite for this address is already pending."),
        ] {
            let refused = owner.send(&invites, &[("email", email), ("role", role)]).await;
            assert_refused(&refused, status, sentence);
            assert!(refused.text().contains(&format!("value=\"{email}\"")));
            assert!(refused.text().contains("<option selected>admin</option>"));
        }
        invite(&mut owner, &organization, "third@example.com", "member").await;
        let full = owner.send(&invites, &[("email", "fourth@example.com"), ("role", "member")]).await;
        assert_refused(&full, StatusCode::PAYMENT_REQUIRED, "Every seat is taken.");
    })
    .await;
}

#[tokio::test]
async fn an_owner_gives_roles_and_removes_members() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (bob, bob_member) = site.world.member(&ada, "bob", Role::Member).await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut owner = site.browser_of(ADA).await;
        let page = owner.open(&organization).await;
        assert_shows(
            &page,
            &["Role of bob", "Remove bob", "<span class=\"badge good\">you</span>", "without a limit"],
        );

        let role = format!("{organization}/members/{bob_member}/role");
        assert_leads(&owner.send(&role, &[("role", "admin")]).await, &format!("{organization}?done=role"));
        let mut admin = site.browser_of(&bob.email).await;
        let seen = admin.open(&organization).await;
        assert_shows(&seen, &["Members", "Invites", "Audit log"]);
        assert_hides(&seen, &["Settings", "Delete the organization", "Role of ada", "Remove ada"]);
        let name = admin.send(&format!("{organization}/name"), &[("name", "Bob's")]).await;
        assert_forbidden(&name);
        let own = between(&page.text(), "/members/", "/").to_owned();
        let own = if own == bob_member.to_string() {
            page.text().split("/members/").nth(3).unwrap().split_once('/').unwrap().0.to_owned()
        } else {
            own
        };
        let up = admin.send(&format!("{organization}/members/{own}/role"), &[("role", "member")]).await;
        assert_forbidden(&up);
        let last = owner.send(&format!("{organization}/members/{own}/role"), &[("role", "member")]).await;
        assert_refused(&last, StatusCode::CONFLICT, "The organization must keep an owner.");

        let remove = format!("{organization}/members/{bob_member}/remove");
        let before = site.world.test.dump().await;
        assert_shows(&owner.open(&remove).await, &["Remove bob?", "bob@example.com", "Keep"]);
        assert_eq!(site.world.test.dump().await, before);
        assert_leads(&owner.send(&remove, &[]).await, &format!("{organization}?done=removed"));
        assert_eq!(owner.open(&remove).await.status, StatusCode::NOT_FOUND);
        assert_eq!(admin.open(&organization).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

/// The role does not have it, so no page offers it: the refusal is a page of its own.
fn assert_forbidden(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    assert!(answer.text().contains("<h1>Your role does not allow this</h1>"), "{}", answer.text());
}

#[tokio::test]
async fn a_plain_member_sees_what_it_may_and_leaves_nothing_to_press() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (bob, _) = site.world.member(&ada, "bob", Role::Member).await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut member = site.browser_of(&bob.email).await;
        let page = member.open(&organization).await;
        assert_shows(&page, &["ada&#39;s", "<span class=\"badge\">member</span>"]);
        assert_hides(&page, &["Invite", "Audit log", "Settings", "Role of", "Remove", ADA]);
        for forbidden in ["/audit-log", "/delete"] {
            let refused = member.open(&format!("{organization}{forbidden}")).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{forbidden}");
        }
        let form = [("email", GUEST), ("role", "member")];
        let refused = member.send(&format!("{organization}/invites"), &form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn an_owner_renames_and_deletes_the_organization() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut owner = site.browser_of(ADA).await;
        let rename = format!("{organization}/name");
        let refused = owner.send(&rename, &[("name", " ")]).await;
        assert_refused(&refused, StatusCode::BAD_REQUEST, "The name must be 1 to 100 characters.");
        assert_leads(
            &owner.send(&rename, &[("name", "Engines")]).await,
            &format!("{organization}?done=named"),
        );

        let delete = format!("{organization}/delete");
        assert_shows(&owner.open(&delete).await, &["Delete the organization?", "Type “Engines” to confirm"]);
        let other = owner.send(&delete, &[("name", "engines")]).await;
        assert_refused(&other, StatusCode::BAD_REQUEST, "The name is not the one of this organization.");
        assert!(other.text().contains("value=\"engines\""));
        assert_leads(&owner.send(&delete, &[("name", "Engines")]).await, "/account?done=gone");
        assert_shows(
            &owner.open("/account?done=gone").await,
            &["The organization is deleted.", "Personal account"],
        );
        assert_eq!(owner.open(&organization).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_says_who_did_what_and_is_asked_by_what_and_when() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let organization = format!("/organizations/{}", ada.organization);
        let mut owner = site.browser_of(ADA).await;
        invite(&mut owner, &organization, GUEST, "member").await;
        for number in 0..60 {
            let name = format!("Engines {number}");
            owner.send(&format!("{organization}/name"), &[("name", &name)]).await;
        }
        let log = format!("{organization}/audit-log");
        let page = owner.open(&log).await;
        assert_shows(&page, &["Update organization", "<th scope=\"col\">Who</th>", "Engines 59", "Older"]);
        assert_hides(&page, &["Engines 2&#34;"]);
        let older = between(&page.text(), "class=\"button second\" href=\"", "\"").replace("&#38;", "&");
        let page = owner.open(&older).await;
        assert_shows(&page, &["Create invites", "Create organization"]);
        assert_hides(&page, &[">Older<", GUEST]);

        let invites = owner.open(&format!("{log}?operation=create_invites&from=&to=")).await;
        assert_shows(&invites, &["<option value=\"create_invites\" selected>"]);
        assert_eq!(invites.text().matches("<tr>").count(), 2, "the head and one line");
        let never = owner.open(&format!("{log}?to=2001-01-01")).await;
        assert_shows(&never, &["Nothing was done that this asks for."]);
        for (query, sentence) in
            [("operation=x", "Operation is not known."), ("from=x", "From must be a day")]
        {
            assert_refused(&owner.open(&format!("{log}?{query}")).await, StatusCode::BAD_REQUEST, sentence);
        }
        let cursor = owner.open(&format!("{log}?cursor=x")).await;
        assert_eq!(cursor.status, StatusCode::BAD_REQUEST);
    })
    .await;
}
