use bursar_api_keys::Scope;
use bursar_kernel::Clock as _;
use bursar_testkit::for_each_engine;
use serde_json::{Value, json};

use super::{accounts_error, refused};
use crate::{
    client::{Ask, delete, get, post, put},
    stage::{REDIRECT_URI, Stage},
};

/// As ada.
async fn accounts(stage: &Stage, request: Ask) -> (u16, String) {
    accounts_error(&refused(stage, request.by(&stage.token())).await)
}

fn bad(sentence: &str) -> (u16, String) {
    (400, sentence.to_owned())
}

#[tokio::test]
async fn an_amount_that_is_no_whole_number_of_cents_in_range_buys_nothing() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let paths = [
            "/api/v1/users/credits/checkout".to_owned(),
            format!("/api/v1/organizations/{}/credits/checkout", stage.organization()),
        ];
        let range = "amountCents must be a whole number from 500 to 100000";
        let whole = "amountCents must be a whole number in range";
        for path in &paths {
            for (amount, sentence) in [
                ("499", range),
                ("100001", range),
                ("0", range),
                ("-500", range),
                ("9223372036854775807", range),
                ("9223372036854775808", whole),
                ("1e3", whole),
                ("500.0", whole),
                ("500.5", whole),
                ("\"500\"", whole),
                ("null", whole),
                ("[500]", whole),
                ("true", whole),
            ] {
                let body = format!(r#"{{"amountCents":{amount}}}"#);
                let answer = accounts(&stage, post(path).body("application/json", body)).await;
                assert_eq!(answer, bad(sentence), "{amount}");
            }
            assert_eq!(accounts(&stage, post(path).json(&json!({}))).await, bad("amountCents is required"));
            let twice = post(path).body("application/json", r#"{"amountCents":500,"amountCents":600}"#);
            assert_eq!(accounts(&stage, twice).await, bad("amountCents must be given once"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_return_address_that_a_browser_should_not_follow_is_refused_by_its_field() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        for field in ["successUrl", "cancelUrl"] {
            for url in [
                "javascript:alert(1)",
                "ftp://shop.example",
                "//evil.example",
                "",
                "not an address",
                "https://",
            ] {
                let body = json!({ "amountCents": 500, field: url });
                let (status, sentence) =
                    accounts(&stage, post("/api/v1/users/credits/checkout").json(&body)).await;
                assert_eq!(status, 400, "{url}");
                assert!(sentence.starts_with(field), "{sentence}");
            }
            let body = json!({ "amountCents": 500, field: 7 });
            let answer = accounts(&stage, post("/api/v1/users/credits/checkout").json(&body)).await;
            assert_eq!(answer, bad(&format!("{field} must be a text")));
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_or_a_scope_or_an_end_that_breaks_its_rule_makes_no_key_and_no_organization() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let long = "x".repeat(101);
        for path in ["/api/v1/organizations", "/api/v1/api-keys"] {
            for name in
                [json!(""), json!("   "), json!(long), json!(7), json!(null), json!("a\u{0}b"), json!("a\nb")]
            {
                let (status, sentence) = accounts(&stage, post(path).json(&json!({ "name": name }))).await;
                assert_eq!(status, 400, "{name}");
                assert!(
                    sentence.starts_with("name must") || sentence.contains("U+0000"),
                    "{name}: {sentence}"
                );
            }
            assert_eq!(accounts(&stage, post(path).json(&json!({}))).await, bad("name is required"));
        }
        let key =
            |field: &str, value: Value| post("/api/v1/api-keys").json(&json!({ "name": "k", field: value }));
        for (field, value, sentence) in [
            ("expiresAt", json!("tomorrow"), "expiresAt must be an RFC 3339 date-time with an offset"),
            (
                "expiresAt",
                json!("2027-01-01T00:00:00"),
                "expiresAt must be an RFC 3339 date-time with an offset",
            ),
            (
                "expiresAt",
                json!("2026-02-30T00:00:00Z"),
                "expiresAt must be an RFC 3339 date-time with an offset",
            ),
            ("expiresAt", json!(1_800_000_000), "expiresAt must be a text"),
            ("expiresAt", json!("2026-09-30T23:59:59Z"), "expiresAt must be in the future"),
            ("scopes", json!([]), "scopes must name at least one, or be left out"),
            ("scopes", json!(["root"]), "scopes must be among read usage:write keys:verify billing:write"),
            ("scopes", json!("read"), "scopes must be a list"),
            ("scopes", json!([7]), "scopes[0] must be a text"),
        ] {
            assert_eq!(accounts(&stage, key(field, value)).await, bad(sentence));
        }
        assert_eq!(stage.world.test.clock.now().rfc3339(), bursar_testkit::MockClock::START);
    })
    .await;
}

#[tokio::test]
async fn what_is_unknown_or_anothers_is_told_as_unknown_and_another_person_as_forbidden() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mallory = stage.world.funded_org("mallory", 500).await;
        let (user, organization) = (stage.user(), stage.organization());
        let (stranger, elsewhere) = (mallory.person.user, mallory.organization);
        let theirs = stage.world.key(&mallory.person).await.key.id;
        let ended = stage.new_key(stage.organizational(), &[Scope::Read]).await.key.id;
        stage.ada(delete(format!("/api/v1/api-keys/{ended}"))).await;
        let ours = stage.payment(stage.organizational()).await;

        let nobody = "user_01m3tc5h00e00800000000zzzz";
        let nowhere = "org_01m3tc5h00e00800000000zzzz";
        let nothing = "01m3tc5h00e00800000000zzzz";
        for person in [nobody.to_owned(), stranger.to_string()] {
            for rest in ["balance", "usages", "payments", "payments/provider/pi_1"] {
                let answer = accounts(&stage, get(format!("/api/v1/users/{person}/{rest}"))).await;
                assert_eq!(answer, (403, "Forbidden".to_owned()), "{person} {rest}");
            }
        }
        for organization in [nowhere.to_owned(), elsewhere.to_string()] {
            let path = format!("/api/v1/organizations/{organization}");
            let body = json!({ "amountCents": 500 });
            for request in [
                get(path.clone()),
                get(format!("{path}/balance")),
                get(format!("{path}/usages")),
                get(format!("{path}/payments")),
                get(format!("{path}/payments/{ours}")),
                post(format!("{path}/credits/checkout")).json(&body),
                put("/api/v1/users/active-account").json(&json!({ "organizationId": organization })),
            ] {
                let answer = accounts(&stage, request.clone()).await;
                assert_eq!(answer, (404, "Organization not found".to_owned()), "{}", request.path);
            }
        }
        // A payment of the organization is none of the person's own account, and the other way round.
        for path in [
            format!("/api/v1/users/{user}/payments/{ours}"),
            format!("/api/v1/users/{user}/payments/{ours}/status"),
            format!("/api/v1/users/{user}/payments/provider/{ours}"),
            format!("/api/v1/users/{user}/payments/provider/pi_nothing"),
            format!("/api/v1/organizations/{organization}/payments/pay_{nothing}"),
            format!("/api/v1/organizations/{organization}/payments/pay_{nothing}/status"),
            format!("/api/v1/organizations/{organization}/payments/provider/pay_{nothing}"),
        ] {
            let answer = accounts(&stage, get(path.clone())).await;
            assert_eq!(answer, (404, "payment not found".to_owned()), "{path}");
        }
        for key in [theirs.to_string(), ended.to_string(), format!("key_{nothing}")] {
            let answer = accounts(&stage, delete(format!("/api/v1/api-keys/{key}"))).await;
            assert_eq!(answer, (404, "api key not found".to_owned()), "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_active_account_needs_its_key_and_an_organization_or_null() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let switch = |body: Value| put("/api/v1/users/active-account").json(&body);
        assert_eq!(accounts(&stage, switch(json!({}))).await, bad("organizationId is required"));
        assert_eq!(
            accounts(&stage, switch(json!({ "organizationId": 7 }))).await,
            bad("organizationId must be a text")
        );
        for id in ["", "org_", "me", &stage.user().to_string()] {
            let answer = accounts(&stage, switch(json!({ "organizationId": id }))).await;
            assert_eq!(answer, (404, "Organization not found".to_owned()), "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_that_was_edited_or_belongs_to_another_list_reads_nothing() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let (user, organization) = (stage.user(), stage.organization());
        stage.report(stage.organizational(), "one").await;
        stage.report(stage.organizational(), "two").await;
        let list = format!("/api/v1/organizations/{organization}/usages");
        let first = stage.ada(get(format!("{list}?limit=1"))).await.json();
        let cursor = first["data"]["nextToken"].as_str().unwrap();
        let second = stage.ada(get(format!("{list}?limit=1&cursor={cursor}"))).await.json();
        assert_eq!(second["data"]["items"].as_array().unwrap().len(), 1);
        assert_ne!(second["data"]["items"], first["data"]["items"]);
        assert_eq!(second["data"].get("nextToken"), None, "there are no more");

        let invalid = bad("cursor must be a nextToken of this list, unchanged");
        let edited = cursor.replacen(&cursor[3..4], if &cursor[3..4] == "A" { "B" } else { "A" }, 1);
        for other in [edited.as_str(), &cursor[1..], "", "null", "AAAA", "%F0%9F%A6%80"] {
            assert_eq!(accounts(&stage, get(format!("{list}?cursor={other}"))).await, invalid, "{other}");
        }
        for other in [
            format!("/api/v1/users/{user}/usages"),
            format!("/api/v1/users/{user}/payments"),
            format!("/api/v1/organizations/{organization}/payments"),
        ] {
            assert_eq!(accounts(&stage, get(format!("{other}?cursor={cursor}"))).await, invalid, "{other}");
        }
        for limit in ["", "x", "-1", "1.5", "%201"] {
            let answer = accounts(&stage, get(format!("{list}?limit={limit}"))).await;
            assert_eq!(answer, bad("limit must be a whole number, not negative"), "{limit}");
        }
        let twice = accounts(&stage, get(format!("{list}?limit=1&limit=2"))).await;
        assert_eq!(twice, bad("limit must be given once"));
        for limit in ["0", "200", "99999999999999999999"] {
            assert!(stage.ada(get(format!("{list}?limit={limit}"))).await.status.is_success(), "{limit}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_code_or_refresh_token_is_answered_in_the_words_that_clients_match() {
    for_each_engine(|test| async move {
        let mut stage = Stage::new(test).await;
        let expired_token = stage.refresh_token().await;
        let expired_code = stage.code().await;
        // Longer than a refresh token lives.
        stage.later(std::time::Duration::from_hours(24 * 400)).await;
        let other_address = stage.code().await;
        let used_code = stage.code().await;
        let token = |code: &str, address: &str| {
            post("/api/v1/auth/token").json(&json!({
                "grant_type": "authorization_code", "code": code, "client_type": "cli", "redirect_uri": address,
            }))
        };
        assert!(stage.ask(token(&used_code, REDIRECT_URI)).await.status.is_success());
        for (code, address) in [
            ("nothing", REDIRECT_URI),
            ("", REDIRECT_URI),
            (&used_code, REDIRECT_URI),
            (&expired_code, REDIRECT_URI),
            (&other_address, "http://127.0.0.1:9/elsewhere"),
            // It was good once, also wrongly.
            (&other_address, REDIRECT_URI),
        ] {
            let answer = stage.ask(token(code, address)).await;
            assert_eq!(answer.status.as_u16(), 401, "{}", answer.text());
            let body = answer.json();
            assert!(body["error"].as_str().unwrap().starts_with("Unauthorized: "), "{body}");
        }

        let refresh = |token: &str| {
            let body = json!({ "refreshToken": token, "grantType": "refresh_token" });
            post("/api/v1/auth/refresh").json(&body)
        };
        let reused = stage.used_refresh_token().await;
        let access_token = stage.ada.person.access_token.clone();
        for token in ["nothing", "", &access_token, &expired_token, &reused] {
            let answer = stage.ask(refresh(token)).await;
            assert_eq!(answer.status.as_u16(), 401, "{}", answer.text());
            assert_eq!(
                answer.json(),
                json!({ "error": "invalid_grant", "error_description": "Session has expired", "success": false })
            );
        }
        for (body, sentence) in [
            (json!({ "refreshToken": "x" }), "grantType is required"),
            (json!({ "grantType": "refresh_token" }), "refreshToken is required"),
            (json!({ "refreshToken": "x", "grantType": "password" }), "grantType must be refresh_token"),
        ] {
            let answer = refused(&stage, post("/api/v1/auth/refresh").json(&body)).await;
            assert_eq!(accounts_error(&answer), bad(sentence));
        }
        let password = json!({ "grant_type": "password", "code": "x", "redirect_uri": REDIRECT_URI });
        let answer = refused(&stage, post("/api/v1/auth/token").json(&password)).await;
        assert_eq!(accounts_error(&answer), bad("grant_type must be authorization_code"));
    })
    .await;
}

#[tokio::test]
async fn usage_is_asked_for_by_days_and_members_that_there_are() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        stage.report(stage.organizational(), "one").await;
        let list = format!("/api/v1/organizations/{}/usages", stage.organization());
        let date = "must be a date: YYYY-MM-DD";
        for (query, sentence) in [
            ("startDate=today", format!("startDate {date}")),
            ("startDate=2026-10-1", format!("startDate {date}")),
            ("endDate=2026-02-30", format!("endDate {date}")),
            ("endDate=2026-10-01T00:00:00Z", format!("endDate {date}")),
            ("startDate=2026-10-02&endDate=2026-10-01", "endDate must not be before startDate".to_owned()),
            ("memberId=me", "memberId must be the identifier of a member".to_owned()),
        ] {
            assert_eq!(accounts(&stage, get(format!("{list}?{query}"))).await, bad(&sentence), "{query}");
        }
        let mallory = stage.world.owner("mallory").await;
        let theirs = stage.ask(
            get("/api/v1/users/me")
                .header("authorization", format!("Bearer {}", mallory.person.access_token)),
        );
        let theirs = theirs.await.json()["data"]["organizations"][0]["memberId"].as_str().unwrap().to_owned();
        for member in ["mbr_01m3tc5h00e00800000000zzzz", &theirs] {
            let answer = accounts(&stage, get(format!("{list}?memberId={member}"))).await;
            assert_eq!(answer, (404, "Member not found".to_owned()));
        }
        let me = stage.ada(get("/api/v1/users/me")).await.json();
        let ours = me["data"]["organizations"][0]["memberId"].as_str().unwrap();
        for (query, rows) in [
            (format!("memberId={ours}"), 1),
            ("startDate=2026-10-01&endDate=2026-10-01".to_owned(), 1),
            ("startDate=2026-10-02".to_owned(), 0),
            ("endDate=2026-09-30".to_owned(), 0),
        ] {
            let answer = stage.ada(get(format!("{list}?{query}"))).await.json();
            assert_eq!(answer["data"]["items"].as_array().unwrap().len(), rows, "{query}");
        }
    })
    .await;
}
