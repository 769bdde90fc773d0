//! What is done to the server while it is killed.

mod buyer;
mod key_holder;
mod reporter;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet};

pub(super) use self::reporter::body;
use self::{buyer::Buyer, key_holder::KeyHolder, reporter::Reporter};
use super::{
    caller::{Caller, Request},
    dice::Dice,
    heard::Heard,
};

/// Organizations, each with a book of its own.
pub(super) const WORLDS: usize = 3;
/// Tasks that report usage, for each of them.
const REPORTERS: u64 = 3;
/// 1 000 USD: more than a run can use.
const FIRST_CENTS: i64 = 100_000;
/// Stripe's test card that pays.
const GOOD_CARD: &str = "4242424242424242";

/// An organization, its owner and its product.
pub(super) struct World {
    pub(super) number: usize,
    /// `org_…`
    pub(super) organization: String,
    /// Nobody in particular.
    pub(super) visitor: Caller,
    /// Signed in.
    pub(super) owner: Caller,
    /// With a key of the organization.
    pub(super) product: Caller,
}

impl World {
    /// Signs up, buys credits and makes a key, before anything is killed.
    pub(super) async fn make(visitor: &Caller, number: usize, heard: &Heard) -> Result<Self, String> {
        let failed = || format!("world {number} cannot be made");
        let person = json!({
            "email": format!("owner-{number}@example.com"),
            "password": "correct horse battery",
            "organization_name": format!("World {number}"),
        });
        let signed_up =
            visitor.expect(&Request::post("/auth/register", person), 200).await.ok_or_else(failed)?;
        let organization = text(&signed_up.body["user"]["organization_id"]);
        let owner = visitor.with(&text(&signed_up.body["access_token"]));
        let key = Request::post("/api/v1/api-keys", json!({ "name": "product" }));
        let key = owner.expect(&key, 201).await.ok_or_else(failed)?;
        let secret = text(&key.body["data"]["key"]);
        heard.memory().keys.insert(secret.clone(), true);
        let product = visitor.with(&secret);
        Ok(Self { number, organization, visitor: visitor.clone(), owner, product })
    }

    /// The organization's path.
    pub(super) fn path(&self) -> String {
        format!("/api/v1/organizations/{}", self.organization)
    }

    /// Whose requests with a key these are: purchases are the owner's, reports the product's.
    pub(super) fn caller_of(&self, request: &Request) -> &Caller {
        if request.path().ends_with("/checkout") { &self.owner } else { &self.product }
    }
}

/// The text that a value must be.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}

/// Tasks that work until they are told to stop, each finishing what it has begun.
pub(super) struct Load {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// What every task has.
struct Task {
    world: Arc<World>,
    heard: Arc<Heard>,
    dice: Dice,
    stop: watch::Receiver<bool>,
    /// No two tasks have the same: names are made of it.
    name: String,
}

impl Task {
    fn is_to_stop(&self) -> bool {
        *self.stop.borrow()
    }
}

impl Load {
    pub(super) fn start(worlds: &[Arc<World>], seed: u64, heard: &Arc<Heard>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for (world, streams) in worlds.iter().zip((1..).step_by(100)) {
            let task = |stream: u64| Task {
                world: world.clone(),
                heard: heard.clone(),
                dice: Dice::new(seed, streams + stream),
                stop: stopped.clone(),
                name: format!("{seed:x}-{}", streams + stream),
            };
            tasks.spawn(Buyer::new(task(0)).work());
            tasks.spawn(KeyHolder::new(task(1)).work());
            for reporter in 0..REPORTERS {
                tasks.spawn(Reporter::new(task(2 + reporter)).work());
            }
        }
        Self { tasks, stop }
    }

    /// Ends when every task has finished what it had begun.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        self.tasks.join_all().await;
    }
}
