//! What the server refuses to start with, and what it says then.

use bursar_kernel::Engine;
use bursar_testkit::{for_each_engine, on_sqlite};
use tokio::time::timeout;

use crate::server::{PATIENCE, Server, bursar};

/// What `bursar serve` says on its way out.
async fn refusal(variables: &[(&str, &str)]) -> String {
    let mut command = bursar();
    command.arg("serve").env("BURSAR_LISTEN", "127.0.0.1:0").envs(variables.iter().copied());
    let ended = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[tokio::test]
async fn a_second_process_on_one_sqlite_file_is_refused_and_the_first_serves_on() {
    on_sqlite(|test| async move {
        let server = Server::start(&test).await;
        let said = refusal(&[("BURSAR_DATABASE_URL", &test.url)]).await;
        assert!(said.contains("another process uses") && said.contains("stop it first"), "{said}");
        crate::client::Client::new(&server.base).get("/readyz").await.page(200);
        server.kill().await;
        // Whatever its end was, nothing is left behind that would keep the next one out.
        Server::start(&test).await.kill().await;
    })
    .await;
}

#[tokio::test]
async fn production_does_not_start_on_a_default_of_development() {
    let said = refusal(&[("BURSAR_ENVIRONMENT", "production"), ("BURSAR_DATABASE_DURABLE", "false")]).await;
    for fault in [
        "master_key must be your own in production",
        "payments.provider must not be sandbox in production",
        "public_url must be https in production",
        "database.durable must be true in production",
    ] {
        assert!(said.contains(fault), "{said}");
    }
}

#[tokio::test]
async fn a_listener_beyond_this_machine_must_say_where_it_runs() {
    let said = refusal(&[("BURSAR_LISTEN", "0.0.0.0:0")]).await;
    assert!(said.contains("environment must be development or production"), "{said}");
}

#[tokio::test]
async fn a_variable_that_names_no_key_is_a_fault() {
    let said = refusal(&[("BURSAR_LISTNE", "127.0.0.1:0")]).await;
    assert!(said.contains("BURSAR_LISTNE names no key of the configuration"), "{said}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    on_sqlite(|test| async move {
        let server = Server::start(&test).await;
        let said = refusal(&[("BURSAR_LISTEN", server.address())]).await;
        assert!(said.contains(server.address()) && said.contains("cannot be listened on"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn a_postgres_that_could_lose_what_it_acknowledged_is_refused() {
    for_each_engine(|test| async move {
        let careless = test.engine == Engine::Postgres
            && test.texts("SELECT setting FROM pg_settings WHERE name = 'fsync'").await == ["off"];
        if careless {
            let said = refusal(&[("BURSAR_DATABASE_URL", &test.url)]).await;
            assert!(said.contains("SHOW fsync answers off"), "{said}");
        }
    })
    .await;
}
