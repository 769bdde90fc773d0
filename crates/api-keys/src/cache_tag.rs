use bursar_kernel::CacheTag;

/// What kind of thing a cached key is.
const CACHED_KIND: &str = "api_key";
/// What kind of thing the cached prefixes of imported keys are.
const CACHED_PREFIXES: &str = "api_key_prefixes";

/// What is invalidated when a key changes.
pub(crate) fn tag_of_hash(hash: &[u8; 32]) -> CacheTag {
    CacheTag::new(CACHED_KIND, hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// The hash of the key that is said to have changed, if it is said of a key.
#[must_use]
pub fn hash_of_tag(tag: &CacheTag) -> Option<[u8; 32]> {
    let (CACHED_KIND, digits) = tag.parts() else { return None };
    let half = |digits: Option<&str>| u128::from_str_radix(digits?, 16).ok().map(u128::to_be_bytes);
    let halves = [half(digits.get(..32))?, half(digits.get(32..64))?];
    halves.concat().try_into().ok()
}

/// What is invalidated when keys were imported: the prefixes that texts are taken for keys by.
#[must_use]
pub fn prefixes_tag() -> CacheTag {
    CacheTag::new(CACHED_PREFIXES, "all")
}

/// Whether it is said of the prefixes of imported keys.
#[must_use]
pub fn is_of_prefixes(tag: &CacheTag) -> bool {
    tag.parts().0 == CACHED_PREFIXES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_comes_back_from_its_tag() {
        let hash = std::array::from_fn(|place| u8::try_from(place * 7).unwrap());
        assert_eq!(hash_of_tag(&tag_of_hash(&hash)), Some(hash));
        let others = [
            CacheTag::new("book", "00".repeat(32)),
            CacheTag::new(CACHED_KIND, "é".repeat(32)),
            prefixes_tag(),
        ];
        for tag in others {
            assert_eq!(hash_of_tag(&tag), None);
        }
    }

    #[test]
    fn the_prefixes_are_told_apart_from_keys() {
        assert!(is_of_prefixes(&prefixes_tag()));
        assert!(!is_of_prefixes(&tag_of_hash(&[7; 32])));
    }
}
