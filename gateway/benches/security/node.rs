//! A whole node: the binary, in a process of its own.

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::net::{TcpListener, TcpStream};

/// The bounded wait for a node that starts.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Far more than any load of this bench: it is to meet the seats and the permits, not the limiter.
const WIDENED: &[(&str, &str)] = &[
    ("BURSAR_SIGN_IN_TRIES_PER_MINUTE_PER_IP", "100000"),
    ("BURSAR_SIGN_IN_TRIES_PER_MINUTE_PER_ACCOUNT", "100000"),
    ("BURSAR_LIMITS_PER_CALLER", "0"),
    ("BURSAR_LIMITS_PER_IP", "0"),
    // Nodes of one deployment are reached as one.
    ("BURSAR_PUBLIC_URL", "http://localhost"),
    ("BURSAR_LOG", "off"),
];

/// It ends when this is dropped.
pub(crate) struct Node {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Node {
    /// Starts one over a database and waits until it listens.
    pub(crate) async fn start(database_url: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = free.local_addr().expect("the port is known");
        drop(free);
        let process = Command::new(env!("CARGO_BIN_EXE_bursar"))
            .arg("serve")
            .env("BURSAR_DATABASE_URL", database_url)
            .env("BURSAR_LISTEN", address.to_string())
            .envs(WIDENED.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .expect("bursar starts");
        let node = Self { process, address };
        let began = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            assert!(began.elapsed() < START_LIMIT, "bursar does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        node
    }

    /// Resident memory now, in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        self.status_mib("VmRSS:")
    }

    /// The most that it ever was, in MiB.
    pub(crate) fn highest_mib(&self) -> f64 {
        self.status_mib("VmHWM:")
    }

    /// 0 where the system has no such file.
    fn status_mib(&self, name: &str) -> f64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
