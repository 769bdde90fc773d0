use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{
    error::{DomainError, Result, codes},
    sealing::MasterKey,
    time::UnixTimestamp,
};

/// Where a row stands in a list that is newest first: its instant, then its identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The instant that the list is ordered by.
    pub at: UnixTimestamp,
    /// What tells rows of one instant apart.
    pub id: Uuid,
}

/// Which part of a list: at most `limit` rows after a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    limit: u16,
    after: Option<Position>,
}

impl Page {
    /// The most rows that one page holds: a bound on memory and on time under a lock.
    pub const MAX_LIMIT: u16 = 200;
    /// Rows of a page when nobody says.
    pub const DEFAULT_LIMIT: u16 = 50;

    /// At most `limit` rows (clamped to 1–200) after a position.
    #[must_use]
    pub fn new(limit: Option<u64>, after: Option<Position>) -> Self {
        let limit = limit.map_or(Self::DEFAULT_LIMIT, |wanted| {
            u16::try_from(wanted).unwrap_or(Self::MAX_LIMIT).clamp(1, Self::MAX_LIMIT)
        });
        Self { limit, after }
    }

    /// The most rows to answer.
    #[must_use]
    pub fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    /// How many rows a store fetches: one more, to know whether there are more.
    #[must_use]
    pub fn fetch_limit(&self) -> u64 {
        u64::from(self.limit) + 1
    }

    /// Only rows behind this one.
    #[must_use]
    pub const fn after(&self) -> Option<Position> {
        self.after
    }

    /// Makes a slice of up to [`Self::fetch_limit`] rows.
    pub fn slice<T>(&self, mut rows: Vec<T>, position: impl Fn(&T) -> Position) -> Slice<T> {
        let more = rows.len() > self.limit();
        rows.truncate(self.limit());
        let next = if more { rows.last().map(position) } else { None };
        Slice { items: rows, next }
    }
}

/// A part of a list, and where the next part begins.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Present when there are more.
    pub next: Option<Position>,
}

impl<T> Slice<T> {
    /// The same slice of other rows.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Slice<U> {
        Slice { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

/// Bytes of a cursor: instant, identifier, tag.
const POSITION_LENGTH: usize = 24;
const TAG_LENGTH: usize = 8;

/// Writes positions as opaque, signed text bound to the list they belong to, so that an edited
/// cursor or one of another list is refused.
#[derive(Clone)]
pub struct CursorCodec {
    key: [u8; 32],
}

impl CursorCodec {
    /// Under a key derived from the deployment's master key, so that every node reads every
    /// node's cursors.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self { key: master.derive("cursor") }
    }

    /// The cursor of a position. `list` names the list and whose it is.
    #[must_use]
    pub fn encode(&self, list: &str, position: Position) -> String {
        let mut bytes = Vec::with_capacity(POSITION_LENGTH + TAG_LENGTH);
        bytes.extend(position.at.micros().to_be_bytes());
        bytes.extend(position.id.as_bytes());
        let tag = self.tag(list, &bytes);
        bytes.extend(tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position behind a cursor of this list.
    ///
    /// # Errors
    /// `cursor_invalid` for anything that [`Self::encode`] did not make for this list.
    pub fn decode(&self, list: &str, cursor: &str) -> Result<Position> {
        let invalid = || DomainError::from(&codes::CURSOR_INVALID).param("field", "cursor");
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let (position, tag) = bytes.split_at_checked(POSITION_LENGTH).ok_or_else(invalid)?;
        if !bool::from(self.tag(list, position).as_slice().ct_eq(tag)) {
            return Err(invalid());
        }
        let (at, id) = position.split_at(8);
        Ok(Position {
            at: UnixTimestamp::from_micros(i64::from_be_bytes(at.try_into().map_err(|_| invalid())?)),
            id: Uuid::from_slice(id).map_err(|_| invalid())?,
        })
    }

    fn tag(&self, list: &str, position: &[u8]) -> [u8; TAG_LENGTH] {
        let mut mac = hmac_sha256(&self.key);
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(position);
        let mut tag = [0; TAG_LENGTH];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG_LENGTH]);
        tag
    }
}

/// HMAC-SHA256 under a 32-byte key.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(crate) fn hmac_sha256(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec() -> CursorCodec {
        CursorCodec::new(&MasterKey::from_bytes([7; 32]))
    }

    #[test]
    fn a_cursor_leads_back_to_its_position_and_to_no_other_list() {
        let position =
            Position { at: UnixTimestamp::from_micros(1_790_000_000_000_001), id: Uuid::from_u128(42) };
        let cursor = codec().encode("usages:org_1", position);
        assert_eq!(codec().decode("usages:org_1", &cursor).unwrap(), position);
        assert_eq!(codec().decode("usages:org_2", &cursor).unwrap_err().code(), "cursor_invalid");
    }

    #[test]
    fn every_edit_of_a_cursor_is_refused() {
        let position = Position { at: UnixTimestamp::from_micros(5), id: Uuid::from_u128(42) };
        let cursor = codec().encode("list", position);
        for index in 0..cursor.len() {
            let mut edited = cursor.clone().into_bytes();
            edited[index] = if edited[index] == b'A' { b'B' } else { b'A' };
            assert!(codec().decode("list", &String::from_utf8(edited).unwrap()).is_err(), "{index}");
        }
        for text in ["", "A", "null", "🦀", &"A".repeat(10_000)] {
            assert!(codec().decode("list", text).is_err());
        }
    }

    #[test]
    fn a_limit_is_clamped_and_one_more_row_is_fetched() {
        assert_eq!(Page::new(None, None).limit(), 50);
        assert_eq!(Page::new(Some(0), None).limit(), 1);
        assert_eq!(Page::new(Some(u64::MAX), None).limit(), 200);
        assert_eq!(Page::new(Some(7), None).fetch_limit(), 8);
    }
}
