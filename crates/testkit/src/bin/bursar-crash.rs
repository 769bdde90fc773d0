//! Kills the real server under load and proves that nothing it acknowledged is lost.
//!
//! `bursar-crash BURSAR sqlite|postgres KILLS RESTARTS [SEED]`: the binary, the engine, how often
//! it is killed, how often PostgreSQL is, and the seed of an earlier run.

use std::{io::Write as _, process::ExitCode, time::Instant};

use bursar_kernel::{Entropy, OsEntropy};
use bursar_testkit::{
    crash::{Database, Plan, prove},
    server::Own,
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(proved) => {
            drop(writeln!(std::io::stdout(), "{proved}"));
            ExitCode::SUCCESS
        }
        Err(reason) => {
            drop(writeln!(std::io::stderr(), "{reason}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<String, String> {
    let plan = read(arguments)?;
    let seed = plan.seed;
    drop(writeln!(std::io::stderr(), "crash: seed {seed}"));
    let began = Instant::now();
    let report = prove(&plan).await.map_err(|faults| format!("seed {seed}:\n{}", faults.join("\n")))?;
    Ok(format!("proved in {} s with seed {seed}: {report}", began.elapsed().as_secs()))
}

fn read(arguments: &[String]) -> Result<Plan, String> {
    let usage = || "usage: bursar-crash BURSAR sqlite|postgres KILLS RESTARTS [SEED]".to_owned();
    let [bursar, engine, kills, restarts, seed @ ..] = arguments else { return Err(usage()) };
    let number = |text: &String| text.parse::<u32>().map_err(|_| usage());
    let (kills, restarts) = (number(kills)?, number(restarts)?);
    let seed = match seed {
        [] => u64::from_le_bytes((&OsEntropy as &dyn Entropy).bytes()),
        [seed] => seed.parse().map_err(|_| usage())?,
        _ => return Err(usage()),
    };
    let database = match engine.as_str() {
        "sqlite" => Database::Sqlite,
        "postgres" => Database::Postgres(Own::start()?),
        _ => return Err(usage()),
    };
    Ok(Plan { bursar: bursar.into(), database, seed, kills, restarts, hasten: false })
}
