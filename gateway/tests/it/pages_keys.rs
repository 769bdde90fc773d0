//! The pages of API keys: a person's own, and those of the organization that it runs.

use std::time::Duration;

use axum::http::StatusCode;
use bursar_api_keys::{KeyName, Scope, Verdict};
use bursar_operations::{
    Actor, CreateApiKey, VerifyApiKey, create_api_key, create_service_key, verify_api_key,
};
use bursar_orgs_and_membership::Role;
use bursar_testkit::{
    for_each_engine,
    world::{Owner, PASSWORD, World},
};

use crate::{
    pages_browser::{
        Browser, Site, assert_hides, assert_leads, assert_refused, assert_shows, between, hidden,
    },
    server::Answer,
};

const ADA: &str = "ada@example.com";
const NEW: &str = "/keys/new";
const NEW_OF_ORGANIZATION: &str = "/keys/new?owner=organization";
const SHOWN_ONCE: &str = "This is the only time that it is shown";
/// A key that may be a little.
const READS: [(&str, &str); 3] = [("name", "nightly"), ("scope", "read"), ("ends", "never")];

/// Opens the form, and sends it filled in.
async fn make(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let seen = hidden(&browser.open(path).await, "seen");
    let form: Vec<(&str, &str)> =
        [("seen", seen.as_str())].into_iter().chain(fields.iter().copied()).collect();
    browser.send(path, &form).await
}

/// The whole text of a key, where it is shown.
fn shown_text(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    between(&page.text(), "class=\"whole\">", "<").to_owned()
}

/// The page of the key of this name, from the list.
async fn page_of(browser: &mut Browser<'_>, name: &str) -> String {
    let list = browser.open("/keys").await.text();
    let (before, _) =
        list.split_once(&format!("\">{name}</a>")).unwrap_or_else(|| panic!("no {name}: {list}"));
    before.rsplit_once("href=\"").unwrap().1.to_owned()
}

/// Asks as the product beside the deployment does.
struct Product {
    service: Actor,
}

impl Product {
    async fn of(world: &World) -> Self {
        let key = create_service_key(&world.core, KeyName::new("product").unwrap(), &[]).await.unwrap();
        Self { service: world.key_actor(&key).await }
    }

    async fn verdict(&self, world: &World, text: &str) -> Verdict {
        let shown = VerifyApiKey::shown(text.to_owned());
        verify_api_key(&world.core, &self.service, shown).await.unwrap().verdict
    }
}

#[tokio::test]
async fn a_key_is_made_shown_once_rotated_turned_off_and_on_and_revoked() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let product = Product::of(&site.world).await;
        let mut browser = site.browser_of(ADA).await;
        assert_shows(
            &browser.open("/keys").await,
            &["You have no key yet.", "aria-current=\"page\">API keys"],
        );

        let made = make(&mut browser, NEW, &READS).await;
        assert_shows(&made, &[SHOWN_ONCE, "The key nightly is made", "readonly"]);
        let first = shown_text(&made);
        assert_eq!(product.verdict(&site.world, &first).await, Verdict::Valid);
        let list = browser.open("/keys").await;
        assert_shows(&list, &["nightly", "Personal", "May read", "last used never", "never expires", ">on<"]);
        assert_shows(&list, &[&format!("sk_…{}", &first[first.len() - 4..])]);

        let key = page_of(&mut browser, "nightly").await;
        let seen = hidden(&browser.open(&key).await, "seen");
        let rotate = [("seen", seen.as_str()), ("overlap", "hour")];
        let rotated = browser.send(&format!("{key}/rotate"), &rotate).await;
        assert_shows(&rotated, &[SHOWN_ONCE, "The text before it works until"]);
        let second = shown_text(&rotated);
        for text in [&first, &second] {
            assert_eq!(product.verdict(&site.world, text).await, Verdict::Valid);
        }
        let seen = hidden(&browser.open(&key).await, "seen");
        let rotate = [("seen", seen.as_str()), ("overlap", "none")];
        let rotated = browser.send(&format!("{key}/rotate"), &rotate).await;
        assert_shows(&rotated, &["The text before it is refused from now on."]);
        let third = shown_text(&rotated);
        for text in [&first, &second] {
            assert_ne!(product.verdict(&site.world, text).await, Verdict::Valid);
        }

        assert_leads(&browser.send(&format!("{key}/disable"), &[]).await, &format!("{key}?done=off"));
        assert_eq!(product.verdict(&site.world, &third).await, Verdict::Disabled);
        assert_shows(&browser.open(&format!("{key}?done=off")).await, &["The key is off", ">Turn on<"]);
        assert_leads(&browser.send(&format!("{key}/enable"), &[]).await, &format!("{key}?done=on"));
        assert_eq!(product.verdict(&site.world, &third).await, Verdict::Valid);

        for page in ["/keys", NEW, &key] {
            assert_hides(&browser.open(page).await, &[&first, &second, &third]);
        }
        let revoked = browser.send(&format!("{key}/revoke"), &[("reason", " it leaked ")]).await;
        assert_leads(&revoked, "/keys?done=revoked");
        assert_eq!(product.verdict(&site.world, &third).await, Verdict::Revoked);
        assert_shows(
            &browser.open("/keys?done=revoked").await,
            &["The key is revoked", "You have no key yet."],
        );
        assert_eq!(browser.open(&key).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_sent_again_makes_no_second_key_and_ends_no_overlap() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let product = Product::of(&site.world).await;
        let mut browser = site.browser_of(ADA).await;
        let seen = hidden(&browser.open(NEW).await, "seen");
        let form = [&[("seen", seen.as_str())][..], &READS].concat();
        let first = shown_text(&browser.send(NEW, &form).await);
        let before = site.world.test.dump().await;
        assert_leads(&browser.send(NEW, &form).await, "/keys?done=made");
        assert_eq!(site.world.test.dump().await, before);
        assert_shows(&browser.open("/keys?done=made").await, &["Nothing was made"]);

        let key = page_of(&mut browser, "nightly").await;
        let seen = hidden(&browser.open(&key).await, "seen");
        let (rotate, form) = (format!("{key}/rotate"), [("seen", seen.as_str()), ("overlap", "week")]);
        let second = shown_text(&browser.send(&rotate, &form).await);
        assert_leads(&browser.send(&rotate, &form).await, &format!("{key}?done=rotated"));
        for text in [&first, &second] {
            assert_eq!(product.verdict(&site.world, text).await, Verdict::Valid);
        }
    })
    .await;
}

#[tokio::test]
async fn limits_are_set_listed_changed_and_taken_away() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let product = Product::of(&site.world).await;
        let mut browser = site.browser_of(ADA).await;
        let limits = [
            ("name", "held"),
            ("scope", "read"),
            ("scope", "usage:write"),
            ("ends", "30"),
            ("networks", "203.0.113.9/24\r\n2001:db8::1"),
            ("uses", "60"),
            ("amount", "25"),
            ("window", "month"),
        ];
        let text = shown_text(&make(&mut browser, NEW, &limits).await);
        assert_shows(
            &browser.open("/keys").await,
            &[
                "May read, report usage",
                "from 203.0.113.0/24, 2001:db8::1",
                "60 uses a minute",
                "25.00 USD a month",
                "expires <time",
            ],
        );
        assert_eq!(product.verdict(&site.world, &text).await, Verdict::ForbiddenIp);

        let key = page_of(&mut browser, "held").await;
        let page = browser.open(&key).await;
        assert_shows(&page, &["203.0.113.0/24\n2001:db8::1</textarea>", "value=\"60\"", "value=\"25.00\""]);
        assert_shows(&page, &["<option value=\"keep\" selected>", "value=\"usage:write\" checked"]);
        let change = [("name", "free"), ("scope", "read"), ("ends", "keep"), ("window", "month")];
        assert_leads(&browser.send(&key, &change).await, &format!("{key}?done=changed"));
        let page = browser.open(&format!("{key}?done=changed")).await;
        assert_shows(&page, &["The key is changed.", "<h1>free</h1>", "<dd>none</dd>", "<dd>read</dd>"]);
        assert_hides(&page, &["<dd>never</dd></div>\n</dl>"]);
        assert_eq!(product.verdict(&site.world, &text).await, Verdict::Valid);
        site.world.test.clock.advance(Duration::from_hours(31 * 24));
        let mut browser = site.browser_of(ADA).await;
        assert_shows(&browser.open("/keys").await, &[">expired<"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_is_said_beside_its_field_and_what_was_typed_is_kept() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser_of(ADA).await;
        make(&mut browser, NEW, &READS).await;
        let key = page_of(&mut browser, "nightly").await;
        let good = [
            ("name", "second <b>"),
            ("scope", "read"),
            ("ends", "90"),
            ("day", ""),
            ("networks", "10.0.0.0/8"),
            ("uses", "60"),
            ("amount", "5"),
            ("window", "day"),
        ];
        for (field, typed, sentence, before) in [
            ("name", " ", "The name must be 1 to 100 characters.", "<label for=\"name\">Name</label>\n"),
            ("scope", "everything", "What it may do must be among read", "<legend>What it may do</legend>\n"),
            ("day", "2001-01-01", "The end must be in the future.", "<legend>When it expires</legend>\n"),
            ("day", "soon", "The end must be a day, such as", "<legend>When it expires</legend>\n"),
            ("networks", "10.0.0.0/8 home", "“home” is neither.", "networks</label>\n"),
            ("uses", "0", "The uses a minute must be 1 to 1000000.", "at most</label>\n"),
            ("uses", "many", "The uses a minute must be a whole number.", "at most</label>\n"),
            ("amount", "0", "The amount must be more than 0.", "uses-hint\">"),
            ("amount", "1,000", "The amount must be a number of USD", "uses-hint\">"),
            ("window", "year", "The amount must be for a day, for a month or in all.", "uses-hint\">"),
        ] {
            let form = good.map(|(name, value)| if name == field { (name, typed) } else { (name, value) });
            let sent = [make(&mut browser, NEW, &form).await, browser.send(&key, &form).await];
            for refused in sent {
                assert_refused(&refused, StatusCode::BAD_REQUEST, sentence);
                let text = refused.text();
                let (above, _) = text.split_once("<p class=\"notice bad\"").unwrap();
                assert!(above[above.len() - 200..].contains(before), "{field}={typed}: {above}");
                assert_eq!(text.matches("id=\"refusal\"").count(), 1, "{text}");
                for (name, value) in form {
                    let kept = match name {
                        "name" => "second &#60;b&#62;",
                        "scope" | "window" | "ends" => continue,
                        _ => value,
                    };
                    assert!(text.contains(kept) || name == field, "{name} is lost: {text}");
                }
                assert!(text.contains("<option value=\"90\" selected>"), "{text}");
            }
        }
        let without = make(&mut browser, NEW, &[("name", "nothing"), ("ends", "never")]).await;
        assert_refused(&without, StatusCode::BAD_REQUEST, "What it may do must be one thing at least.");
        let reason = "x".repeat(201);
        let refused = browser.send(&format!("{key}/revoke"), &[("reason", &reason)]).await;
        assert_refused(&refused, StatusCode::BAD_REQUEST, "The reason must be 1 to 200 characters.");
        assert!(refused.text().contains(&reason), "what was typed is kept");
        assert_shows(&browser.open("/keys").await, &["nightly"]);
        assert_hides(&browser.open("/keys").await, &["second", "nothing"]);
    })
    .await;
}

/// Every form of a key's page.
fn forms_of(key: &str) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    vec![
        (key.to_owned(), READS.to_vec()),
        (format!("{key}/disable"), vec![]),
        (format!("{key}/enable"), vec![]),
        (format!("{key}/rotate"), vec![("seen", "x"), ("overlap", "none")]),
        (format!("{key}/revoke"), vec![("reason", "")]),
    ]
}

#[tokio::test]
async fn a_key_of_another_person_is_not_there() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let (_, _) = site.world.member(&ada, "bob", Role::Admin).await;
        let key = site.world.key(&ada.person).await;
        let mut bob = site.browser_of("bob@example.com").await;
        assert_leads(&act_for(&mut bob, &ada).await, "/account?done=active");
        let key = format!("/keys/{}", key.key.id);
        let before = site.world.test.dump().await;
        for unknown in [key.as_str(), "/keys/key_1", "/keys/nothing"] {
            let answer = bob.open(unknown).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}");
            assert!(answer.text().contains("There is no such key") && !answer.text().contains("ada@"));
            for (path, form) in forms_of(unknown) {
                assert_eq!(bob.send(&path, &form).await.status, StatusCode::NOT_FOUND, "{path}");
            }
        }
        assert_eq!(site.world.test.dump().await, before);
        assert_shows(&bob.open("/keys").await, &["You have no key yet."]);
    })
    .await;
}

async fn act_for(browser: &mut Browser<'_>, owner: &Owner) -> Answer {
    browser.send("/account/active", &[("organization", &owner.organization.to_string())]).await
}

#[tokio::test]
async fn the_organizations_key_is_masked_until_asked_for_and_stops_when_it_is_replaced() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.owner("ada").await;
        let product = Product::of(&site.world).await;
        let mut owner = site.browser_of(ADA).await;
        let list = owner.open("/keys").await;
        assert_shows(&list, &["The key of ada&#39;s", "<code>ak_", "It has no further key yet."]);
        let shown = owner.open("/keys/organization").await;
        let first = shown_text(&shown);
        assert!(first.starts_with("ak_") && first.len() == 40, "{first}");
        assert_eq!(product.verdict(&site.world, &first).await, Verdict::Valid);
        let masked = format!("{}…{}", &first[..7], &first[36..]);
        assert_shows(&list, &[&masked]);
        let before = site.world.test.dump().await;
        let asks = owner.open("/keys/organization/regenerate").await;
        assert_shows(&asks, &["Another key for ada&#39;s?", "stops at once"]);
        for page in [&list, &asks] {
            assert_hides(page, &[&first]);
        }
        assert_eq!(site.world.test.dump().await, before);

        let regenerated = owner.send("/keys/organization/regenerate", &[]).await;
        assert_leads(&regenerated, "/keys/organization?done=regenerated");
        let second = shown_text(&owner.open("/keys/organization?done=regenerated").await);
        assert_ne!(first, second);
        assert_ne!(product.verdict(&site.world, &first).await, Verdict::Valid);
        assert_eq!(product.verdict(&site.world, &second).await, Verdict::Valid);
        assert_hides(&owner.open("/keys").await, &[&second]);
    })
    .await;
}

#[tokio::test]
async fn who_runs_an_organization_makes_keys_of_its_own_and_a_member_sees_none_of_them() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        site.world.member(&ada, "bob", Role::Member).await;
        site.world.member(&ada, "cyd", Role::Admin).await;
        let mut owner = site.browser_of(ADA).await;
        let mut member = site.browser_of("bob@example.com").await;
        let mut admin = site.browser_of("cyd@example.com").await;
        for browser in [&mut member, &mut admin] {
            let alone = browser.open("/keys").await;
            assert_hides(&alone, &["ada&#39;s</h2>", "ak_"]);
            assert_eq!(browser.open("/keys/organization").await.status, StatusCode::NOT_FOUND);
            act_for(browser, &ada).await;
        }
        assert_shows(&owner.open(NEW_OF_ORGANIZATION).await, &["New key of ada&#39;s", "billing:write"]);
        let buys = [("name", "shared"), ("scope", "read"), ("scope", "billing:write"), ("ends", "never")];
        let made = make(&mut owner, NEW_OF_ORGANIZATION, &buys).await;
        assert_shows(&made, &[SHOWN_ONCE, "<p class=\"eyebrow\">ada&#39;s</p>"]);
        let key = page_of(&mut owner, "shared").await;

        // An admin may not give what only owners may, and takes it away only on purpose.
        let page = admin.open(&key).await;
        assert_shows(&page, &["Belongs to", "It also has <code>billing:write</code>", "keys:verify"]);
        assert_hides(&page, &["value=\"billing:write\""]);
        let named = [("name", "renamed"), ("scope", "read"), ("ends", "keep")];
        assert_leads(&admin.send(&key, &named).await, &format!("{key}?done=changed"));
        assert_shows(&owner.open("/keys").await, &["renamed", "May read, buy"]);
        let wide = make(&mut admin, NEW_OF_ORGANIZATION, &buys).await;
        assert_refused(&wide, StatusCode::FORBIDDEN, "You may not give this to a key.");
        let less = [("name", "renamed"), ("scope", "usage:write"), ("ends", "keep")];
        assert_leads(&admin.send(&key, &less).await, &format!("{key}?done=changed"));
        assert_shows(&owner.open("/keys").await, &["May report usage<"]);

        let before = site.world.test.dump().await;
        let own = member.open("/keys").await;
        assert_shows(&own, &["You have no key yet."]);
        assert_hides(&own, &["renamed", "ak_", "owner=organization"]);
        assert_hides(&member.open(NEW).await, &["value=\"usage:write\""]);
        for page in [NEW_OF_ORGANIZATION, "/keys/organization", "/keys/organization/regenerate"] {
            assert_eq!(member.open(page).await.status, StatusCode::FORBIDDEN, "{page}");
        }
        for path in [NEW_OF_ORGANIZATION, "/keys/organization/regenerate"] {
            assert_eq!(member.send(path, &READS).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(member.open(&key).await.status, StatusCode::NOT_FOUND);
        for (path, form) in forms_of(&key) {
            assert_eq!(member.send(&path, &form).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(site.world.test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn what_makes_a_key_wider_leads_to_the_password_and_back_to_what_was_typed() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        site.world.person("ada").await;
        let mut browser = site.browser_of(ADA).await;
        make(&mut browser, NEW, &READS).await;
        let key = page_of(&mut browser, "nightly").await;
        site.world.test.clock.advance(Duration::from_hours(13));
        let narrower = [("name", "nightly"), ("scope", "read"), ("ends", "30"), ("networks", "10.0.0.0/8")];
        assert_leads(&browser.send(&key, &narrower).await, &format!("{key}?done=changed"));
        assert_leads(&browser.send(&format!("{key}/disable"), &[]).await, &format!("{key}?done=off"));

        let wider = [
            ("name", "a & b"),
            ("scope", "read"),
            ("scope", "keys:verify"),
            ("ends", "never"),
            ("networks", "10.0.0.0/7"),
        ];
        let seen = hidden(&browser.open(&key).await, "seen");
        let rotate = [("seen", seen.as_str()), ("overlap", "none")];
        for (path, form, page, says) in [
            (format!("{key}/enable"), vec![], key.clone(), vec![]),
            (format!("{key}/rotate"), rotate.to_vec(), key.clone(), vec![]),
            (key.clone(), wider.to_vec(), key.clone(), vec!["10.0.0.0/7</textarea>", "value=\"a &#38; b\""]),
        ] {
            let led = browser.send(&path, &form).await;
            let back = came_back_to(&led);
            assert!(back.starts_with(&format!("{page}?done=again")), "{back}");
            let again = browser.open(&back).await;
            assert_shows(&again, &["Nothing is done yet"]);
            assert_shows(&again, &says);
        }
        let new = make(&mut browser, NEW, &wider).await;
        let back = came_back_to(&new);
        let proved = browser.send("/step-up", &[("password", PASSWORD), ("return_to", &back)]).await;
        assert_leads(&proved, &back);
        let again = browser.open(&back).await;
        let kept = ["value=\"a &#38; b\"", "10.0.0.0/7</textarea>", "value=\"keys:verify\" checked"];
        assert_shows(&again, &kept);
        assert_hides(&again, &["value=\"usage:write\" checked"]);
        let seen = hidden(&again, "seen");
        let form = [&[("seen", seen.as_str())][..], &wider].concat();
        assert_shows(&browser.send(NEW, &form).await, &[SHOWN_ONCE]);
    })
    .await;
}

/// Where a person comes back to after it has proved itself.
fn came_back_to(led: &Answer) -> String {
    let query = led.header("location").strip_prefix("/step-up?").unwrap_or_else(|| panic!("{}", led.text()));
    let (_, back) = form_urlencoded::parse(query.as_bytes()).next().unwrap();
    back.into_owned()
}

#[tokio::test]
async fn looking_changes_nothing_and_forms_are_a_signed_in_persons_from_pages_of_ours_only() {
    for_each_engine(|test| async move {
        let site = Site::new(test).await;
        let ada = site.world.owner("ada").await;
        let narrow = CreateApiKey {
            scopes: Some(vec![Scope::Read]),
            ..CreateApiKey::named(KeyName::new("narrow").unwrap())
        };
        let key = create_api_key(&site.world.core, &ada.person.actor, narrow).await.unwrap();
        let key = format!("/keys/{}", key.key.id);
        let mut browser = site.browser_of(ADA).await;
        let mut nobody = site.browser();
        let before = site.world.test.dump().await;
        for page in
            ["/keys", NEW, NEW_OF_ORGANIZATION, "/keys/organization", "/keys/organization/regenerate", &key]
        {
            assert_eq!(browser.open(page).await.status, StatusCode::OK, "{page}");
            let led = nobody.open(page).await;
            let query =
                form_urlencoded::Serializer::new(String::new()).append_pair("return_to", page).finish();
            assert_leads(&led, &format!("/sign-in?{query}"));
        }
        let new = [(NEW.to_owned(), READS.to_vec()), (NEW_OF_ORGANIZATION.to_owned(), READS.to_vec())];
        let regenerate = [("/keys/organization/regenerate".to_owned(), vec![])];
        for (path, form) in forms_of(&key).into_iter().chain(new).chain(regenerate) {
            for from in [None, Some("null"), Some("https://evil.example")] {
                let refused = browser.send_from(from, &path, &form).await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} from {from:?}");
                assert!(refused.text().contains("This form is taken from http://localhost:8080 only"));
            }
            assert_leads(&nobody.send(&path, &form).await, "/sign-in?return_to=%2Fkeys");
        }
        assert_eq!(site.world.test.dump().await, before);
    })
    .await;
}
