use axum::http::StatusCode;
use bursar_testkit::{for_each_engine, on_sqlite};

use crate::{
    documented::operations,
    server::{config, get, get_at, router},
};

#[tokio::test]
async fn a_migrated_database_is_ready() {
    for_each_engine(|test| async move {
        let router = router(&test, config(&[]));
        assert_eq!(get(&router, "/healthz").await.text(), "ok\n");
        let ready = get(&router, "/readyz").await;
        assert_eq!((ready.status, ready.text().as_str()), (StatusCode::OK, "ready\n"));
    })
    .await;
}

#[tokio::test]
async fn the_documents_are_served_and_browsable_without_the_internet() {
    on_sqlite(|test| async move {
        let router = router(&test, config(&[]));
        for family in ["accounts", "auth", "organization", "platform", "webhooks"] {
            let document = get(&router, &format!("/openapi/{family}.json")).await;
            assert_eq!(document.json()["openapi"], "3.1.0", "{family}");
        }
        let sign_in = get(&router, "/openapi/auth.json").await.json();
        assert_eq!(sign_in["paths"]["/auth/login"]["post"]["security"], serde_json::json!([]));
        assert_eq!(get(&router, "/openapi/site.json").await.status, StatusCode::NOT_FOUND);
        assert_eq!(get(&router, "/docs").await.header("location"), "/docs/accounts");
        for operation in operations() {
            let page = get(&router, &format!("/docs/{}", operation.family)).await;
            assert!(page.text().contains(&format!("id=\"{}\"", operation.id)), "{}", operation.id);
        }
        let page = get(&router, "/docs/auth").await;
        assert!(!page.text().contains("https://"), "nothing comes from elsewhere");
        assert!(page.header("content-security-policy").contains("script-src 'self'; style-src 'self';"));
        assert_eq!(get(&router, "/docs/site").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn every_response_narrows_what_a_browser_does_with_it() {
    on_sqlite(|test| async move {
        let router = router(&test, config(&[("BURSAR_PUBLIC_URL", "https://pay.example.com")]));
        let answer = get(&router, "/healthz").await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(answer.header("strict-transport-security").starts_with("max-age="));
        let plain = crate::server::router(&test, config(&[]));
        assert_eq!(get(&plain, "/healthz").await.header("strict-transport-security"), "");
    })
    .await;
}

#[tokio::test]
async fn the_sandbox_is_served_to_this_machine_only_and_not_everywhere() {
    on_sqlite(|test| async move {
        let path = "/sandbox/checkout/cs_sandbox_none";
        let ask = |router: axum::Router, host: &'static str| async move { get_at(&router, host, path).await };
        let here = router(&test, config(&[]));
        let unknown = ask(here.clone(), "localhost:8080").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert!(unknown.text().contains("There is no such checkout"));
        assert!(!unknown.text().contains("<script"));
        assert_eq!(ask(here, "evil.example").await.status, StatusCode::FORBIDDEN);
        let open = router(
            &test,
            config(&[("BURSAR_LISTEN", "0.0.0.0:8080"), ("BURSAR_ENVIRONMENT", "development")]),
        );
        let absent = ask(open, "localhost:8080").await;
        assert_eq!(absent.header("content-type"), "application/problem+json", "there is no such route");
    })
    .await;
}
