use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bursar_kernel::{MAX_ATTEMPTS, MasterKey, Message, OutboxId, Sealer, Subscriber as _};
use bursar_notifications::{
    Addressed, MAIL_REQUESTED, Mail, MailDelivery, MailId, MailOutbox, NoTransport, SandboxMailbox,
};
use bursar_testkit::{TestDb, for_each_engine};
use uuid::Uuid;

use crate::world::{
    ADDRESS, Carrier, LINK, PRODUCT, PUBLIC_URL, account, delivery, every_letter, relay, request, reset,
    sealer, to_ada, waiting,
};

async fn payload(test: &TestDb) -> String {
    test.texts("SELECT payload FROM kernel_outbox").await.remove(0)
}

fn message(test: &TestDb, payload: String) -> Message {
    Message {
        id: OutboxId::from_uuid(Uuid::from_u128(5)),
        topic: MAIL_REQUESTED.to_owned(),
        account: Some(account()),
        payload,
        attempt: 1,
        created_at: test.db.clock().now(),
    }
}

#[tokio::test]
async fn a_letter_that_waits_shows_neither_who_gets_it_nor_its_link() {
    for_each_engine(|test| async move {
        for letter in every_letter() {
            request(&test, &to_ada(letter)).await;
        }
        let dump = test.dump().await;
        for told in [ADDRESS, "Ada", LINK, "t0psecret", "Analytical", "Charles", "countess", "expires"] {
            assert!(!dump.contains(told), "{told} is in {dump}");
        }
        assert_eq!(test.texts("SELECT DISTINCT topic FROM kernel_outbox").await, [MAIL_REQUESTED]);
    })
    .await;
}

#[tokio::test]
async fn a_letter_whose_cause_is_undone_is_never_sent() {
    for_each_engine(|test| async move {
        let carrier = Arc::new(Carrier::default());
        let mut tx = test.db.begin().await.unwrap();
        MailOutbox::new(sealer()).send(&mut tx, None, &reset()).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(relay(&test, carrier.clone()).deliver_due().await.unwrap(), 0);
        assert!(carrier.carried().is_empty());
    })
    .await;
}

#[tokio::test]
async fn every_letter_arrives_as_it_was_requested_and_its_row_is_erased() {
    for_each_engine(|test| async move {
        let carrier = Arc::new(Carrier::default());
        for letter in every_letter() {
            request(&test, &to_ada(letter)).await;
        }
        let requested_at = test.db.clock().now();
        test.clock.advance(Duration::from_mins(5));
        relay(&test, carrier.clone()).deliver_due().await.unwrap();
        assert_eq!(waiting(&test).await, 0);
        let mut carried = carrier.carried();
        carried.sort_by_key(|mail| mail.id);
        assert_eq!(carried.len(), every_letter().len());
        for (mail, letter) in carried.iter().zip(every_letter()) {
            let draft = bursar_notifications::compose(PRODUCT, PUBLIC_URL, &to_ada(letter)).unwrap();
            assert_eq!((&mail.to, &mail.subject), (&draft.to, &draft.subject));
            assert_eq!(mail.text.expose(), draft.text.expose());
            assert_eq!(mail.html.expose(), draft.html.expose());
            assert_eq!(mail.created_at, requested_at);
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_delivered_twice_is_one_mail() {
    for_each_engine(|test| async move {
        let mailbox = SandboxMailbox::new(test.db.clone(), sealer());
        request(&test, &reset()).await;
        let message = message(&test, payload(&test).await);
        let delivery = delivery(Arc::new(mailbox.clone()));
        delivery.deliver(&message).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        delivery.deliver(&Message { attempt: 2, ..message.clone() }).await.unwrap();
        let mails = mailbox.list(test.db.reader(), 10).await.unwrap();
        let ids: Vec<_> = mails.iter().map(|mail: &Mail| mail.id).collect();
        assert_eq!(ids, [MailId::from_uuid(message.id.uuid())]);
    })
    .await;
}

#[tokio::test]
async fn a_failing_transport_leaves_the_letter_for_later() {
    for_each_engine(|test| async move {
        let carrier = Arc::new(Carrier::default());
        carrier.fails.store(true, Ordering::SeqCst);
        let relay = relay(&test, carrier.clone());
        request(&test, &reset()).await;
        relay.deliver_due().await.unwrap();
        let rows = test.texts("SELECT state || ' ' || last_error FROM kernel_outbox").await;
        assert_eq!(rows, ["pending mail_refused"]);

        carrier.fails.store(false, Ordering::SeqCst);
        assert_eq!(relay.deliver_due().await.unwrap(), 0, "not before the back-off is over");
        test.clock.advance(Duration::from_secs(1));
        relay.deliver_due().await.unwrap();
        assert_eq!((carrier.carried().len(), waiting(&test).await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn without_a_transport_letters_are_parked_where_operators_see_them() {
    for_each_engine(|test| async move {
        let relay = relay(&test, Arc::new(NoTransport));
        request(&test, &reset()).await;
        for _ in 0..MAX_ATTEMPTS {
            relay.deliver_due().await.unwrap();
            test.clock.advance(Duration::from_hours(4));
        }
        assert_eq!(relay.deliver_due().await.unwrap(), 0);
        let rows = test.texts("SELECT state || ' ' || last_error FROM kernel_outbox").await;
        assert_eq!(rows, ["parked mail_not_configured"]);
    })
    .await;
}

#[tokio::test]
async fn a_payload_that_does_not_open_is_our_fault_and_is_not_quoted() {
    for_each_engine(|test| async move {
        request(&test, &reset()).await;
        let sealed = payload(&test).await;
        let other = Sealer::new(&MasterKey::from_bytes([2; 32]), &[]);
        let carrier = Arc::new(Carrier::default());
        let elsewhere = MailDelivery::new(other, carrier.clone(), PRODUCT, PUBLIC_URL);
        let refused = elsewhere.deliver(&message(&test, sealed.clone())).await.unwrap_err();
        assert_eq!(refused.code(), "internal");

        let unknown = r#"{"to":"ada@example.com","letter":{"kind":"t0psecret","link":"t0psecret"}}"#;
        let entropy = test.db.entropy().as_ref();
        let sealed_unknown = sealer().seal(entropy, MAIL_REQUESTED, unknown.as_bytes()).unwrap();
        for payload in ["t0psecret", unknown, &sealed_unknown, &sealed[..sealed.len() - 4]] {
            let refused =
                delivery(carrier.clone()).deliver(&message(&test, payload.to_owned())).await.unwrap_err();
            assert_eq!(refused.code(), "internal", "{payload}");
            let logged = format!("{refused:?}");
            assert!(!logged.contains("t0psecret") && !logged.contains(ADDRESS), "{logged}");
        }
        assert!(carrier.carried().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_none_is_our_fault_and_is_not_quoted() {
    for_each_engine(|test| async move {
        let carrier = Arc::new(Carrier::default());
        for to in ["", "ada", "ada@example.com\r\nBcc: eve@example.com", "ada @example.com"] {
            let addressed = Addressed { to: to.to_owned(), ..reset() };
            let refused = bursar_notifications::compose(PRODUCT, PUBLIC_URL, &addressed).unwrap_err();
            assert_eq!(refused.code(), "internal", "{to:?}");
            assert!(!format!("{refused:?}").contains("example.com"));
            request(&test, &addressed).await;
        }
        relay(&test, carrier.clone()).deliver_due().await.unwrap();
        assert_eq!((carrier.carried().len(), waiting(&test).await), (0, 4));
    })
    .await;
}
