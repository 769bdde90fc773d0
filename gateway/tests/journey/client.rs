//! A caller: HTTP, JSON, and one credential or none.

use reqwest::{Method, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;

/// Somebody who calls the server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    bearer: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    text: String,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        // A redirect is an answer to look at; a proxy of the machine has no business here.
        let http = bursar_testkit::crash::http().redirect(Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), bearer: None }
    }

    /// The same caller with a token or a key.
    pub(crate) fn with(&self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path).send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path).send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    /// As a caller whose server may be gone.
    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        answer(self.request(Method::POST, path).json(body).send().await?).await
    }

    /// With a body and headers of any kind.
    pub(crate) async fn send(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = self.request(Method::POST, path).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send().await.unwrap()).await.unwrap()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        }
    }
}

async fn answer(response: Response) -> reqwest::Result<Answer> {
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    Ok(Answer { status: response.status().as_u16(), location, text: response.text().await? })
}

impl Answer {
    /// The body, of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    /// The payload of an envelope.
    #[track_caller]
    pub(crate) fn data(self, status: u16) -> Value {
        let mut body = self.expect(status);
        assert_eq!(body["success"], true, "{body}");
        body["data"].take()
    }

    /// The body as it came, of an answer that must have this status.
    #[track_caller]
    pub(crate) fn page(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        self.text
    }
}

/// The text of a field that must be there.
#[track_caller]
pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}")).to_owned()
}
