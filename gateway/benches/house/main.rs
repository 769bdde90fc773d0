//! How fast the house is, as ratios within one run: each figure stands beside its physical limit,
//! measured on the same machine in the same minute. Run it by `cargo xtask bench`.
//!
//! PostgreSQL waits for its disk (`fsync` is asserted), SQLite too (`synchronous=FULL` is). Every
//! figure is the median of interleaved repetitions after a warm-up.
#![expect(clippy::float_arithmetic, reason = "figures of time, no money")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench speaks to the person who runs it")]
#![expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2⁵²")]
#![expect(clippy::expect_used, reason = "a bench that cannot be set up cannot go on")]

mod events;
mod figure;
mod http;
mod memory;
mod pgbench;
mod raw;
mod reads;
mod stage;
mod verify;

use std::{path::PathBuf, time::Duration};

use bursar_kernel::Engine;

use crate::{figure::Figures, stage::Stage};

/// Repetitions of each measurement.
const REPETITIONS: usize = 5;
/// How long each takes.
const DURATION: Duration = Duration::from_secs(3);
/// A long history has ten to the power of this many rows.
const HISTORY: u32 = 6;

/// What the command line asked for.
pub(crate) struct Options {
    json: Option<PathBuf>,
    only: Option<String>,
    /// Repetitions of each measurement.
    pub(crate) repetitions: usize,
    /// How long each takes.
    pub(crate) duration: Duration,
    /// A long history has ten to the power of this many rows.
    pub(crate) history: u32,
}

impl Options {
    fn from_command_line() -> Self {
        let mut options =
            Self { json: None, only: None, repetitions: REPETITIONS, duration: DURATION, history: HISTORY };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--json" => options.json = words.next().map(PathBuf::from),
                "--only" => options.only = words.next(),
                "--quick" => {
                    options.repetitions = 2;
                    options.duration = Duration::from_secs(1);
                    options.history = HISTORY - 1;
                }
                // What cargo itself passes on.
                "--bench" => {}
                other => panic!("{other} is not known; there are --json PATH, --only NAME and --quick"),
            }
        }
        options
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }
}

#[tokio::main]
async fn main() {
    let options = Options::from_command_line();
    let mut figures = Figures::default();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let stage = Stage::open(engine).await;
        let name = stage.name();
        if options.wants("events") {
            eprintln!("── {name}: single events, batches");
            events::measure(&stage, &options, &mut figures).await;
        }
        if options.wants("hot") && engine == Engine::Postgres {
            eprintln!("── {name}: one hot book and 64, beside pgbench");
            pgbench::measure(&stage, &options, &mut figures).await;
        }
        if options.wants("verify") {
            eprintln!("── {name}: key verification");
            verify::measure(&stage, &options, &mut figures).await;
        }
        if options.wants("reads") {
            eprintln!("── {name}: reads of a short and a long history");
            reads::measure(&stage, &options, &mut figures).await;
        }
        stage.close().await;
    }
    if options.wants("memory") {
        eprintln!("── memory and start");
        memory::measure(&options, &mut figures).await;
    }
    println!("{figures}");
    if let Some(path) = &options.json {
        std::fs::write(path, figures.to_json()).expect("the figures are written");
        println!("written to {}", path.display());
    }
}
