use std::sync::{Arc, PoisonError, RwLock};

use bursar_kernel::Result;

/// One thing that seldom changes and is safe to know too late: a list that is only ever added to.
/// It is kept until somebody says that it changed.
pub(super) struct One<T: ?Sized>(RwLock<Kept<T>>);

struct Kept<T: ?Sized> {
    value: Option<Arc<T>>,
    /// How often it was forgotten.
    forgotten: u64,
}

impl<T: ?Sized> Default for One<T> {
    fn default() -> Self {
        Self(RwLock::new(Kept { value: None, forgotten: 0 }))
    }
}

impl<T: ?Sized> One<T> {
    /// What is remembered, else what `read` finds. What was being read while it was forgotten is not
    /// kept.
    pub(super) async fn get_or_read(&self, read: impl Future<Output = Result<Arc<T>>>) -> Result<Arc<T>> {
        let before = {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = &kept.value {
                return Ok(value.clone());
            }
            kept.forgotten
        };
        let found = read.await?;
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.forgotten == before {
            kept.value = Some(found.clone());
        }
        Ok(found)
    }

    pub(super) fn forget(&self) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.value = None;
        kept.forgotten += 1;
    }
}
