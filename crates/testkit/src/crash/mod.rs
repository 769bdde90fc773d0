//! The crash proof: the real binary under load is killed again and again, and afterwards what it
//! acknowledged is compared with what is in its books.
//!
//! A run draws everything from one printed seed: what is sent, and after how many
//! acknowledgements and microseconds each kill comes. Every request is sent again, the same, until
//! it is acknowledged; a few are given up after their first try, and may then be there whole or
//! not at all. In the end everything acknowledged is sent once more, what follows is left to
//! settle, and [`recount`] compares by plain SQL: it knows tables, and none of the product's code.

mod caller;
mod dice;
mod heard;
mod load;
mod process;
mod recount;
mod settle;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use self::{
    caller::Caller,
    dice::Dice,
    heard::Heard,
    load::{Load, World},
    process::{Process, Program},
    recount::Books,
};
use crate::server::Own;

/// Longer than any start, recovery or answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Acknowledgements between two kills, at most.
const LOAD: u64 = 120;
/// How long after the last of them a kill comes, at most: so that it hits any moment of a request.
const MICROS: u64 = 20_000;
/// One kill in so many comes while the server starts.
const START_UPS: u64 = 8;
/// How long after the process began such a kill comes, at most: about what a start takes.
const START_UP_MICROS: u64 = 300_000;
/// Kills while the first start makes the tables.
const BIRTHS: u32 = 8;

/// A builder of HTTP clients that listen to no proxy. TLS, where others have built it in, wants to be
/// told by what it encrypts before any client is made; these clients never do.
pub fn http() -> reqwest::ClientBuilder {
    // Told before: as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

/// Where the server under proof keeps its books.
pub enum Database {
    /// A file, in a folder of this run.
    Sqlite,
    /// A cluster of this run, that can be restarted.
    Postgres(Own),
    /// An empty database on a server that others use too, and that may not wait for its disk.
    Shared(String),
}

/// What to prove, and on what.
pub struct Plan {
    /// The binary `bursar`.
    pub bursar: PathBuf,
    /// Where its books are.
    pub database: Database,
    /// Everything random is drawn from it.
    pub seed: u64,
    /// How often the server is killed under load.
    pub kills: u32,
    /// How often PostgreSQL is stopped at once and started again while the server runs on.
    pub restarts: u32,
    /// Does not wait for the leases and delays of what is unfinished, a minute each, but makes it
    /// due.
    pub hasten: bool,
}

/// What a run has proved.
#[derive(Debug, Default)]
pub struct Report {
    /// Kills of the server, those during its first start among them.
    pub kills: u32,
    /// Restarts of PostgreSQL.
    pub restarts: u32,
    /// The longest that nothing was acknowledged after PostgreSQL was back.
    pub longest_recovery: Duration,
    /// Acknowledged, and each found once.
    pub events: usize,
    /// Given up after one try, and found.
    pub given_up_and_found: usize,
    /// Given up after one try, and not there.
    pub given_up_and_absent: usize,
    /// Paid, and each credited once.
    pub payments: usize,
    /// Made, and each working or, when it was deleted, refused.
    pub keys: usize,
    /// Requests with a key that were sent again and got their first answer.
    pub replayed: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, restarts, events, payments, keys, replayed, .. } = self;
        write!(
            formatter,
            "{kills} kills and {restarts} restarts of PostgreSQL (longest recovery {:?}); acknowledged and found \
             right: {events} events, {payments} payments, {keys} keys; {replayed} answers were the same again; of \
             events given up {} were recorded whole and {} not at all",
            self.longest_recovery, self.given_up_and_found, self.given_up_and_absent
        )
    }
}

/// Runs a plan.
///
/// # Errors
/// Every fault that was found, and where the server's log is kept.
pub async fn prove(plan: &Plan) -> Result<Report, Vec<String>> {
    let folder = tempfile::Builder::new().prefix("bursar-crash-").tempdir().expect("a temporary folder");
    let url = match &plan.database {
        Database::Sqlite => format!("sqlite://{}", folder.path().join("bursar.db").display()),
        Database::Postgres(own) => own.url().map_err(|reason| vec![reason])?,
        Database::Shared(url) => url.clone(),
    };
    let durable = !matches!(plan.database, Database::Shared(_));
    let program = Program::new(&plan.bursar, folder.path(), &url, durable);
    let heard = Arc::<Heard>::default();
    let run = Run { plan, program, books: Books::at(&url), heard, dice: Dice::new(plan.seed, 0) };
    let report = run.run().await;
    let mut faults = run.heard.faults();
    faults.extend(run.program.panics());
    match report {
        Ok(report) if faults.is_empty() => Ok(report),
        outcome => {
            faults.extend(outcome.err());
            faults.push(format!("the server's log is in {}", folder.keep().display()));
            Err(faults)
        }
    }
}

struct Run<'a> {
    plan: &'a Plan,
    program: Program,
    books: Books,
    heard: Arc<Heard>,
    dice: Dice,
}

impl Run<'_> {
    async fn run(&self) -> Result<Report, String> {
        let mut report = Report::default();
        self.be_born(&mut report).await?;
        let mut process = self.program.start().await?;
        let caller = Caller::new(&self.program.base(), self.heard.clone());
        let mut worlds = Vec::new();
        for number in 0..load::WORLDS {
            worlds.push(Arc::new(World::make(&caller, number, &self.heard).await?));
        }
        let load = Load::start(&worlds, self.plan.seed, &self.heard);
        for number in 1..=self.plan.kills {
            process = self.kill(process, number, &mut report).await?;
        }
        for number in 1..=self.plan.restarts {
            self.restart(&mut process, number, &mut report).await?;
        }
        settle::finish(load, &self.books, self.plan.hasten).await?;
        settle::send_everything_again(&worlds, &self.heard, &mut report).await;
        settle::outbox(&self.books, self.plan.hasten).await?;
        settle::compare_answers(&worlds, &self.books, &self.heard).await;
        process.kill().await;
        recount::compare(&self.books, &self.heard, &mut report).await;
        Ok(report)
    }

    /// The first start makes the tables: it too may be killed at any moment.
    async fn be_born(&self, report: &mut Report) -> Result<(), String> {
        for _ in 0..BIRTHS.min(self.plan.kills) {
            let process = self.program.spawn();
            sleep(Duration::from_micros(self.dice.below(START_UP_MICROS))).await;
            process.kill().await;
            report.kills += 1;
        }
        Ok(())
    }

    async fn kill(&self, process: Process, number: u32, report: &mut Report) -> Result<Process, String> {
        self.progress(number, self.plan.kills, "kills");
        if self.dice.one_in(START_UPS) {
            process.kill().await;
            let unfinished = self.program.spawn();
            sleep(Duration::from_micros(self.dice.below(START_UP_MICROS))).await;
            unfinished.kill().await;
        } else {
            self.heard.more(1 + self.dice.below(LOAD), PATIENCE).await?;
            sleep(Duration::from_micros(self.dice.below(MICROS))).await;
            process.kill().await;
        }
        report.kills += 1;
        self.program.start().await
    }

    /// PostgreSQL falls and comes back; the server is to find that out by itself.
    async fn restart(&self, process: &mut Process, number: u32, report: &mut Report) -> Result<(), String> {
        let Database::Postgres(own) = &self.plan.database else { return Ok(()) };
        self.progress(number, self.plan.restarts, "restarts of PostgreSQL");
        self.heard.more(1 + self.dice.below(LOAD), PATIENCE).await?;
        sleep(Duration::from_micros(self.dice.below(MICROS))).await;
        tokio::task::block_in_place(|| own.crash())?;
        let back = Instant::now();
        self.heard.more(1, PATIENCE).await?;
        report.longest_recovery = report.longest_recovery.max(back.elapsed());
        report.restarts += 1;
        if process.has_ended() { Err("the server ended when PostgreSQL did".to_owned()) } else { Ok(()) }
    }

    fn progress(&self, number: u32, of: u32, what: &str) {
        if let Database::Postgres(own) = &self.plan.database {
            own.keep();
        }
        if number.is_multiple_of(10) {
            say(&format!("{number} of {of} {what}, {} acknowledged", self.heard.acknowledged()));
        }
    }
}

#[expect(clippy::print_stderr, reason = "for the person who waits")]
fn say(line: &str) {
    eprintln!("crash: {line}");
}
