use std::{io::ErrorKind, sync::Arc};

use axum::http::{HeaderMap, header::CONNECTION};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::Instant,
};

use super::*;
use crate::config::Config;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(30);
/// A limit that is waited for.
const SHORT: Duration = Duration::from_millis(200);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
}

impl Server {
    async fn start(router: Router, limits: Http) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        Self { address, stop, ended: tokio::spawn(listen(listener, router, limits, stopped)) }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        timeout(LONG, self.ended).await.expect("the server stops").unwrap();
    }
}

/// Nothing here ends by itself, unless the test shortens it.
fn limits() -> Http {
    let limits = Config::development().unwrap().http;
    Http { header_timeout: LONG, request_timeout: LONG, shutdown_grace: LONG, ..limits }
}

fn hello() -> Router {
    Router::new().fallback(async || "hello")
}

/// Everything until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("the server closes") {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// One answer of a connection that stays open.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let length = timeout(LONG, stream.read(&mut bytes)).await.expect("the server answers").unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn half_a_head_is_waited_for_so_long_and_no_longer() {
    let server = Server::start(hello(), Http { header_timeout: SHORT, ..limits() }).await;
    let began = Instant::now();
    let mut slow = server.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    assert_eq!(rest(&mut slow).await, "");
    assert!((SHORT..LONG).contains(&began.elapsed()), "{:?}", began.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn a_connection_without_a_next_request_is_closed() {
    let server = Server::start(hello(), Http { header_timeout: SHORT, ..limits() }).await;
    let mut idle = server.connect().await;
    idle.write_all(REQUEST).await.unwrap();
    assert!(rest(&mut idle).await.ends_with("hello"));
    server.stop().await;
}

#[tokio::test]
async fn a_head_over_the_limit_is_answered_431() {
    let server = Server::start(hello(), Http { max_header_bytes: 8192, ..limits() }).await;
    for (padding, status) in
        [(8_000, "HTTP/1.1 200 OK"), (8_192, "HTTP/1.1 431 "), (100_000, "HTTP/1.1 431 ")]
    {
        let mut client = server.connect().await;
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(padding));
        // The answer may come before all of it is sent.
        drop(client.write_all(head.as_bytes()).await);
        let mut first = vec![0; status.len()];
        timeout(LONG, client.read_exact(&mut first)).await.expect("an answer").unwrap();
        assert_eq!(String::from_utf8_lossy(&first), status, "{padding}");
    }
    let mut client = server.connect().await;
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(100));
    client.write_all(many.as_bytes()).await.unwrap();
    assert!(rest(&mut client).await.starts_with("HTTP/1.1 431 "), "a hundred and one fields");
    server.stop().await;
}

#[tokio::test]
async fn who_comes_to_a_full_house_is_answered_when_somebody_leaves() {
    let server = Server::start(hello(), Http { max_connections: 2, ..limits() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    for inside in [&mut first, &mut second] {
        inside.write_all(REQUEST).await.unwrap();
        assert!(answer(inside).await.ends_with("hello"));
    }
    let mut outside = server.connect().await;
    outside.write_all(REQUEST).await.unwrap();
    let mut nothing = [0];
    assert!(timeout(SHORT, outside.read(&mut nothing)).await.is_err(), "there was room for a third");
    drop(first);
    assert!(answer(&mut outside).await.ends_with("hello"));
    server.stop().await;
}

#[tokio::test]
async fn who_asks_and_never_reads_is_dropped() {
    const MORE_THAN_BUFFERS_HOLD: usize = 64 * 1024 * 1024;
    let (ended, has_ended) = oneshot::channel::<()>();
    let ended = Arc::new(std::sync::Mutex::new(Some(ended)));
    let long = Router::new().fallback(move || {
        // Let go with the answer, sent or not.
        let ended = ended.lock().unwrap().take();
        async move {
            let body = hyper::body::Bytes::from_owner(Kept {
                bytes: vec![0; MORE_THAN_BUFFERS_HOLD],
                _ended: ended,
            });
            axum::body::Body::from(body)
        }
    });
    let server = Server::start(long, Http { request_timeout: SHORT, ..limits() }).await;
    let mut deaf = server.connect().await;
    deaf.write_all(REQUEST).await.unwrap();
    assert!(timeout(LONG, has_ended).await.expect("the answer is let go").is_err());
    server.stop().await;
    drop(deaf);
}

struct Kept {
    bytes: Vec<u8>,
    _ended: Option<oneshot::Sender<()>>,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[tokio::test]
async fn a_stop_closes_idle_connections_and_answers_the_request_under_way() {
    let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = Router::new().fallback({
        let (asked, go_on) = (asked.clone(), go_on.clone());
        async move || {
            asked.notify_one();
            go_on.notified().await;
            "late"
        }
    });
    let server = Server::start(slow, limits()).await;
    let (mut idle, mut busy) = (server.connect().await, server.connect().await);
    busy.write_all(REQUEST).await.unwrap();
    asked.notified().await;
    server.stop.send_replace(true);
    assert_eq!(rest(&mut idle).await, "");
    go_on.notify_one();
    let last = rest(&mut busy).await;
    assert!(last.contains("connection: close") && last.ends_with("late"), "{last}");
    server.stop().await;
}

#[tokio::test]
async fn a_stop_waits_no_longer_than_the_grace() {
    let asked = Arc::new(Notify::new());
    let never = Router::new().fallback({
        let asked = asked.clone();
        async move || {
            asked.notify_one();
            std::future::pending::<()>().await;
        }
    });
    let server = Server::start(never, Http { shutdown_grace: SHORT, ..limits() }).await;
    let mut busy = server.connect().await;
    busy.write_all(REQUEST).await.unwrap();
    asked.notified().await;
    server.stop().await;
    assert_eq!(rest(&mut busy).await, "");
}

#[tokio::test]
async fn a_request_knows_its_peer_and_a_connection_serves_many() {
    let peer =
        Router::new().fallback(async |ConnectInfo(peer): ConnectInfo<SocketAddr>, headers: HeaderMap| {
            assert_eq!(headers.get(CONNECTION), None);
            peer.to_string()
        });
    let server = Server::start(peer, limits()).await;
    let mut client = server.connect().await;
    let address = client.local_addr().unwrap().to_string();
    for _ in 0..3 {
        client.write_all(REQUEST).await.unwrap();
        assert!(answer(&mut client).await.ends_with(&address));
    }
    server.stop().await;
}
