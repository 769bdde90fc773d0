use bursar_kernel::{Account, DomainError, Result, UnixTimestamp};

use crate::{
    key::KeyName,
    key_holder::KeyHolder,
    scope::ScopeSet,
    secret::{DEPLOYMENT_WORD, PRIMARY_WORD, SHOWN_LENGTH},
};

/// What the keys of another system begin with, which people brought along: 2 to 32 visible ASCII
/// characters, and nothing that the keys of organizations or of the deployment begin with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignPrefix(String);

bursar_kernel::column_type!(ForeignPrefix, String, |prefix: ForeignPrefix| prefix.0, |text: String| {
    ForeignPrefix::new(&text).ok()
});

impl ForeignPrefix {
    const LENGTHS: std::ops::RangeInclusive<usize> = 2..=32;

    /// From its text.
    ///
    /// # Errors
    /// `invalid_field` for `prefix` when it breaks the rule.
    pub fn new(text: &str) -> Result<Self> {
        if !Self::LENGTHS.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(DomainError::invalid("prefix", "must be 2 to 32 visible ASCII characters"));
        }
        for word in [PRIMARY_WORD, DEPLOYMENT_WORD] {
            let ours = format!("{word}_");
            if text.starts_with(&ours) || ours.starts_with(text) {
                let rule = format!("must not be taken for the beginning of {ours}");
                return Err(DomainError::invalid("prefix", rule));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key that is taken over from another system, of which only the hash is known.
#[derive(Clone, Debug)]
pub struct ImportedKey {
    /// The account that it is to act on.
    pub account: Account,
    /// Whose it is to be.
    pub holder: KeyHolder,
    /// What to call it.
    pub name: KeyName,
    /// What it may do.
    pub scopes: ScopeSet,
    /// From when on it is refused; never when absent.
    pub expires_at: Option<UnixTimestamp>,
    /// SHA-256 of its whole text.
    pub hash: [u8; 32],
    /// What its text ends with, if that is known.
    pub last_four: Option<String>,
}

impl ImportedKey {
    /// Its end as it is shown; the whole of a secret must never be in it.
    pub(crate) fn shown_end(&self) -> Result<String> {
        let end = self.last_four.as_deref().unwrap_or_default();
        let is_end = end.len() <= SHOWN_LENGTH && end.bytes().all(|byte| byte.is_ascii_graphic());
        if is_end {
            Ok(end.to_owned())
        } else {
            Err(DomainError::invalid("lastFour", "must be at most 4 visible ASCII characters"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_prefix_is_taken_for_none_of_ours() {
        for good in ["tp-", "sk_live_", "key:", "akx", "svc-", &"a".repeat(32)] {
            assert_eq!(ForeignPrefix::new(good).unwrap().as_str(), good);
        }
        for bad in
            ["", "a", "a b", "é!", "a\n", "ak", "ak_", "ak_x", "sv", "svc", "svc_live", &"a".repeat(33)]
        {
            let refused = ForeignPrefix::new(bad).unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("prefix")), "{bad}");
        }
    }
}
