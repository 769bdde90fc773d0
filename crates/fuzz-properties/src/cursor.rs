//! Cursors: a place in a list is believed only when this deployment wrote it, for this list.

use std::sync::LazyLock;

use bursar_gateway::http::page::PageQuery;
use bursar_kernel::{CursorCodec, MasterKey, Page, Position, UnixTimestamp, codes::CURSOR_INVALID};
use uuid::Uuid;

use crate::{choices::Choices, edit::edited_text};

static OURS: LazyLock<CursorCodec> = LazyLock::new(|| CursorCodec::new(&MasterKey::from_bytes([7; 32])));
static ANOTHERS: LazyLock<CursorCodec> = LazyLock::new(|| CursorCodec::new(&MasterKey::from_bytes([8; 32])));

/// A cursor leads back to its place, in its own list and under its own key; edited, or made up, it
/// leads nowhere. A page is never larger than the limit.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    let kind = choices.below(4);
    let position = Position {
        at: UnixTimestamp::from_micros(i64::from_be_bytes(choices.bytes())),
        id: Uuid::from_u128(u128::from_be_bytes(choices.bytes())),
    };
    let list = choices.text();
    let cursor = OURS.encode(&list, position);
    match kind {
        0 => is_refused(&list, &choices.rest_as_text()),
        1 => {
            let edited = edited_text(&cursor, &mut choices);
            if edited == cursor {
                assert_eq!(OURS.decode(&list, &edited).ok(), Some(position), "{cursor} of {list:?}");
            } else {
                is_refused(&list, &edited);
            }
        }
        2 => {
            is_refused(&list, &ANOTHERS.encode(&list, position));
            let other = edited_text(&list, &mut choices);
            if other != list {
                is_refused(&other, &cursor);
            }
        }
        _ => is_a_page(&list, &cursor, position, &choices.rest_as_text()),
    }
}

fn is_refused(list: &str, cursor: &str) {
    let refused = OURS.decode(list, cursor).expect_err("a cursor that we did not make for this list");
    assert!(refused.is(&CURSOR_INVALID) && refused.get("field") == Some("cursor"), "{refused:?}");
}

fn is_a_page(list: &str, cursor: &str, position: Position, limit: &str) {
    let query = PageQuery { limit: Some(limit.to_owned()), cursor: Some(cursor.to_owned()) };
    let is_number = !limit.is_empty() && limit.bytes().all(|byte| byte.is_ascii_digit());
    match query.page(&OURS, list) {
        Ok(page) => {
            assert!(is_number, "{limit:?}");
            assert!((1..=usize::from(Page::MAX_LIMIT)).contains(&page.limit()), "{limit:?}");
            assert_eq!(page.after(), Some(position));
        }
        Err(refused) => assert!(!is_number && refused.get("field") == Some("limit"), "{limit:?}"),
    }
}
