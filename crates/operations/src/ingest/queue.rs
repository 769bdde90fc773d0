use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bursar_kernel::{DomainError, ErrorKind, Result, codes};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    Accepted, Admitted,
    batch::{Decision, record},
};
use crate::{core::Services, error};

/// Commands that wait: about two full batches of single events, so that a caller is refused early
/// rather than kept beyond its patience.
const QUEUE_COMMANDS: usize = 2_048;
/// Bytes that wait, against a few large batches filling memory.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;
/// How much one transaction takes, at least one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Commands.
    pub commands: usize,
    /// Events.
    pub events: usize,
    /// Bytes.
    pub bytes: usize,
}

/// Bulk inserts are not faster beyond a thousand events, and locks are held longer; a command has
/// at least one event.
impl Default for BatchLimits {
    fn default() -> Self {
        Self { commands: 1_000, events: 1_000, bytes: 4 * 1024 * 1024 }
    }
}

/// What a caller that was refused is told to wait, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

type Answer = Result<Accepted>;

struct Queued {
    command: Admitted,
    answer: oneshot::Sender<Answer>,
    /// Given back when the command is answered.
    _bytes: OwnedSemaphorePermit,
}

/// The one queue of this node that usage is recorded through.
///
/// While one transaction is in flight the next batch gathers, without a timer: alone, a command
/// waits for nobody; under load, many share the wait for the disk.
pub struct IngestQueue {
    sender: Mutex<Option<mpsc::Sender<Queued>>>,
    worker: Mutex<Option<JoinHandle<()>>>,
    bytes: Arc<Semaphore>,
}

impl IngestQueue {
    /// Starts the worker on the current runtime.
    pub(crate) fn start(services: Arc<Services>) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_COMMANDS);
        let worker = tokio::spawn(work(services, receiver));
        Self {
            sender: Mutex::new(Some(sender)),
            worker: Mutex::new(Some(worker)),
            bytes: Arc::new(Semaphore::new(QUEUE_BYTES)),
        }
    }

    /// Waits in the queue and for the commit. A caller that goes away meanwhile changes nothing:
    /// the batch is recorded all the same.
    pub(crate) async fn submit(&self, command: Admitted) -> Answer {
        let full = || DomainError::from(&error::QUEUE_FULL).param("retry_after_seconds", RETRY_AFTER_SECONDS);
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(full)?;
        let weight = u32::try_from(command.bytes.max(1)).map_err(|_| full())?;
        let bytes = self.bytes.clone().try_acquire_many_owned(weight).map_err(|_| full())?;
        let (answer, answered) = oneshot::channel();
        sender.try_send(Queued { command, answer, _bytes: bytes }).map_err(|_| full())?;
        // Without it, the queue would not end while somebody waits.
        drop(sender);
        match answered.await {
            Ok(answer) => answer,
            Err(_) => Err(DomainError::internal("the ingest worker ended before it answered")),
        }
    }

    /// Takes nothing more, and returns when everything that was taken is recorded and answered.
    pub(crate) async fn drain(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker
            && let Err(error) = worker.await
        {
            tracing::error!(%error, "the ingest worker did not end well");
        }
    }
}

async fn work(services: Arc<Services>, mut receiver: mpsc::Receiver<Queued>) {
    // Commands that were taken but belong to a later transaction.
    let mut held: VecDeque<Queued> = VecDeque::new();
    loop {
        if held.is_empty() {
            match receiver.recv().await {
                Some(first) => held.push_back(first),
                None => return,
            }
        }
        take_what_comes(&mut receiver, &mut held, services.batch_limits.commands).await;
        let batch = gather(&mut held, services.batch_limits);
        metrics::histogram!("bursar_ingest_batch_commands")
            .record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        let later = record_and_answer(&services, batch).await;
        for queued in later.into_iter().rev() {
            held.push_front(queued);
        }
    }
}

/// Takes what waits, and lets everybody else have a turn as long as each turn brings more: callers
/// that were just answered ask again, and would miss this commit by a moment. Alone, a command waits
/// for one turn of nobody.
async fn take_what_comes(receiver: &mut mpsc::Receiver<Queued>, held: &mut VecDeque<Queued>, most: usize) {
    let mut before = 0;
    while before < held.len() && held.len() < most {
        before = held.len();
        tokio::task::yield_now().await;
        while held.len() < QUEUE_COMMANDS {
            let Ok(next) = receiver.try_recv() else { break };
            held.push_back(next);
        }
    }
}

/// The first commands, up to the limits of one transaction; at least one.
fn gather(held: &mut VecDeque<Queued>, limits: BatchLimits) -> Vec<Queued> {
    let (mut events, mut bytes, mut batch) = (0, 0, Vec::new());
    while let Some(next) = held.front() {
        events += next.command.events.len();
        bytes += next.command.bytes;
        let is_full = batch.len() >= limits.commands || events > limits.events || bytes > limits.bytes;
        if !batch.is_empty() && is_full {
            break;
        }
        batch.extend(held.pop_front());
    }
    batch
}

/// Records a batch in one transaction and answers each caller. If a statement fails all the same,
/// the batch is halved until the one command that fails stands alone. What has to wait for the
/// next transaction comes back.
async fn record_and_answer(services: &Services, batch: Vec<Queued>) -> Vec<Queued> {
    let mut later = Vec::new();
    let mut pending = vec![batch];
    while let Some(mut batch) = pending.pop() {
        let commands: Vec<&Admitted> = batch.iter().map(|queued| &queued.command).collect();
        match record(services, &commands).await {
            Ok(decisions) => {
                for (queued, decision) in batch.into_iter().zip(decisions) {
                    match decision {
                        // A caller that has gone away is no reason to stop.
                        Decision::Answer(answer) => drop(queued.answer.send(answer)),
                        Decision::Later => later.push(queued),
                    }
                }
            }
            Err(error) if batch.len() == 1 => {
                for queued in batch.drain(..) {
                    drop(queued.answer.send(Err(repeated(&error))));
                }
                tracing::warn!(%error, cause = ?std::error::Error::source(&error), "a batch could not be recorded");
            }
            // With the database away, halving would only multiply the waiting.
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                tracing::warn!(%error, cause = ?std::error::Error::source(&error), commands = batch.len(), "the database is away");
                for queued in batch {
                    drop(queued.answer.send(Err(repeated(&error))));
                }
            }
            Err(_) => {
                let second = batch.split_off(batch.len() / 2);
                pending.push(second);
                pending.push(batch);
            }
        }
    }
    later
}

/// The same failure for each of several callers; the cause is logged here, once.
fn repeated(error: &DomainError) -> DomainError {
    match error.kind() {
        ErrorKind::Unavailable => {
            DomainError::from(&codes::DATABASE_UNAVAILABLE).param("retry_after_seconds", RETRY_AFTER_SECONDS)
        }
        ErrorKind::Invalid => DomainError::from(&codes::AMOUNT_OUT_OF_RANGE),
        _ => DomainError::from(&codes::INTERNAL),
    }
}
