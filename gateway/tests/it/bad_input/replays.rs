use bursar_testkit::for_each_engine;
use serde_json::json;

use super::{accounts_error, problem, refused};
use crate::{
    client::{Ask, post},
    server::Answer,
    stage::{Stage, event},
};

/// That this is the first answer again, and that nothing changed.
async fn assert_replayed(stage: &Stage, request: Ask, first: &Answer) {
    let before = stage.world.test.dump().await;
    let again = stage.ask(request).await;
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(stage.world.test.dump().await, before);
}

#[tokio::test]
async fn a_checkout_that_comes_again_is_answered_again_and_its_key_takes_no_other_body() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let organization = format!("/api/v1/organizations/{}/credits/checkout", stage.organization());
        for path in ["/api/v1/users/credits/checkout", organization.as_str()] {
            let buy = |key: &str, cents: i64| {
                let body = json!({ "amountCents": cents });
                post(path).header("idempotency-key", key).json(&body).by(&stage.token())
            };
            let first = stage.ask(buy("order-1", 500)).await;
            assert!(first.status.is_success(), "{}", first.text());
            assert_replayed(&stage, buy("order-1", 500), &first).await;
            let reused = refused(&stage, buy("order-1", 501)).await;
            let said = "Idempotency-Key was used before with another request".to_owned();
            assert_eq!(accounts_error(&reused), (409, said));
            let other = stage.ask(buy("order-2", 500)).await;
            assert_ne!(other.json()["data"]["paymentId"], first.json()["data"]["paymentId"]);
            for key in ["", "a b", &"x".repeat(256), "Schlüssel"] {
                let said = "Idempotency-Key must be 1 to 255 visible ASCII characters".to_owned();
                assert_eq!(accounts_error(&refused(&stage, buy(key, 500)).await), (400, said), "{key}");
            }
            let twice = refused(&stage, buy("order-1", 500).header("idempotency-key", "order-3")).await;
            assert_eq!(twice.status.as_u16(), 400);
        }
        // A key without the right to buy does not learn what was bought.
        let spy = stage.new_key(stage.organizational(), &[bursar_api_keys::Scope::Read]).await;
        let replay =
            post(&organization).header("idempotency-key", "order-1").json(&json!({ "amountCents": 500 }));
        let answer = refused(&stage, replay.header("x-api-key", spy.secret.expose())).await;
        assert_eq!(accounts_error(&answer), (403, "Forbidden".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_comes_again_under_its_key_is_answered_again_and_its_key_takes_no_other_batch() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let send = |key: &str, ids: &[&str]| {
            let events: Vec<_> = ids.iter().map(|id| event(stage.organizational(), id)).collect();
            post("/api/v1/events").header("idempotency-key", key).json(&json!(events)).by(&stage.key())
        };
        let first = stage.ask(send("batch-1", &["a", "b"])).await;
        assert_eq!(first.json(), json!({ "accepted": 2, "duplicates": 0 }));
        assert_replayed(&stage, send("batch-1", &["a", "b"]), &first).await;
        // Without the key the events are duplicates, not a replay.
        let events = json!([event(stage.organizational(), "a"), event(stage.organizational(), "b")]);
        let bare = stage.by_key(post("/api/v1/events").json(&events)).await;
        assert_eq!(bare.json(), json!({ "accepted": 0, "duplicates": 2 }));
        assert_eq!(bare.header("idempotent-replayed"), "");

        let reused = refused(&stage, send("batch-1", &["a", "c"])).await;
        let (status, code, _) = problem(&reused);
        assert_eq!((status, code.as_str()), (422, "idempotency_key_reused"));
        for key in ["", "a b", &"x".repeat(256)] {
            let (status, code, _) = problem(&refused(&stage, send(key, &["d"])).await);
            assert_eq!((status, code.as_str()), (400, "idempotency_key_invalid"), "{key}");
        }

        // A refused batch leaves its key free for the corrected one.
        let mut contradicting = event(stage.organizational(), "a");
        contradicting["data"]["promptTokens"] = json!(7);
        let wrong = post("/api/v1/events").header("idempotency-key", "batch-2").json(&json!([contradicting]));
        assert_eq!(refused(&stage, wrong.by(&stage.key())).await.status.as_u16(), 409);
        let corrected = stage.ask(send("batch-2", &["d"])).await;
        assert_eq!(corrected.json(), json!({ "accepted": 1, "duplicates": 0 }));
    })
    .await;
}
