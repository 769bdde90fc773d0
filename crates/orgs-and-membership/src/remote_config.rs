use bursar_kernel::{DomainError, Result, Secret};

mod fit;
mod json;
mod path;
mod schema;
#[cfg(test)]
mod tests;

use self::{fit::Fault, json::Json};

/// What callers call it.
const FIELD: &str = "defaultRemoteConfig";

/// A configuration for members' clients: a JSON document whose every known field was checked, as
/// it was written. It holds secrets, so it does not print.
#[derive(Clone, Debug)]
pub struct RemoteConfig {
    text: Secret<String>,
}

/// A document that passed, and what to tell its writer.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The document.
    pub config: RemoteConfig,
    /// Dotted paths of keys that no client knows, at most 20 in visible ASCII. They are kept:
    /// a newer client may know them.
    pub unknown_keys: Vec<String>,
}

impl RemoteConfig {
    /// The most bytes that a document has.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// Checks a document against what clients take.
    ///
    /// # Errors
    /// `invalid_field` for `defaultRemoteConfig` with a sentence that names the place and the rule,
    /// never a value.
    pub fn check(text: String) -> Result<Checked> {
        let text = Secret::new(text);
        if text.expose().len() > Self::MAX_BYTES {
            let rule = format!("must not be longer than {} bytes", Self::MAX_BYTES);
            return Err(DomainError::invalid(FIELD, rule));
        }
        let json: Json = serde_json::from_str(text.expose())
            .map_err(|error| DomainError::invalid(FIELD, format!("must be JSON: {error}")))?;
        fit::sound(&json).map_err(refusal)?;
        let unknown_keys = fit::document(&json, schema::DOCUMENT).map_err(refusal)?;
        Ok(Checked { config: Self { text }, unknown_keys })
    }

    /// The document, byte for byte.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.expose()
    }
}

fn refusal(fault: Fault) -> DomainError {
    let Fault { path, rule } = fault;
    let refused = DomainError::invalid(FIELD, &rule);
    if path.is_empty() { refused } else { refused.saying(format!("{FIELD}: {path} {rule}")) }
}
