//! API keys: only what could have been made is taken for a key, before anybody is asked.

use bursar_api_keys::{KeyPrefix, KeySecret, ParsedKey};
use bursar_kernel::Entropy;
use sha2::{Digest as _, Sha256};

use crate::{choices::Choices, edit::edited_text};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A text is a key exactly when its form and checksum say so; what is made is a key, and with one
/// character changed it is none; nothing of its secret part is printed.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    match choices.below(3) {
        0 => judged(&choices.rest_as_text(), &mut Choices::new(input)),
        1 => {
            let key = made(&mut choices);
            judged(&edited_text(&key, &mut choices), &mut choices);
        }
        _ => judged(&put_together(&mut choices), &mut choices),
    }
}

/// Random bytes that were given. None is thrown away, or some would ask for others for ever.
struct Given([u8; 32]);

impl Entropy for Given {
    fn fill(&self, buffer: &mut [u8]) {
        for (place, given) in buffer.iter_mut().zip(self.0.iter().cycle()) {
            *place = given % 62;
        }
    }
}

fn made(choices: &mut Choices<'_>) -> String {
    let prefix = KeyPrefix::parse(&choices.text()).unwrap_or_default();
    let secret = KeySecret::generate(&Given(choices.bytes()), &prefix);
    let (hash, last_four) = (secret.hash(), secret.last_four());
    let text = secret.into_text().expose().clone();
    let parsed = ParsedKey::parse(&text).expect("a key that was made");
    assert_eq!((parsed.prefix(), parsed.hash()), (prefix.as_str(), hash), "{text}");
    assert!(text.ends_with(&last_four), "{text}");
    text
}

/// Any prefix and any middle, more often than not under the right checksum.
fn put_together(choices: &mut Choices<'_>) -> String {
    let checked = format!("{}_{}", choices.text(), choices.text());
    if choices.one_in(4) {
        return format!("{checked}{}", choices.text());
    }
    let mut rest = checksum(checked.as_bytes());
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(rest % 62).unwrap_or_default()];
        rest /= 62;
    }
    checked + &String::from_utf8_lossy(&digits)
}

fn judged(text: &str, choices: &mut Choices<'_>) {
    let parsed = ParsedKey::parse(text);
    assert_eq!(parsed.is_some(), is_key(text), "{text:?}");
    let Some(parsed) = parsed else { return };
    let prefix = parsed.prefix();
    let secret = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).expect("its prefix");
    assert_eq!(parsed.hash(), <[u8; 32]>::from(Sha256::digest(text)));
    assert!(!format!("{parsed:?}").contains(&secret[..secret.len() - 6]), "{text:?} prints itself");

    let (place, letter) = (choices.below(text.len()), char::from(choices.byte()));
    let mut changed = text.to_owned();
    changed.replace_range(place..=place, letter.encode_utf8(&mut [0; 4]));
    assert!(changed == text || ParsedKey::parse(&changed).is_none(), "{text:?} and {changed:?} are keys");
}

/// The form of a key, said without its parser.
fn is_key(text: &str) -> bool {
    let bytes = text.as_bytes();
    // The key of an organization is one letter shorter, so that the whole of it is 40.
    let length = if text.starts_with("ak_") && text.matches('_').count() == 1 { 37 } else { 38 };
    let Some((start, random)) = bytes.len().checked_sub(length).map(|at| bytes.split_at(at)) else {
        return false;
    };
    let Some((b'_', prefix)) = start.split_last() else { return false };
    let in_word = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let (checked, digits) = bytes.split_at(bytes.len() - 6);
    let number = digits.iter().try_fold(0_u64, |number, digit| {
        let value = ALPHABET.iter().position(|letter| letter == digit)?;
        Some(number * 62 + u64::try_from(value).ok()?)
    });
    matches!(prefix, [b'a'..=b'z', rest @ ..] if rest.len() < 32 && rest.iter().all(in_word))
        && random.iter().all(u8::is_ascii_alphanumeric)
        && number == Some(checksum(checked))
}

/// CRC-32 bit by bit, as its definition has it.
fn checksum(bytes: &[u8]) -> u64 {
    let all = bytes.iter().fold(u32::MAX, |register, byte| {
        (0..8).fold(register ^ u32::from(*byte), |register, _| {
            (register >> 1) ^ (if register & 1 == 1 { 0xEDB8_8320 } else { 0 })
        })
    });
    u64::from(!all)
}
