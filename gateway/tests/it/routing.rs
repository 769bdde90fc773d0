//! Which family answers what, and what clients may leave out of a request.

use axum::http::{Method, StatusCode};
use bursar_testkit::{for_each_engine, on_sqlite};
use serde_json::{Value, json};

use crate::{
    client::{Ask, delete, get, post, put},
    documented::operations,
    scenarios::{Scene, scene},
    server::Answer,
    stage::Stage,
};

/// In whose words a failure is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    Accounts,
    Auth,
    Problem,
}

fn words(answer: &Answer) -> Words {
    let body = answer.json();
    if answer.header("content-type") == "application/problem+json" {
        assert_eq!(body["status"], answer.status.as_u16());
        assert_eq!(body["requestId"], answer.header("x-request-id"));
        return Words::Problem;
    }
    assert_eq!(answer.header("content-type"), "application/json");
    if body.get("detail").is_some() {
        return Words::Auth;
    }
    assert_eq!((&body["data"], &body["success"]), (&Value::Null, &json!(false)), "{body}");
    assert!(body["error"].is_string(), "{body}");
    Words::Accounts
}

#[tokio::test]
async fn an_unknown_path_is_refused_in_the_words_of_the_longest_prefix_of_whole_segments() {
    on_sqlite(|test| async move {
        let stage = Stage::new(test).await;
        for (path, family) in [
            ("/api/v1", Words::Accounts),
            ("/api/v1/org", Words::Accounts),
            ("/api/v1/organizationss", Words::Accounts),
            ("/api/v1/organizations/org_1/nothing", Words::Accounts),
            ("/api/v1/users/credits", Words::Accounts),
            ("/api/v1/eventually", Words::Accounts),
            ("/api/v1/events/", Words::Problem),
            ("/api/v1/events/one", Words::Problem),
            ("/api/v1/meters/tokens", Words::Problem),
            ("/api/v1/api-keys/verify/more", Words::Problem),
            ("/auth", Words::Auth),
            ("/auth/nothing", Words::Auth),
            ("/.well-known/nothing", Words::Auth),
            ("/webhooks/nobody", Words::Problem),
            ("/authority", Words::Problem),
            ("/api/v2/users/me", Words::Problem),
            ("/nothing", Words::Problem),
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let answer = stage.ada(Ask::new(method, path)).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
                assert_eq!(words(&answer), family, "{path}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_documented_path_refuses_another_method_in_its_familys_words_and_lists_its_own() {
    on_sqlite(|test| async move {
        let stage = Stage::new(test).await;
        let documented = operations();
        for operation in &documented {
            let own =
                documented.iter().filter(|other| other.path == operation.path).map(|other| &other.method);
            let own: Vec<&Method> = own.collect();
            let Scene { ask, by } = scene(&stage, &operation.id).await.unwrap();
            for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH] {
                // Another family's route for the same path is its own affair.
                if own.contains(&&method)
                    || ask.path.ends_with("/api-keys/verify") && method == Method::DELETE
                {
                    continue;
                }
                let answer = stage.ask(Ask { method: method.clone(), ..ask.clone() }.by(&by)).await;
                let at = format!("{method} {}: {}", ask.path, answer.text());
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{at}");
                let first = documented.iter().find(|other| other.path == operation.path).unwrap();
                let expected = match first.family {
                    "accounts" => Words::Accounts,
                    "auth" | "organization" => Words::Auth,
                    _ => Words::Problem,
                };
                assert_eq!(words(&answer), expected, "{at}");
                let allowed = answer.header("allow");
                for method in &own {
                    assert!(
                        allowed.split(',').any(|one| one.trim() == method.as_str()),
                        "{at} allows {allowed}"
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_literal_comes_before_a_parameter_and_an_id_of_another_shape_is_a_bare_400() {
    for_each_engine(|test| async move {
        let stage = Stage::new(test).await;
        assert_eq!(stage.ada(get("/api/v1/users/me")).await.status, StatusCode::OK);
        let switched = put("/api/v1/users/active-account").json(&json!({ "organizationId": null }));
        assert_eq!(stage.ada(switched).await.status, StatusCode::NO_CONTENT);
        // The literals `credits` and `provider`, where a parameter could stand.
        let bought = post("/api/v1/users/credits/checkout").json(&json!({ "amountCents": 500 }));
        assert_eq!(stage.ada(bought).await.status, StatusCode::OK);
        let user = stage.user();
        let unknown = stage.ada(get(format!("/api/v1/users/{user}/payments/provider/pi_unknown"))).await;
        assert_eq!(unknown.json()["error"], "payment not found");
        // `verify` is no key.
        let verify = stage.by_key(post("/api/v1/api-keys/verify").json(&json!({ "key": "x" }))).await;
        assert_eq!(verify.json()["code"], "NOT_FOUND");

        let organization = stage.organization();
        let flipped = format!("user_{}", organization.to_string().trim_start_matches("org_"));
        let upper = user.to_string().to_uppercase();
        for request in [
            get("/api/v1/users/me/balance"),
            get("/api/v1/users/me/usages"),
            get("/api/v1/users/me/payments"),
            get(format!("/api/v1/users/{organization}/balance")),
            get(format!("/api/v1/users/{upper}/balance")),
            get(format!("/api/v1/users/{user}x/balance")),
            get(format!("/api/v1/users/{user}/payments/me")),
            get(format!("/api/v1/users/{user}/payments/{user}/status")),
            get(format!("/api/v1/organizations/{user}")),
            get(format!("/api/v1/organizations/{flipped}/balance")),
            get("/api/v1/organizations/1/usages"),
            get("/api/v1/organizations/%00/usages"),
            get("/api/v1/organizations/%ff/usages"),
            post("/api/v1/organizations/me/credits/checkout").json(&json!({ "amountCents": 500 })),
            delete("/api/v1/api-keys/sk_123"),
        ] {
            let answer = stage.ada(request.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", request.path);
            assert_eq!(answer.json(), json!({ "error": "Invalid request format" }), "{}", request.path);
        }
    })
    .await;
}

#[tokio::test]
async fn no_body_is_asked_for_where_none_is_needed() {
    on_sqlite(|test| async move {
        let stage = Stage::new(test).await;
        let terms = "/api/v1/users/me/accept-terms";
        for request in [
            post(terms),
            post(terms).header("content-type", "application/json"),
            post(terms).body("application/json", "{}"),
            post(terms).body("text/plain", ""),
            get("/api/v1/users/me"),
            Ask::new(Method::GET, "/api/v1/users/me"),
            Ask::new(Method::HEAD, "/api/v1/users/me"),
            get("/api/v1/users/me?unknown=1"),
            post("/auth/logout"),
        ] {
            let answer = stage.ada(request.clone()).await;
            assert!(answer.status.is_success(), "{} {}: {}", request.method, request.path, answer.text());
        }
    })
    .await;
}

#[tokio::test]
async fn a_tag_before_the_token_carries_no_trust_and_a_scheme_has_any_case() {
    on_sqlite(|test| async move {
        let stage = Stage::new(test).await;
        let (token, key) = (&stage.ada.person.access_token, stage.key.secret.expose());
        for good in [
            format!("Bearer {token}"),
            format!("bearer {token}"),
            format!("Bearer workos:{token}"),
            format!("Bearer {key}"),
        ] {
            let answer = stage.ask(get("/api/v1/users/me").header("authorization", &good)).await;
            assert_eq!(answer.status, StatusCode::OK, "{good}");
        }
        for bad in [format!("Bearer unknown:{token}"), "Bearer workos:".to_owned(), format!("Basic {token}")]
        {
            let answer = stage.ask(get("/api/v1/users/me").header("authorization", &bad)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        }
    })
    .await;
}
