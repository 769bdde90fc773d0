//! What was sent and what was acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{sync::watch, time::timeout};

use super::caller::Request;

/// Faults that are kept: the first tell more than all.
const FAULTS: usize = 40;

/// Shared by everybody who calls.
#[derive(Default)]
pub(super) struct Heard {
    acknowledged: watch::Sender<u64>,
    memory: Mutex<Memory>,
    faults: Mutex<Vec<String>>,
}

/// What everybody remembers.
#[derive(Default)]
pub(super) struct Memory {
    /// Every event that was ever sent, by its identifier.
    pub(super) sent: BTreeMap<String, Usage>,
    /// Those that were acknowledged.
    pub(super) events: BTreeSet<String>,
    /// Batches that were given up: each is there whole or not at all.
    pub(super) given_up: Vec<Vec<String>>,
    /// Requests with a key, by the number of their world, and their answers.
    pub(super) keyed: Vec<(usize, Request, Value)>,
    pub(super) paid: Vec<Paid>,
    /// Keys that were made: `true` while they were not deleted.
    pub(super) keys: BTreeMap<String, bool>,
}

/// What an event reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) world: usize,
    pub(super) model: &'static str,
    pub(super) prompt_tokens: i64,
    pub(super) completion_tokens: i64,
}

/// A checkout that was paid.
pub(super) struct Paid {
    /// `pay_…`
    pub(super) payment: String,
    /// In micro-USD.
    pub(super) credits: i64,
    /// Paying it once more.
    pub(super) again: Request,
}

impl Heard {
    pub(super) fn acknowledge(&self) {
        self.acknowledged.send_modify(|count| *count += 1);
    }

    pub(super) fn acknowledged(&self) -> u64 {
        *self.acknowledged.borrow()
    }

    /// Waits for so many more acknowledgements.
    pub(super) async fn more(&self, count: u64, patience: Duration) -> Result<(), String> {
        let mut acknowledged = self.acknowledged.subscribe();
        let goal = *acknowledged.borrow() + count;
        match timeout(patience, acknowledged.wait_for(|count| *count >= goal)).await {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("nothing was acknowledged for {patience:?}")),
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fault(&self, fault: String) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.len() < FAULTS {
            faults.push(fault);
        }
    }

    pub(super) fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
