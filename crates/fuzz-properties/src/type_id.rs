//! Identifiers: one object has one name, and a name of one kind is none of another.

use bursar_api_keys::ApiKeyId;
use bursar_identity::SigningKeyId;
use bursar_kernel::{Account, OrganizationId, UserId, decode_type_id, encode_type_id};
use bursar_usage_metering::Subject;
use uuid::Uuid;

use crate::{choices::Choices, edit::edited_text};

/// Ours, and such as may be mistaken for one another.
const PREFIXES: [&str; 9] = [
    UserId::PREFIX,
    OrganizationId::PREFIX,
    ApiKeyId::PREFIX,
    SigningKeyId::PREFIX,
    "",
    "_",
    "a",
    "a_b",
    "user_user",
];
const LETTERS: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A text is taken only as the one spelling of what it names; what is written is read back, and
/// names sort as what they name.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    let kind = choices.below(3);
    let prefix = choices.one_of(&PREFIXES);
    let (one, other) = (uuid(&mut choices), uuid(&mut choices));
    let name = encode_type_id(prefix, one);
    assert_eq!(decode_type_id(prefix, &name), Ok(one), "{name}");
    assert_eq!(name.cmp(&encode_type_id(prefix, other)), one.cmp(&other), "{one} and {other}");
    let text = match kind {
        0 => choices.rest_as_text().into_owned(),
        1 => edited_text(&name, &mut choices),
        _ => format!("{prefix}_{}", choices.rest_as_text()),
    };
    is_one_name_or_none(prefix, &text);
    of_whom_it_says(&text);
    let detail = choices.rest_as_text();
    of_whom_it_says(&format!("{}/{detail}", UserId::from_uuid(one)));
    of_whom_it_says(&format!("{}{detail}", OrganizationId::from_uuid(one)));
}

fn uuid(choices: &mut Choices<'_>) -> Uuid {
    Uuid::from_u128(u128::from_be_bytes(choices.bytes()))
}

fn is_one_name_or_none(prefix: &str, text: &str) {
    let read = decode_type_id(prefix, text);
    assert_eq!(read.is_ok(), is_canonical(prefix, text), "{prefix:?} {text:?}");
    let Ok(uuid) = read else { return };
    assert_eq!(encode_type_id(prefix, uuid), text);
    for other in PREFIXES.iter().filter(|other| **other != prefix) {
        assert!(decode_type_id(other, text).is_err(), "{text:?} is also a name of {other:?}");
    }
}

/// The rule, said without the decoder.
fn is_canonical(prefix: &str, text: &str) -> bool {
    let Some((start, suffix)) = text.len().checked_sub(26).and_then(|at| text.split_at_checked(at)) else {
        return false;
    };
    start.strip_suffix('_') == Some(prefix)
        && suffix.bytes().all(|letter| LETTERS.contains(&letter))
        && suffix.starts_with(|first| ('0'..='7').contains(&first))
}

/// Identifiers with a type, accounts and subjects are written as they were read.
fn of_whom_it_says(text: &str) {
    let user = text.parse::<UserId>().map(|id| id.to_string()).ok();
    let organization = text.parse::<OrganizationId>().map(|id| id.to_string()).ok();
    assert!(user.is_none() || organization.is_none(), "{text:?} is a person and an organization");
    let account = Account::parse(text).map(|account| account.to_string());
    assert_eq!(account, user.or(organization), "{text:?}");
    let subject = Subject::parse(text).map(|subject| subject.to_string());
    assert!(subject.is_none_or(|subject| subject == text), "{text:?}");
    assert!(account.is_none_or(|account| account == text), "{text:?}");
}
