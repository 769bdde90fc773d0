use std::time::Duration;

use bursar_kernel::{MasterKey, Sealer, UnixTimestamp};
use bursar_notifications::{Mail, MailId, MailTransport as _, SandboxMailbox};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::world::{ADDRESS, LINK, in_december, mail, sealer};

fn mailbox(test: &TestDb) -> SandboxMailbox {
    SandboxMailbox::new(test.db.clone(), sealer())
}

fn later(seconds: u64) -> UnixTimestamp {
    in_december().after(Duration::from_secs(seconds))
}

async fn subjects(test: &TestDb, limit: u64) -> Vec<String> {
    let mails = mailbox(test).list(test.db.reader(), limit).await.unwrap();
    mails.into_iter().map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn a_mail_is_read_back_as_it_was_sent_and_is_sealed_meanwhile() {
    for_each_engine(|test| async move {
        let (sent, mailbox) = (mail(1, in_december()), mailbox(&test));
        mailbox.send(&sent).await.unwrap();
        let read = mailbox.by_id(test.db.reader(), sent.id).await.unwrap().unwrap();
        assert_eq!((read.id, read.created_at), (sent.id, sent.created_at));
        assert_eq!((&read.to, &read.subject), (&sent.to, &sent.subject));
        assert_eq!(read.text.expose(), sent.text.expose());
        assert_eq!(read.html.expose(), sent.html.expose());

        let dump = test.dump().await;
        for told in [ADDRESS, LINK, "Mail 1"] {
            assert!(!dump.contains(told), "{told} is in {dump}");
        }
        let unknown = MailId::from_uuid(Uuid::from_u128(2));
        assert!(mailbox.by_id(test.db.reader(), unknown).await.unwrap().is_none());
        let elsewhere =
            SandboxMailbox::new(test.db.clone(), Sealer::new(&MasterKey::from_bytes([2; 32]), &[]));
        assert_eq!(elsewhere.list(test.db.reader(), 10).await.unwrap_err().code(), "internal");
    })
    .await;
}

#[tokio::test]
async fn the_newest_mails_come_first() {
    for_each_engine(|test| async move {
        for (n, seconds) in [(1, 10), (2, 30), (3, 20), (4, 30)] {
            mailbox(&test).send(&mail(n, later(seconds))).await.unwrap();
        }
        assert_eq!(subjects(&test, 10).await, ["Mail 4", "Mail 2", "Mail 3", "Mail 1"]);
        assert_eq!(subjects(&test, 2).await, ["Mail 4", "Mail 2"]);
        assert!(subjects(&test, 0).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_last_two_hundred_are_kept() {
    for_each_engine(|test| async move {
        for n in 1..=203 {
            mailbox(&test).send(&mail(n.into(), later(n))).await.unwrap();
        }
        let kept = subjects(&test, u64::MAX).await;
        assert_eq!((kept.len(), kept[0].as_str(), kept[199].as_str()), (200, "Mail 203", "Mail 4"));
        assert_eq!(test.number("SELECT COUNT(*) FROM notifications_sandbox_mail").await, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_deliveries_of_one_mail_at_once_are_one() {
    for_each_engine(|test| async move {
        let mut sending = JoinSet::new();
        for _ in 0..64 {
            let mailbox = mailbox(&test);
            sending.spawn(async move { mailbox.send(&mail(1, in_december())).await.unwrap() });
        }
        sending.join_all().await;
        let first = test.dump().await;
        let again = Mail { subject: "Another".to_owned(), ..mail(1, later(1)) };
        mailbox(&test).send(&again).await.unwrap();
        assert_eq!(test.dump().await, first);
        assert_eq!(subjects(&test, 10).await, ["Mail 1"]);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_fails_at_any_statement_is_not_kept_and_comes_again() {
    for_each_engine(|test| async move {
        let before = test.dump().await;
        for statement in 1..=3 {
            test.db.faults().arm(statement);
            assert!(mailbox(&test).send(&mail(1, in_december())).await.is_err(), "statement {statement}");
            test.db.faults().disarm();
            assert_eq!(test.dump().await, before, "statement {statement}");
        }
        mailbox(&test).send(&mail(1, in_december())).await.unwrap();
        assert_eq!(subjects(&test, 10).await, ["Mail 1"]);
    })
    .await;
}
