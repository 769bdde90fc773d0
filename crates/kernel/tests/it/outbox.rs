use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bursar_kernel::{Db, DomainError, MAX_ATTEMPTS, Message, OutboxId, Relay, Result, Subscriber};
use bursar_testkit::for_each_engine;
use tokio::sync::Notify;

use crate::{write, written};

/// Takes what [`write`] publishes, and fails, hangs or succeeds as it is told.
#[derive(Default)]
struct Recorder {
    seen: Mutex<Vec<(OutboxId, u32)>>,
    failures_left: AtomicUsize,
    hangs: bool,
    delivered: Notify,
}

impl Recorder {
    fn failing(times: usize) -> Arc<Self> {
        Arc::new(Self { failures_left: AtomicUsize::new(times), ..Self::default() })
    }

    fn attempts(&self) -> Vec<u32> {
        self.seen.lock().unwrap().iter().map(|(_, attempt)| *attempt).collect()
    }
}

#[async_trait::async_trait]
impl Subscriber for Recorder {
    fn topic(&self) -> &'static str {
        "test.happened"
    }

    async fn deliver(&self, message: &Message) -> Result<()> {
        self.seen.lock().unwrap().push((message.id, message.attempt));
        if self.hangs {
            std::future::pending::<()>().await;
        }
        let left = self.failures_left.load(Ordering::SeqCst);
        if left > 0 {
            self.failures_left.store(left - 1, Ordering::SeqCst);
            return Err(DomainError::internal("as the test asked"));
        }
        // Lets another relay come between.
        tokio::task::yield_now().await;
        self.delivered.notify_one();
        Ok(())
    }
}

async fn publish(db: &Db, times: usize) {
    let mut tx = db.begin().await.unwrap();
    for _ in 0..times {
        write(&mut tx).await;
    }
    tx.commit().await.unwrap();
}

fn relay(db: &Db, recorder: &Arc<Recorder>) -> Relay {
    Relay::new(db.clone(), vec![recorder.clone()])
}

#[tokio::test]
async fn a_message_is_delivered_once_its_cause_is_committed_and_never_without_it() {
    for_each_engine(|test| async move {
        let recorder = Recorder::failing(0);
        let relay = relay(&test.db, &recorder);
        let mut undone = test.db.begin().await.unwrap();
        write(&mut undone).await;
        undone.rollback().await.unwrap();
        assert_eq!(relay.deliver_due().await.unwrap(), 0);
        publish(&test.db, 1).await;
        assert_eq!(relay.deliver_due().await.unwrap(), 1);
        assert_eq!(relay.deliver_due().await.unwrap(), 0);
        assert_eq!((recorder.attempts(), written(&test).await), (vec![1], 0));
    })
    .await;
}

#[tokio::test]
async fn a_message_for_later_waits_for_its_time() {
    for_each_engine(|test| async move {
        let recorder = Recorder::failing(0);
        let relay = relay(&test.db, &recorder);
        let mut tx = test.db.begin().await.unwrap();
        tx.publish_after(Duration::from_mins(1), "test.happened", None, "{}".to_owned()).await.unwrap();
        tx.commit().await.unwrap();
        test.clock.advance(Duration::from_secs(59));
        assert_eq!(relay.deliver_due().await.unwrap(), 0);
        test.clock.advance(Duration::from_secs(1));
        assert_eq!(relay.deliver_due().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_failed_delivery_comes_again_after_waits_that_double() {
    for_each_engine(|test| async move {
        let recorder = Recorder::failing(3);
        let relay = relay(&test.db, &recorder);
        publish(&test.db, 1).await;
        assert_eq!(relay.deliver_due().await.unwrap(), 1);
        for wait_seconds in [1, 2, 4] {
            test.clock.advance(Duration::from_micros(wait_seconds * 1_000_000 - 1));
            assert_eq!(relay.deliver_due().await.unwrap(), 0, "not before {wait_seconds} s");
            test.clock.advance(Duration::from_micros(1));
            assert_eq!(relay.deliver_due().await.unwrap(), 1);
        }
        assert_eq!((recorder.attempts(), written(&test).await), (vec![1, 2, 3, 4], 0));
    })
    .await;
}

#[tokio::test]
async fn a_message_that_always_fails_is_parked_and_kept() {
    for_each_engine(|test| async move {
        let recorder = Recorder::failing(usize::MAX);
        let relay = relay(&test.db, &recorder);
        publish(&test.db, 1).await;
        for _ in 0..MAX_ATTEMPTS {
            assert_eq!(relay.deliver_due().await.unwrap(), 1);
            test.clock.advance(Duration::from_hours(4));
        }
        assert_eq!(relay.deliver_due().await.unwrap(), 0);
        let parked = test.texts("SELECT state || ' ' || last_error FROM kernel_outbox").await;
        assert_eq!(parked, ["parked internal"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_nobody_takes_is_not_lost() {
    for_each_engine(|test| async move {
        publish(&test.db, 1).await;
        assert_eq!(Relay::new(test.db.clone(), vec![]).deliver_due().await.unwrap(), 1);
        assert_eq!(written(&test).await, 1);
    })
    .await;
}

#[tokio::test]
async fn two_relays_never_have_one_message_at_once() {
    for_each_engine(|test| async move {
        let recorder = Recorder::failing(0);
        let drain = async || {
            let relay = relay(&test.db, &recorder);
            while relay.deliver_due().await.unwrap() > 0 {}
        };
        publish(&test.db, 200).await;
        tokio::join!(drain(), drain(), drain());
        let mut seen = recorder.seen.lock().unwrap().clone();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), recorder.attempts().len()), (200, 200));
    })
    .await;
}

#[tokio::test]
async fn a_message_whose_taker_died_comes_back_after_its_lease() {
    for_each_engine(|test| async move {
        let dying = Arc::new(Recorder { hangs: true, ..Recorder::default() });
        publish(&test.db, 1).await;
        let taken = relay(&test.db, &dying);
        let mut delivery = Box::pin(taken.deliver_due());
        while dying.attempts().is_empty() {
            tokio::select! {
                biased;
                _ = &mut delivery => unreachable!("it hangs"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(delivery);
        let recorder = Recorder::failing(0);
        let relay = relay(&test.db, &recorder);
        assert_eq!(relay.deliver_due().await.unwrap(), 0, "it is still the other's");
        test.clock.advance(Duration::from_mins(1));
        assert_eq!(relay.deliver_due().await.unwrap(), 1);
        assert_eq!(recorder.attempts(), [2]);
    })
    .await;
}

#[tokio::test]
async fn a_running_relay_wakes_for_what_is_published_and_stops_when_told() {
    for_each_engine(|test| async move {
        let recorder = Recorder::failing(0);
        let (relay, stop) = (relay(&test.db, &recorder), Notify::new());
        let running = relay.run(stop.notified());
        let publishing = async {
            publish(&test.db, 1).await;
            recorder.delivered.notified().await;
            publish(&test.db, 1).await;
            recorder.delivered.notified().await;
            stop.notify_one();
        };
        tokio::join!(running, publishing);
        assert_eq!((recorder.attempts(), written(&test).await), (vec![1, 1], 0));
    })
    .await;
}

#[tokio::test]
async fn a_slow_subscriber_holds_up_its_own_messages_and_no_others() {
    for_each_engine(|test| async move {
        /// Takes another topic.
        struct Other(Arc<Recorder>);

        #[async_trait::async_trait]
        impl Subscriber for Other {
            fn topic(&self) -> &'static str {
                "test.other"
            }

            async fn deliver(&self, message: &Message) -> Result<()> {
                self.0.deliver(message).await
            }
        }

        publish(&test.db, 1).await;
        let mut tx = test.db.begin().await.unwrap();
        tx.publish("test.other", None, String::new()).await.unwrap();
        tx.commit().await.unwrap();
        let hanging = Arc::new(Recorder { hangs: true, ..Recorder::default() });
        let recorder = Recorder::failing(0);
        let [slow, others] = Relay::apart(
            &test.db,
            vec![hanging.clone() as Arc<dyn Subscriber>],
            vec![Arc::new(Other(recorder.clone())) as Arc<dyn Subscriber>],
        );
        tokio::select! {
            _ = slow.deliver_due() => unreachable!("it hangs"),
            delivered = others.deliver_due() => assert_eq!(delivered.unwrap(), 1),
        }
        assert_eq!(recorder.attempts(), [1]);
        assert_eq!(test.texts("SELECT topic FROM kernel_outbox").await, ["test.happened"]);
    })
    .await;
}
