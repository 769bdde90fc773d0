//! Lists: `{"items": […], "nextToken"?}` as the payload, newest first.

use bursar_kernel::{CursorCodec, Slice};
use serde::Serialize;
use utoipa::ToSchema;

pub use crate::http::page::{PageQuery, next_token};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Items<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Goes back as `cursor`; absent when there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

impl<T> Items<T> {
    /// From what an operation answered. `list` is what the page was read with.
    pub fn new<U>(cursors: &CursorCodec, list: &str, slice: Slice<U>, convert: impl FnMut(U) -> T) -> Self {
        let next_token = next_token(cursors, list, slice.next);
        Self { items: slice.items.into_iter().map(convert).collect(), next_token }
    }

    /// A list that is whole.
    #[must_use]
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next_token: None }
    }
}
