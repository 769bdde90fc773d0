//! A client of the whole server, and requests as it writes them.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use bursar_testkit::world::PUBLIC_URL;
use serde_json::Value;

use crate::server::{Answer, send};

/// What a request shows to say who asks.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    Nothing,
    /// `Authorization: Bearer`, a token or a key.
    Bearer(String),
    /// `X-API-Key`.
    ApiKey(String),
    /// The session cookie, from a page of ours.
    Cookie(String),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Where it comes from on the wire.
    pub(crate) peer: Option<IpAddr>,
}

/// A GET as clients send it: with a content type and without a body.
pub(crate) fn get(path: impl Into<String>) -> Ask {
    Ask::new(Method::GET, path).header("content-type", "application/json")
}

pub(crate) fn post(path: impl Into<String>) -> Ask {
    Ask::new(Method::POST, path)
}

pub(crate) fn put(path: impl Into<String>) -> Ask {
    Ask::new(Method::PUT, path)
}

pub(crate) fn patch(path: impl Into<String>) -> Ask {
    Ask::new(Method::PATCH, path)
}

pub(crate) fn delete(path: impl Into<String>) -> Ask {
    Ask::new(Method::DELETE, path)
}

impl Ask {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Vec::new(), peer: None }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn from(mut self, peer: &str) -> Self {
        self.peer = Some(peer.parse().unwrap());
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn by(self, credential: &Credential) -> Self {
        match credential {
            Credential::Nothing => self,
            Credential::Bearer(secret) => self.header("authorization", format!("Bearer {secret}")),
            Credential::ApiKey(secret) => self.header("x-api-key", secret),
            Credential::Cookie(secret) => {
                self.header("cookie", format!("bursar_session={secret}")).header("origin", PUBLIC_URL)
            }
        }
    }

    pub(crate) fn request(&self) -> Request<Body> {
        let request = Request::builder().method(&self.method).uri(&self.path);
        let request =
            self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        // As a client on the wire: a write always says how long its body is.
        let request = if self.method.is_safe() {
            request
        } else {
            request.header("content-length", self.body.len().to_string())
        };
        let mut request = request.body(Body::from(self.body.clone())).unwrap();
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 4000)));
        }
        request
    }
}

/// Sends a request, and looks at what every response must have, whatever it answers.
pub(crate) async fn ask(router: &Router, ask: &Ask) -> Answer {
    let answer = send(router, ask.request()).await;
    let at = format!("{} {}: {} {}", ask.method, ask.path, answer.status, answer.text());
    assert!(!answer.header("x-request-id").is_empty(), "{at}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {at}");
    }
    assert!(!answer.status.is_server_error(), "{at}");
    if answer.status.as_u16() == 204 {
        assert_eq!(answer.status.canonical_reason(), Some("No Content"));
        assert!(answer.body.is_empty(), "{at}");
        assert_eq!(answer.header("content-type"), "", "{at}");
    }
    answer
}
