use bursar_api_keys::{ForeignPrefix, ImportedKey, KeyHolder};
use bursar_kernel::{Account, DomainError, Result};
use serde_json::json;

use crate::{
    audited::{Audited, DEPLOYMENT},
    authorize::standing,
    core::Core,
    operation::Operation,
};

/// Takes keys over from the system that people move from, by their SHA-256 and the word that they
/// begin with, from the command line of the deployment. Whoever holds one goes on using it. What is
/// there already is left as it is, so that an import can be repeated. Says how many were new.
///
/// # Errors
/// `invalid_field` by the index of a key whose account is not there, or whose person has none.
pub async fn import_api_keys(core: &Core, prefix: &ForeignPrefix, keys: Vec<ImportedKey>) -> Result<u64> {
    let mut tx = core.db.begin().await?;
    for (index, key) in keys.iter().enumerate() {
        let is_there = match (key.holder, key.account) {
            (KeyHolder::Person(user), account) => standing(core, tx.reader(), account, user).await?.is_some(),
            (KeyHolder::Organization { .. }, Account::Organization(organization)) => {
                core.organizations.by_id(tx.reader(), organization).await?.is_some()
            }
            _ => false,
        };
        if !is_there {
            let rule = "must be there, and the key's person in it";
            return Err(DomainError::invalid("account", rule).param("index", index));
        }
    }
    let imported = core.api_keys.import(&mut tx, prefix, keys).await?;
    let after = json!({ "prefix": prefix.as_str(), "keys": imported }).to_string();
    Audited::system().write(&mut tx, Operation::ImportApiKeys, DEPLOYMENT, "keys", Some(after)).await?;
    tx.commit().await?;
    Ok(imported)
}
