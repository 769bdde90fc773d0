use serde_json::json;

use super::{Request, Task, text};

/// Live keys that are kept, well below what one person may have: a key whose making was not
/// answered lives too.
const KEPT: usize = 30;

/// Makes keys and deletes them.
pub(super) struct KeyHolder {
    task: Task,
    made: u64,
    mine: Vec<(String, String)>,
}

impl KeyHolder {
    pub(super) const fn new(task: Task) -> Self {
        Self { task, made: 0, mine: Vec::new() }
    }

    pub(super) async fn work(mut self) {
        while !self.task.is_to_stop() {
            if self.mine.len() >= KEPT || (!self.mine.is_empty() && self.task.dice.one_in(2)) {
                self.delete().await;
            } else {
                self.make().await;
            }
        }
    }

    async fn make(&mut self) {
        self.made += 1;
        let owner = &self.task.world.owner;
        let request = Request::post("/api/v1/api-keys", json!({ "name": format!("key {}", self.made) }));
        let Some(answer) = owner.expect(&request, 201).await else { return };
        let (id, secret) = (text(&answer.body["data"]["id"]), text(&answer.body["data"]["key"]));
        self.task.heard.memory().keys.insert(secret.clone(), true);
        self.shows(&secret, 200).await;
        self.mine.push((id, secret));
    }

    async fn delete(&mut self) {
        let chosen = self.task.dice.below(self.mine.len() as u64);
        let (id, secret) = self.mine.swap_remove(usize::try_from(chosen).unwrap_or(0));
        let owner = &self.task.world.owner;
        let request = Request::delete(&format!("/api/v1/api-keys/{id}"));
        let answer = owner.insist(&request).await;
        // It is gone, by this try or by one whose answer was lost.
        if answer.status != 204 && (answer.status != 404 || answer.tries == 1) {
            owner.unexpected(&request, &answer);
        }
        self.task.heard.memory().keys.insert(secret.clone(), false);
        self.shows(&secret, 401).await;
    }

    async fn shows(&self, secret: &str, status: u16) {
        let balance = Request::get(&format!("{}/balance", self.task.world.path()));
        self.task.world.visitor.with(secret).expect(&balance, status).await;
    }
}
