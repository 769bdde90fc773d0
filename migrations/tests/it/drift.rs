//! What is migrated, what is committed under `schema/` and what the entities say are one thing.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use bursar_kernel::Engine;
use bursar_testkit::{TestDb, for_each_engine};

/// Set to `1`, it writes `schema/*.sql` anew instead of comparing.
const UPDATE_VARIABLE: &str = "BURSAR_UPDATE_SCHEMA";

#[tokio::test]
async fn the_committed_schema_is_the_migrated_one() {
    for_each_engine(|test| async move {
        let name = match test.engine {
            Engine::Sqlite => "sqlite.sql",
            Engine::Postgres => "postgres.sql",
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
        let migrated = test.schema().await;
        if env::var(UPDATE_VARIABLE).is_ok_and(|value| value == "1") {
            fs::write(&file, migrated).unwrap();
            return;
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        let difference = committed.lines().zip(migrated.lines()).find(|(old, new)| old != new);
        assert!(
            committed == migrated,
            "{name} is not what the migrations make, first in {difference:?}; if it should change: \
             {UPDATE_VARIABLE}=1 cargo test -p bursar-migrations"
        );
    })
    .await;
}

#[tokio::test]
async fn every_entity_has_exactly_the_columns_of_its_table() {
    let entities = entities();
    assert!(entities.len() >= 4, "the kernel alone has four: {entities:?}");
    for_each_engine(|test| {
        let entities = entities.clone();
        async move {
            for (table, columns) in entities {
                assert_eq!(columns, migrated_columns(&test, &table).await, "{table} on {:?}", test.engine);
            }
        }
    })
    .await;
}

/// Column → whether it may be NULL.
type Columns = BTreeMap<String, bool>;

async fn migrated_columns(test: &TestDb, table: &str) -> Columns {
    let sql = match test.engine {
        Engine::Sqlite => {
            format!("SELECT name || ' ' || (\"notnull\" = 0 AND pk = 0) FROM pragma_table_info('{table}')")
        }
        Engine::Postgres => format!(
            "SELECT column_name || ' ' || CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
        ),
    };
    let lines = test.texts(&sql).await;
    lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, null)| (name.to_owned(), null == "1"))
        .collect()
}

/// Table → columns, as the `store/` folders of all crates declare them. Read from their source,
/// since entities are private to their crates.
fn entities() -> BTreeMap<String, Columns> {
    let mut files = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates")).unwrap() {
        rust_files(&entry.unwrap().path().join("src/store"), &mut files);
    }
    files.iter().filter_map(|file| entity(&fs::read_to_string(file).unwrap())).collect()
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The one entity of a file, if it has one: house rule, one noun a file.
fn entity(source: &str) -> Option<(String, Columns)> {
    let (_, after) = source.split_once("table_name = \"")?;
    let (table, after) = after.split_once('"')?;
    let (_, body) = after.split_once("struct Model {")?;
    let (body, _) = body.split_once("\n}")?;
    let columns = body
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub(crate) "))
        .filter_map(|field| field.split_once(": "))
        .map(|(name, kind)| (name.trim_start_matches("r#").to_owned(), kind.starts_with("Option<")))
        .collect();
    Some((table.to_owned(), columns))
}

#[test]
fn a_column_that_is_missing_from_an_entity_is_seen() {
    let source = "#[sea_orm(table_name = \"a_b\")]\npub(crate) struct Model {\n    #[sea_orm(primary_key)]\n    \
                  pub(crate) id: Uuid,\n    pub(crate) note: Option<String>,\n}\n";
    let (table, columns) = entity(source).unwrap();
    assert_eq!(table, "a_b");
    assert_eq!(columns, BTreeMap::from([("id".to_owned(), false), ("note".to_owned(), true)]));
}
