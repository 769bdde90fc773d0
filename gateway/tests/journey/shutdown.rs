//! The server is asked to stop.
#![cfg(unix)]

use std::time::Duration;

use bursar_testkit::for_each_engine;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    recount,
    server::{PATIENCE, Server},
    shop,
};

#[tokio::test]
async fn a_request_under_way_is_answered_and_a_new_one_finds_nobody() {
    for_each_engine(|test| async move {
        let mut server = Server::start(&test).await;
        let shop = shop::open(&server, 500).await;
        let body = shop.event("under-way", "bursar/echo", 1_000, 500).to_string();
        let mut request = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/cloudevents+json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            server.address(),
            shop.key["key"].as_str().unwrap(),
            body.len(),
        );
        request.write_all(head.as_bytes()).await.unwrap();
        // The server says so when it begins to read the body: from here on the request is under way.
        let mut go_on = [0; 25];
        request.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

        server.ask_to_stop().await;
        server.has_said("stopping").await;
        nobody_listens(server.address()).await;
        request.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        request.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(r#"{"accepted":1,"duplicates":0}"#));

        assert_eq!(server.ended().await.code(), Some(0));
        assert_eq!(recount::credits_used(&test).await, 2_500);
        recount::the_books_are_right(&test).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_stopping_server_has_recorded_it_has_also_answered() {
    for_each_engine(|test| async move {
        let mut server = Server::start(&test).await;
        let shop = shop::open(&server, 500).await;
        let mut tasks = JoinSet::new();
        for task in 0..8 {
            let product = shop.product.clone();
            let events: Vec<_> =
                (0..500).map(|n| shop.event(&format!("{task}-{n}"), "bursar/echo", 1, 0)).collect();
            tasks.spawn(async move {
                let mut acknowledged = Vec::new();
                for event in events {
                    let Ok(answer) = product.try_post("/api/v1/events", &event).await else { break };
                    answer.expect(200);
                    acknowledged.push(event["id"].as_str().unwrap().to_owned());
                }
                acknowledged
            });
        }
        at_least_recorded(&test, 50).await;
        server.ask_to_stop().await;
        server.has_said("stopping").await;
        let mut acknowledged = tasks.join_all().await.concat();
        assert_eq!(server.ended().await.code(), Some(0));
        acknowledged.sort();
        assert!(acknowledged.len() < 4_000, "the stop came too late to prove anything");
        assert_eq!(recount::recorded_events(&test).await, acknowledged);
        recount::the_books_are_right(&test).await;
    })
    .await;
}

async fn at_least_recorded(test: &bursar_testkit::TestDb, events: i64) {
    let deadline = Instant::now() + PATIENCE;
    while test.number("SELECT COUNT(*) FROM metering_usage").await < events {
        assert!(Instant::now() < deadline, "nothing is recorded");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn nobody_listens(address: &str) {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "the server still listens");
        sleep(Duration::from_millis(10)).await;
    }
}
