use std::fmt;

use crate::{
    foreign_prefix::ForeignPrefix,
    secret::{CHECKSUM_LENGTH, KeyPrefix, SHOWN_LENGTH, checksum, hash, last_four, random_length},
};

/// What the middle of a key is written as where it is not shown.
const MASK: &str = "…";

/// A text that has the form of a key and the right checksum: it was made by a Bursar, though not
/// necessarily by this one. Or one that begins as imported keys do, which says nothing more of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ParsedKey {
    prefix: String,
    /// Empty for a foreign one, of which too much might be shown.
    last_four: String,
    hash: [u8; 32],
}

impl ParsedKey {
    /// The longest text that is looked at.
    pub const MAX_LENGTH: usize = 256;
    /// The shortest text that is taken for an imported key.
    const MIN_FOREIGN_LENGTH: usize = 16;

    /// Takes a key apart; `None` for anything that [`crate::KeySecret::generate`] cannot have made, found
    /// out without asking anybody.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > Self::MAX_LENGTH || !text.is_ascii() {
            return None;
        }
        let (prefix, rest) = text.rsplit_once('_')?;
        if !KeyPrefix::is_word(prefix)
            || rest.len() != random_length(prefix) + CHECKSUM_LENGTH
            || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return None;
        }
        let (checked, found) = text.split_at(text.len() - CHECKSUM_LENGTH);
        if found.as_bytes() != checksum(checked) {
            return None;
        }
        Some(Self { prefix: prefix.to_owned(), last_four: last_four(text), hash: hash(text) })
    }

    /// Takes a key apart, ours or one that begins like those that were imported. Whether there is
    /// such a foreign key has to be asked.
    #[must_use]
    pub fn parse_among(text: &str, foreign: &[ForeignPrefix]) -> Option<Self> {
        Self::parse(text).or_else(|| {
            let lengths = Self::MIN_FOREIGN_LENGTH..=Self::MAX_LENGTH;
            if !lengths.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return None;
            }
            let begins = |prefix: &&ForeignPrefix| text.starts_with(prefix.as_str());
            let prefix = foreign.iter().filter(begins).max_by_key(|prefix| prefix.as_str().len())?;
            Some(Self { prefix: prefix.as_str().to_owned(), last_four: String::new(), hash: hash(text) })
        })
    }

    /// What it begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// By what it is found.
    #[must_use]
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

/// `sk_…3xQz`.
impl fmt::Debug for ParsedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let underscore = if self.last_four.is_empty() { "" } else { "_" };
        write!(formatter, "ParsedKey({}{underscore}{MASK}{})", self.prefix, self.last_four)
    }
}

/// `ak_1234…cdef`: as much of a key as tells it from others. Of a text that is no key of ours nothing
/// is shown.
#[must_use]
pub fn masked(text: &str) -> String {
    let Some(key) = ParsedKey::parse(text) else { return MASK.to_owned() };
    let shown = key.prefix.len() + 1 + SHOWN_LENGTH;
    format!("{}{MASK}{}", text.get(..shown).unwrap_or_default(), key.last_four)
}

#[cfg(test)]
mod tests {
    use bursar_kernel::OsEntropy;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::secret::KeySecret;

    fn generate() -> String {
        KeySecret::generate(&OsEntropy, &KeyPrefix::default()).into_text().expose().clone()
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = generate();
        let (zeros, long) = ("0".repeat(38), "a".repeat(1_000_000));
        for text in [
            "",
            "_",
            "sk_",
            "sk",
            &key[1..],
            &key[..key.len() - 1],
            &format!("{key}0"),
            &format!(" {key}"),
            &format!("{key}\n"),
            &key.to_uppercase(),
            &format!("sk_{zeros}"),
            &format!("_{zeros}"),
            &format!("SK_{zeros}"),
            &format!("sk_{}", "é".repeat(19)),
            &long,
        ] {
            assert!(ParsedKey::parse(text).is_none(), "{text:.60}");
        }
    }

    #[test]
    fn the_key_of_an_organization_has_forty_characters_and_no_other_length() {
        let text = KeySecret::generate(&OsEntropy, &KeyPrefix::PRIMARY).into_text();
        assert_eq!(text.expose().len(), 40);
        assert_eq!(ParsedKey::parse(text.expose()).unwrap().prefix(), "ak");
        let under_the_right_checksum = |start: &str| {
            let text = format!("{start}{}", checksum(start).map(char::from).iter().collect::<String>());
            ParsedKey::parse(&text).is_some()
        };
        assert!(under_the_right_checksum(&format!("ak_{}", "0".repeat(31))));
        assert!(!under_the_right_checksum(&format!("ak_{}", "0".repeat(32))));
        assert!(under_the_right_checksum(&format!("svc_{}", "0".repeat(32))));
        assert!(!under_the_right_checksum(&format!("svc_{}", "0".repeat(31))));
    }

    #[test]
    fn a_masked_key_shows_its_ends_and_any_other_text_nothing() {
        let text = KeySecret::generate(&OsEntropy, &KeyPrefix::PRIMARY).into_text();
        let (text, masked_text) = (text.expose(), masked(text.expose()));
        assert_eq!(masked_text, format!("ak_{}…{}", &text[3..7], &text[36..]));
        for other in ["", "ak_1234", &text[1..], &"x".repeat(40)] {
            assert_eq!(masked(other), "…");
        }
    }

    #[test]
    fn a_text_that_begins_like_imported_keys_is_taken_as_it_is() {
        let foreign = ["tp-", "tp-live-", "sk"].map(|text| ForeignPrefix::new(text).unwrap());
        let parse = |text: &str| ParsedKey::parse_among(text, &foreign);
        let text = format!("tp-live-{}", "~".repeat(20));
        let parsed = parse(&text).unwrap();
        assert_eq!((parsed.prefix(), parsed.hash()), ("tp-live-", Sha256::digest(&text).into()));
        assert!(!format!("{parsed:?}").contains('~'));

        let ours = generate();
        assert_eq!(parse(&ours), ParsedKey::parse(&ours), "a checksum says more than a beginning");
        assert_eq!(parse(&ours[..40]).unwrap().prefix(), "sk", "a mistyped one may be foreign");

        assert!(parse(&format!("tp-{}", "x".repeat(13))).is_some());
        assert!(parse(&format!("tp-{}", "x".repeat(253))).is_some());
        for none in [
            &format!("tp-{}", "x".repeat(12)),
            &format!("tp-{}", "x".repeat(254)),
            &format!("tp-{} x", "x".repeat(12)),
            &format!("tp-{}é", "x".repeat(20)),
            &format!("xx-{}", "x".repeat(20)),
        ] {
            assert_eq!(parse(none), None, "{none}");
        }
        assert_eq!(ParsedKey::parse_among(&text, &[]), None);
    }
}
