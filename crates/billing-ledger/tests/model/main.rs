//! The ledger against a small reference, under random operations and crashes.
//!
//! Each run draws a seed of its own and prints it. `BURSAR_MODEL_SEED` repeats a run,
//! `BURSAR_MODEL_OPERATIONS` makes it longer. What differs is shrunk to few steps before it is shown.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod compare;
mod reference;
mod request;
mod step;
mod world;

use std::{
    env,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use bursar_kernel::{Entropy, OsEntropy};
use bursar_testkit::{TestDb, on_postgres, on_sqlite};
use proptest::{
    strategy::Strategy as _,
    test_runner::{Config, RngSeed, TestError, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};
use world::World;

/// So many operations at most share a database: the proof at the end of each sequence reads all of
/// it.
const OPERATIONS_PER_DATABASE: u64 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn random_operations_and_crashes_agree_with_the_reference_on_sqlite() {
    for (seed, operations) in rounds() {
        on_sqlite(|test| async move { run(&test, seed, operations) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_operations_and_crashes_agree_with_the_reference_on_postgres() {
    for (seed, operations) in rounds() {
        on_postgres(|test| async move { run(&test, seed, operations) }).await;
    }
}

/// The seed of each database, and how many operations it gets.
fn rounds() -> impl Iterator<Item = (u64, u64)> {
    let entropy: &dyn Entropy = &OsEntropy;
    let seed = variable("BURSAR_MODEL_SEED").unwrap_or_else(|| u64::from_be_bytes(entropy.bytes()));
    let operations = variable("BURSAR_MODEL_OPERATIONS").unwrap_or(OPERATIONS_PER_DATABASE);
    (0..operations.div_ceil(OPERATIONS_PER_DATABASE)).map(move |round| {
        let left = operations - round * OPERATIONS_PER_DATABASE;
        (seed.wrapping_add(round), left.min(OPERATIONS_PER_DATABASE))
    })
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is not a whole number: {value}")))
}

#[expect(clippy::print_stderr, reason = "a seed that nobody saw cannot be repeated")]
fn run(test: &TestDb, seed: u64, operations: u64) {
    eprintln!("{:?}: BURSAR_MODEL_SEED={seed}", test.engine);
    let began = Instant::now();
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        // Less than what a test may take.
        max_shrink_time: 45_000,
        ..Config::default()
    });
    let sequences = AtomicU64::new(0);
    let mut done = 0;
    while done < operations {
        let steps = step::steps().new_tree(&mut runner).unwrap();
        done +=
            proptest::strategy::ValueTree::current(&steps).iter().map(step::Step::operations).sum::<u64>();
        let outcome = runner.run_one(steps, |steps| {
            // Books of its own for each sequence and for each attempt to shrink one.
            let world = World::new(test, sequences.fetch_add(1, Ordering::Relaxed));
            block_in_place(|| Handle::current().block_on(world.run(steps)))
        });
        if let Err(TestError::Fail(reason, steps)) = outcome {
            panic!("{reason}\n\n{steps:#?}\n\n{:?}: repeat with BURSAR_MODEL_SEED={seed}", test.engine);
        }
        outcome.unwrap();
    }
    eprintln!("{:?}: {done} operations in {:?}, no difference", test.engine, began.elapsed());
}
