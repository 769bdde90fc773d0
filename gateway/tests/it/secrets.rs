//! What could open something is nowhere but with those whose it is: not in the database, whose every
//! word is tried, and not in the logs.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex},
};

use bursar_testkit::for_each_engine;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    client::{Credential, get, post},
    documented::operations,
    scenarios::{Scene, scene},
    stage::Stage,
};

/// The names under which requests and answers carry what is secret.
const SECRET_NAMES: &[&str] = &[
    "accessToken",
    "access_token",
    "api_key",
    "code",
    "current_password",
    "key",
    "litellm",
    "password",
    "recovery_codes",
    "refreshToken",
    "refresh_token",
    "secret",
    "token",
    "uri",
];
/// Shorter texts are no secrets of ours, or are found in anything by chance.
const SHORTEST: usize = 6;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_in_the_database_or_the_logs_opens_anything() {
    for_each_engine(|test| async move {
        let logs = Logs::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(logs.clone())
            .finish();
        let listening = tracing::subscriber::set_default(subscriber);
        let stage = Stage::new(test).await;
        let secrets = every_scene(&stage).await;
        drop(listening);
        assert!(secrets.len() > 50, "only {} secrets were seen", secrets.len());

        let logged = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("request"), "nothing was logged");
        // Mail that waits and mail that was kept are among what is dumped.
        let dump = stage.world.test.dump().await;
        for (at, secret) in &secrets {
            assert!(!logged.contains(secret.as_str()), "{at} is in the logs");
            assert!(!dump.contains(secret.as_str()), "{at} is in the database");
        }
        let words: BTreeSet<&str> = dump
            .split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.$=+/".contains(letter))
            .filter(|word| word.len() >= 16)
            .collect();
        assert!(words.len() > 200, "only {} words were stored", words.len());
        for word in words {
            assert_opens_nothing(&stage, word).await;
        }
    })
    .await;
}

/// Calls everything, and answers what was secret in it, each with where it was seen.
async fn every_scene(stage: &Stage) -> BTreeSet<(String, String)> {
    let mut secrets = BTreeSet::new();
    let (last, others): (Vec<_>, Vec<_>) =
        operations().into_iter().partition(|operation| operation.id == "deleteOrganization");
    for operation in others.into_iter().chain(last) {
        let id = &operation.id;
        let Scene { ask, by } = scene(stage, id).await.unwrap();
        match &by {
            Credential::Bearer(text) | Credential::ApiKey(text) | Credential::Cookie(text) => {
                secrets.insert((format!("the credential of {id}"), text.clone()));
            }
            Credential::Nothing => {}
        }
        collect(&format!("a request of {id}"), &ask.body, &mut secrets);
        let answer = stage.ask(ask.by(&by)).await;
        assert!(answer.status.as_u16() < 400, "{id}: {}", answer.text());
        collect(&format!("an answer of {id}"), &answer.body, &mut secrets);
        for cookie in answer.headers.get_all("set-cookie") {
            let value = cookie.to_str().unwrap().split([';', '=']).nth(1).unwrap_or_default();
            if value.len() >= SHORTEST {
                secrets.insert((format!("the cookie of {id}"), value.to_owned()));
            }
        }
    }
    secrets
}

fn collect(at: &str, body: &[u8], secrets: &mut BTreeSet<(String, String)>) {
    fn texts(at: &str, value: &Value, secrets: &mut BTreeSet<(String, String)>) {
        match value {
            Value::String(text) if text.len() >= SHORTEST => {
                secrets.insert((at.to_owned(), text.clone()));
            }
            Value::Array(items) => items.iter().for_each(|item| texts(at, item, secrets)),
            _ => {}
        }
    }
    fn walk(at: &str, value: &Value, secrets: &mut BTreeSet<(String, String)>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if SECRET_NAMES.contains(&name.as_str()) {
                        texts(&format!("{name} in {at}"), value, secrets);
                    }
                    walk(at, value, secrets);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(at, item, secrets)),
            _ => {}
        }
    }
    if let Ok(value) = serde_json::from_slice(body) {
        walk(at, &value, secrets);
    }
}

/// Tries a word that is stored in every place where a secret is shown.
async fn assert_opens_nothing(stage: &Stage, word: &str) {
    let me = || get("/auth/me");
    for credential in [
        Credential::Cookie(word.to_owned()),
        Credential::Bearer(word.to_owned()),
        Credential::ApiKey(word.to_owned()),
    ] {
        let answer = stage.ask(me().by(&credential)).await;
        assert_eq!(answer.status.as_u16(), 401, "{credential:?}: {}", answer.text());
    }
    let token = json!({ "token": word });
    let with_password = json!({ "token": word, "password": "quite another horse battery" });
    for (path, body) in [
        ("/auth/refresh", json!({ "refresh_token": word })),
        ("/auth/password/reset", with_password),
        ("/auth/email/verify", token.clone()),
        ("/auth/email/change", token.clone()),
        ("/auth/magic-link/redeem", token.clone()),
        (
            "/api/v1/auth/token",
            json!({
                "grant_type": "authorization_code",
                "code": word,
                "client_type": "extension",
                "redirect_uri": crate::stage::REDIRECT_URI,
            }),
        ),
    ] {
        let answer = stage.ask(post(path).json(&body)).await;
        assert!(answer.status.is_client_error(), "{word} at {path}: {}", answer.text());
    }
    let accepted = stage.ada(post("/api/v1/invites/accept").json(&token)).await;
    assert_eq!(accepted.status.as_u16(), 404, "{word}: {}", accepted.text());
}
