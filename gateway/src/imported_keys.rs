//! Keys of another system, as a file says them: one JSON object a line.

use std::path::Path;

use anyhow::Context as _;
use bursar_api_keys::{ImportedKey, KeyHolder, KeyName, Scope, ScopeSet};
use bursar_kernel::{Account, DomainError, UnixTimestamp, UserId};
use serde::Deserialize;

/// The most bytes of a file, and with it of what is held in memory: half a million keys.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    account: String,
    user: String,
    #[serde(default)]
    organization_owned: bool,
    name: String,
    sha256: String,
    scopes: Option<Vec<String>>,
    expires_at: Option<String>,
    last_four: Option<String>,
}

/// The keys of a file.
///
/// # Errors
/// The first line that breaks a rule, by its number.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<ImportedKey>> {
    let there = || file.display().to_string();
    let length = std::fs::metadata(file).with_context(there)?.len();
    anyhow::ensure!(length <= MAX_BYTES, "{} is larger than {MAX_BYTES} bytes: split it", there());
    let text = std::fs::read_to_string(file).with_context(there)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| key(line).with_context(|| format!("line {}", index + 1))).collect()
}

fn key(line: &str) -> anyhow::Result<ImportedKey> {
    let line: Line = serde_json::from_str(line)?;
    let account = Account::parse(&line.account).context("account must be org_… or user_…")?;
    let user = line.user.parse::<UserId>().ok().context("user must be user_…")?;
    let holder = if line.organization_owned {
        KeyHolder::Organization { creator: user }
    } else {
        KeyHolder::Person(user)
    };
    let scopes = match line.scopes {
        None => ScopeSet::of(&[Scope::Read]),
        Some(words) => {
            let named = words.iter().map(|word| Scope::named(word)).collect::<Result<Vec<_>, DomainError>>();
            ScopeSet::of(&named?)
        }
    };
    let expires_at = line.expires_at.map(|text| {
        UnixTimestamp::parse(&text).context("expiresAt must be an RFC 3339 date-time with an offset")
    });
    Ok(ImportedKey {
        account,
        holder,
        name: KeyName::new(&line.name)?,
        scopes,
        expires_at: expires_at.transpose()?,
        hash: hash(&line.sha256).context("sha256 must be 64 hexadecimal digits")?,
        last_four: line.last_four,
    })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let half = |digits: Option<&str>| u128::from_str_radix(digits?, 16).ok().map(u128::to_be_bytes);
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let halves = [half(text.get(..32))?, half(text.get(32..))?];
    if is_hex { halves.concat().try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";

    #[test]
    fn a_line_is_a_key_and_a_fault_names_its_line() {
        let user = UserId::from_uuid(uuid::Uuid::from_u128(1));
        let good = format!(r#"{{"account":"{user}","user":"{user}","name":"old","sha256":"{HASH}"}}"#);
        let key = key(&good).unwrap();
        assert_eq!((key.holder, key.scopes.to_string().as_str()), (KeyHolder::Person(user), "read"));
        assert_eq!((key.hash[0], key.hash[31]), (0x9f, 0x08));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{good}\n\n{}", good.replace("9F", "+F"))).unwrap();
        let refused = read(file.path()).unwrap_err();
        assert_eq!(format!("{refused:#}"), "line 3: sha256 must be 64 hexadecimal digits");
    }
}
