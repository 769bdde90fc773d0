//! The binary as a process of its own.

use std::{
    env,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use bursar_kernel::Engine;
use bursar_testkit::TestDb;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

/// Longer than any start, stop or settlement takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. It ends with the test, however that ends.
pub(crate) struct Server {
    child: Child,
    log: watch::Receiver<Vec<String>>,
    /// Such as `http://127.0.0.1:41234`. A worker has none.
    pub(crate) base: String,
}

/// `bursar`, deaf to the configuration of whoever runs the tests.
pub(crate) fn bursar() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("BURSAR_")) {
            command.env_remove(name);
        }
    }
    // A folder where nobody keeps a `bursar.toml`.
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).stdin(Stdio::null()).kill_on_drop(true);
    command
}

impl Server {
    /// Serves the test's database on a free port.
    pub(crate) async fn start(test: &TestDb) -> Self {
        Self::start_with(test, &[]).await
    }

    /// The same with more configuration.
    pub(crate) async fn start_with(test: &TestDb, variables: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(Self::command(test, &["serve"]).envs(variables.iter().copied()));
        server.learn_its_address().await;
        server
    }

    /// Serves a demo organization; answers also what it prints for people.
    #[cfg(unix)]
    pub(crate) async fn start_demo(test: &TestDb) -> (Self, String) {
        let mut server = Self::spawn(Self::command(test, &["serve", "--demo"]).stdout(Stdio::piped()));
        server.learn_its_address().await;
        let mut printed = follow(server.child.stdout.take().unwrap());
        wait_for(&mut printed, "/auth/login").await;
        (server, lines(&printed))
    }

    /// Does what follows from requests, and answers none.
    pub(crate) async fn start_worker(test: &TestDb) -> Self {
        let mut worker = Self::spawn(&mut Self::command(test, &["worker"]));
        worker.has_said("the worker listens").await;
        worker
    }

    fn command(test: &TestDb, arguments: &[&str]) -> Command {
        let mut command = bursar();
        command
            .args(arguments)
            .env("BURSAR_LISTEN", "127.0.0.1:0")
            .env("BURSAR_DATABASE_URL", &test.url)
            // The tests' PostgreSQL does not wait for its disk. SQLite is served as it is in earnest.
            .env("BURSAR_DATABASE_DURABLE", (test.engine == Engine::Sqlite).to_string());
        command
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = follow(child.stderr.take().unwrap());
        Self { child, log, base: String::new() }
    }

    async fn learn_its_address(&mut self) {
        let serving = wait_for(&mut self.log, " serving ").await;
        let address = serving.split_once("listen=").and_then(|(_, rest)| rest.split(' ').next());
        self.base = format!("http://{}", address.unwrap_or_else(|| panic!("no address in {serving}")));
    }

    /// `127.0.0.1:41234`.
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Waits until the log says it.
    pub(crate) async fn has_said(&mut self, words: &str) {
        wait_for(&mut self.log, words).await;
    }

    /// SIGKILL: nothing is finished, nothing is written.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM, the polite request to stop.
    #[cfg(unix)]
    pub(crate) async fn ask_to_stop(&self) {
        let id = self.child.id().unwrap().to_string();
        let told = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status().await.unwrap();
        assert!(told.success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("still running after {PATIENCE:?}:\n{}", lines(&self.log))).unwrap()
    }
}

/// The lines that a process has said so far. They are taken as they come, so that it never waits.
fn follow(output: impl AsyncRead + Unpin + Send + 'static) -> watch::Receiver<Vec<String>> {
    let (said, log) = watch::channel(Vec::new());
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            said.send_modify(|all| all.push(line));
        }
    });
    log
}

/// The first line with these words in it.
async fn wait_for(log: &mut watch::Receiver<Vec<String>>, words: &str) -> String {
    let has = |all: &Vec<String>| all.iter().any(|line| line.contains(words));
    // Over before the words come: the time is up, or the process has ended.
    drop(timeout(PATIENCE, log.wait_for(has)).await);
    let all = log.borrow();
    let line = all.iter().find(|line| line.contains(words)).cloned();
    line.unwrap_or_else(|| panic!("the server has not said {words:?}:\n{}", all.join("\n")))
}

fn lines(log: &watch::Receiver<Vec<String>>) -> String {
    log.borrow().join("\n")
}
