//! How the house holds out against those who mean it harm, and against its own parts failing: whole
//! nodes, each the binary in a process of its own, over one PostgreSQL that waits for its disk. Run it
//! by `cargo xtask bench security`.
//!
//! Every figure stands beside its bar, and is printed, never asserted: a machine that is busy with
//! something else must not fail a build. All loads are bounded in number and time, and stay on the
//! loopback.
#![expect(clippy::float_arithmetic, reason = "figures of time, no money")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench speaks to the person who runs it")]
#![expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2⁵²")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up cannot go on")]

mod channel;
mod database;
mod figure;
mod flood;
mod http;
mod node;
mod owner;
mod people;
mod proxy;
mod revocation;
mod sign_in;
mod stage;
mod watch;

use std::{path::PathBuf, time::Duration};

use crate::{figure::Figures, stage::Stage};

/// What the command line asked for.
pub(crate) struct Options {
    json: Option<PathBuf>,
    only: Option<String>,
    /// Sign-ins of people that are known, and as many of people that are not.
    pub(crate) sign_ins: usize,
    /// Sign-ins at once.
    pub(crate) flood: usize,
    /// How often so many come.
    pub(crate) waves: usize,
    /// Keys that are ended under load.
    pub(crate) revocations: usize,
    /// How long passes between two questions about a key that is watched.
    pub(crate) every: Duration,
    /// Keys that are ended while the channel is cut.
    pub(crate) unheard: usize,
    /// How long the database is away.
    pub(crate) away: Duration,
}

impl Options {
    fn from_command_line() -> Self {
        let mut options = Self {
            json: None,
            only: None,
            sign_ins: 1_000,
            flood: 500,
            waves: 5,
            revocations: 200,
            every: Duration::from_millis(4),
            unheard: 20,
            away: Duration::from_secs(20),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--json" => options.json = words.next().map(PathBuf::from),
                "--only" => options.only = words.next(),
                "--small" => options.shrink(),
                // What cargo itself passes on.
                "--bench" => {}
                other => panic!("{other} is not known; there are --json PATH, --only NAME and --small"),
            }
        }
        options
    }

    /// Enough to see that it works, also of a debug build.
    fn shrink(&mut self) {
        self.sign_ins = 60;
        self.flood = 150;
        self.waves = 1;
        self.revocations = 24;
        self.every = Duration::from_millis(20);
        self.unheard = 6;
        self.away = Duration::from_secs(17);
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }
}

#[tokio::main]
async fn main() {
    let options = Options::from_command_line();
    let mut figures = Figures::default();
    let stage = Stage::open(options.sign_ins.max(options.flood)).await;
    if options.wants("sign-in") {
        eprintln!("── the time of a refusal");
        sign_in::measure(&stage, &options, &mut figures).await;
    }
    if options.wants("flood") {
        eprintln!("── a flood of sign-ins beside verification");
        flood::measure(&stage, &options, &mut figures).await;
    }
    if options.wants("revocation") {
        eprintln!("── keys that are ended on one of two nodes");
        revocation::measure(&stage, &options, &mut figures).await;
    }
    if options.wants("channel") {
        eprintln!("── the invalidation channel cut, and back");
        channel::measure(&stage, &options, &mut figures).await;
    }
    if options.wants("database") {
        eprintln!("── the database away, and back");
        database::measure(&stage, &options, &mut figures).await;
    }
    stage.close().await;
    println!("{figures}");
    if let Some(path) = &options.json {
        std::fs::write(path, figures.to_json()).expect("the figures are written");
        println!("written to {}", path.display());
    }
}
