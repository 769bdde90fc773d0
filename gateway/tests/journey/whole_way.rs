//! From the sign-up to the last micro-USD.

use bursar_testkit::{for_each_engine, on_postgres};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client, text},
    recount,
    server::Server,
    shop::{self, GOOD_CARD, Shop, start_checkout, wait_until_paid},
};

const EVENTS: &str = "/api/v1/events";
/// 20 USD.
const CENTS: i64 = 2_000;
const BOUGHT: i64 = CENTS * 10_000;

#[tokio::test]
async fn a_product_bills_its_first_customer_to_the_micro_usd() {
    for_each_engine(|test| async move {
        let server = Server::start(&test).await;
        let shop = shop::open(&server, CENTS).await;
        assert_eq!(shop.balance().await, BOUGHT);

        let spent = report_in_every_way(&shop).await;
        assert_eq!(shop.balance().await, BOUGHT - spent);
        assert_eq!(recount::credits_used(&test).await, spent);
        assert_eq!(recount::lost_to_usage(&test).await, spent);
        assert_eq!(recount::balance(&test).await, BOUGHT - spent);
        recount::the_books_are_right(&test).await;

        what_happened_can_be_read(&shop, spent).await;
        a_key_ends_at_once(&server, &shop).await;
        stop(server).await;
        recount::the_books_are_right(&test).await;
    })
    .await;
}

#[tokio::test]
async fn a_thousand_events_below_one_micro_usd_cost_450() {
    for_each_engine(|test| async move {
        let server = Server::start(&test).await;
        let shop = shop::open(&server, CENTS).await;
        let events: Vec<_> = (0..1_000).map(|n| shop.event(&format!("e-{n}"), "bursar/nano", 3, 0)).collect();
        // Half one by one batch, half in small ones: how they come makes no difference.
        let (whole, parts) = events.split_at(500);
        assert_eq!(report(&shop, whole).await.expect(200), json!({ "accepted": 500, "duplicates": 0 }));
        for part in parts.chunks(7) {
            report(&shop, part).await.expect(200);
        }
        assert_eq!(shop.balance().await, BOUGHT - 450);
        assert_eq!(recount::credits_used(&test).await, 450);
        assert_eq!(recount::lost_to_usage(&test).await, 450);
        assert_eq!(test.number("SELECT CAST(SUM(cost_usd_e8) AS BIGINT) FROM metering_usage").await, 45_000);
        recount::the_books_are_right(&test).await;
        stop(server).await;
    })
    .await;
}

#[tokio::test]
async fn a_person_buys_credits_for_itself_on_the_page() {
    for_each_engine(|test| async move {
        let server = Server::start(&test).await;
        let visitor = Client::new(&server.base);
        let person = json!({ "email": "grace@example.com", "password": "nanoseconds count" });
        let signed_up = visitor.post("/auth/register", &person).await.expect(200);
        assert_eq!(signed_up["user"]["organization_id"], Value::Null);
        let person = visitor.with(&text(&signed_up, "access_token"));
        let account = format!("/api/v1/users/{}", text(&signed_up["user"], "id"));

        let checkout = start_checkout(&person, "/api/v1/users", 1_250).await;
        let url = text(&checkout, "checkoutUrl");
        let path = url.strip_prefix(&server.base).unwrap();
        assert!(visitor.get(path).await.page(200).contains("12.50 USD"));
        assert!(press(&visitor, path, "card=4000000000000002").await.contains("declined"));
        assert!(press(&visitor, path, "card=4000002500003155").await.contains("is it you?"));
        assert!(press(&visitor, path, "approve=true").await.contains("Paid."));

        wait_until_paid(&person, &format!("{account}/payments"), &text(&checkout, "paymentId")).await;
        let balance = person.get(&format!("{account}/balance")).await.data(200);
        assert_eq!(balance["balance"], 12_500_000);
        recount::the_books_are_right(&test).await;
        stop(server).await;
    })
    .await;
}

#[tokio::test]
async fn tokens_are_exchanged_once_and_end_with_the_sign_out() {
    for_each_engine(|test| async move {
        let server = Server::start(&test).await;
        let shop = shop::open(&server, 500).await;
        let visitor = Client::new(&server.base);
        let first = text(&shop.signed_up, "refresh_token");
        let exchange = |token: String| {
            let visitor = visitor.clone();
            async move { visitor.post("/auth/refresh", &json!({ "refresh_token": token })).await }
        };
        let second = exchange(first.clone()).await.expect(200);
        assert_eq!(second["user"]["id"], shop.signed_up["user"]["id"]);
        let again = visitor.with(&text(&second, "access_token"));
        again.get("/auth/me").await.expect(200);
        // The other family exchanges the same tokens in its own words.
        let refresh = json!({ "refreshToken": text(&second, "refresh_token"), "grantType": "refresh_token" });
        let second = visitor.post("/api/v1/auth/refresh", &refresh).await.data(200);
        let again = visitor.with(&text(&second, "accessToken"));
        again.post("/auth/logout", &Value::Null).await.expect(204);
        again.get("/auth/me").await.expect(401);
        exchange(text(&second, "refreshToken")).await.expect(401);

        let login = json!({ "email": "ada@example.com", "password": "correct horse battery" });
        let third = visitor.post("/auth/login", &login).await.expect(200);
        let third_refresh = text(&third, "refresh_token");
        exchange(third_refresh.clone()).await.expect(200);
        let reused = exchange(third_refresh).await.expect(401);
        assert_eq!(reused["detail"]["error"], "invalid_grant");
        visitor.with(&text(&third, "access_token")).get("/auth/me").await.expect(401);
        stop(server).await;
    })
    .await;
}

#[tokio::test]
async fn credits_come_by_a_worker_of_its_own() {
    on_postgres(|test| async move {
        let server = Server::start_with(&test, &[("BURSAR_WORKER_IN_PROCESS", "false")]).await;
        let worker = Server::start_worker(&test).await;
        let shop = shop::open(&server, CENTS).await;
        assert_eq!(shop.balance().await, BOUGHT);
        recount::the_books_are_right(&test).await;
        stop(worker).await;
        stop(server).await;
    })
    .await;
}

/// Presses a button of the page and answers the page that follows.
async fn press(visitor: &Client, path: &str, form: &str) -> String {
    let pressed = visitor.send(path, &[("content-type", "application/x-www-form-urlencoded")], form).await;
    assert_eq!(pressed.status, 303);
    visitor.get(&pressed.location.unwrap()).await.page(200)
}

async fn report(shop: &Shop, events: &[Value]) -> Answer {
    let batch = serde_json::to_string(events).unwrap();
    let media_type = "application/cloudevents-batch+json; charset=UTF-8";
    shop.product.send(EVENTS, &[("content-type", media_type)], &batch).await
}

/// Structured, batched, plain, binary, and the same again; answers what it costs in micro-USD.
async fn report_in_every_way(shop: &Shop) -> i64 {
    let one = json!({ "accepted": 1, "duplicates": 0 });
    let structured = shop.event("structured", "bursar/echo", 1_000, 500);
    let send = async |media_type: &str, body: &Value| {
        shop.product.send(EVENTS, &[("content-type", media_type)], &body.to_string()).await
    };
    assert_eq!(send("application/cloudevents+json", &structured).await.expect(200), one);

    let batch: Vec<_> = (0..100).map(|n| shop.event(&format!("b-{n}"), "bursar/echo", n, 1)).collect();
    assert_eq!(report(shop, &batch).await.expect(200), json!({ "accepted": 100, "duplicates": 0 }));

    let plain = json!([shop.event("plain", "bursar/echo", 2, 0), structured]);
    let mixed = json!({ "accepted": 1, "duplicates": 1 });
    assert_eq!(send("application/json", &plain).await.expect(200), mixed);

    let binary = shop.event("binary", "bursar/echo", 7, 11);
    let attributes: Vec<(String, String)> = ["specversion", "id", "source", "type", "subject"]
        .map(|name| (format!("ce-{name}"), text(&binary, name)))
        .into();
    let mut headers: Vec<_> =
        attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    headers.push(("content-type", "application/json"));
    let data = binary["data"].to_string();
    assert_eq!(shop.product.send(EVENTS, &headers, &data).await.expect(200), one);

    // All of it again, in other envelopes: known, and nothing changes.
    let all: Vec<_> = batch.into_iter().chain([structured.clone(), binary]).collect();
    assert_eq!(report(shop, &all).await.expect(200), json!({ "accepted": 0, "duplicates": 102 }));
    let mut other = structured;
    other["data"]["promptTokens"] = json!(1);
    report(shop, &[other]).await.expect(409);

    let batch_cost = (0..100).sum::<i64>() + 100 * 3;
    2_500 + batch_cost + 2 + (7 + 11 * 3)
}

async fn what_happened_can_be_read(shop: &Shop, spent: i64) {
    let account = shop.account();
    let (mut rows, mut used, mut query) = (0, 0, "?limit=40".to_owned());
    loop {
        let page = shop.owner.get(&format!("{account}/usages{query}")).await.data(200);
        let items = page["items"].as_array().unwrap();
        rows += items.len();
        used += items.iter().map(|row| row["creditsUsed"].as_i64().unwrap()).sum::<i64>();
        let Some(next) = page["nextToken"].as_str() else { break };
        query = format!("?limit=40&cursor={next}");
    }
    assert_eq!((rows, used), (103, spent));

    let payments = shop.owner.get(&format!("{account}/payments")).await.data(200);
    let [payment] = payments["paymentTransactions"].as_array().unwrap().as_slice() else {
        panic!("one payment: {payments}")
    };
    assert_eq!((&payment["amountCents"], &payment["credits"]), (&json!(CENTS), &json!(BOUGHT)));
    let at_provider = format!("{account}/payments/provider/{}", text(payment, "providerPaymentId"));
    let at_provider = shop.owner.get(&at_provider).await.data(200);
    assert_eq!(at_provider["paymentMethod"]["last4"], GOOD_CARD[12..]);

    let meter =
        "/api/v1/meters/credits/query?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&windowSize=MONTH";
    let readings = shop.product.get(meter).await.expect(200);
    let readings = readings["data"].as_array().unwrap().iter();
    assert_eq!(readings.map(|point| point["value"].as_i64().unwrap()).sum::<i64>(), spent);
}

async fn a_key_ends_at_once(server: &Server, shop: &Shop) {
    let other = shop.owner.post("/api/v1/api-keys", &json!({ "name": "gateway" })).await.data(201);
    let gateway = Client::new(&server.base).with(&text(&other, "key"));
    let shown = json!({ "key": text(&shop.key, "key") });
    let verdict = gateway.post("/api/v1/api-keys/verify", &shown).await.expect(200);
    assert_eq!((&verdict["valid"], &verdict["code"]), (&json!(true), &json!("VALID")));
    assert_eq!(verdict["accountId"], shop.organization.as_str());

    shop.owner.delete(&format!("/api/v1/api-keys/{}", text(&shop.key, "id"))).await.expect(204);
    report(shop, &[shop.event("late", "bursar/echo", 1, 1)]).await.expect(401);
    let verdict = gateway.post("/api/v1/api-keys/verify", &shown).await.expect(200);
    assert_eq!(verdict["valid"], false);
    let keys = shop.owner.get("/api/v1/api-keys").await.data(200);
    assert_eq!(keys["items"].as_array().unwrap().len(), 1, "{keys}");
}

async fn stop(server: Server) {
    #[cfg(unix)]
    {
        server.ask_to_stop().await;
        assert!(server.ended().await.success());
    }
    #[cfg(not(unix))]
    server.kill().await;
}
