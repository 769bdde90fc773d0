use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::step::{self, built, cargo, is_installed};

const URL: &str = "BURSAR_TEST_DATABASE_URL";
const REQUIRE: &str = "BURSAR_REQUIRE_POSTGRES";

/// Builds once, finds one PostgreSQL for all tests, runs them, and ends with what was not run.
pub(crate) fn run(require_postgres: bool, arguments: &[String]) -> Result<()> {
    // One build with one set of features: the tests find everything built.
    let features: &[&str] = if docker_answers() { &["--features", "bursar-testkit/docker"] } else { &[] };
    let mut build = cargo(&["build", "--workspace", "--bins", "--tests"]);
    step::run("build everything that is tested", build.args(features))?;

    let server = Server::find();
    if let Err(reason) = &server {
        println!("── PostgreSQL: {reason:#}");
        if require_postgres {
            bail!("PostgreSQL is required and was not found");
        }
    }
    let prepare = |command: &mut Command| {
        if let Ok(server) = &server {
            // From here on a test that does not find it is a failure.
            command.env(URL, &server.url).env(REQUIRE, "1");
        }
    };

    let with_nextest = is_installed("nextest");
    let runner: &[&str] =
        if with_nextest { &["nextest", "run", "--workspace"] } else { &["test", "--workspace"] };
    let mut tests = cargo(runner);
    tests.args(features).args(arguments);
    prepare(&mut tests);
    let mut outcome = step::run("tests", &mut tests);
    if with_nextest && arguments.is_empty() {
        let mut examples = cargo(&["test", "--workspace", "--doc", "--quiet"]);
        prepare(examples.args(features));
        outcome = outcome.and(step::run("examples in the documentation", &mut examples));
    }
    if !with_nextest {
        println!("── cargo-nextest is not installed, `cargo test` was used: slower, the same tests");
    }
    match &server {
        Ok(_) => println!("── run on SQLite and on PostgreSQL"),
        Err(_) => println!(
            "\n   ████  NOT RUN: every test's half on PostgreSQL. No server was found.\n   ████  \
             Set {URL}=postgres://user:password@host/postgres, start Docker,\n   ████  or install the server \
             (Debian: apt-get install postgresql, macOS: brew install postgresql).\n"
        ),
    }
    outcome
}

/// Asking costs nothing where there is none.
fn docker_answers() -> bool {
    if env::var_os(URL).is_some() {
        return false;
    }
    #[cfg(unix)]
    {
        let host = env::var("DOCKER_HOST").unwrap_or_default();
        let socket = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock");
        std::os::unix::net::UnixStream::connect(socket).is_ok()
    }
    #[cfg(not(unix))]
    false
}

/// The server that all tests share, held by a process that ends with this one.
struct Server {
    url: String,
    holder: Child,
}

impl Server {
    fn find() -> Result<Self> {
        let mut holder = Command::new(built("bursar-postgres")?)
            .arg("hold")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("bursar-postgres does not start")?;
        let mut url = String::new();
        if let Some(output) = holder.stdout.take() {
            BufReader::new(output).read_line(&mut url)?;
        }
        if url.trim().is_empty() {
            holder.wait()?;
            bail!("none was found");
        }
        Ok(Self { url: url.trim().to_owned(), holder })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        drop(self.holder.wait());
    }
}
