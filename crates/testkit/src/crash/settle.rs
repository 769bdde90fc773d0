//! After the last kill: what was begun is finished, what follows settles, and everything that was
//! acknowledged is sent once more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::time::sleep;

use super::{
    Report,
    caller::{Caller, Request},
    heard::{Heard, Usage},
    load::{Load, World, body},
    recount::Books,
};

pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Two leases of the outbox and the wait for an unfinished checkout, a minute each, and room.
const SETTLED_WITHIN: Duration = Duration::from_mins(4);
/// Requests at once while everything is sent again.
const AT_ONCE: usize = 16;
/// Events of one request while everything is sent again.
const BATCH: usize = 500;

/// Lets every task finish what it has begun.
pub(super) async fn finish(load: Load, books: &Books, hasten: bool) -> Result<(), String> {
    let deadline = Instant::now() + SETTLED_WITHIN;
    let stopping = load.stop();
    tokio::pin!(stopping);
    loop {
        tokio::select! {
            () = &mut stopping => return Ok(()),
            () = sleep(LOOK_AGAIN) => {}
        }
        if hasten {
            books.hasten().await;
        }
        if Instant::now() > deadline {
            return Err(format!("what was begun is not finished after {SETTLED_WITHIN:?}"));
        }
    }
}

/// Waits until nothing in the outbox is due within the hour.
pub(super) async fn outbox(books: &Books, hasten: bool) -> Result<(), String> {
    let deadline = Instant::now() + SETTLED_WITHIN;
    loop {
        let waiting = books.waiting().await;
        if waiting == 0 {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("{waiting} messages of the outbox wait after {SETTLED_WITHIN:?}"));
        }
        if hasten {
            books.hasten().await;
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// Sends everything that was acknowledged once more: it is known, and nothing more comes of it.
pub(super) async fn send_everything_again(worlds: &[Arc<World>], heard: &Arc<Heard>, report: &mut Report) {
    let (keyed, paid) = {
        let memory = heard.memory();
        let paid: Vec<_> = memory.paid.iter().map(|paid| paid.again.clone()).collect();
        (memory.keyed.clone(), paid)
    };
    report.replayed = keyed.len();
    at_once(keyed, |(world, request, first)| async move {
        let world = &worlds[world];
        let again = world.caller_of(&request).insist(&request).await;
        if again.body != first {
            heard.fault(format!("{request:?} was answered {first} and then {}", again.body));
        }
    })
    .await;
    at_once(paid, |request| async move {
        let again = worlds[0].visitor.insist(&request).await;
        if again.body != json!({ "status": "paid" }) {
            worlds[0].visitor.unexpected(&request, &again);
        }
    })
    .await;
    for world in worlds {
        let events: Vec<(String, Usage)> = {
            let memory = heard.memory();
            let mine = memory.events.iter().filter_map(|id| Some((id.clone(), memory.sent.get(id)?.clone())));
            mine.filter(|(_, usage)| usage.world == world.number).collect()
        };
        for some in events.chunks(BATCH) {
            let request = Request::post("/api/v1/events", body(&world.organization, some));
            let again = world.product.insist(&request).await;
            if again.body != json!({ "accepted": 0, "duplicates": some.len() }) {
                heard.fault(format!("{} known events were answered {}", some.len(), again.body));
            }
        }
    }
}

/// What the API says now: every key works or is refused, every balance is the one in the books.
pub(super) async fn compare_answers(worlds: &[Arc<World>], books: &Books, heard: &Arc<Heard>) {
    let keys: Vec<(String, bool)> = {
        let memory = heard.memory();
        memory.keys.iter().map(|(secret, is_live)| (secret.clone(), *is_live)).collect()
    };
    let profile = Request::get("/api/v1/users/me");
    at_once(keys, |(secret, is_live)| {
        let profile = &profile;
        async move {
            let holder: Caller = worlds[0].visitor.with(&secret);
            holder.expect(profile, if is_live { 200 } else { 401 }).await;
        }
    })
    .await;
    let mut said = Vec::new();
    for world in worlds {
        let balance = Request::get(&format!("{}/balance", world.path()));
        if let Some(answer) = world.owner.expect(&balance, 200).await {
            said.extend(answer.body["data"]["balance"].as_i64());
        }
    }
    said.sort_unstable();
    let kept = books.balances_of_organizations().await;
    if said != kept {
        heard.fault(format!("the API says the balances {said:?}, and in the books are {kept:?}"));
    }
}

async fn at_once<T, Fut: Future<Output = ()>>(work: Vec<T>, one: impl Fn(T) -> Fut) {
    stream::iter(work).for_each_concurrent(AT_ONCE, one).await;
}
