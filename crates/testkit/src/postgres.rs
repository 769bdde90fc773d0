use bursar_kernel::{Entropy, OsEntropy};
use bursar_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};

/// The migrated database that tests are copied from: one for each state of the migrations.
const TEMPLATE: &str = concat!("bursar_template_", env!("BURSAR_SCHEMA_DIGEST"));
/// The advisory lock under which it is made. Any number that nobody else uses.
const TEMPLATE_LOCK: i64 = 0x6275_7273_6172;

/// A database of its own for one test.
pub(crate) struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    pub(crate) async fn new(server: &str) -> Self {
        let admin = connect(server).await;
        make_template(&admin, server).await;
        Self::copy(admin, server, TEMPLATE).await
    }

    /// Without any table.
    pub(crate) async fn empty(server: &str) -> Self {
        Self::copy(connect(server).await, server, "template0").await
    }

    async fn copy(admin: DatabaseConnection, server: &str, template: &str) -> Self {
        let entropy: &dyn Entropy = &OsEntropy;
        // Random, since the server may be shared with other machines.
        let name = format!("bursar_test_{:032x}", u128::from_be_bytes(entropy.bytes()));
        execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        close(admin).await;
        Self { server: server.to_owned(), name }
    }

    pub(crate) fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }

    /// Drops the database, whoever is still connected to it.
    pub(crate) async fn drop(self) {
        let admin = connect(&self.server).await;
        execute(&admin, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        close(admin).await;
    }
}

async fn make_template(admin: &DatabaseConnection, server: &str) {
    if is_template(admin).await {
        return;
    }
    execute(admin, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    if !is_template(admin).await {
        // A process that died half-way leaves one that is not marked as a template.
        execute(admin, &format!("DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")).await;
        execute(admin, &format!("CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")).await;
        let connection = connect(&with_database(server, TEMPLATE)).await;
        Migrator::up(&connection, None).await.expect("the migrations run on PostgreSQL");
        close(connection).await;
        execute(admin, &format!("ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false")).await;
    }
    execute(admin, &format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
}

async fn is_template(admin: &DatabaseConnection) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}' AND datistemplate");
    admin
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await
        .expect("PostgreSQL lists its databases")
        .is_some()
}

/// One connection: the advisory lock belongs to a session.
async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("PostgreSQL at {url}: {error}"))
}

async fn close(connection: DatabaseConnection) {
    connection.close().await.expect("a connection is closed");
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The URL of another database of the same server.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) =
        url.split_once('?').map_or((url, String::new()), |(address, query)| (address, format!("?{query}")));
    let authority_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority_at..].find('/').map_or(address.len(), |at| authority_at + at);
    format!("{}/{name}{query}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_name_of_the_database_changes() {
        for (url, other) in [
            ("postgres://a:b@host:5432/one?x=/y", "postgres://a:b@host:5432/two?x=/y"),
            ("postgres://host", "postgres://host/two"),
            ("postgres://host/", "postgres://host/two"),
        ] {
            assert_eq!(with_database(url, "two"), other);
        }
    }
}
