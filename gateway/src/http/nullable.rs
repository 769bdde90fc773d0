//! A field that is left out, null, or a value: for bodies that change things.

use bursar_kernel::Result;
use serde::{Deserialize, Deserializer};

/// `None` when left out, `Some(None)` for null. Needs `#[serde(default)]`.
#[derive(Clone, Debug)]
#[expect(clippy::option_option, reason = "three things that a body can say")]
pub struct Nullable<T>(pub Option<Option<T>>);

impl<T> Default for Nullable<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

impl<T> Nullable<T> {
    /// The same with what the value is read as.
    ///
    /// # Errors
    /// Those of `read`.
    #[expect(clippy::option_option, reason = "three things that a body can say")]
    pub fn try_map<U>(self, read: impl FnOnce(T) -> Result<U>) -> Result<Option<Option<U>>> {
        self.0.map(|value| value.map(read).transpose()).transpose()
    }
}
