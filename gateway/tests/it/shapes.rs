use std::time::Duration;

use axum::{Router, body::Body, http::StatusCode, routing};
use bursar_gateway::{
    api::caller::Caller,
    http::body::{Body as JsonBody, OptionalBody},
    state::AppState,
};
use bursar_kernel::DomainError;
use bursar_testkit::on_sqlite;
use serde_json::json;

use crate::server::{Answer, Outcome, config, framed, get, post};

/// Where each family's paths begin, and whether its errors are problems.
const FAMILIES: [&str; 5] = ["/auth", "/api/v1/users", "/api/v1/events", "/webhooks", "/elsewhere"];

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only whether it parses matters")]
struct Wanted {
    name: String,
}

#[derive(Default, serde::Deserialize)]
struct Nothing {}

/// The same misbehaving routes in every family.
#[expect(clippy::disallowed_methods, reason = "routes of this test, which nobody documents")]
fn routes() -> Router<AppState> {
    async fn reads(_: JsonBody<Wanted>) -> Outcome<()> {
        Ok(())
    }
    async fn may_read(_: OptionalBody<Nothing>) -> Outcome<()> {
        Ok(())
    }
    async fn panics() -> Outcome<()> {
        panic!("a secret that must not be shown")
    }
    async fn fails() -> Outcome<()> {
        Err(DomainError::internal("another secret").into())
    }
    async fn sleeps() -> Outcome<()> {
        tokio::time::sleep(Duration::from_hours(1)).await;
        Ok(())
    }
    async fn knows(_: Caller) -> Outcome<()> {
        Ok(())
    }
    FAMILIES.iter().fold(Router::new(), |routes, prefix| {
        routes
            .route(&format!("{prefix}/reads"), routing::post(reads))
            .route(&format!("{prefix}/may-read"), routing::post(may_read))
            .route(&format!("{prefix}/panics"), routing::get(panics))
            .route(&format!("{prefix}/fails"), routing::get(fails))
            .route(&format!("{prefix}/sleeps"), routing::get(sleeps))
            .route(&format!("{prefix}/knows"), routing::get(knows).post(knows))
    })
}

/// The sentence of an error, once everything around it has been found to be the family's.
fn sentence(prefix: &str, answer: &Answer) -> String {
    let body = answer.json();
    match prefix {
        "/auth" => {
            assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
            let detail = &body["detail"];
            detail.as_str().or_else(|| detail[0]["msg"].as_str()).unwrap().to_owned()
        }
        "/api/v1/users" => {
            let error = body["error"].as_str().unwrap();
            assert_eq!(body, json!({ "data": null, "error": error, "success": false }));
            error.to_owned()
        }
        _ => {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(body["status"], answer.status.as_u16());
            assert_eq!(body["requestId"], answer.header("x-request-id"));
            assert!(body["type"].as_str().unwrap().starts_with("urn:bursar:"));
            body["detail"].as_str().unwrap().to_owned()
        }
    }
}

#[tokio::test]
async fn an_unknown_route_and_an_unknown_method_are_refused_in_the_familys_words() {
    on_sqlite(|test| async move {
        let router = framed(&test, config(&[]), routes());
        for prefix in FAMILIES {
            let unknown = get(&router, &format!("{prefix}/nothing")).await;
            assert_eq!(unknown.status, StatusCode::NOT_FOUND);
            assert_eq!(sentence(prefix, &unknown), "Not found");
            assert!(!unknown.header("x-request-id").is_empty());
            let method = get(&router, &format!("{prefix}/reads")).await;
            assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(method.header("allow"), "POST");
            assert_eq!(sentence(prefix, &method), "Method not allowed");
        }
    })
    .await;
}

#[tokio::test]
async fn a_bad_body_is_refused_in_the_familys_words_with_the_field_and_the_rule() {
    on_sqlite(|test| async move {
        let router = framed(&test, config(&[("BURSAR_HTTP_MAX_BODY_BYTES", "1024")]), routes());
        let json_type = "application/json; charset=utf-8";
        for prefix in FAMILIES {
            let path = format!("{prefix}/reads");
            let good = post(&router, &path, json_type, r#"{"name":"a","unknown":1}"#).await;
            assert_eq!(good.status, StatusCode::OK);
            let body_fault =
                if prefix == "/auth" { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
            for (content_type, body, status, said) in [
                (json_type, "{}", body_fault, "name is required"),
                (json_type, r#"{"name":7}"#, body_fault, "name must be a text"),
                (json_type, "{", body_fault, "The body must be valid JSON: line 1, column 1"),
                (json_type, "", body_fault, "A JSON body is required"),
                (
                    "application/x-www-form-urlencoded",
                    "name=a",
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type must be application/json",
                ),
                ("", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json"),
            ] {
                let answer = post(&router, &path, content_type, body).await;
                assert_eq!(answer.status, status, "{prefix} {body}");
                assert_eq!(sentence(prefix, &answer), said, "{prefix} {body}");
            }
            let large = post(&router, &path, json_type, vec![b' '; 1025]).await;
            assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
            assert_eq!(sentence(prefix, &large), "The request body is larger than 1024 bytes");
            for (content_type, body) in [("", ""), (json_type, ""), (json_type, "{}")] {
                let answer = post(&router, &format!("{prefix}/may-read"), content_type, body).await;
                assert_eq!(answer.status, StatusCode::OK, "{prefix} {content_type}");
            }
        }
        let fault = post(&router, "/auth/reads", json_type, "{}").await.json();
        assert_eq!(fault["detail"][0]["loc"], json!(["body", "name"]));
        let fault = post(&router, "/api/v1/events/reads", json_type, "{}").await.json();
        assert_eq!(fault["errors"], json!([{ "field": "name", "rule": "is required" }]));
    })
    .await;
}

#[tokio::test]
async fn our_own_faults_are_told_without_their_causes() {
    on_sqlite(|test| async move {
        let router = framed(&test, config(&[]), routes());
        for prefix in FAMILIES {
            for fault in ["panics", "fails"] {
                let answer = get(&router, &format!("{prefix}/{fault}")).await;
                assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{prefix}/{fault}");
                assert!(sentence(prefix, &answer).starts_with("Something went wrong on our side"));
                assert!(!answer.text().contains("secret"));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_503() {
    on_sqlite(|test| async move {
        // The shortest limit there is; the families wait for it side by side.
        let router = framed(&test, config(&[("BURSAR_HTTP_REQUEST_TIMEOUT_SECONDS", "1")]), routes());
        let waits = FAMILIES.map(|prefix| {
            let router = &router;
            async move { (prefix, get(router, &format!("{prefix}/sleeps")).await) }
        });
        for (prefix, answer) in futures_util::future::join_all(waits).await {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.header("retry-after"), "1");
            assert_eq!(sentence(prefix, &answer), "The request took too long, try again");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_credential_is_told_so_in_the_words_that_clients_match() {
    on_sqlite(|test| async move {
        let router = framed(&test, config(&[("BURSAR_PRODUCT_NAME", "Acme")]), routes());
        let auth = get(&router, "/auth/knows").await;
        assert_eq!(auth.status, StatusCode::UNAUTHORIZED);
        assert_eq!(auth.json(), json!({ "detail": "Not authenticated" }));
        assert_eq!(auth.header("www-authenticate"), "Bearer");
        let accounts = get(&router, "/api/v1/users/knows").await;
        assert_eq!(accounts.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            accounts.json(),
            json!({ "error": "Unauthorized: Please make sure you're using the latest version of Acme and re-authenticate your Acme account." })
        );
        let platform = get(&router, "/api/v1/events/knows").await;
        assert_eq!(platform.json()["type"], "urn:bursar:not_authenticated");
    })
    .await;
}

#[tokio::test]
async fn two_credentials_are_refused_and_so_is_another_sites_write_by_cookie() {
    on_sqlite(|test| async move {
        let router = framed(&test, config(&[]), routes());
        let ask = |method: &'static str, headers: Vec<(&'static str, &'static str)>| {
            let request = axum::http::Request::builder().method(method).uri("/api/v1/events/knows");
            let request =
                headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
            let router = router.clone();
            async move {
                let answer = crate::server::send(&router, request.body(Body::empty()).unwrap()).await;
                (answer.status.as_u16(), answer.json()["type"].as_str().unwrap().to_owned())
            }
        };
        let refused = |status, code: &str| (status, format!("urn:bursar:{code}"));
        let cookie = ("cookie", "bursar_session=abc");
        let token = ("authorization", "Bearer a.b.c");
        assert_eq!(ask("POST", vec![cookie]).await, refused(403, "origin_refused"));
        let ours = ("origin", "http://127.0.0.1:8080");
        assert_eq!(ask("POST", vec![cookie, ours]).await, refused(401, "invalid_token"));
        assert_eq!(ask("GET", vec![cookie, token]).await, refused(401, "credentials_ambiguous"));
        let basic = ("authorization", "Basic YTpi");
        assert_eq!(ask("GET", vec![basic]).await, refused(401, "credential_malformed"));
        assert_eq!(ask("GET", vec![("x-api-key", "sk_garbage")]).await, refused(401, "invalid_api_key"));
        assert_eq!(ask("GET", vec![token]).await, refused(401, "invalid_token"));
    })
    .await;
}

#[tokio::test]
async fn a_request_identifier_comes_back_and_an_insane_one_does_not() {
    on_sqlite(|test| async move {
        let router = framed(&test, config(&[]), routes());
        let asked = |id: &'static str| {
            let request = axum::http::Request::get("/nothing").header("x-request-id", id);
            crate::server::send(&router, request.body(Body::empty()).unwrap())
        };
        assert_eq!(asked("trace-1").await.header("x-request-id"), "trace-1");
        assert!(asked("a b").await.header("x-request-id").starts_with("req_"));
    })
    .await;
}
