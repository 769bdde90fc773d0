use crate::choices::Choices;

/// At most so many edits: more leave nothing of the original.
const MAX_EDITS: usize = 3;
/// Bytes that one edit takes away or says twice.
const MAX_SPAN: usize = 32;

/// A valid text after no, one or a few edits.
pub(crate) fn edited(original: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..choices.below(MAX_EDITS + 1) {
        edit(&mut bytes, choices);
    }
    bytes
}

/// As [`edited`], for what only takes texts.
pub(crate) fn edited_text(original: &str, choices: &mut Choices<'_>) -> String {
    let bytes = edited(original.as_bytes(), choices);
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn edit(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let place = choices.below(bytes.len() + 1);
    let end = (place + 1 + choices.below(MAX_SPAN)).min(bytes.len());
    match choices.below(7) {
        0 if place < bytes.len() => bytes[place] = choices.byte(),
        1 if place < bytes.len() => bytes[place] ^= 1 << choices.below(8),
        2 => {
            bytes.drain(place..end);
        }
        3 => {
            let twice = bytes[place..end].to_vec();
            bytes.splice(place..place, twice);
        }
        4 => bytes.truncate(place),
        5 => {
            let other = choices.below(bytes.len() + 1);
            if place.max(other) < bytes.len() {
                bytes.swap(place, other);
            }
        }
        _ => {
            bytes.splice(place..place, choices.slice().iter().copied());
        }
    }
}
