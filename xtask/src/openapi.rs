use std::{collections::BTreeMap, env, fs, path::Path, process};

use anyhow::{Context as _, Result, bail};

use crate::step::{cargo, root, run};

const FOLDER: &str = "docs/openapi";

/// Writes the documents of every API family into the repository.
pub(crate) fn write() -> Result<()> {
    generate(&root().join(FOLDER))
}

/// Fails when the committed documents are not what the code would write.
pub(crate) fn compare() -> Result<()> {
    let folder = env::temp_dir().join(format!("bursar-openapi-{}", process::id()));
    let outcome = generate(&folder).and_then(|()| {
        let (committed, generated) = (documents(&root().join(FOLDER)), documents(&folder)?);
        let committed = committed.unwrap_or_default();
        let names = committed.keys().chain(generated.keys());
        let stale: Vec<_> =
            names.filter(|name| committed.get(*name) != generated.get(*name)).cloned().collect();
        match stale.first() {
            None => Ok(()),
            Some(first) => bail!("{FOLDER}/{first} is not what the code says; run: cargo xtask openapi"),
        }
    });
    drop(fs::remove_dir_all(&folder));
    outcome.inspect_err(|error| println!("── {error:#}"))
}

fn generate(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut bursar =
        cargo(&["run", "--package", "bursar-gateway", "--bin", "bursar", "--", "openapi", "--out"]);
    run("OpenAPI documents", bursar.arg(folder))
}

fn documents(folder: &Path) -> Result<BTreeMap<String, String>> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?))
        })
        .collect()
}
