use std::fmt;

use uuid::Uuid;

use crate::time::UnixTimestamp;

/// Crockford base32, lower case, as TypeID writes it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of the suffix: 130 bits hold 128.
const SUFFIX_LENGTH: usize = 26;

/// Where new identifiers come from.
pub trait IdSource: Send + Sync + 'static {
    /// A new `UUIDv7` that carries `now`; later ones sort after earlier ones of this source.
    fn next(&self, now: UnixTimestamp) -> Uuid;
}

/// `UUIDv7` of the given millisecond with a counter and random bits.
#[derive(Debug, Default)]
pub struct SystemIds {
    context: std::sync::Mutex<uuid::timestamp::context::ContextV7>,
}

impl IdSource for SystemIds {
    fn next(&self, now: UnixTimestamp) -> Uuid {
        let seconds = u64::try_from(now.seconds()).unwrap_or(0);
        let nanos = u32::try_from(now.micros().rem_euclid(1_000_000)).unwrap_or(0) * 1000;
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        #[expect(clippy::disallowed_methods, reason = "the one place that makes identifiers")]
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanos))
    }
}

/// A text that is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an identifier of this kind")
    }
}

impl std::error::Error for ParseIdError {}

/// `prefix_` and 26 characters: the TypeID form of a UUID.
#[must_use]
pub fn encode_type_id(prefix: &str, uuid: Uuid) -> String {
    let mut bits = uuid.as_u128();
    let mut suffix = [b'0'; SUFFIX_LENGTH];
    for place in suffix.iter_mut().rev() {
        let [low, ..] = bits.to_le_bytes();
        *place = ALPHABET[usize::from(low & 31)];
        bits >>= 5;
    }
    let mut text = String::with_capacity(prefix.len() + 1 + SUFFIX_LENGTH);
    text.push_str(prefix);
    text.push('_');
    text.extend(suffix.iter().copied().map(char::from));
    text
}

/// The UUID behind a TypeID of this prefix. Only the canonical form is taken: lower case, no
/// look-alikes, nothing above 128 bits, so that one object has one name.
///
/// # Errors
/// [`ParseIdError`] for anything else.
pub fn decode_type_id(prefix: &str, text: &str) -> Result<Uuid, ParseIdError> {
    let suffix = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(ParseIdError)?;
    if suffix.len() != SUFFIX_LENGTH || suffix.as_bytes()[0] > b'7' {
        return Err(ParseIdError);
    }
    let mut bits = 0_u128;
    for byte in suffix.bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == byte).ok_or(ParseIdError)?;
        bits = (bits << 5) | value as u128;
    }
    Ok(Uuid::from_u128(bits))
}

/// An identifier type: a `UUIDv7` in 16 bytes, written `prefix_…` (TypeID).
///
/// ```
/// bursar_kernel::typed_id!(
///     /// A parcel.
///     ParcelId, "parcel");
/// let id = ParcelId::from_uuid(uuid::Uuid::nil());
/// assert_eq!(id.to_string(), "parcel_00000000000000000000000000");
/// assert_eq!("parcel_00000000000000000000000000".parse(), Ok(id));
/// assert!("order_00000000000000000000000000".parse::<ParcelId>().is_err());
/// ```
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::__private::Uuid);

        impl $name {
            /// The word before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// From its 16 bytes.
            #[must_use]
            pub const fn from_uuid(uuid: $crate::__private::Uuid) -> Self {
                Self(uuid)
            }

            /// Its 16 bytes.
            #[must_use]
            pub const fn uuid(self) -> $crate::__private::Uuid {
                self.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.write_str(&$crate::encode_type_id($prefix, self.0))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::ParseIdError;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::decode_type_id($prefix, text).map(Self)
            }
        }

        $crate::column_type!(
            $name,
            $crate::__private::Uuid,
            |value: $name| value.0,
            |uuid: $crate::__private::Uuid| Some($name(uuid))
        );
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_typeid_vectors_hold() {
        // https://github.com/jetify-com/typeid/blob/main/spec/valid.yml
        let uuid = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        assert_eq!(encode_type_id("prefix", uuid), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode_type_id("prefix", "prefix_01h455vb4pex5vsknk084sn02q"), Ok(uuid));
        assert_eq!(encode_type_id("prefix", Uuid::max()), "prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn another_spelling_of_an_identifier_is_refused() {
        for text in [
            "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "prefix_01H455VB4PEX5VSKNK084SN02Q",
            "prefix_01h455vb4pex5vsknk084sn02",
            "prefix_01h455vb4pex5vsknk084sn0lu",
            "prefix01h455vb4pex5vsknk084sn02q",
            "prefix_01h455vb4pex5vsknk084sn0é",
            "",
        ] {
            assert_eq!(decode_type_id("prefix", text), Err(ParseIdError), "{text}");
        }
    }

    #[test]
    fn identifiers_of_one_instant_sort_in_the_order_they_were_made() {
        let ids = SystemIds::default();
        let now = UnixTimestamp::from_micros(1_790_000_000_123_456);
        let made: Vec<_> = (0..1000).map(|_| ids.next(now)).collect();
        assert!(made.is_sorted());
        assert_eq!(made[0].get_version_num(), 7);
    }
}
