use std::{
    env::consts::EXE_EXTENSION,
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::step::{cargo, is_installed, root, run};

/// What to ask, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// Inputs for each target.
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
    /// With the address sanitizer, which sees each allocation: several times slower.
    #[arg(long)]
    sanitize: bool,
    /// Only these targets.
    targets: Vec<String>,
}

/// Each target with the longest of its inputs: what is read of it at most, or several times what a
/// valid one has. Events have larger bodies; those are asked by `crates/fuzz-properties/tests`.
const TARGETS: &[(&str, u32)] = &[
    ("access_token", 4_096),
    ("api_key", 256),
    ("cloud_events", 4_096),
    ("cookie", 8_192),
    ("cursor", 512),
    ("type_id", 256),
    ("webhook_signature", 1_024),
];
/// For one input; the slowest take some milliseconds.
const TIMEOUT_SECONDS: u32 = 2;
/// For one allocation: the longest input some hundred times. Only the sanitizer sees them.
const MALLOC_LIMIT_MIB: u32 = 1;
/// For the whole process: beside its code, the inputs that the fuzzer keeps, and what the sanitizer
/// sets aside.
const RSS_LIMIT_MIB: u32 = 256;

/// Asks the property of every target of so many inputs, one target after another, and sums up.
pub(crate) fn fuzz(options: &Options) -> Result<()> {
    if !is_installed("fuzz") {
        bail!("cargo-fuzz is not installed: cargo install cargo-fuzz --locked");
    }
    let chosen = chosen(&options.targets)?;
    for (target, _) in &chosen {
        run(&format!("build {target}"), &mut options.build(target))?;
    }
    let runs: Vec<_> = chosen.iter().map(|(target, max_length)| options.ask(target, *max_length)).collect();
    println!("\n{:<20}{:>12}{:>10}{:>12}  result", "target", "inputs", "seconds", "peak MiB");
    let mut failed = Vec::new();
    for ((target, _), asked) in chosen.iter().zip(runs) {
        let Asked { inputs, seconds, peak_mib, is_passed } = asked?;
        let result = if is_passed { "passed" } else { "FAILED" };
        println!("{target:<20}{inputs:>12}{seconds:>10}{peak_mib:>12}  {result}");
        failed.extend((!is_passed).then_some(*target));
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}; see fuzz/artifacts", failed.join(", ")) }
}

fn chosen(names: &[String]) -> Result<Vec<(&'static str, u32)>> {
    if let Some(unknown) = names.iter().find(|name| TARGETS.iter().all(|(target, _)| target != name)) {
        let known: Vec<_> = TARGETS.iter().map(|(target, _)| *target).collect();
        bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    let is_chosen = |target: &str| names.is_empty() || names.iter().any(|name| name == target);
    Ok(TARGETS.iter().copied().filter(|(target, _)| is_chosen(target)).collect())
}

/// How the inputs of one target went.
#[derive(Default)]
struct Asked {
    inputs: u64,
    seconds: u64,
    peak_mib: u64,
    is_passed: bool,
}

impl Options {
    /// `cargo fuzz build` for one target, with the flags that all share.
    fn build(&self, target: &str) -> Command {
        let mut command = cargo(&["fuzz", "build", target, "--target-dir", "fuzz/target"]);
        // The fuzzer's flags are unstable. The house is pinned to one stable toolchain, which takes
        // them under this name: so what is fuzzed is what is shipped, and no second one is needed.
        command.env("RUSTC_BOOTSTRAP", "1");
        // Checks are where `fuzz/Cargo.toml` has them, and not in all that we depend on, some of
        // which does less under `cfg(fuzzing)`.
        command.args(["--release", "--no-cfg-fuzzing"]);
        // The house has no unsafe code: the sanitizer finds nothing in it that is not a panic before,
        // but it sees allocations.
        command.args(["--sanitizer", if self.sanitize { "address" } else { "none" }]);
        command
    }

    /// Runs the binary itself: below `cargo fuzz run` its peak of memory would be cargo's.
    fn ask(&self, target: &str, max_length: u32) -> Result<Asked> {
        println!("── {target}: {} inputs", self.inputs);
        let fuzz = root().join("fuzz");
        let (corpus, artifacts) = (fuzz.join("corpus").join(target), fuzz.join("artifacts").join(target));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let began = Instant::now();
        let mut fuzzer = Command::new(binary(target)?)
            .arg(format!("-runs={}", self.inputs))
            .arg(format!("-max_len={max_length}"))
            .arg(format!("-timeout={TIMEOUT_SECONDS}"))
            .arg(format!("-malloc_limit_mb={MALLOC_LIMIT_MIB}"))
            .arg(format!("-rss_limit_mb={RSS_LIMIT_MIB}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg("-print_final_stats=1")
            .arg(corpus)
            // What was freed is kept aside for a while, by default as much as the whole limit; and
            // SQLite, which is linked and not run, has two constants of one name.
            .env("ASAN_OPTIONS", "quarantine_size_mb=16:detect_odr_violation=0")
            .stderr(Stdio::piped())
            .spawn()
            .context("the fuzzer does not start")?;
        let mut asked = Asked::default();
        for line in fuzzer.stderr.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
            let line = line?;
            println!("{line}");
            asked.note(&line);
        }
        asked.is_passed = fuzzer.wait()?.success() && asked.inputs >= self.inputs;
        asked.seconds = began.elapsed().as_secs();
        Ok(asked)
    }
}

/// What was built last, in the folder of this machine's kind.
fn binary(target: &str) -> Result<PathBuf> {
    let kinds = fs::read_dir(root().join("fuzz/target"))?.flatten();
    kinds
        .map(|kind| kind.path().join("release").join(target).with_extension(EXE_EXTENSION))
        .find(|binary| binary.is_file())
        .with_context(|| format!("{target} was not built"))
}

impl Asked {
    /// The fuzzer's last words: `stat::number_of_executed_units: 10000000`.
    fn note(&mut self, line: &str) {
        let said = |name: &str| line.strip_prefix(name).and_then(|value| value.trim().parse().ok());
        self.inputs = said("stat::number_of_executed_units:").unwrap_or(self.inputs);
        self.peak_mib = said("stat::peak_rss_mb:").unwrap_or(self.peak_mib);
    }
}
