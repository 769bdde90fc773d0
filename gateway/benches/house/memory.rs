//! (g) from start to ready, and resident memory idle, under load and after it, of the real binary
//! on SQLite.

use std::{
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Options, events,
    figure::{Bar, Figure, Figures, Samples},
    http::{self, Load},
};

/// The bounded wait for a server that starts.
const START_LIMIT: Duration = Duration::from_mins(1);

struct Server {
    process: Child,
    address: SocketAddr,
    organization: String,
    key: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn start(folder: &std::path::Path) -> (Server, Duration) {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("the port is known");
    drop(free);
    let began = Instant::now();
    let mut process = Command::new(env!("CARGO_BIN_EXE_bursar"))
        .args(["serve", "--demo"])
        .env("BURSAR_DATABASE_URL", format!("sqlite://{}", folder.join("memory.db").display()))
        .env("BURSAR_LISTEN", address.to_string())
        .env("BURSAR_LOG", "off")
        .stdout(Stdio::piped())
        .spawn()
        .expect("bursar starts");
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < START_LIMIT, "bursar does not listen");
        std::thread::sleep(Duration::from_millis(1));
    }
    let ready = began.elapsed();
    let mut said = BufReader::new(process.stdout.take().expect("its output is read")).lines();
    let (mut organization, mut key) = (String::new(), String::new());
    while organization.is_empty() || key.is_empty() {
        let line = said.next().expect("the demo says how to use it").expect("its output is text");
        let word = |prefix: &str| {
            let begin = line.find(prefix)?;
            let end = line[begin..].find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric());
            Some(end.map_or(&line[begin..], |end| &line[begin..begin + end]).to_owned())
        };
        organization = word("org_").unwrap_or(organization);
        key = word("sk_").unwrap_or(key);
    }
    // Nobody reads on; the pipe must not fill.
    std::thread::spawn(move || said.for_each(drop));
    (Server { process, address, organization, key }, ready)
}

/// Resident memory in MiB.
fn resident(server: &Server) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Measures once: memory does not vary as time does.
pub(crate) async fn measure(options: &Options, figures: &mut Figures) {
    let folder = tempfile::tempdir().expect("a folder is made");
    let (first, _) = start(folder.path());
    drop(first);
    let (server, ready) = start(folder.path());
    let idle = resident(&server);
    let load = Load { connections: 64, duration: options.duration };
    let under = {
        let addresses = [server.address];
        let (organization, key) = (server.organization.clone(), server.key.clone());
        let loading = tokio::spawn(async move {
            http::run(&addresses, load, move |connection, nth| {
                let body = events::event(&organization, &format!("{connection}-{nth}"));
                http::post("/api/v1/events", &key, &body)
            })
            .await
        });
        tokio::time::sleep(options.duration / 2).await;
        let under = resident(&server);
        loading.await.expect("the load ends");
        under
    };
    let after = resident(&server);
    for (name, value, unit) in [
        ("(g) start to listening", ready.as_secs_f64() * 1000.0, "ms"),
        ("(g) memory idle", idle, "MiB"),
        ("(g) memory under 64 connections", under, "MiB"),
        ("(g) memory after", after, "MiB"),
    ] {
        figures.add(Figure {
            name: name.to_owned(),
            value: Samples::one(value),
            unit,
            baseline: None,
            bar: Bar::None,
            note: "the release binary on SQLite, second start".to_owned(),
        });
    }
}
