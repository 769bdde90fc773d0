//! Work that keeps a core busy for long, on a thread that gives way to everything else.

use std::thread;

use bursar_kernel::{DomainError, Result};
use tokio::sync::oneshot;

/// How much it gives way: what answers requests is put before it the moment that it wakes, and on a
/// machine without a free core this work still gets a tenth.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Runs work to its end on a thread of its own, whoever waits for it.
///
/// # Errors
/// `internal` when the system gives no thread, and when the work panics.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (answer, answered) = oneshot::channel();
    thread::Builder::new()
        .name("bursar-background".to_owned())
        .spawn(move || {
            give_way();
            // Who asked may have gone away.
            drop(answer.send(work()));
        })
        .map_err(DomainError::internal)?;
    answered.await.map_err(DomainError::internal)
}

/// Linux counts a thread as a process here. Where it refuses, the thread stays as it is.
#[cfg(target_os = "linux")]
fn give_way() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

#[cfg(not(target_os = "linux"))]
const fn give_way() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_answered_and_a_panic_in_it_is_a_failure_of_ours() {
        assert_eq!(run(|| 2 + 2).await.unwrap(), 4);
        let failed = run(|| -> i32 { panic!("it breaks") }).await.unwrap_err();
        assert_eq!(failed.code(), "internal");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn it_gives_way_and_leaves_the_caller_as_it_was() {
        let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = niceness();
        assert_eq!(run(niceness).await.unwrap(), NICENESS.max(before));
        assert_eq!(niceness(), before);
    }
}
