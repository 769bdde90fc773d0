use std::collections::BTreeMap;

use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Secret, Tx};

/// The most provider keys of an organization: they are answered whole.
pub const MAX_PROVIDER_KEYS: usize = 50;
/// The longest key.
const MAX_KEY_LENGTH: usize = 4096;

/// The name of a provider of models: 1 to 64 of `a–z`, `0–9`, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(String);

impl ProviderName {
    /// The most characters that a name has.
    pub const MAX_LENGTH: usize = 64;

    /// From what somebody sent.
    ///
    /// # Errors
    /// `invalid_field` for `provider` when it is empty, too long or holds another character.
    pub fn new(text: &str) -> Result<Self> {
        let is_of_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        if (1..=Self::MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_of_name) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DomainError::invalid("provider", "must be 1 to 64 of a-z, 0-9, hyphen, underscore and dot"))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses what cannot stand in a header, where clients put a key.
///
/// # Errors
/// `invalid_field` for `providerApiKeys`; the sentence names the provider.
pub(crate) fn check_key(provider: &ProviderName, key: &Secret<String>) -> Result<()> {
    let key = key.expose();
    if (1..=MAX_KEY_LENGTH).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let field = "providerApiKeys";
    let rule = format!("must be 1 to {MAX_KEY_LENGTH} visible ASCII characters");
    let sentence = format!("{field}: {} {rule}", provider.as_str());
    Err(DomainError::invalid(field, rule).saying(sentence))
}

/// The keys of model providers that an organization hands to its members, sealed at rest.
#[async_trait::async_trait]
pub trait ProviderKeys: Send + Sync {
    /// All keys of an organization, by provider.
    ///
    /// # Errors
    /// When the database cannot be read, or a key does not open.
    async fn of(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
    ) -> Result<BTreeMap<String, Secret<String>>>;

    /// Sets the keys that are given and removes those of a provider with none; the others stay. At
    /// most so many rows. Relies on [`crate::Organizations::lock`].
    ///
    /// # Errors
    /// `invalid_field` for a key that is not 1 to 4096 visible ASCII characters;
    /// `too_many_provider_keys` when the organization would have more than [`MAX_PROVIDER_KEYS`].
    async fn replace(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        keys: BTreeMap<ProviderName, Option<Secret<String>>>,
    ) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_name_is_of_few_letters() {
        let longest = "x".repeat(64);
        for name in ["litellm", "azure-openai_2.1", longest.as_str()] {
            assert_eq!(ProviderName::new(name).unwrap().as_str(), name);
        }
        let longer = "x".repeat(65);
        for name in ["", "LiteLLM", "a b", "é", "a/b", "a\n", longer.as_str()] {
            let refused = ProviderName::new(name).unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("provider")), "{name}");
        }
    }

    #[test]
    fn a_key_is_what_a_header_can_hold_and_a_refusal_does_not_tell_it() {
        let provider = ProviderName::new("litellm").unwrap();
        for key in ["k".to_owned(), "sk-!~".to_owned(), "k".repeat(4096)] {
            check_key(&provider, &Secret::new(key)).unwrap();
        }
        for key in ["", "hush hush", "hush\r\nX-Evil: 1", "hushé", &"hush".repeat(1025)] {
            let refused = check_key(&provider, &Secret::new(key.to_owned())).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "providerApiKeys: litellm must be 1 to 4096 visible ASCII characters"
            );
            assert_eq!(refused.get("field"), Some("providerApiKeys"));
        }
    }
}
