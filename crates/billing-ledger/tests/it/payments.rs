use std::{sync::Arc, time::Duration};

use bursar_billing_ledger::{
    CardSummary, CreditPurchase, NewPayment, Payment, PaymentKind, PaymentOutcome, PaymentStatus, Payments,
    ProviderEvents, ProviderName, SeaPayments, SeaProviderEvents,
};
use bursar_kernel::{Account, Db, OrganizationId, Page, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use uuid::Uuid;

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn mine() -> Account {
    Account::Personal(user(1))
}

fn paid(provider_payment_id: &str) -> PaymentOutcome {
    PaymentOutcome::Succeeded {
        provider_payment_id: provider_payment_id.to_owned(),
        card: Some(CardSummary { brand: "visa".to_owned(), last4: "4242".to_owned() }),
        receipt_url: Some("https://example.com/receipt".to_owned()),
    }
}

fn refused() -> PaymentOutcome {
    PaymentOutcome::Failed { reason: "card_declined".to_owned() }
}

/// A pending payment with a session of its own.
async fn pending(db: &Db, account: Account, session_id: &str) -> Payment {
    let mut tx = db.begin().await.unwrap();
    let new = NewPayment {
        account,
        creator: user(1),
        kind: PaymentKind::Checkout,
        purchase: CreditPurchase::new(1_000).unwrap(),
        provider: ProviderName::Sandbox,
    };
    let payment = SeaPayments.create(&mut tx, new).await.unwrap();
    SeaPayments.session(&mut tx, account.id(), payment.id, session_id).await.unwrap();
    tx.commit().await.unwrap();
    Payment { provider_session_id: Some(session_id.to_owned()), ..payment }
}

/// As an event of the session would.
async fn settle(db: &Db, session_id: &str, outcome: PaymentOutcome) -> Option<Payment> {
    let mut tx = db.begin().await.unwrap();
    let payment =
        SeaPayments.lock_by_session(&mut tx, ProviderName::Sandbox, session_id).await.unwrap().unwrap();
    let settled = SeaPayments.settle(&mut tx, &payment, outcome).await.unwrap();
    tx.commit().await.unwrap();
    settled
}

async fn read(db: &Db, payment: &Payment) -> Payment {
    SeaPayments.by_id(db.reader(), payment.account.id(), payment.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_payment_reads_back_as_it_was_made_and_settled() {
    for_each_engine(|test| async move {
        let organization = Account::Organization(OrganizationId::from_uuid(Uuid::from_u128(7)));
        for (account, session) in [(mine(), "cs_1"), (organization, "cs_2")] {
            let made = pending(&test.db, account, session).await;
            assert_eq!(made.status, PaymentStatus::Pending);
            assert_eq!((made.amount_cents, made.credits.micros()), (1_000, 10_000_000));
            assert_eq!(read(&test.db, &made).await, made);
            test.clock.advance(Duration::from_mins(1));
            let settled = settle(&test.db, session, paid(&format!("pi_of_{session}"))).await.unwrap();
            assert_eq!(settled.paid_at, Some(test.db.reader().now()));
            assert_eq!(read(&test.db, &made).await, settled);
        }
    })
    .await;
}

#[tokio::test]
async fn a_payment_is_found_by_each_of_its_names_and_by_its_own_account_only() {
    for_each_engine(|test| async move {
        let made = pending(&test.db, mine(), "cs_1").await;
        pending(&test.db, mine(), "cs_2").await;
        settle(&test.db, "cs_1", paid("pi_1")).await.unwrap();
        let (reader, stranger) = (test.db.reader(), Account::Personal(user(2)).id());
        for name in ["cs_1", "pi_1", &made.id.to_string()] {
            let found = SeaPayments.by_reference(reader, mine().id(), name).await.unwrap();
            assert_eq!(found.map(|payment| payment.id), Some(made.id), "{name}");
            assert_eq!(SeaPayments.by_reference(reader, stranger, name).await.unwrap(), None, "{name}");
        }
        for name in ["", "cs_3", "pi_", "pay_1", "' OR 1=1 --", "pay_00000000000000000000000000"] {
            assert_eq!(SeaPayments.by_reference(reader, mine().id(), name).await.unwrap(), None, "{name}");
        }
        assert_eq!(SeaPayments.by_id(reader, stranger, made.id).await.unwrap(), None);
        assert!(SeaPayments.paid(reader, stranger, Page::new(None, None)).await.unwrap().items.is_empty());
        let mut tx = test.db.begin().await.unwrap();
        assert!(SeaPayments.session(&mut tx, stranger, made.id, "cs_1").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn only_paid_payments_are_listed_newest_paid_first_across_pages() {
    for_each_engine(|test| async move {
        let mut expected = Vec::new();
        for number in 0..7 {
            let session = format!("cs_{number}");
            expected.push(pending(&test.db, mine(), &session).await.id);
        }
        pending(&test.db, mine(), "cs_unpaid").await;
        pending(&test.db, mine(), "cs_refused").await;
        settle(&test.db, "cs_refused", refused()).await.unwrap();
        // Paid in another order than made, several at one instant.
        for number in [3, 0, 5, 1, 6, 2, 4] {
            settle(&test.db, &format!("cs_{number}"), paid(&format!("pi_{number}"))).await.unwrap();
            if number % 2 == 1 {
                test.clock.advance(Duration::from_secs(1));
            }
        }
        let expected: Vec<_> =
            [6, 4, 2, 1, 5, 0, 3].into_iter().map(|number: usize| expected[number]).collect();
        for limit in [1, 2, 3, 7, 50] {
            let (mut listed, mut after) = (Vec::new(), None);
            loop {
                let page = Page::new(Some(limit), after);
                let slice = SeaPayments.paid(test.db.reader(), mine().id(), page).await.unwrap();
                listed.extend(slice.items.iter().map(|payment| payment.id));
                after = slice.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(listed, expected, "pages of {limit}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_once_noted_stays_and_stands_for_one_payment() {
    for_each_engine(|test| async move {
        let first = pending(&test.db, mine(), "cs_1").await;
        let second = pending(&test.db, mine(), "cs_2").await;
        for (payment, session, taken) in
            [(&first, "cs_1", true), (&first, "cs_3", false), (&second, "cs_1", false)]
        {
            let mut tx = test.db.begin().await.unwrap();
            let noted = SeaPayments.session(&mut tx, mine().id(), payment.id, session).await;
            assert_eq!(noted.is_ok(), taken, "{session}");
        }
        let mut tx = test.db.begin().await.unwrap();
        let stripe = SeaPayments.lock_by_session(&mut tx, ProviderName::Stripe, "cs_1").await.unwrap();
        assert_eq!(stripe, None, "one provider's session is not another's");
    })
    .await;
}

#[tokio::test]
async fn every_order_and_number_of_events_settles_alike() {
    for_each_engine(|test| async move {
        let outcomes = || [refused(), PaymentOutcome::Canceled, paid("pi")];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for (number, order) in orders.into_iter().enumerate() {
            let (with_money, without) = (format!("cs_paid_{number}"), format!("cs_unpaid_{number}"));
            let to_be_paid = pending(&test.db, mine(), &with_money).await;
            let to_be_canceled = pending(&test.db, mine(), &without).await;
            let mut succeeded = 0;
            for index in order.into_iter().chain(order) {
                let outcome = match outcomes()[index].clone() {
                    PaymentOutcome::Succeeded { card, receipt_url, .. } => {
                        let provider_payment_id = format!("pi_{number}");
                        PaymentOutcome::Succeeded { provider_payment_id, card, receipt_url }
                    }
                    without_money => {
                        settle(&test.db, &without, without_money.clone()).await;
                        without_money
                    }
                };
                let settled = settle(&test.db, &with_money, outcome).await;
                succeeded +=
                    u32::from(settled.is_some_and(|payment| payment.status == PaymentStatus::Succeeded));
            }
            assert_eq!(succeeded, 1, "{order:?}");
            let end = read(&test.db, &to_be_paid).await;
            assert_eq!((end.status, end.failure_reason), (PaymentStatus::Succeeded, None), "{order:?}");
            let end = read(&test.db, &to_be_canceled).await;
            assert_eq!((end.status, end.failure_reason), (PaymentStatus::Canceled, None), "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_attempt_keeps_its_reason_until_another_is_paid() {
    for_each_engine(|test| async move {
        let payment = pending(&test.db, mine(), "cs_1").await;
        settle(&test.db, "cs_1", refused()).await.unwrap();
        let failed = read(&test.db, &payment).await;
        assert_eq!((failed.status, failed.paid_at), (PaymentStatus::Failed, None));
        assert_eq!(failed.failure_reason.as_deref(), Some("card_declined"));
        settle(&test.db, "cs_1", paid("pi_1")).await.unwrap();
        assert_eq!(read(&test.db, &payment).await.failure_reason, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_settlements_at_once_one_succeeds() {
    for_each_engine(|test: TestDb| async move {
        pending(&test.db, mine(), "cs_1").await;
        let mut settling = JoinSet::new();
        for _ in 0..64 {
            let db = test.db.clone();
            settling.spawn(async move { settle(&db, "cs_1", paid("pi_1")).await.is_some() });
        }
        let succeeded = settling.join_all().await.into_iter().filter(|succeeded| *succeeded).count();
        assert_eq!(succeeded, 1);
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_was_read_before_another_settled_it_does_not_settle_again() {
    for_each_engine(|test| async move {
        let stale = pending(&test.db, mine(), "cs_1").await;
        settle(&test.db, "cs_1", paid("pi_1")).await.unwrap();
        let mut tx = test.db.begin().await.unwrap();
        for outcome in [paid("pi_2"), refused(), PaymentOutcome::Canceled] {
            assert_eq!(SeaPayments.settle(&mut tx, &stale, outcome).await.unwrap(), None);
        }
        tx.commit().await.unwrap();
        assert_eq!(read(&test.db, &stale).await.provider_payment_id.as_deref(), Some("pi_1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_kept_as_it_came_first_and_processed_once_for_ever() {
    for_each_engine(|test: TestDb| async move {
        let events = Arc::new(SeaProviderEvents);
        let mut keeping = JoinSet::new();
        for copy in 0..64 {
            let (db, events) = (test.db.clone(), events.clone());
            keeping.spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let body = format!(r#"{{"copy":{copy}}}"#);
                let kept = events.store(&mut tx, ProviderName::Stripe, "evt_1", "ping", &body).await.unwrap();
                let first = events.processed(&mut tx, ProviderName::Stripe, "evt_1").await.unwrap();
                tx.commit().await.unwrap();
                (kept, first, body)
            });
        }
        let kept: Vec<_> =
            keeping.join_all().await.into_iter().filter(|(kept, first, _)| *kept || *first).collect();
        let [(true, true, body)] = kept.as_slice() else { panic!("{kept:?}") };
        let stored = events.load(test.db.reader(), ProviderName::Stripe, "evt_1").await.unwrap().unwrap();
        assert_eq!((&stored.body, stored.event_type.as_str()), (body, "ping"));
        assert_eq!(stored.processed_at, Some(stored.received_at));
        let other = events.load(test.db.reader(), ProviderName::Sandbox, "evt_1").await.unwrap();
        assert_eq!(other, None, "one provider's event is not another's");
        let mut tx = test.db.begin().await.unwrap();
        assert!(!events.processed(&mut tx, ProviderName::Stripe, "evt_unknown").await.unwrap());
    })
    .await;
}
