//! The house's chores, one command each. Thin: every long piece of work is a process of its own,
//! which shows its own progress; this only puts them in order, times them and sums up.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to the person at it")]

mod bench;
mod browser;
mod check;
mod crash;
mod database;
mod dev;
mod fuzz;
mod openapi;
mod step;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Bursar's chores.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build and serve the product with a demo organization, on this machine alone.
    Dev {
        /// Passed on to `bursar serve`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run all tests, on SQLite and on PostgreSQL.
    Test {
        /// Fail when no PostgreSQL is found, instead of saying so.
        #[arg(long)]
        require_postgres: bool,
        /// Passed on to nextest (or to `cargo test`), such as `-p bursar-kernel`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Do what people do at a browser, in headless Chromium against the real binary.
    Browser {
        /// Fail when Chromium or Node.js is not found, instead of saying so.
        #[arg(long)]
        require: bool,
        /// Take the pictures of `docs/screenshots` anew.
        #[arg(long)]
        screenshots: bool,
    },
    /// Kill the real server under load, and prove that nothing it acknowledged is lost.
    Crash(crash::Options),
    /// Ask what must hold of whatever bytes come in of millions of inputs (needs cargo-fuzz).
    Fuzz(fuzz::Options),
    /// Format, lints, rules, licenses, generated files: everything but the tests.
    Check,
    /// Write what is generated anew: the `OpenAPI` documents and `docs/errors.md`.
    Openapi,
    /// A PostgreSQL to try the product on.
    Db {
        #[command(subcommand)]
        verb: database::Verb,
    },
    /// Measure, each figure beside its bar (release build): how fast it is, or how it holds out.
    Bench {
        /// What to measure.
        #[arg(value_enum, default_value_t = bench::Bench::House)]
        which: bench::Bench,
        /// Passed on to the bench: `--json PATH`, `--only NAME`, `--quick` (house), `--small` (security).
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Put a demo organization with a month of usage into the development database.
    Seed,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Dev { arguments } => dev::serve(&arguments),
        Chore::Test { require_postgres, arguments } => test::run(require_postgres, &arguments),
        Chore::Browser { require, screenshots } => browser::run(require, screenshots),
        Chore::Crash(options) => crash::prove(&options),
        Chore::Fuzz(options) => fuzz::fuzz(&options),
        Chore::Check => check::run_all(),
        Chore::Openapi => openapi::write(),
        Chore::Db { verb } => database::run(&verb),
        Chore::Bench { which, arguments } => bench::measure(which, &arguments),
        Chore::Seed => dev::seed(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
