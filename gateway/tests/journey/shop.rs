//! The first steps of everybody: an organization with credits and a key.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    client::{Client, text},
    server::{PATIENCE, Server},
};

/// Stripe's test card that pays.
pub(crate) const GOOD_CARD: &str = "4242424242424242";
const POLL_EVERY: Duration = Duration::from_millis(50);

/// An organization that can be billed.
pub(crate) struct Shop {
    /// Its owner, signed in.
    pub(crate) owner: Client,
    /// What the owner's sign-up answered.
    pub(crate) signed_up: Value,
    /// The product that reports usage, with the organization's key.
    pub(crate) product: Client,
    /// What making the key answered.
    pub(crate) key: Value,
    /// `org_…`
    pub(crate) organization: String,
}

/// Signs up, buys credits for so many cents with the good card, and makes a key.
pub(crate) async fn open(server: &Server, cents: i64) -> Shop {
    let visitor = Client::new(&server.base);
    let person = json!({
        "email": "ada@example.com", "password": "correct horse battery", "organization_name": "Analytical Engines",
    });
    let signed_up = visitor.post("/auth/register", &person).await.expect(200);
    let organization = text(&signed_up["user"], "organization_id");
    let owner = visitor.with(&text(&signed_up, "access_token"));

    let payments = format!("/api/v1/organizations/{organization}/payments");
    let checkout = start_checkout(&owner, &format!("/api/v1/organizations/{organization}"), cents).await;
    let pay = format!("/sandbox/checkout/{}/pay", text(&checkout, "sessionId"));
    let paid = visitor.post(&pay, &json!({ "card": GOOD_CARD })).await.expect(200);
    assert_eq!(paid, json!({ "status": "paid" }));
    let status = wait_until_paid(&owner, &payments, &text(&checkout, "paymentId")).await;
    assert_eq!(status["credits"], cents * 10_000);

    let key = owner.post("/api/v1/api-keys", &json!({ "name": "production" })).await.data(201);
    let product = visitor.with(&text(&key, "key"));
    Shop { owner, signed_up, product, key, organization }
}

/// `…/credits/checkout` of an account's path.
pub(crate) async fn start_checkout(owner: &Client, account: &str, cents: i64) -> Value {
    owner.post(&format!("{account}/credits/checkout"), &json!({ "amountCents": cents })).await.data(200)
}

/// Asks for a payment's status as a page does that waits for it. A declined card has failed it only
/// until another one pays.
pub(crate) async fn wait_until_paid(owner: &Client, payments: &str, payment: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = owner.get(&format!("{payments}/{payment}/status")).await.data(200);
        match status["status"].as_str() {
            Some("succeeded") => return status,
            Some("pending" | "processing" | "failed") if Instant::now() < deadline => sleep(POLL_EVERY).await,
            _ => panic!("the payment does not succeed: {status}"),
        }
    }
}

impl Shop {
    /// The organization's path.
    pub(crate) fn account(&self) -> String {
        format!("/api/v1/organizations/{}", self.organization)
    }

    /// What is left, in micro-USD, as the API says it.
    pub(crate) async fn balance(&self) -> i64 {
        let answer = self.owner.get(&format!("{}/balance", self.account())).await.data(200);
        answer["balance"].as_i64().unwrap()
    }

    /// An event of one call to a model.
    pub(crate) fn event(&self, id: &str, model: &str, prompt_tokens: u64, completion_tokens: u64) -> Value {
        json!({
            "specversion": "1.0", "id": id, "source": "journey", "type": "inference", "subject": self.organization,
            "data": {
                "model": model, "provider": "bursar", "operation": "chat_completion", "generationId": id,
                "promptTokens": prompt_tokens, "completionTokens": completion_tokens, "cachedTokens": 0,
            },
        })
    }
}
