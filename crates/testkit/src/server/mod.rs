//! A PostgreSQL server to test on.
//!
//! In this order: the one that `BURSAR_TEST_DATABASE_URL` names, one in a Docker engine (only by
//! `cargo xtask test`, through this crate's `bursar-postgres` binary and its feature `docker`), one
//! made from server binaries on this machine.

mod cluster;
#[cfg(feature = "docker")]
pub mod docker;

use std::env;

/// Names a server to test on. The user must be allowed to create databases.
pub const URL_VARIABLE: &str = "BURSAR_TEST_DATABASE_URL";
/// Set to `1`, it makes tests fail that find no PostgreSQL.
pub const REQUIRE_VARIABLE: &str = "BURSAR_REQUIRE_POSTGRES";

/// The address of a server to test on, starting one from the machine's own binaries at need.
///
/// That one is shared by all tests of this user, runs on a Unix socket in a private temporary
/// folder, and stops itself when no test has begun for 15 minutes.
///
/// # Errors
/// Why there is none, and how to get one: for people.
pub fn find() -> Result<String, String> {
    match env::var(URL_VARIABLE) {
        Ok(url) if !url.is_empty() => Ok(url),
        _ => cluster::TESTS.ensure(),
    }
}

/// Says that a server is still needed, for those who hold one longer than a test.
pub fn keep() {
    cluster::TESTS.touch();
}

/// Whether to fail without one.
#[must_use]
pub fn is_required() -> bool {
    env::var(REQUIRE_VARIABLE).is_ok_and(|value| value == "1")
}

/// The address of a server for trying things out, started at need from the machine's own
/// binaries. It is durable, and lasts as long as the temporary folder.
///
/// # Errors
/// Why there is none.
pub fn start_development() -> Result<String, String> {
    cluster::DEVELOPMENT.ensure()
}

/// Stops what [`start_development`] started; what it holds is kept.
///
/// # Errors
/// When the server does not stop.
pub fn stop_development() -> Result<(), String> {
    cluster::DEVELOPMENT.stop()
}

/// A durable server of this process alone, made from the machine's own binaries and removed when
/// dropped: it can be crashed without harm to anybody else.
pub struct Own(cluster::Cluster);

impl Own {
    /// Starts it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn start() -> Result<Self, String> {
        let own = Self(cluster::Cluster::of_this_process());
        own.url()?;
        Ok(own)
    }

    /// Its address.
    ///
    /// # Errors
    /// When it does not run and does not start.
    pub fn url(&self) -> Result<String, String> {
        self.0.ensure()
    }

    /// Ends it as a crash would and starts it again.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn crash(&self) -> Result<(), String> {
        self.0.crash()
    }

    /// Says that it is still needed; otherwise it ends by itself after a while.
    pub fn keep(&self) {
        self.0.touch();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // One that stays ends by itself.
        drop(self.0.remove());
    }
}
