//! The server is killed in the middle of its work.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use bursar_testkit::for_each_engine;
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet};

use crate::{client::Client, recount, server::Server, shop};

const EVENTS: u64 = 200;
const TASKS: usize = 8;
/// 5 USD.
const CENTS: i64 = 500;

/// What the tasks that report have heard.
struct Heard {
    acknowledged: watch::Sender<BTreeSet<String>>,
    accepted: u64,
    duplicates: u64,
}

/// Sends each event by itself, from some tasks at once, until all are sent or nobody answers.
fn report(product: &Client, events: &[Value], heard: &Arc<Mutex<Heard>>) -> JoinSet<()> {
    let waiting = Arc::new(Mutex::new(events.iter().cloned().collect::<VecDeque<_>>()));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (product, waiting, heard) = (product.clone(), waiting.clone(), heard.clone());
        tasks.spawn(async move {
            loop {
                let next = waiting.lock().unwrap().pop_front();
                let Some(event) = next else { return };
                let Ok(answer) = product.try_post("/api/v1/events", &event).await else { return };
                let counts = answer.expect(200);
                let mut heard = heard.lock().unwrap();
                heard.accepted += counts["accepted"].as_u64().unwrap();
                heard.duplicates += counts["duplicates"].as_u64().unwrap();
                heard.acknowledged.send_modify(|all| {
                    all.insert(event["id"].as_str().unwrap().to_owned());
                });
            }
        });
    }
    tasks
}

fn nothing_yet() -> (Arc<Mutex<Heard>>, watch::Receiver<BTreeSet<String>>) {
    let (acknowledged, watched) = watch::channel(BTreeSet::new());
    (Arc::new(Mutex::new(Heard { acknowledged, accepted: 0, duplicates: 0 })), watched)
}

#[tokio::test]
async fn an_acknowledged_event_survives_a_kill_and_is_charged_once() {
    for_each_engine(|test| async move {
        let server = Server::start(&test).await;
        let shop = shop::open(&server, CENTS).await;
        // 150 nano-USD a token: most charges leave a remainder that must survive too.
        let events: Vec<_> =
            (1..=EVENTS).map(|n| shop.event(&format!("e-{n:03}"), "bursar/nano", n, 0)).collect();
        let cost = i64::try_from((1..=EVENTS).sum::<u64>() * 150 / 1_000).unwrap();

        let (heard, mut acknowledged) = nothing_yet();
        let tasks = report(&shop.product, &events, &heard);
        acknowledged.wait_for(|all| all.len() >= 100).await.unwrap();
        server.kill().await;
        tasks.join_all().await;
        let acknowledged = acknowledged.borrow().clone();
        assert!(acknowledged.len() < events.len(), "the kill came too late to prove anything");
        let recorded: BTreeSet<_> = recount::recorded_events(&test).await.into_iter().collect();
        assert!(recorded.is_superset(&acknowledged), "what was acknowledged is there");
        recount::the_books_are_right(&test).await;

        let server = Server::start(&test).await;
        let product = Client::new(&server.base).with(shop.key["key"].as_str().unwrap());
        let (heard, _acknowledged) = nothing_yet();
        report(&product, &events, &heard).join_all().await;
        let (accepted, duplicates) = {
            let heard = heard.lock().unwrap();
            (heard.accepted, heard.duplicates)
        };
        assert_eq!(duplicates, recorded.len() as u64, "what was recorded is known");
        assert_eq!(accepted + duplicates, EVENTS);

        assert_eq!(recount::recorded_events(&test).await.len() as u64, EVENTS);
        assert_eq!(recount::credits_used(&test).await, cost);
        assert_eq!(recount::lost_to_usage(&test).await, cost);
        recount::the_books_are_right(&test).await;
        let balance = product.get(&format!("{}/balance", shop.account())).await.data(200);
        assert_eq!(balance["balance"], json!(CENTS * 10_000 - cost));
    })
    .await;
}
