//! Buying credits: each payment is credited once, whatever the order and number of webhooks.

use bursar_billing_ledger::{CreditPurchase, WebhookHeaders};
use bursar_kernel::{Account, Amount};
use bursar_operations::{StartCheckout, read_payment, receive_provider_event, start_checkout};
use bursar_testkit::{
    for_each_engine,
    world::{GOOD_CARD, World},
};

fn five_dollars(account: Account, key: Option<&str>) -> StartCheckout {
    StartCheckout {
        account,
        purchase: CreditPurchase::new(500).unwrap(),
        success_url: None,
        cancel_url: None,
        idempotency_key: key.map(str::to_owned),
    }
}

#[tokio::test]
async fn sixty_four_checkouts_whose_webhooks_come_five_times_in_any_order_credit_once_each() {
    for_each_engine(|test| async move {
        let world = std::sync::Arc::new(World::new(test).await);
        let owner = world.owner("owner").await;
        for _ in 0..64 {
            let checkout = world.checkout(&owner, 500).await;
            world.sandbox.pay(&checkout, GOOD_CARD).await.unwrap();
        }
        let mut webhooks: Vec<_> =
            world.take_webhooks().await.into_iter().flat_map(|one| vec![one; 5]).collect();
        assert_eq!(webhooks.len(), 320);
        shuffle(&mut webhooks);
        let received: Vec<_> = webhooks
            .into_iter()
            .map(|(signature, body)| {
                let world = world.clone();
                tokio::spawn(async move {
                    let headers = WebhookHeaders { signature: Some(signature) };
                    receive_provider_event(&world.core, &headers, &body).await
                })
            })
            .collect();
        for receipt in received {
            receipt.await.unwrap().unwrap();
        }
        world.settle().await;
        assert_eq!(world.balance(&owner).await, Amount::from_micros(64 * 5_000_000));
        let topups = "SELECT COUNT(*) FROM ledger_posting WHERE kind = 'topup'";
        assert_eq!(world.test.number(topups).await, 64);
    })
    .await;
}

/// Mixes a list up, the same way each time: multiplication by a number prime to the length.
fn shuffle<T>(list: &mut Vec<T>) {
    let length = list.len();
    let mut mixed: Vec<(usize, T)> =
        list.drain(..).enumerate().map(|(at, one)| (at * 1_237 % length, one)).collect();
    mixed.sort_by_key(|(at, _)| *at);
    list.extend(mixed.into_iter().map(|(_, one)| one));
}

#[tokio::test]
async fn a_retried_checkout_answers_the_first_one_again() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let account = Account::Organization(owner.organization);
        let start = |key| start_checkout(&world.core, &owner.person.actor, five_dollars(account, key));
        let first = start(Some("once")).await.unwrap();
        let again = start(Some("once")).await.unwrap();
        assert!(!first.replayed && again.replayed);
        assert_eq!((first.payment, first.url), (again.payment, again.url));
        assert_ne!(start(Some("twice")).await.unwrap().payment, first.payment);
        assert_ne!(start(None).await.unwrap().payment, first.payment);
        let mut other = five_dollars(account, Some("once"));
        other.purchase = CreditPurchase::new(501).unwrap();
        let refused = start_checkout(&world.core, &owner.person.actor, other).await;
        assert_eq!(refused.err().unwrap().code(), "idempotency_key_reused");
    })
    .await;
}

#[tokio::test]
async fn a_retry_while_the_first_is_between_its_transactions_is_told_to_wait_and_then_answered() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let account = Account::Organization(owner.organization);
        let start = || start_checkout(&world.core, &owner.person.actor, five_dollars(account, Some("once")));
        // The node dies after the first transaction: every later statement fails.
        world.test.db.faults().arm(6);
        let statements = loop {
            let outcome = start().await;
            let seen = world.test.db.faults().disarm();
            match outcome {
                Err(error) if error.code() == "internal" && world.payments().await == 1 => break seen,
                Err(_) => world.test.db.faults().arm(seen + 1),
                Ok(_) => panic!("the checkout was not broken off"),
            }
        };
        assert!(statements > 1);
        let refused = start().await.err().unwrap();
        assert_eq!(refused.code(), "idempotency_in_progress");
        world.test.clock.advance(std::time::Duration::from_secs(61));
        world.settle().await;
        let answered = start().await.unwrap();
        assert!(answered.replayed);
        assert_eq!(world.payments().await, 1);
        world.sandbox.pay(&answered.session_id, GOOD_CARD).await.unwrap();
        world.settle().await;
        assert_eq!(world.balance(&owner).await, Amount::from_micros(5_000_000));
    })
    .await;
}

trait Counted {
    async fn payments(&self) -> i64;
}

impl Counted for World {
    async fn payments(&self) -> i64 {
        self.test.number("SELECT COUNT(*) FROM ledger_payment").await
    }
}

#[tokio::test]
async fn a_forged_webhook_is_refused_and_credits_nothing() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let checkout = world.checkout(&owner, 500).await;
        world.sandbox.pay(&checkout, GOOD_CARD).await.unwrap();
        let (signature, body) = world.next_webhook().await;
        let mut forged = body.clone();
        let last = forged.len() - 2;
        forged[last] ^= 1;
        for (signature, body) in
            [(Some(signature.clone()), &forged), (None, &body), (Some("t=1,v1=00".into()), &body)]
        {
            let headers = WebhookHeaders { signature };
            assert!(receive_provider_event(&world.core, &headers, body).await.is_err());
        }
        // Old webhooks cannot be replayed by whoever recorded them.
        world.test.clock.advance(std::time::Duration::from_secs(301));
        let headers = WebhookHeaders { signature: Some(signature) };
        assert!(receive_provider_event(&world.core, &headers, &body).await.is_err());
        world.settle().await;
        assert_eq!(world.balance(&owner).await, Amount::ZERO);
    })
    .await;
}

#[tokio::test]
async fn a_payment_of_another_organization_is_unknown() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (owner, stranger) = (world.owner("owner").await, world.owner("stranger").await);
        let account = Account::Organization(owner.organization);
        let payment = start_checkout(&world.core, &owner.person.actor, five_dollars(account, None))
            .await
            .unwrap()
            .payment;
        let own = Account::Organization(stranger.organization);
        let unknown = read_payment(&world.core, &stranger.person.actor, own, payment).await.err().unwrap();
        assert_eq!(unknown.code(), "payment_not_found");
        let foreign =
            read_payment(&world.core, &stranger.person.actor, account, payment).await.err().unwrap();
        assert_eq!(foreign.code(), "organization_not_found");
    })
    .await;
}

#[tokio::test]
async fn a_checkout_that_breaks_off_at_any_statement_is_there_once_when_it_is_asked_for_again() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let owner = world.owner("owner").await;
        let account = Account::Organization(owner.organization);
        for nth in 1..100 {
            let key = format!("statement-{nth}");
            let start =
                || start_checkout(&world.core, &owner.person.actor, five_dollars(account, Some(&key)));
            world.test.db.faults().arm(nth);
            let outcome = start().await;
            world.test.db.faults().disarm();
            if outcome.is_ok() {
                assert!(nth > 1, "a checkout wrote nothing");
                return;
            }
            world.test.clock.advance(std::time::Duration::from_secs(61));
            world.settle().await;
            start().await.unwrap_or_else(|error| panic!("after statement {nth}: {error:?}"));
            assert_eq!(world.payments().await, i64::try_from(nth).unwrap(), "after statement {nth}");
            let open = "SELECT COUNT(*) FROM ledger_payment WHERE provider_session_id IS NULL";
            assert_eq!(world.test.number(open).await, 0, "after statement {nth}");
        }
        panic!("a checkout does not end");
    })
    .await;
}
