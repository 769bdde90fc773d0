//! How often a caller may ask: by who it is, by its organization's plan, by address.

use std::time::Duration;

use bursar_operations::set_account_plan;
use bursar_testkit::for_each_engine;
use serde_json::json;

use crate::{
    client::{Ask, Credential, get, post},
    stage::Stage,
};

const FEW: [(&str, &str); 3] = [
    ("BURSAR_LIMITS_PER_CALLER", "3"),
    ("BURSAR_LIMITS_PER_IP", "2"),
    ("BURSAR_HTTP_TRUSTED_PROXIES", "10.0.0.0/8"),
];

async fn statuses(stage: &Stage, ask: &Ask, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(stage.ask(ask.clone()).await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn a_caller_is_refused_beyond_its_limit_and_told_when_to_come_back() {
    for_each_engine(|test| async move {
        let stage = Stage::with(test, &FEW).await;
        let me = get("/api/v1/users/me").by(&stage.token());
        let first = stage.ask(me.clone()).await;
        assert_eq!(first.header("ratelimit-policy"), r#""caller";q=3;w=60"#);
        assert_eq!(first.header("ratelimit"), r#""caller";r=2;t=20"#);
        assert_eq!(statuses(&stage, &me, 3).await, [200, 200, 429]);
        let refused = stage.ask(me.clone()).await;
        assert_eq!(refused.json()["error"], "Rate limit exceeded");
        assert_eq!(
            (refused.header("retry-after"), refused.header("ratelimit")),
            ("21", r#""caller";r=0;t=60"#)
        );
        // Everybody has a limit of their own, and a key is not its person.
        let key = get("/api/v1/users/me").by(&stage.key());
        assert_eq!(statuses(&stage, &key, 4).await, [200, 200, 200, 429]);
        let other = stage.other("grace").await;
        let others = get("/api/v1/users/me").by(&Credential::Bearer(other.access_token));
        assert_eq!(stage.ask(others).await.status, 200);
        // A new session is the same caller.
        let again = get("/auth/me").by(&Credential::Bearer(stage.sign_in(&stage.ada.person.email).await));
        assert_eq!(stage.ask(again).await.json()["detail"], "Rate limit exceeded");
        stage.world.test.clock.advance(Duration::from_secs(21));
        assert_eq!(statuses(&stage, &me, 2).await, [200, 429]);
    })
    .await;
}

#[tokio::test]
async fn the_platform_has_a_limit_of_its_own_which_is_none_at_first() {
    for_each_engine(|test| async move {
        let stage = Stage::with(test, &FEW).await;
        let verify = post("/api/v1/api-keys/verify").json(&json!({ "key": "sk_1" })).by(&stage.key());
        assert_eq!(statuses(&stage, &verify, 10).await, [200; 10]);
        assert_eq!(stage.ask(verify).await.header("ratelimit"), "");
    })
    .await;
}

#[tokio::test]
async fn whoever_shows_nothing_or_nothing_good_is_counted_by_address() {
    for_each_engine(|test| async move {
        let stage = Stage::with(test, &FEW).await;
        let nothing = get("/api/v1/plans").from("198.51.100.1");
        assert_eq!(statuses(&stage, &nothing, 3).await, [401, 401, 429]);
        let refused = stage.ask(nothing.clone()).await;
        assert_eq!(
            (refused.header("retry-after"), refused.header("ratelimit")),
            ("31", r#""address";r=0;t=60"#)
        );
        let login = post("/auth/login").json(&json!({ "email": "a@example.com", "password": "b" }));
        assert_eq!(stage.ask(login.clone().from("198.51.100.1")).await.status, 429);
        // What nobody looks at changes nothing, nor does asking for what is not there.
        let junk = login.clone().from("198.51.100.1").header("x-api-key", "junk");
        assert_eq!(stage.ask(junk).await.status, 429);
        let nowhere = get("/api/v1/nowhere").from("198.51.100.1").header("x-api-key", "junk");
        assert_eq!(stage.ask(nowhere).await.status, 429);
        let forged = nothing.clone().by(&Credential::Bearer("sk_forged".to_owned()));
        assert_eq!(statuses(&stage, &forged.clone().from("198.51.100.2"), 3).await, [401, 401, 429]);
        // Somebody who is known is not kept out by a neighbour.
        let known = get("/api/v1/users/me").by(&stage.token()).from("198.51.100.1");
        assert_eq!(stage.ask(known).await.status, 200);
        // One subscriber of IPv6 is one address.
        let six = |last: &str| get("/api/v1/plans").from(&format!("2001:db8:1:2::{last}"));
        assert_eq!(stage.ask(six("1")).await.status, 401);
        assert_eq!(stage.ask(six("2")).await.status, 401);
        assert_eq!(stage.ask(six("3")).await.status, 429);
        assert_eq!(stage.ask(get("/healthz").from("198.51.100.1")).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_forged_forwarding_header_changes_nobodys_address() {
    for_each_engine(|test| async move {
        let stage = Stage::with(test, &FEW).await;
        for number in 0..2 {
            let forged = get("/api/v1/plans")
                .from("198.51.100.1")
                .header("x-forwarded-for", format!("203.0.113.{number}"))
                .header("forwarded", format!("for=203.0.113.{number}"))
                .header("x-real-ip", format!("203.0.113.{number}"));
            assert_eq!(stage.ask(forged).await.status, 401);
        }
        let again = get("/api/v1/plans").from("198.51.100.1").header("x-forwarded-for", "203.0.113.9");
        assert_eq!(stage.ask(again).await.status, 429, "what it wrote itself is not believed");
        // Behind a proxy of the operator's what the client wrote stands further left.
        for number in 0..3 {
            let through = get("/api/v1/plans")
                .from("10.0.0.1")
                .header("x-forwarded-for", format!("203.0.113.{number}, 192.0.2.1"));
            let status = stage.ask(through).await.status.as_u16();
            assert_eq!(status, if number < 2 { 401 } else { 429 });
        }
        let other = get("/api/v1/plans").from("10.0.0.1").header("x-forwarded-for", "192.0.2.2");
        assert_eq!(stage.ask(other).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn the_organization_api_goes_by_the_plan_and_says_so_in_its_own_headers() {
    for_each_engine(|test| async move {
        let stage = Stage::with(test, &FEW).await;
        let own = get("/api/organization").by(&stage.token());
        let first = stage.ask(own.clone()).await;
        let told = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
            .map(|name| first.header(name));
        let reset = (stage.world.core.db.reader().now().seconds() + 1).to_string();
        assert_eq!(told, ["60", "59", reset.as_str()]);
        assert_eq!(first.header("ratelimit-policy"), r#""plan";q=60;w=60"#);
        // By the organization, whoever calls.
        let primary = get("/api/organization").by(&Credential::ApiKey(stage.primary_key().await));
        assert_eq!(statuses(&stage, &primary, 59).await, [200; 59]);
        let refused = stage.ask(own.clone()).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text().as_str()),
            (429, r#"{"detail":"Rate limit exceeded"}"#)
        );
        assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-remaining")), ("2", "0"));
        set_account_plan(&stage.world.core, stage.organizational(), "business", None).await.unwrap();
        assert_eq!(stage.ask(own.clone()).await.header("x-ratelimit-limit"), "1000");
        set_account_plan(&stage.world.core, stage.organizational(), "enterprise", None).await.unwrap();
        assert_eq!(stage.ask(own).await.header("x-ratelimit-limit"), "");
    })
    .await;
}
