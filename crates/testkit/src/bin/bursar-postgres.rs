//! Gives `cargo xtask` a PostgreSQL server.
//!
//! - `hold` prints the URL of one to test on and keeps it until its standard input ends;
//! - `start` prints the URL of one for development, `stop` stops that.

use std::{
    io::{Read as _, Write as _},
    process::ExitCode,
    sync::mpsc,
    time::Duration,
};

use bursar_testkit::server;

/// How often the tests' server is told that it is still needed.
const KEEP: Duration = Duration::from_mins(1);

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let outcome = match command.as_deref() {
        Some("hold") => hold(),
        Some("start") => server::start_development().and_then(|url| print(&url)),
        Some("stop") => server::stop_development(),
        _ => Err("usage: bursar-postgres hold|start|stop".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            drop(writeln!(std::io::stderr(), "{reason}"));
            ExitCode::FAILURE
        }
    }
}

fn hold() -> Result<(), String> {
    #[cfg(feature = "docker")]
    if std::env::var_os(server::URL_VARIABLE).is_none() {
        match server::docker::with_container(serve) {
            Ok(served) => return served,
            Err(reason) => drop(writeln!(std::io::stderr(), "{reason}; trying this machine's own binaries")),
        }
    }
    serve(&server::find()?)
}

fn serve(url: &str) -> Result<(), String> {
    print(url)?;
    until_input_ends();
    Ok(())
}

fn print(url: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{url}").map_err(|error| error.to_string())
}

fn until_input_ends() {
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || {
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        drop(ended);
    });
    while end.recv_timeout(KEEP) == Err::<(), _>(mpsc::RecvTimeoutError::Timeout) {
        server::keep();
    }
}
