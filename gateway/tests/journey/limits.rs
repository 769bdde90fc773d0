//! What a connection may not do, whatever it asks.

use std::time::Duration;

use bursar_testkit::on_sqlite;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::server::{PATIENCE, Server};

#[tokio::test]
async fn a_client_that_sends_half_a_head_is_dropped_at_the_configured_time() {
    on_sqlite(|test| async move {
        let server = Server::start_with(&test, &[("BURSAR_HTTP_HEADER_TIMEOUT_SECONDS", "1")]).await;
        let began = Instant::now();
        assert_eq!(all_that_comes_back(&server, b"GET /healthz HTTP/1.1\r\nhost:").await, "");
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_head_over_the_configured_size_is_answered_431() {
    on_sqlite(|test| async move {
        let server = Server::start_with(&test, &[("BURSAR_HTTP_MAX_HEADER_BYTES", "8192")]).await;
        let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", "x".repeat(8192));
        let answer = all_that_comes_back(&server, head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    })
    .await;
}

/// What the server says before it closes the connection, or resets it over what it has not read.
async fn all_that_comes_back(server: &Server, sent: &[u8]) -> String {
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    connection.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    drop(timeout(PATIENCE, connection.read_to_end(&mut answer)).await.unwrap());
    String::from_utf8(answer).unwrap()
}
