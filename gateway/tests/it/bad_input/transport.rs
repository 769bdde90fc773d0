use bursar_testkit::for_each_engine;

use super::{accounts_error, problem};
use crate::{
    client::{Ask, Credential, get},
    documented::{Documented, operations},
    scenarios::{Scene, scene},
    server::Answer,
    stage::Stage,
};

/// The sentence of a failure, in whatever family's words.
fn said(operation: &Documented, answer: &Answer) -> (u16, String) {
    let (status, body) = (answer.status.as_u16(), answer.json());
    match operation.family {
        "accounts" => accounts_error(answer),
        "auth" | "organization" => {
            let detail = &body["detail"];
            let sentence = detail.as_str().or_else(|| detail[0]["msg"].as_str());
            (status, sentence.unwrap_or_else(|| panic!("{body}")).to_owned())
        }
        _ => {
            problem(answer);
            (status, body["detail"].as_str().unwrap().to_owned())
        }
    }
}

#[tokio::test]
async fn a_body_that_is_malformed_too_large_or_of_another_type_is_refused_by_every_operation_that_reads_one()
{
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let mut tried = 0;
        for operation in operations() {
            let Scene { ask, by } = scene(&stage, &operation.id).await.unwrap();
            // Events and webhooks are read as they came, and are tried elsewhere.
            if ask.body.is_empty() || matches!(&*operation.id, "ingestEvents" | "receiveProviderEvent") {
                continue;
            }
            tried += 1;
            let with = |content_type: &str, body: &[u8]| {
                let headers = ask.headers.iter().filter(|(name, _)| *name != "content-type");
                let bare = Ask { headers: headers.cloned().collect(), body: Vec::new(), ..ask.clone() };
                let bare = if content_type.is_empty() {
                    Ask { body: body.to_vec(), ..bare }
                } else {
                    bare.body(content_type, body)
                };
                bare.by(&by)
            };
            let invalid = if matches!(operation.family, "auth" | "organization") { 422 } else { 400 };
            let json = "application/json";
            let too_large = vec![b' '; 1_048_577];
            let type_wanted = "Content-Type must be application/json";
            let before = stage.world.test.dump().await;
            for (content_type, body, status, sentence) in [
                (json, &b"{"[..], invalid, "The body must be valid JSON: line 1, column 1"),
                (json, b"{\"a\":1,}", invalid, "The body must be valid JSON: line 1, column 8"),
                (json, b"nonsense", invalid, "The body must be valid JSON: line 1, column 2"),
                (json, b"\xff\xfe", invalid, "The body must be valid JSON: line 1, column 1"),
                (json, b"", invalid, "A JSON body is required"),
                (json, b"[]", invalid, "body must be an object"),
                (json, b"null", invalid, "body must be an object"),
                (json, b"\"text\"", invalid, "body must be an object"),
                ("text/plain", &ask.body, 415, type_wanted),
                ("application/x-www-form-urlencoded", b"a=b", 415, type_wanted),
                ("", &ask.body, 415, type_wanted),
                (json, &too_large, 413, "The request body is larger than 1048576 bytes"),
            ] {
                // It can be rotated without a word.
                if body.is_empty() && operation.id == "rotateApiKey" {
                    continue;
                }
                let answer = stage.ask(with(content_type, body)).await;
                let told = said(&operation, &answer);
                assert_eq!(told, (status, sentence.to_owned()), "{} {content_type}", operation.id);
            }
            assert_eq!(stage.world.test.dump().await, before, "{} changed something", operation.id);
            let charset = stage.ask(with("application/json; charset=utf-8", &ask.body)).await;
            assert!(charset.status.is_success(), "{}: {}", operation.id, charset.text());
        }
        assert!(tried >= 10, "{tried} operations read a body");
    })
    .await;
}

#[tokio::test]
async fn two_credentials_at_once_are_refused_whichever_is_good_and_the_same_twice_is_one() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let cookie = Credential::Cookie(stage.cookie(&stage.ada.person.email).await);
        let (token, key) = (stage.token(), stage.key.secret.expose().clone());
        let header = Credential::ApiKey(key.clone());
        let other_key = Credential::ApiKey("garbage".to_owned());
        for operation in operations().into_iter().filter(|operation| operation.is_secured) {
            let Scene { ask, by } = scene(&stage, &operation.id).await.unwrap();
            let before = stage.world.test.dump().await;
            for (one, other) in [
                (&by, &other_key),
                (&token, &header),
                (&token, &cookie),
                (&header, &cookie),
                (&token, &Credential::Bearer(key.clone())),
            ] {
                let answer = stage.ask(ask.clone().by(one).by(other)).await;
                assert_eq!(answer.status.as_u16(), 401, "{} {one:?} {other:?}", operation.id);
            }
            assert_eq!(stage.world.test.dump().await, before, "{} changed something", operation.id);
        }
        for same in [[&header, &Credential::Bearer(key.clone())], [&header, &header]] {
            let answer = stage.ask(get("/api/v1/users/me").by(same[0]).by(same[1])).await;
            assert!(answer.status.is_success(), "{}", answer.text());
        }
    })
    .await;
}
