//! One process at a time holds a SQLite file: two would each believe that theirs is the only
//! writer, and the caches of one would not hear of the other's changes.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct DatabaseLock {
    _file: File,
}

impl DatabaseLock {
    /// Takes the lock beside the database file (`<file>.lock`). The operating system lets go of
    /// it when the process ends, however it ends.
    pub(crate) fn take(database: &Path) -> anyhow::Result<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let file = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another process uses {}: stop it first, or use PostgreSQL, which many processes share",
                database.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("bursar.db");
        let first = DatabaseLock::take(&database).unwrap();
        assert!(DatabaseLock::take(&database).unwrap_err().to_string().contains("another process"));
        drop(first);
        DatabaseLock::take(&database).unwrap();
    }
}
