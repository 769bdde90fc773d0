//! The binary as a process of its own, always on one address.

use std::{
    env,
    fs::{self, File},
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    process::{Child, Command},
    time::sleep,
};

use super::PATIENCE;

/// Ports that no system hands out by itself: a caller that tries a dead server's port from among
/// those that it does hand out can end up connected to itself.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// How to start it.
pub(super) struct Program {
    binary: PathBuf,
    folder: PathBuf,
    url: String,
    durable: bool,
    address: String,
    /// The same port of another protocol: while the server is down it keeps other proofs from
    /// taking the address.
    _reservation: UdpSocket,
}

/// A running one. It ends with the proof, however that ends.
pub(super) struct Process(Child);

impl Program {
    pub(super) fn new(binary: &Path, folder: &Path, url: &str, durable: bool) -> Self {
        let first = usize::try_from(std::process::id()).unwrap_or(0) % PORTS.len();
        let (address, reservation) =
            PORTS.cycle().skip(first).take(PORTS.len()).find_map(reserve).expect("a free port");
        let (binary, folder, url) = (binary.to_owned(), folder.to_owned(), url.to_owned());
        Self { binary, folder, url, durable, address, _reservation: reservation }
    }

    pub(super) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    fn log(&self) -> PathBuf {
        self.folder.join("bursar.log")
    }

    /// Begins to start, deaf to the configuration of whoever runs the proof.
    pub(super) fn spawn(&self) -> Process {
        let log = File::options().create(true).append(true).open(self.log()).expect("the server's log");
        let mut command = Command::new(&self.binary);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("BURSAR_")) {
                command.env_remove(name);
            }
        }
        command
            .arg("serve")
            .env("BURSAR_LISTEN", &self.address)
            .env("BURSAR_DATABASE_URL", &self.url)
            .env("BURSAR_DATABASE_DURABLE", self.durable.to_string())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        Process(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.binary.display())))
    }

    /// Starts, and waits until it serves.
    pub(super) async fn start(&self) -> Result<Process, String> {
        let mut process = self.spawn();
        let deadline = Instant::now() + PATIENCE;
        let http = super::http().build().expect("an HTTP client");
        let ready = format!("{}/readyz", self.base());
        while !http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            if process.has_ended() {
                return Err(format!("the server does not start again:\n{}", self.last_words()));
            }
            if Instant::now() > deadline {
                return Err(format!("the server is not ready after {PATIENCE:?}:\n{}", self.last_words()));
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(process)
    }

    /// Every line of its log that tells of a panic.
    pub(super) fn panics(&self) -> Vec<String> {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        log.lines().filter(|line| line.contains("panicked")).map(str::to_owned).collect()
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

fn reserve(port: u16) -> Option<(String, UdpSocket)> {
    let address = format!("127.0.0.1:{port}");
    let reservation = UdpSocket::bind(&address).ok()?;
    TcpListener::bind(&address).ok()?;
    Some((address, reservation))
}

impl Process {
    /// SIGKILL: nothing is finished, nothing is written.
    pub(super) async fn kill(mut self) {
        self.0.kill().await.expect("a process of ours is killed");
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}
