use axum::http::StatusCode;
use bursar_billing_ledger::{CheckoutRequest, PaymentId, PaymentProvider as _, sandbox::Sandbox};
use bursar_gateway::config::Config;
use bursar_kernel::Sealer;
use bursar_testkit::{TestDb, for_each_engine};
use serde_json::json;

use crate::server::{Answer, config, get_at, post_at, router};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const HOST: &str = "localhost:8080";

/// The path of a new checkout of 12.50 USD.
async fn open_checkout(test: &TestDb, config: &Config) -> String {
    let sandbox = Sandbox::new(test.db.clone(), Sealer::new(&config.master_key, &[]), &config.public_url);
    let request = CheckoutRequest {
        payment: PaymentId::from_uuid(uuid::Uuid::from_u128(1)),
        amount_cents: 1250,
        currency: "usd".to_owned(),
        description: "Credits <b>& more</b>".to_owned(),
        success_url: Some("https://shop.example/thanks?a=1&b=2".to_owned()),
        cancel_url: None,
        idempotency_key: "key".to_owned(),
    };
    let session = sandbox.open_checkout(request).await.unwrap();
    session.url.strip_prefix(&config.public_url).unwrap().to_owned()
}

#[tokio::test]
async fn a_person_pays_on_the_page_after_a_declined_card() {
    for_each_engine(|test| async move {
        let path = open_checkout(&test, &config(&[])).await;
        let router = router(&test, config(&[]));
        let page = |answer: &Answer| {
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.header("content-security-policy").contains("form-action 'self'"));
            answer.text()
        };
        let open = page(&get_at(&router, HOST, &path).await);
        assert!(open.contains("12.50 USD") && open.contains("4242 4242 4242 4242"));
        assert!(!open.contains("<b>&"), "what the shop wrote is text");

        let declined = post_at(&router, HOST, &path, FORM, "card=4000000000000002").await;
        assert_eq!(declined.status, StatusCode::SEE_OTHER);
        let back = page(&get_at(&router, HOST, declined.header("location")).await);
        assert!(back.contains("The card was declined. Try another one."));

        let asks = post_at(&router, HOST, &path, FORM, "card=4000002500003155").await;
        assert!(page(&get_at(&router, HOST, asks.header("location")).await).contains("is it you?"));
        let paid = post_at(&router, HOST, &path, FORM, "approve=true").await;
        let paid = page(&get_at(&router, HOST, paid.header("location")).await);
        assert!(paid.contains("Paid.") && paid.contains("https://shop.example/thanks?a=1&#38;b=2"));
        assert!(!paid.contains("<button"), "a paid checkout asks for no card");
    })
    .await;
}

#[tokio::test]
async fn a_script_pays_by_json_and_a_real_card_number_is_refused() {
    for_each_engine(|test| async move {
        let path = open_checkout(&test, &config(&[])).await;
        let router = router(&test, config(&[]));
        let pay = |card: &str| {
            let body = json!({ "card": card }).to_string();
            let (router, path) = (router.clone(), format!("{path}/pay"));
            async move { post_at(&router, HOST, &path, JSON, body).await }
        };
        let refused = pay("5555555555554444").await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.json()["errors"][0]["field"], "card");
        assert!(!refused.text().contains("5555555555554444"));
        assert_eq!(pay("4000000000009995").await.json()["status"], "declined");
        assert_eq!(pay("4242 4242 4242 4242").await.json(), json!({ "status": "paid" }));
        assert_eq!(pay("4242424242424242").await.json(), json!({ "status": "paid" }));
        let rebound = post_at(&router, "evil.example", &format!("{path}/pay"), JSON, "{}").await;
        assert_eq!(rebound.status, StatusCode::FORBIDDEN);
    })
    .await;
}
