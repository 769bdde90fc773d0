//! Callers that do not give up.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use super::heard::Heard;

/// A request that takes longer hangs, which is a fault: the server has limits of its own.
const ANSWER_WITHIN: Duration = Duration::from_secs(45);
/// Longer than the server, its database and everything unfinished need together.
const INSIST_FOR: Duration = Duration::from_mins(3);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// Somebody who calls the server.
#[derive(Clone)]
pub(super) struct Caller {
    http: reqwest::Client,
    base: String,
    bearer: Option<String>,
    heard: Arc<Heard>,
}

/// A request that can be sent again, the same.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: Method,
    path: String,
    idempotency_key: Option<String>,
    body: Option<Value>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    /// At which try: after the first, an earlier one may have had its effect unheard.
    pub(super) tries: u32,
}

impl Request {
    pub(super) fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), idempotency_key: None, body: None }
    }

    pub(super) fn delete(path: &str) -> Self {
        Self { method: Method::DELETE, ..Self::get(path) }
    }

    pub(super) fn post(path: &str, body: Value) -> Self {
        Self { method: Method::POST, body: Some(body), ..Self::get(path) }
    }

    pub(super) fn with_key(self, key: Option<String>) -> Self {
        Self { idempotency_key: key, ..self }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) const fn has_key(&self) -> bool {
        self.idempotency_key.is_some()
    }
}

impl Caller {
    pub(super) fn new(base: &str, heard: Arc<Heard>) -> Self {
        let http = super::http().timeout(ANSWER_WITHIN).build();
        Self { http: http.expect("an HTTP client"), base: base.to_owned(), bearer: None, heard }
    }

    /// The same caller with a token or a key.
    pub(super) fn with(&self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self.clone() }
    }

    /// Tries once; `None` when nobody answers, or the answer is to come again.
    pub(super) async fn try_once(&self, request: &Request) -> Option<Answer> {
        let mut sent = self.http.request(request.method.clone(), format!("{}{}", self.base, request.path));
        if let Some(bearer) = &self.bearer {
            sent = sent.bearer_auth(bearer);
        }
        if let Some(key) = &request.idempotency_key {
            sent = sent.header("idempotency-key", key);
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        let received = match sent.send().await {
            Ok(received) => received,
            Err(error) => return self.lost(request, &error),
        };
        let status = received.status().as_u16();
        let text = match received.text().await {
            Ok(text) => text,
            Err(error) => return self.lost(request, &error),
        };
        match status {
            429 | 503 => None,
            500.. => {
                self.heard
                    .fault(format!("{} {} was answered {status}: {text}", request.method, request.path));
                None
            }
            _ => {
                self.heard.acknowledge();
                Some(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), tries: 1 })
            }
        }
    }

    /// Sends the same until it is answered.
    pub(super) async fn insist(&self, request: &Request) -> Answer {
        let deadline = Instant::now() + INSIST_FOR;
        let mut tries = 1;
        loop {
            if let Some(answer) = self.try_once(request).await {
                return Answer { tries, ..answer };
            }
            assert!(Instant::now() < deadline, "nobody answers {} {}", request.method, request.path);
            sleep(TRY_AGAIN_AFTER).await;
            tries += 1;
        }
    }

    /// Insists, and says so when the answer has another status.
    pub(super) async fn expect(&self, request: &Request, status: u16) -> Option<Answer> {
        let answer = self.insist(request).await;
        if answer.status == status {
            return Some(answer);
        }
        self.unexpected(request, &answer);
        None
    }

    pub(super) fn unexpected(&self, request: &Request, answer: &Answer) {
        let Answer { status, body, tries } = answer;
        self.heard.fault(format!("{request:?} was answered {status} at try {tries}: {body}"));
    }

    /// A killed server answers nothing, which is no fault; one that hangs is.
    fn lost<T>(&self, request: &Request, error: &reqwest::Error) -> Option<T> {
        if error.is_timeout() {
            self.heard.fault(format!("{} {} hung", request.method, request.path));
        }
        None
    }
}
