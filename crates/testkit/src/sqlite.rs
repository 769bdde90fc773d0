use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use bursar_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, Database};
use tempfile::TempDir;

/// A file of its own for one test; gone when dropped.
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    pub(crate) async fn new() -> Self {
        let scratch = Self::empty();
        fs::copy(template().await, scratch.folder.path().join(FILE))
            .expect("the migrated template is copied");
        scratch
    }

    /// Without any table.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("bursar-test-").tempdir();
        Self { folder: folder.expect("a temporary folder") }
    }

    pub(crate) fn url(&self) -> String {
        url(&self.folder.path().join(FILE))
    }
}

const FILE: &str = "bursar.db";

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// The migrated file that tests copy, made once for each state of the migrations, under a lock:
/// every test may be a process of its own.
async fn template() -> PathBuf {
    let folder = Path::new(env!("OUT_DIR"));
    let template = folder.join(concat!("template-", env!("BURSAR_SCHEMA_DIGEST"), ".db"));
    if template.exists() {
        return template;
    }
    fs::create_dir_all(folder).expect("the folder of the template");
    let lock = File::create(folder.join("template.lock")).expect("the lock of the template");
    lock.lock().expect("the lock of the template");
    if !template.exists() {
        let unfinished = folder.join("template.unfinished");
        drop(fs::remove_file(&unfinished));
        let mut options = ConnectOptions::new(format!("{}?mode=rwc", url(&unfinished)));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.expect("a SQLite file");
        Migrator::up(&connection, None).await.expect("the migrations run on SQLite");
        connection.close().await.expect("the template is closed");
        fs::rename(&unfinished, &template).expect("the template is put in place");
    }
    template
}
