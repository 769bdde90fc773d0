use serde_json::json;

use super::{FIRST_CENTS, GOOD_CARD, Request, Task, text};
use crate::crash::heard::Paid;

/// One checkout in so many is never paid.
const UNPAID: u64 = 6;
/// One checkout in so many is for the owner alone.
const PERSONAL: u64 = 4;
/// One card in so many is declined before another one pays.
const DECLINED: u64 = 5;
/// Stripe's test card that is declined.
const BAD_CARD: &str = "4000000000000002";

/// Buys credits in the sandbox's checkout.
pub(super) struct Buyer {
    task: Task,
    checkouts: u64,
    /// Checkouts that the server was killed in the middle of: it asks to wait until they are
    /// finished.
    unfinished: Vec<Purchase>,
}

struct Purchase {
    checkout: Request,
    cents: i64,
}

impl Buyer {
    pub(super) const fn new(task: Task) -> Self {
        Self { task, checkouts: 0, unfinished: Vec::new() }
    }

    pub(super) async fn work(mut self) {
        self.buy(FIRST_CENTS).await;
        while !self.task.is_to_stop() {
            let cents = 500 + i64::try_from(self.task.dice.below(2_000)).unwrap_or(0);
            self.buy(cents).await;
        }
        for purchase in std::mem::take(&mut self.unfinished) {
            while !self.check_out(&purchase).await {
                tokio::time::sleep(crate::crash::settle::LOOK_AGAIN).await;
            }
        }
    }

    async fn buy(&mut self, cents: i64) {
        self.checkouts += 1;
        let is_first = self.checkouts == 1;
        let path = if !is_first && self.task.dice.one_in(PERSONAL) {
            "/api/v1/users/credits/checkout".to_owned()
        } else {
            format!("{}/credits/checkout", self.task.world.path())
        };
        let key = format!("{}-{}", self.task.name, self.checkouts);
        let checkout = Request::post(&path, json!({ "amountCents": cents })).with_key(Some(key));
        let purchase = Purchase { checkout, cents };
        if !self.check_out(&purchase).await {
            self.unfinished.push(purchase);
        }
    }

    /// Whether it is over; otherwise the server has asked to wait.
    async fn check_out(&self, purchase: &Purchase) -> bool {
        let world = &self.task.world;
        let begun = world.owner.insist(&purchase.checkout).await;
        if begun.status == 409 {
            return false;
        }
        if begun.status != 200 {
            world.owner.unexpected(&purchase.checkout, &begun);
            return true;
        }
        let (payment, session) =
            (text(&begun.body["data"]["paymentId"]), text(&begun.body["data"]["sessionId"]));
        self.task.heard.memory().keyed.push((world.number, purchase.checkout.clone(), begun.body));
        if purchase.cents != FIRST_CENTS && self.task.dice.one_in(UNPAID) {
            return true;
        }
        let pay = format!("/sandbox/checkout/{session}/pay");
        if self.task.dice.one_in(DECLINED) {
            world.visitor.expect(&Request::post(&pay, json!({ "card": BAD_CARD })), 200).await;
        }
        let again = Request::post(&pay, json!({ "card": GOOD_CARD }));
        let paid = world.visitor.insist(&again).await;
        if paid.body != json!({ "status": "paid" }) {
            world.visitor.unexpected(&again, &paid);
        }
        let credits = purchase.cents * 10_000;
        self.task.heard.memory().paid.push(Paid { payment, credits, again });
        true
    }
}
