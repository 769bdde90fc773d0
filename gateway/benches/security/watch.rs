//! Asking about a key again and again.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    http::{self, Connection},
    owner::Owner,
};

/// One answer about a key.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    pub(crate) status: u16,
    pub(crate) is_valid: bool,
    /// Whether it said when to come again.
    pub(crate) says_when: bool,
}

impl Seen {
    pub(crate) fn took(&self) -> Duration {
        self.answered - self.sent
    }
}

/// One connection that asks at a steady pace, and never before it was answered.
pub(crate) struct Watch {
    is_over: Arc<AtomicBool>,
    /// On a thread of its own: what else the client does must not be taken for the server's.
    asking: JoinHandle<Vec<Seen>>,
}

impl Watch {
    pub(crate) fn begin(node: SocketAddr, owner: &Owner, key: &str, every: Duration) -> Self {
        let is_over = Arc::<AtomicBool>::default();
        let (question, over) = (question(owner, key), is_over.clone());
        let asking = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(ask(node, question, every, over))
        });
        Self { is_over, asking }
    }

    /// Several of one key.
    pub(crate) fn several(
        many: usize,
        node: SocketAddr,
        owner: &Owner,
        key: &str,
        every: Duration,
    ) -> Vec<Self> {
        (0..many).map(|_| Self::begin(node, owner, key, every)).collect()
    }

    /// Stops asking, and waits for the last answer.
    pub(crate) async fn end(self) -> Vec<Seen> {
        self.is_over.store(true, Ordering::Relaxed);
        tokio::task::spawn_blocking(|| self.asking.join())
            .await
            .expect("it is waited for")
            .expect("a watch does not panic")
    }

    /// All that several saw, in no order.
    pub(crate) async fn end_all(watches: Vec<Self>) -> Vec<Seen> {
        let mut seen = Vec::new();
        for watch in watches {
            seen.extend(watch.end().await);
        }
        seen
    }
}

async fn ask(node: SocketAddr, question: Vec<u8>, every: Duration, is_over: Arc<AtomicBool>) -> Vec<Seen> {
    let (mut connection, mut seen) = (Connection::open(node).await, Vec::new());
    let mut pace = interval(every);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !is_over.load(Ordering::Relaxed) {
        pace.tick().await;
        seen.push(once(&mut connection, &question).await);
    }
    seen
}

async fn once(connection: &mut Connection, question: &[u8]) -> Seen {
    let sent = Instant::now();
    let answer = connection.send(question).await;
    Seen {
        sent,
        answered: Instant::now(),
        status: answer.status,
        is_valid: answer.status == 200 && answer.body.contains(r#""valid":true"#),
        says_when: answer.has_header("retry-after"),
    }
}

/// Asks at a steady pace for so long whether or not it was answered, each time over a connection of its
/// own: of a node that makes everybody wait, too, it shows every moment.
pub(crate) async fn unanswered(
    node: SocketAddr,
    owner: &Owner,
    key: &str,
    every: Duration,
    duration: Duration,
) -> Vec<Seen> {
    let question: Arc<[u8]> = question(owner, key).into();
    let (mut pace, began, mut asked) = (interval(every), Instant::now(), Vec::new());
    while began.elapsed() < duration {
        pace.tick().await;
        let question = question.clone();
        asked.push(tokio::spawn(async move { once(&mut Connection::open(node).await, &question).await }));
    }
    let mut seen = Vec::with_capacity(asked.len());
    for one in asked {
        seen.push(one.await.expect("a question does not panic"));
    }
    seen
}

fn question(owner: &Owner, key: &str) -> Vec<u8> {
    http::post("/api/v1/api-keys/verify", Some(&owner.verifier), &format!(r#"{{"key":"{key}"}}"#))
}

/// Answers a second, from the first to the last.
pub(crate) fn per_second(seen: &[Seen]) -> f64 {
    let first = seen.iter().map(|seen| seen.sent).min();
    let last = seen.iter().map(|seen| seen.answered).max();
    let (Some(first), Some(last)) = (first, last) else { return 0.0 };
    seen.len() as f64 / (last - first).as_secs_f64()
}
