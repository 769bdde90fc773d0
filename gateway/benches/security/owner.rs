//! A person with keys, as a client sees it.

use std::{net::SocketAddr, time::Instant};

use serde_json::Value;

use crate::http::{self, Connection};

/// Somebody who makes keys and ends them, and a product that asks about them.
pub(crate) struct Owner {
    access_token: String,
    /// A key that may ask about the others, and is never ended.
    pub(crate) verifier: String,
}

/// A key that was made.
pub(crate) struct MadeKey {
    id: String,
    pub(crate) secret: String,
}

impl Owner {
    /// Signs up at a node, under a name that nobody has yet.
    pub(crate) async fn sign_up(address: SocketAddr, name: &str) -> Self {
        let mut connection = Connection::open(address).await;
        let body = format!(r#"{{"email":"{name}@example.com","password":"a password of a bench"}}"#);
        let answer = connection.send(&http::post("/auth/register", None, &body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let access_token = text(&json(&answer.body)["access_token"]);
        let mut owner = Self { access_token, verifier: String::new() };
        let body = r#"{"name":"verifier","scopes":["read","keys:verify"]}"#;
        owner.verifier = owner.make(&mut connection, body).await.secret;
        owner
    }

    /// Makes a key.
    pub(crate) async fn key(&self, connection: &mut Connection) -> MadeKey {
        self.make(connection, r#"{"name":"bench"}"#).await
    }

    async fn make(&self, connection: &mut Connection, body: &str) -> MadeKey {
        let answer = connection.send(&http::post("/api/v1/api-keys", Some(&self.access_token), body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let data = &json(&answer.body)["data"];
        MadeKey { id: text(&data["id"]), secret: text(&data["key"]) }
    }

    /// Ends a key, and says when the answer was there.
    pub(crate) async fn delete(&self, connection: &mut Connection, key: &MadeKey) -> Instant {
        let path = format!("/api/v1/api-keys/{}", key.id);
        let answer = connection.send(&http::delete(&path, &self.access_token)).await;
        let deleted = Instant::now();
        assert_eq!(answer.status, 204, "{}", answer.body);
        deleted
    }
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).expect("an answer is JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is in the answer").to_owned()
}
