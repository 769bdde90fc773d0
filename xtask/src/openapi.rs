use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, Result, bail};

use crate::step::{cargo, root, run};

/// A folder that holds nothing but generated documents.
const OPENAPI: &str = "docs/openapi";
const ERRORS: &str = "docs/errors.md";

/// Writes what is generated into the repository: the `OpenAPI` document of every API family, and
/// the table of all errors.
pub(crate) fn write() -> Result<()> {
    generate(root())
}

/// Fails when what is committed is not what the code would write.
pub(crate) fn compare() -> Result<()> {
    let folder = env::temp_dir().join(format!("bursar-generated-{}", process::id()));
    let outcome = generate(&folder).and_then(|()| {
        let (committed, generated) = (documents(root())?, documents(&folder)?);
        let mut names = committed.keys().chain(generated.keys());
        match names.find(|name| committed.get(*name) != generated.get(*name)) {
            None => Ok(()),
            Some(stale) => bail!("{} is not what the code says; run: cargo xtask openapi", stale.display()),
        }
    });
    drop(fs::remove_dir_all(&folder));
    outcome.inspect_err(|error| println!("── {error:#}"))
}

fn generate(root: &Path) -> Result<()> {
    let openapi = root.join(OPENAPI);
    fs::create_dir_all(&openapi).with_context(|| openapi.display().to_string())?;
    run("OpenAPI documents", bursar("openapi").arg(openapi))?;
    run("table of errors", bursar("errors").arg(root.join(ERRORS)))
}

fn bursar(command: &str) -> process::Command {
    cargo(&["run", "--quiet", "--package", "bursar-gateway", "--bin", "bursar", "--", command, "--out"])
}

/// Every generated document below a root, by its path; what is not there is none.
fn documents(root: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut paths = vec![PathBuf::from(ERRORS)];
    match fs::read_dir(root.join(OPENAPI)) {
        Ok(entries) => {
            for entry in entries {
                paths.push(Path::new(OPENAPI).join(entry?.file_name()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).context(OPENAPI),
    }
    let mut documents = BTreeMap::new();
    for path in paths {
        match fs::read_to_string(root.join(&path)) {
            Ok(text) => drop(documents.insert(path, text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
    Ok(documents)
}
