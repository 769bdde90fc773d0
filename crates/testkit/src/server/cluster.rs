//! Clusters made from the machine's own server binaries, one per user and purpose, shared by all
//! processes: starting one takes about a second, and every test may be a process of its own.

use std::{
    borrow::Cow,
    env,
    fs::{self, DirBuilder, File, Permissions},
    os::unix::{
        fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown},
        net::UnixStream,
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How long after the last test began the tests' cluster stops itself. No test takes as long.
const IDLE_MINUTES: u32 = 15;

/// A cluster in a temporary folder. No TCP: only the socket, in a folder that only its owner
/// enters.
pub(super) struct Cluster {
    name: Cow<'static, str>,
    settings: &'static str,
    /// It is made anew each time it starts, and ends by itself.
    is_scratch: bool,
}

/// What tests run on. Nothing in it is worth keeping, so nothing waits for the disk.
pub(super) const TESTS: Cluster = Cluster {
    name: Cow::Borrowed("bursar-test-postgres"),
    settings: "-c fsync=off -c full_page_writes=off -c max_connections=400 -c wal_level=minimal \
               -c max_wal_senders=0 -c max_wal_size=4GB -c checkpoint_timeout=1h -c shared_buffers=256MB",
    is_scratch: true,
};

/// What a developer tries the product on: durable, since the product refuses anything less.
pub(super) const DEVELOPMENT: Cluster = Cluster {
    name: Cow::Borrowed("bursar-dev-postgres"),
    settings: "-c max_connections=100",
    is_scratch: false,
};

const HOW_TO_GET_ONE: &str = "set BURSAR_TEST_DATABASE_URL=postgres://user:password@host/postgres, start Docker, or \
                              install the server (Debian: apt-get install postgresql, macOS: brew install postgresql)";

impl Cluster {
    /// One of this process alone, as durable as what the product demands, and gone with it.
    pub(super) fn of_this_process() -> Self {
        let name = format!("bursar-crash-postgres-{}", std::process::id());
        Self { name: Cow::Owned(name), settings: "-c max_connections=100", is_scratch: true }
    }

    /// The URL of the running cluster, started at need.
    pub(super) fn ensure(&self) -> Result<String, String> {
        let owner = Owner::find()?;
        let folder = self.folder(&owner)?;
        if !answers(&folder) {
            let binaries = binaries().ok_or_else(|| format!("no PostgreSQL was found; {HOW_TO_GET_ONE}"))?;
            let lock = File::create(folder.join("lock")).and_then(|lock| lock.lock().map(|()| lock));
            let _lock = lock.map_err(|error| format!("the cluster's lock: {error}"))?;
            if !answers(&folder) {
                self.start(&owner, &folder, &binaries)?;
            }
        }
        self.touch();
        Ok(format!("postgres://postgres@localhost/postgres?host={}", folder.display()))
    }

    /// Puts off its end.
    pub(super) fn touch(&self) {
        if let Ok(owner) = Owner::find() {
            // If it cannot be said, the cluster ends sooner: nothing that matters.
            drop(fs::write(self.path(&owner).join("used"), b""));
        }
    }

    /// Stops it, if it runs.
    pub(super) fn stop(&self) -> Result<(), String> {
        let owner = Owner::find()?;
        let folder = self.path(&owner);
        if !answers(&folder) {
            return Ok(());
        }
        let pg_ctl = binaries().ok_or("no PostgreSQL was found")?.join("pg_ctl");
        run(owner.command(pg_ctl).args(["stop", "-m", "fast", "-D"]).arg(folder.join("data")))
    }

    /// Stops it without letting it finish anything, as a crash would, and starts it again, which
    /// recovers what it had acknowledged.
    pub(super) fn crash(&self) -> Result<(), String> {
        let owner = Owner::find()?;
        let folder = self.path(&owner);
        let pg_ctl = binaries().ok_or("no PostgreSQL was found")?.join("pg_ctl");
        let mut restart = owner.command(pg_ctl);
        restart.args(["restart", "-w", "-t", "60", "-m", "immediate", "-l"]).arg(folder.join("log"));
        run(restart.arg("-D").arg(folder.join("data")))
    }

    /// Stops it for ever.
    pub(super) fn remove(&self) -> Result<(), String> {
        let stopped = self.stop();
        let folder = self.path(&Owner::find()?);
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display())).and(stopped)
    }

    fn path(&self, owner: &Owner) -> PathBuf {
        // Short: a socket's path has 107 characters at most.
        env::temp_dir().join(format!("{}-{}", self.name, owner.id))
    }

    /// The private folder. One that somebody else put there is refused.
    fn folder(&self, owner: &Owner) -> Result<PathBuf, String> {
        let folder = self.path(owner);
        let failed = |error| format!("{}: {error}", folder.display());
        if DirBuilder::new().mode(0o700).create(&folder).is_ok() && owner.run_as.is_some() {
            chown(&folder, Some(owner.id), Some(owner.group)).map_err(failed)?;
        }
        let found = fs::symlink_metadata(&folder).map_err(failed)?;
        // Between its making and its change of owner another process of root may see it as root's.
        let is_ours = found.uid() == owner.id || (owner.run_as.is_some() && found.uid() == 0);
        if found.is_dir() && is_ours && found.mode().trailing_zeros() >= 6 {
            Ok(folder)
        } else {
            Err(format!("{} is not a private folder of ours", folder.display()))
        }
    }

    fn start(&self, owner: &Owner, folder: &Path, binaries: &Path) -> Result<(), String> {
        let (data, log) = (folder.join("data"), folder.join("log"));
        let pg_ctl = binaries.join("pg_ctl");
        if self.is_scratch && data.exists() {
            // What an earlier one left, perhaps half-started: it holds nothing that anybody wants.
            let mut stop = owner.command(&pg_ctl);
            drop(stop.args(["stop", "-m", "immediate", "-D"]).arg(&data).stderr(Stdio::null()).status());
            fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        }
        if !data.exists() {
            run(owner
                .command(binaries.join("initdb"))
                .args([
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                    "-D",
                ])
                .arg(&data))?;
        }
        let settings = format!(
            "-c listen_addresses='' -c unix_socket_permissions=0700 -c unix_socket_directories='{}' {}",
            folder.display(),
            self.settings
        );
        run(owner
            .command(&pg_ctl)
            .args(["start", "-w", "-t", "60", "-o", &settings, "-l"])
            .arg(&log)
            .arg("-D")
            .arg(&data))
        .map_err(|error| format!("{error}\n{}", fs::read_to_string(&log).unwrap_or_default()))?;
        if self.is_scratch {
            self.touch();
            watch(owner, folder, &pg_ctl)?;
        }
        Ok(())
    }
}

/// The server refuses to run as root, so root runs it as somebody else.
struct Owner {
    id: u32,
    group: u32,
    /// Whom to become.
    run_as: Option<&'static str>,
}

impl Owner {
    fn find() -> Result<Self, String> {
        // A file that this process makes tells who it is, without a call that Rust thinks unsafe.
        let probe = tempfile::tempfile().and_then(|file| file.metadata());
        let me = probe.map_err(|error| format!("no temporary file can be made: {error}"))?;
        if me.uid() != 0 {
            return Ok(Self { id: me.uid(), group: me.gid(), run_as: None });
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
                let mut fields = line.split(':').skip(2).map(str::parse);
                let (Some(Ok(id)), Some(Ok(group))) = (fields.next(), fields.next()) else { return None };
                Some(Self { id, group, run_as: Some(name) })
            })
            .ok_or_else(|| "PostgreSQL does not run as root, and there is no user to run it as".to_owned())
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = match self.run_as {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
        };
        // Its own process group: an interrupt at the terminal is for the tests.
        command.current_dir("/").process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

fn answers(folder: &Path) -> bool {
    UnixStream::connect(folder.join(".s.PGSQL.5432")).is_ok()
}

/// Where `initdb`, `pg_ctl` and `postgres` are: in the PATH, else the newest of the usual places.
fn binaries() -> Option<PathBuf> {
    let in_path =
        env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let mut usual: Vec<_> = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"]
        .into_iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    usual.sort_by_key(|path| std::cmp::Reverse(version(path)));
    in_path
        .chain(usual)
        .find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file()))
}

/// 16 of `/usr/lib/postgresql/16/bin` or `/opt/homebrew/opt/postgresql@16/bin`.
fn version(path: &Path) -> u32 {
    let name = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    name.trim_start_matches(|letter: char| !letter.is_ascii_digit()).parse().unwrap_or(0)
}

/// Leaves a shell behind that stops the cluster when it is idle.
fn watch(owner: &Owner, folder: &Path, pg_ctl: &Path) -> Result<(), String> {
    let script = folder.join("watch.sh");
    let text = format!(
        "cd {folder}\n\
         while sleep 20; do\n\
           [ -d data ] || exit 0\n\
           if [ -n \"$(find used -mmin +{IDLE_MINUTES})\" ]; then\n\
             {pg_ctl} stop -m immediate -D data && rm -rf data; exit 0\n\
           fi\n\
         done\n",
        folder = folder.display(),
        pg_ctl = pg_ctl.display(),
    );
    fs::write(&script, text)
        .and_then(|()| fs::set_permissions(&script, Permissions::from_mode(0o755)))
        .map_err(|error| format!("{}: {error}", script.display()))?;
    owner
        .command("sh")
        .arg(&script)
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| format!("the cluster's watch does not start: {error}"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
