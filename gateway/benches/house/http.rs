//! A load of requests over keep-alive connections, bounded in number and time. Written by hand so
//! that the client costs the same little for every server that is measured.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How hard, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) duration: Duration,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) completed: u64,
    pub(crate) elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.completed as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that so many of a thousand requests do not exceed, in milliseconds.
    pub(crate) fn latency_ms(&self, per_mille: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        let place = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
        sorted.get(place).map_or(0.0, Duration::as_secs_f64) * 1000.0
    }
}

/// The text of a request.
pub(crate) fn post(path: &str, credential: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The text of a request without a body.
pub(crate) fn get(path: &str, credential: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\n\r\n")
        .into_bytes()
}

/// Sends requests as `request(connection, nth)` makes them until the time is over. Connection `n`
/// talks to the `n`-th address, in turn.
///
/// # Panics
/// On any answer but 200.
pub(crate) async fn run<F>(addresses: &[SocketAddr], load: Load, request: F) -> Outcome
where
    F: Fn(usize, u64) -> Vec<u8> + Send + Sync + 'static,
{
    let request = Arc::new(request);
    let began = Instant::now();
    let tasks: Vec<_> = (0..load.connections)
        .map(|connection| {
            let (request, address) = (request.clone(), addresses[connection % addresses.len()]);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("the server listens");
                stream.set_nodelay(true).expect("a socket takes its options");
                let (mut buffer, mut latencies) = (Vec::with_capacity(4096), Vec::new());
                while began.elapsed() < load.duration {
                    let text = request(connection, latencies.len() as u64);
                    let sent = Instant::now();
                    exchange(&mut stream, &text, &mut buffer).await;
                    latencies.push(sent.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a connection does not panic"));
    }
    Outcome { completed: latencies.len() as u64, elapsed: began.elapsed(), latencies }
}

/// Sends one request.
///
/// # Panics
/// On any answer but 200.
pub(crate) async fn once(address: SocketAddr, request: &[u8]) {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    exchange(&mut stream, request, &mut Vec::new()).await;
}

async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) {
    stream.write_all(request).await.expect("a request is sent");
    buffer.clear();
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(buffer).await.expect("an answer comes"), 0, "the server hung up");
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse::<usize>().expect("a length is a number"));
    while buffer.len() < end + length {
        assert_ne!(stream.read_buf(buffer).await.expect("the body comes"), 0, "the server hung up");
    }
    assert!(head.starts_with("http/1.1 200"), "{head}{}", String::from_utf8_lossy(&buffer[end..]));
}
