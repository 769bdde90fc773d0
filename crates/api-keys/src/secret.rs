use std::borrow::Cow;

use bursar_kernel::{Entropy, Secret};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters that nobody can guess: 190 bits.
const RANDOM_LENGTH: usize = 32;
/// Characters that hold 32 bits.
pub(crate) const CHECKSUM_LENGTH: usize = 6;
/// Characters of a key that are shown to tell it from others.
pub(crate) const SHOWN_LENGTH: usize = 4;
/// What the one key of an organization begins with.
pub(crate) const PRIMARY_WORD: &str = "ak";
/// What a key of the deployment begins with.
pub(crate) const DEPLOYMENT_WORD: &str = "svc";

/// The word that a key begins with: it says at a glance, and to scanners of leaked secrets, what
/// the text is. 1 to 32 characters of `a–z`, `0–9` and `_`, a letter first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPrefix(Cow<'static, str>);

impl KeyPrefix {
    /// Of the one key of an organization: `ak`.
    pub const PRIMARY: Self = Self(Cow::Borrowed(PRIMARY_WORD));
    /// Of the keys of the deployment: `svc`.
    pub const DEPLOYMENT: Self = Self(Cow::Borrowed(DEPLOYMENT_WORD));

    const MAX_LENGTH: usize = 32;

    /// From its text; `None` when it breaks the rule, and for `ak` and `svc`: the keys of people are
    /// not to be taken for others.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_free = text != PRIMARY_WORD && text != DEPLOYMENT_WORD;
        (is_free && Self::is_word(text)).then(|| Self(Cow::Owned(text.to_owned())))
    }

    pub(crate) fn is_word(text: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        text.len() <= Self::MAX_LENGTH
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(allowed)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `sk`.
impl Default for KeyPrefix {
    fn default() -> Self {
        Self(Cow::Borrowed("sk"))
    }
}

/// Characters of a key that nobody can guess. The key of an organization has one less, 184 bits: its
/// whole text has 40.
pub(crate) const fn random_length(prefix: &str) -> usize {
    // Strings are not compared in constants.
    if matches!(prefix.as_bytes(), b"ak") { RANDOM_LENGTH - 1 } else { RANDOM_LENGTH }
}

/// A whole key, `<prefix>_<32 random characters><6 of checksum>`, as its creator sees it once; one
/// random character less under [`KeyPrefix::PRIMARY`].
#[derive(Debug)]
pub struct KeySecret {
    text: Secret<String>,
}

impl KeySecret {
    /// A new one. Every character is as likely as every other: bytes that would favour some are
    /// thrown away.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy, prefix: &KeyPrefix) -> Self {
        let random_length = random_length(prefix.as_str());
        let whole_length = prefix.as_str().len() + 1 + random_length + CHECKSUM_LENGTH;
        // Made at its full length, so that growing leaves no copy behind.
        let mut text = String::with_capacity(whole_length);
        text.push_str(prefix.as_str());
        text.push('_');
        let length = text.len() + random_length;
        while text.len() < length {
            // One round is enough, but for less than one key in 10²⁰.
            let bytes: Zeroizing<[u8; 64]> = Zeroizing::new(entropy.bytes());
            let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
            text.extend(letters.take(length - text.len()).copied().map(char::from));
        }
        let checksum = checksum(&text);
        text.extend(checksum.map(char::from));
        Self { text: Secret::new(text) }
    }

    /// The key, to be shown to its creator now and never again.
    #[must_use]
    pub fn into_text(self) -> Secret<String> {
        self.text
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(self.text.expose())
    }

    /// Its end.
    #[must_use]
    pub fn last_four(&self) -> String {
        last_four(self.text.expose())
    }
}

pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

pub(crate) fn last_four(text: &str) -> String {
    text.get(text.len().saturating_sub(SHOWN_LENGTH)..).unwrap_or_default().to_owned()
}

/// CRC-32 in base 62: no secret, it only finds what was mistyped or cut off.
pub(crate) fn checksum(text: &str) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::atomic::AtomicU8, sync::atomic::Ordering};

    use bursar_kernel::OsEntropy;
    use proptest::prelude::*;

    use super::*;
    use crate::parsed_key::ParsedKey;

    fn generate() -> String {
        KeySecret::generate(&OsEntropy, &KeyPrefix::default()).into_text().expose().clone()
    }

    #[test]
    fn a_key_that_was_made_is_taken_apart_to_the_same_hash() {
        let secret = KeySecret::generate(&OsEntropy, &KeyPrefix::default());
        let (hash, last_four) = (secret.hash(), secret.last_four());
        let text = secret.into_text();
        let parsed = ParsedKey::parse(text.expose()).unwrap();
        assert_eq!((parsed.hash(), parsed.prefix()), (hash, "sk"));
        assert_eq!(text.expose().len(), "sk_".len() + 38);
        assert!(text.expose().ends_with(&last_four) && last_four.len() == 4);
    }

    #[test]
    fn the_published_form_does_not_change() {
        // Computed elsewhere: zlib's crc32 of `sk_` and thirty-two zeros, and of `ak_` and
        // thirty-one, in base 62.
        struct Zeros;
        impl Entropy for Zeros {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill(0);
            }
        }
        let text = KeySecret::generate(&Zeros, &KeyPrefix::default()).into_text();
        assert_eq!(text.expose(), "sk_0000000000000000000000000000000030OBQY");
        let text = KeySecret::generate(&Zeros, &KeyPrefix::PRIMARY).into_text();
        assert_eq!(text.expose(), "ak_00000000000000000000000000000002qDHn5");
    }

    #[test]
    fn bytes_that_would_favour_some_characters_are_thrown_away() {
        /// 62, 63, 0, 1, …: what is not below 62 must not become a character.
        struct Counting(AtomicU8);
        impl Entropy for Counting {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
            }
        }
        let text = KeySecret::generate(&Counting(AtomicU8::new(62)), &KeyPrefix::default()).into_text();
        assert!(text.expose().starts_with("sk_0123456789ABCDEFGHIJKLMNOPQRSTUV"), "{}", text.expose());
    }

    #[test]
    fn a_thousand_keys_are_a_thousand_keys_and_use_the_whole_alphabet() {
        let keys: BTreeSet<_> = (0..1000).map(|_| generate()).collect();
        assert_eq!(keys.len(), 1000);
        let used: BTreeSet<_> = keys.iter().flat_map(|key| key["sk_".len()..][..32].bytes()).collect();
        assert_eq!(used.len(), 62);
    }

    #[test]
    fn neither_a_key_nor_its_parsed_form_prints_itself() {
        let secret = KeySecret::generate(&OsEntropy, &KeyPrefix::default());
        let printed = format!("{secret:?}");
        let text = secret.into_text();
        let parsed = format!("{:?}", ParsedKey::parse(text.expose()).unwrap());
        for hidden in [printed, parsed] {
            assert!(!hidden.contains(&text.expose()["sk_".len()..][..32]), "{hidden}");
        }
    }

    #[test]
    fn a_prefix_is_a_lower_case_word() {
        for good in ["sk", "sk_live", "a1"] {
            assert_eq!(KeyPrefix::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "1a", "_a", "Sk", "s-k", "s k", "é", &"a".repeat(33), "ak", "svc"] {
            assert_eq!(KeyPrefix::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn one_changed_character_makes_a_key_no_key(
            bytes in any::<[u8; 64]>(),
            place in 0..41_usize,
            other in 33_u8..127,
        ) {
            struct Fixed([u8; 64]);
            impl Entropy for Fixed {
                fn fill(&self, buffer: &mut [u8]) {
                    buffer.copy_from_slice(&self.0);
                    // Enough that are not thrown away: every round would bring the same.
                    buffer[..32].iter_mut().for_each(|byte| *byte %= 62);
                }
            }
            let key = KeySecret::generate(&Fixed(bytes), &KeyPrefix::default()).into_text();
            prop_assert!(ParsedKey::parse(key.expose()).is_some());
            let mut changed = key.expose().clone().into_bytes();
            prop_assume!(changed[place] != other);
            changed[place] = other;
            prop_assert_eq!(ParsedKey::parse(&String::from_utf8(changed).unwrap()), None);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            prop_assert_eq!(ParsedKey::parse(&text), None);
        }
    }
}
