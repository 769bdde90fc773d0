//! Changes and readings of one key in every order that a seeded scheduler comes upon: what was
//! changed and answered is never undone by a reading that was under way.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bursar_kernel::UnixTimestamp;

use super::entries::Entries;

const SCHEDULES: u64 = 10_000;
/// Readers and changers of each schedule, and what each of them does.
const READERS: usize = 4;
const CHANGERS: usize = 2;
const ROUNDS: usize = 3;

/// What the tasks share: the database's version of the key, and the last one whose change was
/// answered.
struct Shared {
    entries: Entries<u8, u64>,
    stored: Cell<u64>,
    answered: Cell<u64>,
    choices: RefCell<Choices>,
}

/// xorshift64*: the same seed, the same schedule.
struct Choices(u64);

impl Choices {
    const fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

/// Lets others go on, up to so many times.
async fn pause(shared: &Shared, most: u64) {
    let times = shared.choices.borrow_mut().below(most + 1);
    for _ in 0..times {
        let mut paused = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

async fn read(shared: Rc<Shared>) {
    for _ in 0..ROUNDS {
        pause(&shared, 3).await;
        let answered = shared.answered.get();
        let from_database = async {
            pause(&shared, 2).await;
            // What the statement sees; it arrives later.
            let seen = shared.stored.get();
            pause(&shared, 3).await;
            Ok(Some(seen))
        };
        let now = UnixTimestamp::from_micros(0);
        let found = shared.entries.get_or_read(1, now, from_database).await.unwrap();
        assert!(found >= Some(answered), "{found:?} was told after {answered} had been answered");
    }
}

async fn change(shared: Rc<Shared>, all: bool) {
    for _ in 0..ROUNDS {
        pause(&shared, 4).await;
        // Committed: others see it before it is forgotten, and it is answered after that.
        let version = shared.stored.get() + 1;
        shared.stored.set(version);
        pause(&shared, 2).await;
        if all {
            shared.entries.forget_all();
        } else {
            shared.entries.forget(&1);
        }
        shared.answered.set(shared.answered.get().max(version));
    }
}

fn run(seed: u64) {
    let shared = Rc::new(Shared {
        entries: Entries::new(16, Duration::from_secs(10)),
        stored: Cell::new(0),
        answered: Cell::new(0),
        choices: RefCell::new(Choices(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)),
    });
    let mut tasks: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
    for _ in 0..READERS {
        tasks.push(Box::pin(read(shared.clone())));
    }
    for changer in 0..CHANGERS {
        tasks.push(Box::pin(change(shared.clone(), changer == 0 && seed.is_multiple_of(3))));
    }
    let mut context = Context::from_waker(Waker::noop());
    while !tasks.is_empty() {
        let chosen = shared.choices.borrow_mut().below(tasks.len() as u64);
        let chosen = usize::try_from(chosen).unwrap();
        if tasks[chosen].as_mut().poll(&mut context).is_ready() {
            drop(tasks.swap_remove(chosen));
        }
    }
}

#[test]
fn no_order_of_changes_and_readings_brings_back_what_was_changed() {
    for seed in 0..SCHEDULES {
        run(seed);
    }
}
