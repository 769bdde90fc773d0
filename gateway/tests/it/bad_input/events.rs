use std::time::Duration;

use bursar_kernel::Clock as _;
use bursar_testkit::for_each_engine;
use serde_json::{Value, json};

use super::{problem, refused};
use crate::{
    client::{Ask, Credential, post},
    stage::{Stage, event},
};

fn batch(events: &Value) -> Ask {
    post("/api/v1/events").body("application/cloudevents-batch+json", events.to_string())
}

async fn faults(stage: &Stage, request: Ask) -> Vec<String> {
    let answer = refused(stage, request.by(&stage.key())).await;
    let (status, code, faults) = problem(&answer);
    assert_eq!((status, code.as_str()), (400, "event_invalid"), "{}", answer.text());
    faults
}

#[tokio::test]
async fn one_malformed_event_refuses_the_whole_batch_and_each_fault_is_told_by_index_and_field() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mut events = vec![event(stage.organizational(), "good"); 4];
        events[1]["data"]["promptTokens"] = json!(-1);
        events[1]["data"]["cachedTokens"] = json!("many");
        events[2] = json!("no event");
        events[3]["subject"] = json!("somebody");
        events[3].as_object_mut().unwrap().remove("id");
        assert_eq!(
            faults(&stage, batch(&json!(events))).await,
            [
                "1 data.promptTokens must be a whole number from 0 to 2147483647",
                "1 data.cachedTokens must be a whole number from 0 to 2147483647",
                "2 body must be a JSON object",
                "3 id is required",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn an_attribute_or_a_quantity_that_breaks_its_rule_is_named() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let tokens = "must be a whole number from 0 to 2147483647";
        let subject = "must be a user or an organization, alone or as <account>/<member, project or agent>";
        for (pointer, value, fault) in [
            ("/specversion", json!("0.3"), "0 specversion must be \"1.0\"".to_owned()),
            ("/specversion", json!(null), "0 specversion is required".to_owned()),
            ("/id", json!(""), "0 id must not be empty".to_owned()),
            ("/id", json!(7), "0 id must be a text".to_owned()),
            ("/id", json!("x".repeat(513)), "0 id must not be longer than 512 bytes".to_owned()),
            ("/id", json!("a\u{0}b"), "0 id must not hold control characters".to_owned()),
            ("/source", json!("x".repeat(1025)), "0 source must not be longer than 1024 bytes".to_owned()),
            ("/subject", json!("org_1"), format!("0 subject {subject}")),
            ("/subject", json!(format!("{}/", stage.organization())), format!("0 subject {subject}")),
            ("/time", json!("yesterday"), "0 time must be an RFC 3339 date-time with an offset".to_owned()),
            ("/data", json!("text"), "0 data must be an object".to_owned()),
            ("/data/promptTokens", json!(-1), format!("0 data.promptTokens {tokens}")),
            ("/data/promptTokens", json!(0.5), format!("0 data.promptTokens {tokens}")),
            ("/data/promptTokens", json!("1000"), format!("0 data.promptTokens {tokens}")),
            ("/data/promptTokens", json!(2_147_483_648_i64), format!("0 data.promptTokens {tokens}")),
            ("/data/promptTokens", json!(null), "0 data.promptTokens is required".to_owned()),
            ("/data/model", json!(null), "0 data.model is required".to_owned()),
            (
                "/data/cachedTokens",
                json!(1001),
                "0 data.cachedTokens must not be more than promptTokens, of which it is a part".to_owned(),
            ),
            ("/data/metadata/project", json!(7), "0 data.metadata.project must be a text".to_owned()),
            ("/data/apiKeyId", json!("key_1"), "0 data.apiKeyId must be the identifier of a key".to_owned()),
        ] {
            let mut sent = event(stage.organizational(), "one");
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            sent.pointer_mut(parent).unwrap()[name] = value;
            assert_eq!(faults(&stage, post("/api/v1/events").json(&sent)).await, [fault], "{pointer}");
        }
        let mut unknown = event(stage.organizational(), "one");
        unknown["type"] = json!("gossip");
        let told = faults(&stage, post("/api/v1/events").json(&unknown)).await;
        assert!(told[0].starts_with("0 type must be one of inference, "), "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_none_or_too_long_is_refused_as_a_whole() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let one = event(stage.organizational(), "one");
        let many: Vec<Value> = (0..1001).map(|n| event(stage.organizational(), &n.to_string())).collect();
        let body = |rule: &str| vec![format!("0 body {rule}")];
        assert_eq!(faults(&stage, batch(&json!(many))).await, body("must hold at most 1000 events"));
        assert_eq!(faults(&stage, batch(&one)).await, body("must be an array of events"));
        let structured =
            post("/api/v1/events").body("application/cloudevents+json", json!([one]).to_string());
        let several = "must be one event; several are application/cloudevents-batch+json";
        assert_eq!(faults(&stage, structured).await, body(several));
        for garbage in ["", "{", "[{]", "\u{feff}{}", "NaN"] {
            let told = faults(&stage, post("/api/v1/events").body("application/json", garbage)).await;
            assert!(told[0].starts_with("0 body must be JSON (line 1"), "{garbage}: {told:?}");
        }
        let latin = post("/api/v1/events").body("application/json", b"{\"id\":\"\xe9\"}".to_vec());
        assert_eq!(faults(&stage, latin).await, body("must be UTF-8"));
        let twice = post("/api/v1/events").body("application/json", r#"{"id":"a","id":"b"}"#);
        assert_eq!(faults(&stage, twice).await, body("must not name `id` twice"));

        let large = vec![b' '; 1_048_577];
        let answer =
            refused(&stage, post("/api/v1/events").body("application/json", large).by(&stage.key())).await;
        let (status, code, _) = problem(&answer);
        assert_eq!((status, code.as_str()), (413, "body_too_large"));
    })
    .await;
}

#[tokio::test]
async fn an_event_that_is_late_early_or_contradicts_itself_is_refused_and_a_duplicate_changes_nothing() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let now = stage.world.test.clock.now();
        let at = |id: &str, time: bursar_kernel::UnixTimestamp| {
            let mut sent = event(stage.organizational(), id);
            sent["time"] = json!(time.rfc3339());
            sent
        };
        let (oldest, newest) = (now.before(Duration::from_hours(35 * 24)), now.after(Duration::from_mins(5)));
        let moment = Duration::from_secs(1);
        let late = json!([at("fresh", now), at("late", oldest.before(moment))]);
        assert_eq!(faults(&stage, batch(&late)).await, ["1 time must not be more than 35 days ago"]);
        let early = json!([at("early", newest.after(moment))]);
        assert_eq!(faults(&stage, batch(&early)).await, ["0 time must not be more than 5 minutes ahead"]);

        let accepted = stage.by_key(batch(&json!([at("oldest", oldest), at("newest", newest)]))).await;
        assert_eq!(accepted.json(), json!({ "accepted": 2, "duplicates": 0 }));
        // A duplicate is recognized before its age is looked at.
        stage.world.test.clock.advance(Duration::from_mins(10));
        let before = stage.world.test.dump().await;
        let again = stage.by_key(batch(&json!([at("oldest", oldest), at("newest", newest)]))).await;
        assert_eq!(again.json(), json!({ "accepted": 0, "duplicates": 2 }));
        let rows = |dump: &str| dump.lines().filter(|row| !row.starts_with("kernel_")).count();
        assert_eq!(rows(&stage.world.test.dump().await), rows(&before));

        let mut other = at("oldest", oldest);
        other["data"]["promptTokens"] = json!(1);
        let contradicting = json!([at("third", now), other]);
        let answer = refused(&stage, batch(&contradicting).by(&stage.key())).await;
        let (status, code, _) = problem(&answer);
        assert_eq!((status, code.as_str()), (409, "event_conflict"), "{}", answer.text());
        let (one, mut other) = (event(stage.organizational(), "x"), event(stage.organizational(), "x"));
        other["data"]["completionTokens"] = json!(9);
        let twice = json!([one, other]);
        let answer = refused(&stage, batch(&twice).by(&stage.key())).await;
        let (status, code, _) = problem(&answer);
        assert_eq!((status, code.as_str()), (409, "event_conflict"), "{}", answer.text());
    })
    .await;
}

#[tokio::test]
async fn usage_of_an_account_that_is_not_the_keys_is_refused() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mallory = stage.world.owner("mallory").await;
        for (subject, status, code) in [
            (mallory.organization.to_string(), 404, "subject_not_found"),
            ("org_01m3tc5h00e00800000000zzzz".to_owned(), 404, "subject_not_found"),
            (mallory.person.user.to_string(), 403, "forbidden"),
            (stage.user().to_string(), 403, "forbidden"),
        ] {
            let mut foreign = event(stage.organizational(), "foreign");
            foreign["subject"] = json!(subject);
            let events = json!([event(stage.organizational(), "ours"), foreign]);
            let answer = refused(&stage, batch(&events).by(&stage.key())).await;
            let (answered, said, _) = problem(&answer);
            assert_eq!((answered, said.as_str()), (status, code), "{subject}");
        }
    })
    .await;
}

#[tokio::test]
async fn binary_events_name_the_header_that_is_wrong() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let subject = stage.organization().to_string();
        let data = r#"{"model":"bursar/echo","promptTokens":1,"completionTokens":0}"#;
        let binary = |id: Option<&str>, content_type: &str, data: &str| {
            let request = post("/api/v1/events")
                .header("ce-specversion", "1.0")
                .header("ce-type", "inference")
                .header("ce-source", "test")
                .header("ce-subject", &subject)
                .body(content_type, data);
            id.iter().fold(request, |request, id| request.header("ce-id", *id))
        };
        assert_eq!(faults(&stage, binary(None, "application/json", data)).await, ["0 id is required"]);
        let encoded = binary(Some("%zz"), "application/json", data);
        assert_eq!(faults(&stage, encoded).await, ["0 id must be percent-encoded UTF-8"]);
        let xml = binary(Some("1"), "application/xml", data);
        assert_eq!(faults(&stage, xml).await, ["0 datacontenttype must be application/json"]);
        let broken = faults(&stage, binary(Some("1"), "application/json", "{")).await;
        assert!(broken[0].starts_with("0 data must be JSON"), "{broken:?}");
        let good = binary(Some("1"), "application/json", data);
        let accepted = stage.ask(good.by(&Credential::ApiKey(stage.key.secret.expose().clone()))).await;
        assert_eq!(accepted.json(), json!({ "accepted": 1, "duplicates": 0 }));
    })
    .await;
}
