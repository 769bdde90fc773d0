use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use bursar_gateway::{
    compose,
    config::Config,
    http::failure,
    routes,
    state::{AppState, Parts},
};
use bursar_kernel::CursorCodec;
use bursar_testkit::TestDb;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The clock of a test stands still, so that no limit a minute may be met by chance.
const WITHOUT_LIMITS: [(&str, &str); 2] = [("BURSAR_LIMITS_PER_CALLER", "0"), ("BURSAR_LIMITS_PER_IP", "0")];

pub(crate) fn config(variables: &[(&str, &str)]) -> Config {
    let named = |name: &str| variables.iter().any(|(other, _)| *other == name);
    let others = WITHOUT_LIMITS.iter().filter(|(name, _)| !named(name));
    let all = others.chain(variables).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Config::load(None, all).unwrap()
}

fn parts(test: &TestDb, config: Config) -> Parts {
    let (core, sandbox) = compose::core(&config, test.db.clone()).unwrap();
    Parts {
        cursors: CursorCodec::new(&config.master_key),
        config: Arc::new(config),
        db: test.db.clone(),
        core,
        sandbox,
        mailbox: None,
        metrics: None,
    }
}

/// The whole server.
pub(crate) fn router(test: &TestDb, config: Config) -> Router {
    routes::router(parts(test, config)).unwrap()
}

/// The whole server with a key to sign tokens with: people can sign up.
pub(crate) async fn ready_router(test: &TestDb, config: Config) -> Router {
    let parts = parts(test, config);
    parts.core.prepare().await.unwrap();
    routes::router(parts).unwrap()
}

/// Other routes in the same frame, each family's under its own prefix.
pub(crate) fn framed(test: &TestDb, config: Config, routes: Router<AppState>) -> Router {
    routes::framed(routes, routes::state(parts(test, config)).unwrap())
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let Ok(response) = router.clone().oneshot(request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn get(router: &Router, path: &str) -> Answer {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn post(router: &Router, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(Method::POST).uri(path);
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    send(router, request.body(body.into()).unwrap()).await
}

pub(crate) async fn get_at(router: &Router, host: &str, path: &str) -> Answer {
    send(router, Request::get(path).header("host", host).body(Body::empty()).unwrap()).await
}

pub(crate) async fn post_at(
    router: &Router,
    host: &str,
    path: &str,
    content_type: &str,
    body: impl Into<Body>,
) -> Answer {
    let request = Request::post(path).header("host", host).header("content-type", content_type);
    send(router, request.body(body.into()).unwrap()).await
}

/// What a handler answers.
pub(crate) type Outcome<T> = failure::Result<T>;
