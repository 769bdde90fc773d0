use serde_json::{Value, json};

use super::{Request, Task};
use crate::crash::heard::Usage;

/// One request in so many is a batch.
const BATCHES: u64 = 3;
/// Events of one, at most.
const LONGEST: u64 = 40;
/// One request in so many is given up when its first try is not answered.
const GIVEN_UP: u64 = 5;
/// One request in so many is sent twice at once.
const TWINS: u64 = 8;

/// Reports usage: events alone and in batches, with an idempotency key and without, some with an
/// event that was recorded before, some twice at once.
pub(super) struct Reporter {
    task: Task,
    events: u64,
    requests: u64,
    /// An event that was acknowledged, to be sent again among others.
    known: Option<(String, Usage)>,
}

impl Reporter {
    pub(super) const fn new(task: Task) -> Self {
        Self { task, events: 0, requests: 0, known: None }
    }

    pub(super) async fn work(mut self) {
        while !self.task.is_to_stop() {
            self.report().await;
        }
    }

    async fn report(&mut self) {
        let dice = &self.task.dice;
        let count = if dice.one_in(BATCHES) { 2 + dice.below(LONGEST - 1) } else { 1 };
        let (is_keyed, gives_up, has_twin) = (dice.one_in(2), dice.one_in(GIVEN_UP), dice.one_in(TWINS));
        let mut events: Vec<(String, Usage)> = (0..count).map(|_| self.event()).collect();
        let fresh = events.len() as u64;
        if count > 1 {
            events.extend(self.known.take());
        }
        self.task.heard.memory().sent.extend(events.iter().cloned());
        self.requests += 1;
        let key = is_keyed.then(|| format!("{}-{}", self.task.name, self.requests));
        let request = Request::post("/api/v1/events", self.body(&events)).with_key(key);

        let product = &self.task.world.product;
        let answers = if gives_up {
            let Some(answer) = product.try_once(&request).await else {
                let ids = events.into_iter().take(usize::try_from(fresh).unwrap_or(usize::MAX));
                self.task.heard.memory().given_up.push(ids.map(|(id, _)| id).collect());
                return;
            };
            vec![answer]
        } else if has_twin {
            let (first, second) = tokio::join!(product.insist(&request), product.insist(&request));
            vec![first, second]
        } else {
            vec![product.insist(&request).await]
        };

        let heard = &self.task.heard;
        let mut accepted = 0;
        for answer in &answers {
            let counts = &answer.body;
            let (new, old) = (counts["accepted"].as_u64(), counts["duplicates"].as_u64());
            let (Some(new), Some(old), 200) = (new, old, answer.status) else {
                return product.unexpected(&request, answer);
            };
            // With a key, every answer is the first one.
            let is_first = request.has_key() || (answer.tries == 1 && answers.len() == 1);
            if new + old != events.len() as u64 || (is_first && new != fresh) {
                product.unexpected(&request, answer);
            }
            accepted += new;
        }
        if !request.has_key() && accepted > fresh {
            heard.fault(format!("{accepted} events were accepted of {fresh}: {request:?}"));
        }
        let mut memory = heard.memory();
        memory.events.extend(events.iter().map(|(id, _)| id.clone()));
        if request.has_key() {
            memory.keyed.push((self.task.world.number, request, answers[0].body.clone()));
        }
        drop(memory);
        self.known = events.pop();
    }

    fn event(&mut self) -> (String, Usage) {
        self.events += 1;
        let dice = &self.task.dice;
        let tokens = |end| i64::try_from(dice.below(end)).unwrap_or(0);
        // At 150 nano-USD a token most charges leave a remainder, which must survive too.
        let model = if dice.one_in(2) { "bursar/nano" } else { "bursar/echo" };
        let world = self.task.world.number;
        let usage = Usage { world, model, prompt_tokens: tokens(2_000), completion_tokens: tokens(200) };
        (format!("{}-{}", self.task.name, self.events), usage)
    }

    fn body(&self, events: &[(String, Usage)]) -> Value {
        body(&self.task.world.organization, events)
    }
}

/// The events as they are sent: one alone, or several in a list.
pub(in crate::crash) fn body(organization: &str, events: &[(String, Usage)]) -> Value {
    let event = |(id, usage): &(String, Usage)| {
        json!({
            "specversion": "1.0", "id": id, "source": "crash", "type": "inference", "subject": organization,
            "data": {
                "model": usage.model, "provider": "bursar", "operation": "chat_completion", "generationId": id,
                "promptTokens": usage.prompt_tokens, "completionTokens": usage.completion_tokens, "cachedTokens": 0,
            },
        })
    };
    match events {
        [alone] => event(alone),
        several => several.iter().map(event).collect(),
    }
}
