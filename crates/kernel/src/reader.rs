use sea_orm::DatabaseConnection;

use crate::{faults::Faults, time::UnixTimestamp, tx::Conn};

/// Where to read (the pool, or an open transaction that sees its own writes) and the instant that
/// counts as now.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    conn: Conn<'a>,
    now: UnixTimestamp,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(pool: &'a DatabaseConnection, faults: &'a Faults, now: UnixTimestamp) -> Self {
        Self { conn: Conn::pool(pool, faults), now }
    }

    pub(crate) const fn within(conn: Conn<'a>, now: UnixTimestamp) -> Self {
        Self { conn, now }
    }

    /// What sea-orm runs queries on.
    #[must_use]
    pub const fn conn(&self) -> &Conn<'a> {
        &self.conn
    }

    /// The instant.
    #[must_use]
    pub const fn now(&self) -> UnixTimestamp {
        self.now
    }
}
