mod world;

use std::{sync::atomic::Ordering, time::Duration};

use bursar_billing_ledger::{
    CheckoutRequest, PaymentProvider, PaymentStatus, WebhookHeaders,
    sandbox::{CheckoutStatus, PayOutcome, Sandbox},
};
use bursar_testkit::for_each_engine;
use tokio::task::JoinSet;

use world::{World, request, sealer};

const PAYS: &str = "4242 4242 4242 4242";
const DECLINED: &str = "4000000000000002";
const INSUFFICIENT_FUNDS: &str = "4000000000009995";
const ASKS: &str = "4000002500003155";
const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_card_that_pays_settles_the_payment_through_a_signed_webhook() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        assert_eq!(world.sandbox.pay(&checkout, PAYS).await.unwrap(), PayOutcome::Paid);
        let settled = world.hear(&payment).await;
        assert_eq!((settled.status, world.credited()), (PaymentStatus::Succeeded, 1));
        assert!(settled.provider_payment_id.unwrap().starts_with("pi_sandbox_"));
        assert_eq!(settled.card.unwrap().last4, "4242");
        assert_eq!(
            settled.receipt_url.unwrap(),
            format!("http://localhost:8080/sandbox/checkout/{checkout}")
        );
        assert_eq!(world.status(&checkout).await, CheckoutStatus::Paid);
        assert_eq!(
            world.sandbox.pay(&checkout, DECLINED).await.unwrap(),
            PayOutcome::Paid,
            "it is paid already"
        );
    })
    .await;
}

#[tokio::test]
async fn a_declined_checkout_stays_open_for_another_card() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        for (card, reason) in [(DECLINED, "card_declined"), (INSUFFICIENT_FUNDS, "insufficient_funds")] {
            assert_eq!(world.sandbox.pay(&checkout, card).await.unwrap(), PayOutcome::Declined { reason });
            assert_eq!(world.status(&checkout).await, CheckoutStatus::Open);
            let failed = world.hear(&payment).await;
            assert_eq!(failed.status, PaymentStatus::Failed);
            assert_eq!(failed.failure_reason.as_deref(), Some("card_declined"), "the first reason stays");
        }
        assert_eq!(world.sandbox.pay(&checkout, PAYS).await.unwrap(), PayOutcome::Paid);
        assert_eq!(world.hear(&payment).await.status, PaymentStatus::Succeeded);
        assert_eq!(world.credited(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_that_asks_pays_when_its_holder_agrees_and_not_before() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        let too_early = world.sandbox.authenticate(&checkout, true).await.unwrap_err();
        assert_eq!(too_early.code(), "checkout_wants_no_authentication");
        let asked = world.sandbox.pay(&checkout, ASKS).await.unwrap();
        assert_eq!(asked, PayOutcome::AuthenticationRequired);
        assert_eq!(world.hear(&payment).await.status, PaymentStatus::Pending);
        let reason = "payment_intent_authentication_failure";
        let denied = world.sandbox.authenticate(&checkout, false).await.unwrap();
        assert_eq!(denied, PayOutcome::Declined { reason });
        assert_eq!(world.hear(&payment).await.failure_reason.as_deref(), Some(reason));
        assert!(world.sandbox.authenticate(&checkout, true).await.is_err(), "one answer for one question");
        world.sandbox.pay(&checkout, ASKS).await.unwrap();
        assert_eq!(world.sandbox.authenticate(&checkout, true).await.unwrap(), PayOutcome::Paid);
        let settled = world.hear(&payment).await;
        assert_eq!(
            (settled.status, settled.card.unwrap().last4),
            (PaymentStatus::Succeeded, "3155".to_owned())
        );
        assert_eq!(world.sandbox.authenticate(&checkout, false).await.unwrap(), PayOutcome::Paid);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_paid_64_times_at_once_is_paid_once() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        let mut paying = JoinSet::new();
        for _ in 0..64 {
            let (sandbox, checkout) = (world.sandbox.clone(), checkout.clone());
            paying.spawn(async move { sandbox.pay(&checkout, PAYS).await.unwrap() });
        }
        assert!(paying.join_all().await.into_iter().all(|outcome| outcome == PayOutcome::Paid));
        assert_eq!(world.hear(&payment).await.status, PaymentStatus::Succeeded);
        assert_eq!((world.came().len(), world.credited()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn every_order_and_number_of_webhooks_credits_once() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let (payment, checkout) = world.checkout().await;
            world.door.status.store(503, Ordering::SeqCst);
            world.door.came.lock().unwrap().clear();
            for card in [DECLINED, INSUFFICIENT_FUNDS, PAYS] {
                world.sandbox.pay(&checkout, card).await.unwrap();
            }
            world.relay.deliver_due().await.unwrap();
            let came = world.came();
            assert_eq!(came.len(), 3);
            let before = world.credited();
            for index in order.into_iter().cycle().take(15) {
                let (signature, body) = &came[index];
                world.door.take(signature, body).await.unwrap();
            }
            assert_eq!(world.credited() - before, 1, "{order:?}");
            world.door.status.store(200, Ordering::SeqCst);
            assert_eq!(world.hear(&payment).await.status, PaymentStatus::Succeeded, "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_is_refused_comes_again_as_the_same_event_signed_anew() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        world.door.status.store(500, Ordering::SeqCst);
        world.sandbox.pay(&checkout, PAYS).await.unwrap();
        assert_eq!(world.hear(&payment).await.status, PaymentStatus::Pending);
        world.test.clock.advance(Duration::from_mins(10));
        world.door.status.store(200, Ordering::SeqCst);
        assert_eq!(world.hear(&payment).await.status, PaymentStatus::Succeeded);
        let came = world.came();
        let [(early_signature, first), (late_signature, second)] = came.as_slice() else {
            panic!("{came:?}")
        };
        assert_eq!(first, second);
        assert_ne!(early_signature, late_signature);
        let old = world.door.take(early_signature, first).await.unwrap_err();
        assert_eq!(old.code(), "webhook_signature_invalid", "what was overheard is too old by now");
    })
    .await;
}

#[tokio::test]
async fn a_checkout_that_nobody_paid_closes_after_a_day_and_a_paid_one_does_not() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (unpaid, unpaid_checkout) = world.checkout().await;
        let (paid, paid_checkout) = world.checkout().await;
        world.sandbox.pay(&unpaid_checkout, ASKS).await.unwrap();
        world.sandbox.pay(&paid_checkout, PAYS).await.unwrap();
        world.test.clock.advance(DAY);
        for attempt in [
            world.sandbox.pay(&unpaid_checkout, PAYS).await,
            world.sandbox.authenticate(&unpaid_checkout, true).await,
        ] {
            assert_eq!(attempt.unwrap_err().code(), "checkout_expired");
        }
        assert_eq!(world.hear(&unpaid).await.status, PaymentStatus::Canceled);
        assert_eq!(world.hear(&paid).await.status, PaymentStatus::Succeeded);
        assert_eq!(world.status(&unpaid_checkout).await, CheckoutStatus::Expired);
        assert_eq!(world.status(&paid_checkout).await, CheckoutStatus::Paid);
        assert_eq!(
            (world.came().len(), world.test.number("SELECT COUNT(*) FROM kernel_outbox").await),
            (2, 0)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_opens_one_checkout_and_only_for_the_same_request() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        let mut opening = JoinSet::new();
        for _ in 0..64 {
            let (sandbox, request) = (world.sandbox.clone(), request(&payment));
            opening.spawn(async move { sandbox.open_checkout(request).await.unwrap().id });
        }
        assert!(opening.join_all().await.into_iter().all(|id| id == checkout));
        let other = CheckoutRequest { amount_cents: 2_000, ..request(&payment) };
        let reused = world.sandbox.open_checkout(other).await.unwrap_err();
        assert_eq!(reused.code(), "idempotency_key_reused");
        let (_, another) = world.checkout().await;
        assert_ne!(another, checkout);
        assert!(checkout.len() >= "cs_sandbox_".len() + 32, "128 bits at least: {checkout}");
    })
    .await;
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        let before = world.test.dump().await;
        for card in ["", "5555 5555 5555 4444", "4242"] {
            let refused = world.sandbox.pay(&checkout, card).await.unwrap_err();
            assert_eq!(refused.get("field"), Some("card"));
        }
        for unknown in ["", "cs_sandbox_", "cs_1", "' OR 1=1 --"] {
            assert_eq!(world.sandbox.pay(unknown, PAYS).await.unwrap_err().code(), "checkout_not_found");
            let authenticated = world.sandbox.authenticate(unknown, true).await;
            assert_eq!(authenticated.unwrap_err().code(), "checkout_not_found");
            assert_eq!(world.sandbox.checkout(world.test.db.reader(), unknown).await.unwrap(), None);
        }
        let elsewhere = CheckoutRequest {
            success_url: Some("javascript:alert(1)".to_owned()),
            idempotency_key: "another".to_owned(),
            ..request(&payment)
        };
        let refused = world.sandbox.open_checkout(elsewhere).await.unwrap_err();
        assert_eq!(refused.get("field"), Some("successUrl"));
        assert_eq!(world.test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_fails_at_any_statement_leaves_nothing() {
    for_each_engine(|test| async move {
        let world = World::new(test);
        let (payment, checkout) = world.checkout().await;
        let (_, spare) = world.checkout().await;
        world.test.db.faults().arm(0);
        world.sandbox.pay(&spare, PAYS).await.unwrap();
        let statements = world.test.db.faults().disarm();
        assert!(statements >= 4, "lock, save, publish, commit");
        let before = world.test.dump().await;
        for nth in 1..=statements {
            world.test.db.faults().arm(nth);
            assert!(world.sandbox.pay(&checkout, PAYS).await.is_err(), "statement {nth}");
            world.test.db.faults().disarm();
            assert_eq!(world.test.dump().await, before, "statement {nth}");
        }
        world.sandbox.pay(&checkout, PAYS).await.unwrap();
        assert_eq!(world.hear(&payment).await.status, PaymentStatus::Succeeded);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_secret_is_one_for_a_database_sealed_and_no_other_databases() {
    for_each_engine(|test| async move {
        let world = World::new(test.clone());
        let (payment, checkout) = world.checkout().await;
        let mut asking = JoinSet::new();
        for _ in 0..64 {
            let sandbox = world.sandbox.clone();
            asking.spawn(async move {
                let headers = WebhookHeaders { signature: Some("t=1,v1=00".to_owned()) };
                let now = bursar_kernel::UnixTimestamp::from_micros(1);
                sandbox.verify_webhook(&headers, b"{}", now).await.unwrap_err().code()
            });
        }
        assert!(asking.join_all().await.into_iter().all(|code| code == "webhook_signature_invalid"));
        let sealed = test.texts("SELECT sealed FROM sandbox_secret").await;
        assert_eq!(sealed.len(), 1);
        assert!(!sealed[0].contains("whsec_"));

        world.sandbox.pay(&checkout, PAYS).await.unwrap();
        world.hear(&payment).await;
        let (signature, body) = world.came().remove(0);
        let headers = WebhookHeaders { signature: Some(signature) };
        let now = test.db.clock().now();
        world.sandbox.verify_webhook(&headers, &body, now).await.unwrap();
        for unsigned in [WebhookHeaders::default(), WebhookHeaders { signature: Some(String::new()) }] {
            let refused = world.sandbox.verify_webhook(&unsigned, &body, now).await.unwrap_err();
            assert_eq!(refused.code(), "webhook_signature_invalid");
        }
        for_each_engine(|other| {
            let (headers, body) = (headers.clone(), body.clone());
            async move {
                // Another deployment has other randomness: draw once, so that it differs here too.
                let _: [u8; 32] = other.db.entropy().bytes();
                let elsewhere = Sandbox::new(other.db.clone(), sealer(), "http://localhost:8080");
                let refused = elsewhere.verify_webhook(&headers, &body, now).await.unwrap_err();
                assert_eq!(refused.code(), "webhook_signature_invalid");
            }
        })
        .await;
    })
    .await;
}
