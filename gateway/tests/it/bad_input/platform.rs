use bursar_testkit::for_each_engine;
use serde_json::json;

use super::{problem, refused};
use crate::{
    client::{Ask, get, post},
    stage::Stage,
};

async fn told(stage: &Stage, request: Ask) -> (u16, String, Vec<String>) {
    problem(&refused(stage, request.by(&stage.key())).await)
}

#[tokio::test]
async fn a_question_that_a_meter_cannot_answer_names_what_is_wrong_with_it() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mallory = stage.world.owner("mallory").await;
        let (from, to) = ("from=2026-10-01T00:00:00Z", "to=2026-10-02T00:00:00Z");
        let date = "must be an RFC 3339 date-time with an offset";
        for (query, fault) in [
            (format!("{to}&windowSize=DAY"), "from is required".to_owned()),
            (format!("{from}&windowSize=DAY"), "to is required".to_owned()),
            (format!("{from}&{to}"), "windowSize is required".to_owned()),
            (format!("from=now&{to}&windowSize=DAY"), format!("from {date}")),
            (format!("{from}&to=2026-13-01T00:00:00Z&windowSize=DAY"), format!("to {date}")),
            (
                format!("{from}&{from}&windowSize=DAY").replacen("from", "to", 1),
                "to must be after from".to_owned(),
            ),
            (
                format!("{from}&{to}&windowSize=WEEK"),
                "windowSize must be MINUTE, HOUR, DAY or MONTH".to_owned(),
            ),
            (
                format!("{from}&{to}&windowSize=day"),
                "windowSize must be MINUTE, HOUR, DAY or MONTH".to_owned(),
            ),
            (
                format!("{from}&to=2026-10-03T00:00:00Z&windowSize=MINUTE"),
                "windowSize must not be MINUTE for more than 24 hours".to_owned(),
            ),
            (
                format!("{from}&{to}&windowSize=DAY&groupBy=model,colour"),
                "groupBy must be of subject, model, provider, operation, modelType, userId".to_owned(),
            ),
            (
                format!("{from}&{to}&windowSize=DAY&subject=me"),
                "subject must be <account> or <account>/<detail>".to_owned(),
            ),
            (format!("{from}&{from}&{to}&windowSize=DAY"), "from must be given once".to_owned()),
        ] {
            let answer = told(&stage, get(format!("/api/v1/meters/tokens/query?{query}"))).await;
            assert_eq!(answer, (400, "invalid_field".to_owned(), vec![fault]), "{query}");
        }
        let good = format!("{from}&{to}&windowSize=DAY");
        let (status, code, _) = told(&stage, get(format!("/api/v1/meters/gossip/query?{good}"))).await;
        assert_eq!((status, code.as_str()), (404, "meter_unknown"));
        for (subject, status, code) in [
            (mallory.organization.to_string(), 404, "organization_not_found"),
            ("org_01m3tc5h00e00800000000zzzz".to_owned(), 404, "organization_not_found"),
            (mallory.person.user.to_string(), 403, "forbidden"),
            ("user_01m3tc5h00e00800000000zzzz".to_owned(), 403, "forbidden"),
        ] {
            let path = format!("/api/v1/meters/tokens/query?{good}&subject={subject}");
            let (answered, said, _) = told(&stage, get(path)).await;
            assert_eq!((answered, said.as_str()), (status, code), "{subject}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_none_of_ours_is_not_found_and_a_question_that_is_none_is_refused() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mallory = stage.world.owner("mallory").await;
        let theirs = stage.world.key(&mallory.person).await.secret.expose().clone();
        let ours = stage.key.secret.expose().clone();
        let verify = |body: serde_json::Value| post("/api/v1/api-keys/verify").json(&body);
        for key in ["", "garbage", "sk_garbage", &ours[..ours.len() - 1], &theirs, &"x".repeat(100_000)] {
            let answer = stage.by_key(verify(json!({ "key": key }))).await;
            assert_eq!(answer.json(), json!({ "valid": false, "code": "NOT_FOUND" }));
        }
        let narrow = stage.by_key(verify(json!({ "key": ours, "permissions": ["root"] }))).await.json();
        assert_eq!((&narrow["valid"], &narrow["code"]), (&json!(false), &json!("INSUFFICIENT_PERMISSIONS")));
        for (body, fault) in [
            (json!({}), "key is required"),
            (json!({ "key": 7 }), "key must be a text"),
            (json!({ "key": "x", "permissions": "read" }), "permissions must be a list"),
            (json!({ "key": "x", "permissions": [7] }), "permissions[0] must be a text"),
        ] {
            let answer = told(&stage, verify(body)).await;
            assert_eq!(answer, (400, "invalid_field".to_owned(), vec![fault.to_owned()]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_the_provider_did_not_sign_is_not_stored() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let session = stage.world.checkout(&stage.ada, 500).await;
        stage.world.sandbox.pay(&session, bursar_testkit::world::GOOD_CARD).await.unwrap();
        let (signature, body) = stage.world.next_webhook().await;
        let webhook = |signature: &str, body: &[u8]| {
            post("/webhooks/stripe").header("stripe-signature", signature).body("application/json", body)
        };
        let mut richer = body.clone();
        richer.push(b' ');
        let unsigned = post("/webhooks/stripe").body("application/json", body.clone());
        let zeros = format!("t=1790812800,v1={}", "0".repeat(64));
        for forged in [
            unsigned,
            webhook("", &body),
            webhook("garbage", &body),
            webhook(&zeros, &body),
            webhook(&signature.replace("v1=", "v0="), &body),
            webhook(&signature, &richer),
            webhook(&signature, b""),
        ] {
            let answer = refused(&stage, forged).await;
            let (status, code, _) = problem(&answer);
            assert_eq!((status, code.as_str()), (401, "webhook_signature_invalid"));
        }
        stage.world.test.clock.advance(std::time::Duration::from_secs(301));
        let late = refused(&stage, webhook(&signature, &body)).await;
        assert_eq!(late.status.as_u16(), 401, "it was signed too long ago");
    })
    .await;
}
