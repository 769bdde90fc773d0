use std::time::Duration;

use bursar_testkit::{for_each_engine, world::PASSWORD};
use serde_json::{Value, json};

use super::refused;
use crate::{
    client::{get, post},
    server::Answer,
    stage::Stage,
};

/// The place, the kind and the sentence of what is wrong with a body.
fn fault(answer: &Answer) -> (String, String, String) {
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.text());
    let body = answer.json();
    let [fault] = body["detail"].as_array().unwrap().as_slice() else { panic!("{body}") };
    let place: Vec<&str> =
        fault["loc"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    assert_eq!(fault["input"], Value::Null, "what was sent may be a secret");
    let text = |name: &str| fault[name].as_str().unwrap().to_owned();
    (place.join("."), text("type"), text("msg"))
}

#[tokio::test]
async fn a_registration_that_breaks_a_rule_makes_nobody() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let good =
            json!({ "email": "grace@example.com", "password": PASSWORD, "organization_name": "Compilers" });
        let with = |field: &str, value: Value| {
            let mut body = good.clone();
            body[field] = value;
            post("/auth/register").json(&body)
        };
        let without = |field: &str| {
            let mut body = good.clone();
            body.as_object_mut().unwrap().remove(field);
            post("/auth/register").json(&body)
        };
        for field in ["email", "password"] {
            let (place, kind, said) = fault(&refused(&stage, without(field)).await);
            assert_eq!((place, kind), (format!("body.{field}"), "missing".to_owned()));
            assert_eq!(said, format!("{field} is required"));
        }
        for (field, value) in [
            ("email", json!("")),
            ("email", json!("grace")),
            ("email", json!("grace@")),
            ("email", json!("a@b@example.com")),
            ("email", json!(format!("{}@example.com", "g".repeat(300)))),
            ("email", json!("grace@exa mple.com")),
            ("email", json!("grace@example.com\r\nBcc: x@example.com")),
            ("email", json!(["grace@example.com"])),
            ("password", json!("1234567")),
            ("password", json!("x".repeat(129))),
            ("password", json!(12_345_678)),
            ("organization_name", json!("")),
            ("organization_name", json!("x".repeat(101))),
            ("organization_name", json!(7)),
            ("display_name", json!(7)),
            ("display_name", json!("x".repeat(10_000))),
            ("display_name", json!("a\nb")),
        ] {
            let at = format!("{field} {value}");
            let (place, kind, said) = fault(&refused(&stage, with(field, value)).await);
            assert_eq!((place, kind), (format!("body.{field}"), "value_error".to_owned()), "{at}");
            assert!(said.starts_with(&format!("{field} must")), "{at}: {said}");
        }
        let taken = refused(&stage, with("email", json!("ADA@example.com"))).await;
        assert_eq!(
            (taken.status.as_u16(), taken.json()),
            (400, json!({ "detail": "Email already registered" }))
        );
        let garbage = refused(&stage, post("/auth/register").body("application/json", "{\"email\":")).await;
        assert_eq!(fault(&garbage).1, "json_invalid");
    })
    .await;
}

#[tokio::test]
async fn whoever_cannot_sign_in_is_told_the_same_whatever_is_wrong() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        for path in ["/auth/login", "/auth/session"] {
            for (email, password) in [
                ("ada@example.com", "wrong password"),
                ("ada@example.com", ""),
                ("nobody@example.com", PASSWORD),
                ("no address", PASSWORD),
                ("", ""),
            ] {
                let body = json!({ "email": email, "password": password });
                let answer = refused(&stage, post(path).json(&body)).await;
                let told = (answer.status.as_u16(), answer.json());
                assert_eq!(told, (401, json!({ "detail": "Invalid email or password" })), "{path} {email}");
                assert_eq!(answer.header("set-cookie"), "");
            }
            let (place, kind, _) = fault(&refused(&stage, post(path).json(&json!({ "email": "a" }))).await);
            assert_eq!((place.as_str(), kind.as_str()), ("body.password", "missing"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_that_is_used_expired_or_none_renews_nothing_and_reuse_ends_the_session() {
    for_each_engine(|test| async move {
        let mut stage = Stage::new(test).await;
        let refresh = |token: &str| post("/auth/refresh").json(&json!({ "refresh_token": token }));
        let gone = json!({ "detail": { "error": "invalid_grant", "message": "Session has expired" } });
        let tampered = {
            let token = stage.refresh_token().await;
            format!("{}{}", &token[1..], &token[..1])
        };
        for none in ["nothing", "", tampered.as_str()] {
            let answer = refused(&stage, refresh(none)).await;
            assert_eq!((answer.status.as_u16(), answer.json()), (401, gone.clone()), "{none}");
        }

        let first = stage.refresh_token().await;
        let renewed = stage.ask(refresh(&first)).await.json();
        let (second, token) =
            (renewed["refresh_token"].as_str().unwrap(), renewed["access_token"].as_str().unwrap());
        let me = |token: &str| get("/auth/me").header("authorization", format!("Bearer {token}"));
        assert!(stage.ask(me(token)).await.status.is_success());
        assert_eq!(stage.ask(refresh(&first)).await.json(), gone, "it was used");
        assert_eq!(stage.ask(refresh(second)).await.json(), gone, "the whole family ended");
        assert_eq!(stage.ask(me(token)).await.status.as_u16(), 401, "its access tokens too");

        let expired = stage.refresh_token().await;
        stage.later(Duration::from_hours(24 * 400)).await;
        let answer = refused(&stage, refresh(&expired)).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (401, gone));
        let (place, kind, _) = fault(&refused(&stage, post("/auth/refresh").json(&json!({}))).await);
        assert_eq!((place.as_str(), kind.as_str()), ("body.refresh_token", "missing"));
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_of_what_is_neither_true_nor_false_ends_no_session() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        let answer = refused(&stage, post("/auth/logout?everywhere=perhaps").by(&stage.token())).await;
        let (_, _, said) = fault(&answer);
        assert_eq!(said, "everywhere must be true or false");
        assert!(stage.ada(get("/auth/me")).await.status.is_success());
    })
    .await;
}
