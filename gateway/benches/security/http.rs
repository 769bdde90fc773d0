//! Requests over a connection that is kept. Written by hand, so that the client costs little beside
//! what is measured and the instant of sending is known.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What a server said.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In small letters.
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.head.lines().any(|line| line.split(':').next() == Some(name))
    }
}

/// The text of a request with a body.
pub(crate) fn post(path: &str, credential: Option<&str>, body: &str) -> Vec<u8> {
    let credential = credential.map(|text| format!("authorization: Bearer {text}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\n{credential}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The text of a request that ends something.
pub(crate) fn delete(path: &str, credential: &str) -> Vec<u8> {
    format!("DELETE {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\n\r\n")
        .into_bytes()
}

/// A connection to a node.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the node listens");
        stream.set_nodelay(true).expect("a socket takes its options");
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    /// Sends one request and reads what is answered.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.expect("a request is sent");
        self.buffer.clear();
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_on().await;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse::<usize>().expect("a length is a number"));
        while self.buffer.len() < end + length {
            self.read_on().await;
        }
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status is a number");
        let body = String::from_utf8_lossy(&self.buffer[end..]).into_owned();
        Answer { status, head, body }
    }

    async fn read_on(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("an answer comes");
        assert_ne!(read, 0, "the node hung up");
    }
}
