//! An issuer of tokens on this machine: discovery, keys, a sign-in that asks nobody anything, and
//! answers that no issuer should give.

mod http;
mod keys;
mod products;
mod sign_in;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bursar_kernel::Clock;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use self::keys::Keys;
use crate::MockClock;

/// For whom its tokens are.
pub const AUDIENCE: &str = "bursar";
/// Who asks for its tokens.
pub const AUTHORIZED_PARTY: &str = "https://app.example";
/// What a deployment is to it.
pub const CLIENT_ID: &str = "bursar client";
/// With what every character that must be encoded.
pub const CLIENT_SECRET: &str = "s3cret:/+% &=";
/// How long its tokens are good.
pub const TOKEN_LIFETIME: Duration = Duration::from_mins(5);

/// What it answers when it is asked for its keys.
#[derive(Clone, Debug)]
pub enum JwksAnswer {
    /// Its keys.
    Keys,
    /// Something else.
    Body(Vec<u8>),
    /// No keys, and a status.
    Status(u16),
    /// That they are elsewhere.
    Redirect(String),
    /// More and more, without an end.
    Endless,
}

/// An issuer that listens on a loopback address until it is dropped.
pub struct LocalIssuer {
    issuer: Arc<Issuer>,
    server: JoinHandle<()>,
}

/// What is behind the address.
struct Issuer {
    url: String,
    clock: Arc<dyn Clock>,
    keys: Mutex<Keys>,
    jwks_answer: Mutex<JwksAnswer>,
    person: Mutex<Value>,
    codes: Mutex<Vec<sign_in::Code>>,
    jwks_fetches: AtomicUsize,
    connections: AtomicUsize,
    sent_bytes: AtomicUsize,
}

impl LocalIssuer {
    /// One whose clock stands where every test begins.
    pub async fn start() -> Self {
        Self::start_at(Arc::new(MockClock::default())).await
    }

    /// One with a clock, such as that of the test's database.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback address is free");
        let address = listener.local_addr().expect("a listener has an address");
        let issuer = Arc::new(Issuer {
            url: format!("http://{address}"),
            clock,
            keys: Mutex::default(),
            jwks_answer: Mutex::new(JwksAnswer::Keys),
            person: Mutex::new(json!({"sub": "user_1"})),
            codes: Mutex::default(),
            jwks_fetches: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            sent_bytes: AtomicUsize::new(0),
        });
        let server = tokio::spawn(http::serve(listener, issuer.clone()));
        Self { issuer, server }
    }

    /// Its address, which is the `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> String {
        self.issuer.url.clone()
    }

    /// Where its keys are.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks", self.issuer.url)
    }

    /// Signs by new keys from now on. The old ones stay published.
    pub fn rotate(&self) {
        locked(&self.issuer.keys).rotate();
    }

    /// Publishes the newest keys alone.
    pub fn withdraw_old_keys(&self) {
        locked(&self.issuer.keys).withdraw_old();
    }

    /// How often its keys were asked for.
    #[must_use]
    pub fn jwks_fetches(&self) -> usize {
        self.issuer.jwks_fetches.load(Ordering::SeqCst)
    }

    /// How many connections were made to it, whatever was said on them.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.issuer.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of an endless answer it got rid of.
    #[must_use]
    pub fn sent_bytes(&self) -> usize {
        self.issuer.sent_bytes.load(Ordering::SeqCst)
    }

    /// Answers so when it is asked for its keys.
    pub fn serve_jwks_as(&self, answer: JwksAnswer) {
        *locked(&self.issuer.jwks_answer) = answer;
    }

    /// The keys that it publishes.
    #[must_use]
    pub fn jwks(&self) -> Value {
        locked(&self.issuer.keys).published()
    }

    /// The public part of its RSA key, in DER and in PEM.
    #[must_use]
    pub fn rsa_public_key(&self) -> (Vec<u8>, String) {
        locked(&self.issuer.keys).rsa_public_key()
    }

    /// Its private RSA key in DER (PKCS #1), for tests that sign by what it does not.
    #[must_use]
    pub fn rsa_private_key(&self) -> Vec<u8> {
        locked(&self.issuer.keys).rsa_private_key()
    }

    /// A token by RS256.
    #[must_use]
    pub fn sign(&self, claims: Value) -> String {
        self.sign_with(json!({}), claims)
    }

    /// A token with changes to its header; a change to null takes a field away. The algorithm picks
    /// the key: RS256, ES256 or `EdDSA`; by any other it is not signed.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a test writes them where it signs")]
    pub fn sign_with(&self, header: Value, claims: Value) -> String {
        locked(&self.issuer.keys).sign(&header, &claims)
    }

    /// Whoever signs in by browser from now on is this person: claims of its token, over those that
    /// every one has.
    pub fn set_person(&self, claims: Value) {
        *locked(&self.issuer.person) = claims;
    }

    /// What a browser does at the address of a sign-in: where it is sent with a code.
    #[must_use]
    pub fn visit(&self, url: &str) -> String {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        self.issuer.authorize(query).unwrap_or_else(|refusal| panic!("{refusal}: {url}"))
    }
}

impl Drop for LocalIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The fields of one object over those of another; null takes one away.
fn merged(base: Value, changes: &Value) -> Value {
    let (Value::Object(mut all), Value::Object(changes)) = (base, changes) else {
        panic!("headers and claims are objects");
    };
    for (name, value) in changes {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Object(all)
}
