//! Keyset pages over HTTP: `limit` and `cursor` in, `nextToken` out.

use bursar_kernel::{CursorCodec, DomainError, Page, Position, Result, codes::INVALID_FIELD};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most so many, clamped to 1–200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<String>,
    /// The `nextToken` of the part before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The page of a list. `list` names the list and whose it is: a cursor of another is refused.
    ///
    /// # Errors
    /// `invalid_field` for a limit that is no whole number, `cursor_invalid`.
    pub fn page(&self, cursors: &CursorCodec, list: &str) -> Result<Page> {
        let limit = self.limit.as_deref().map(count).transpose()?;
        let after = self.cursor.as_deref().map(|cursor| cursors.decode(list, cursor)).transpose()?;
        Ok(Page::new(limit, after))
    }
}

/// A number that is too large to hold is clamped like any other that is too large.
fn count(text: &str) -> Result<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DomainError::from(&INVALID_FIELD)
            .saying("limit must be a whole number, not negative")
            .param("field", "limit"));
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}

/// The `nextToken` of a slice that ends here.
#[must_use]
pub fn next_token(cursors: &CursorCodec, list: &str, next: Option<Position>) -> Option<String> {
    next.map(|position| cursors.encode(list, position))
}

#[cfg(test)]
mod tests {
    use bursar_kernel::MasterKey;

    use super::*;

    #[test]
    fn a_limit_is_clamped_and_a_cursor_of_another_list_is_refused() {
        let cursors = CursorCodec::new(&MasterKey::from_bytes([1; 32]));
        let page = |limit: Option<&str>, cursor: Option<&str>| {
            let query = PageQuery { limit: limit.map(str::to_owned), cursor: cursor.map(str::to_owned) };
            query.page(&cursors, "usages:a")
        };
        assert_eq!(page(None, None).unwrap().limit(), 50);
        assert_eq!(page(Some("0"), None).unwrap().limit(), 1);
        assert_eq!(page(Some("99999999999999999999999"), None).unwrap().limit(), 200);
        for text in ["", "x", "-1", "1.5", "+1", " 1"] {
            assert_eq!(page(Some(text), None).unwrap_err().get("field"), Some("limit"), "{text}");
        }
        let position = Position { at: bursar_kernel::UnixTimestamp::from_micros(1), id: uuid::Uuid::nil() };
        let token = next_token(&cursors, "usages:b", Some(position)).unwrap();
        assert_eq!(page(None, Some(&token)).unwrap_err().code(), "cursor_invalid");
        assert_eq!(page(None, Some("")).unwrap_err().code(), "cursor_invalid");
        let own = next_token(&cursors, "usages:a", Some(position)).unwrap();
        assert_eq!(page(None, Some(&own)).unwrap().after(), Some(position));
    }
}
