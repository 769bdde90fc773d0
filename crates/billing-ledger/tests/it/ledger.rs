use std::time::Duration;

use bursar_billing_ledger::{EntryAccount, Grant, Ledger as _, LotId, PostingKind, SeaLedger};
use bursar_kernel::{Amount, Clock as _, Page};
use bursar_testkit::for_each_engine;
use tokio::task::JoinSet;

use crate::books::{assert_proved, balance, charge, charged, grant, granted, in_books, micros, organization};

#[tokio::test]
async fn a_thousand_costs_of_150_nanos_take_150_micros_from_the_balance() {
    for_each_engine(|test| async move {
        let account = organization(1);
        granted(&test.db, grant(account, "payment:1", 1_000)).await;
        let whole = charged(&test.db, charge(account, "batch:1", &[150; 400])).await;
        let mut sum = Amount::sum(whole.amounts).unwrap();
        for number in 0..600 {
            let one = charged(&test.db, charge(account, &format!("event:{number}"), &[150])).await;
            assert_eq!(one.posting.is_none(), one.amounts == [Amount::ZERO], "nothing is no posting");
            sum = sum.plus(one.amounts[0]).unwrap();
        }
        assert_eq!(sum, micros(150), "what was charged is what the balance lost");
        assert_eq!(balance(&test.db, account).await, 850);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_new_lot_first_repays_the_overdraft() {
    for_each_engine(|test| async move {
        let account = organization(1);
        charged(&test.db, charge(account, "event:1", &[3_000])).await;
        assert_eq!(balance(&test.db, account).await, -3, "work already done is charged in full");
        granted(&test.db, grant(account, "payment:1", 2)).await;
        assert_eq!(SeaLedger.lots(test.db.reader(), account.id()).await.unwrap(), [], "all of it repaid");
        granted(&test.db, grant(account, "payment:2", 10)).await;
        assert_eq!(balance(&test.db, account).await, 9);
        let lots = SeaLedger.lots(test.db.reader(), account.id()).await.unwrap();
        let [lot] = lots.as_slice() else { panic!("{lots:?}") };
        assert_eq!((lot.granted, lot.remaining), (micros(10), micros(9)));
        let page =
            SeaLedger.postings(test.db.reader(), account.id(), Page::new(Some(1), None)).await.unwrap();
        let lines: Vec<_> = page.items[0]
            .entries
            .lines()
            .iter()
            .map(|line| (line.account, line.amount.micros(), line.lot))
            .collect();
        let expected = [
            (EntryAccount::Cash, -10, None),
            (EntryAccount::Credits, 1, None),
            (EntryAccount::Credits, 9, Some(lot.id)),
        ];
        assert_eq!(lines, expected);
        assert_eq!(lot.id, LotId::granted_by(page.items[0].id));
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_charge_burns_what_expires_first_and_an_expired_lot_is_closed_before_it() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let tomorrow = test.clock.now().after(Duration::from_hours(24));
        granted(&test.db, grant(account, "payment:1", 100)).await;
        let voucher = Grant {
            kind: PostingKind::Voucher,
            promotional: true,
            expires_at: Some(tomorrow),
            ..grant(account, "voucher:1", 50)
        };
        granted(&test.db, voucher).await;
        charged(&test.db, charge(account, "event:1", &[20_000])).await;
        let left = |lots: Vec<bursar_billing_ledger::Lot>| -> Vec<i64> {
            lots.iter().map(|lot| lot.remaining.micros()).collect()
        };
        assert_eq!(left(SeaLedger.lots(test.db.reader(), account.id()).await.unwrap()), [30, 100]);
        test.clock.set(tomorrow);
        charged(&test.db, charge(account, "event:2", &[1_000])).await;
        assert_eq!(left(SeaLedger.lots(test.db.reader(), account.id()).await.unwrap()), [99]);
        let page = SeaLedger.postings(test.db.reader(), account.id(), Page::new(None, None)).await.unwrap();
        let moved: Vec<_> = page.items.iter().map(|it| (it.kind, it.entries.credits().micros())).collect();
        let expected = [
            (PostingKind::Usage, -1),
            (PostingKind::Expiry, -30),
            (PostingKind::Usage, -20),
            (PostingKind::Voucher, 50),
            (PostingKind::Topup, 100),
        ];
        assert_eq!(moved, expected);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn lots_expire_without_anybody_using_their_book() {
    for_each_engine(|test| async move {
        let soon = test.clock.now().after(Duration::from_mins(1));
        for number in 1..=3 {
            let account = organization(number);
            granted(&test.db, Grant { expires_at: Some(soon), ..grant(account, "gift", 5) }).await;
            granted(&test.db, grant(account, "payment:1", 7)).await;
        }
        test.clock.set(soon);
        for (round, closed) in [2, 1, 0].into_iter().enumerate() {
            let mut tx = test.db.begin().await.unwrap();
            assert_eq!(SeaLedger.expire(&mut tx, 2).await.unwrap(), closed, "round {round}");
            tx.commit().await.unwrap();
        }
        for number in 1..=3 {
            assert_eq!(balance(&test.db, organization(number)).await, 7);
        }
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_reference_posts_once_for_ever_and_refuses_other_content() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let post = async |grant: Grant| {
            let mut tx = test.db.begin().await.unwrap();
            let posted = SeaLedger.post(&mut tx, grant).await;
            tx.commit().await.unwrap();
            posted
        };
        let first = post(grant(account, "payment:1", 5)).await.unwrap();
        assert!(!first.replayed);
        test.clock.advance(Duration::from_secs(40_000_000));
        let again = Grant { description: "In other words".to_owned(), ..grant(account, "payment:1", 5) };
        let again = post(again).await.unwrap();
        assert_eq!((again.posting, again.replayed), (first.posting, true));
        for other in [
            grant(account, "payment:1", 6),
            Grant { kind: PostingKind::Voucher, ..grant(account, "payment:1", 5) },
            Grant { promotional: true, ..grant(account, "payment:1", 5) },
            Grant { priority: 1, ..grant(account, "payment:1", 5) },
        ] {
            let failure = post(other).await.unwrap_err();
            assert_eq!((failure.code(), failure.get("reference")), ("reference_reused", Some("payment:1")));
        }
        assert!(!post(grant(organization(2), "payment:1", 6)).await.unwrap().replayed, "of another book");
        let reused = charge(account, "payment:1", &[1_000]);
        let failure = in_books(&test.db, &[account], |books| books.charge(reused)).await.unwrap_err();
        assert_eq!(failure.code(), "reference_reused", "a charge takes no used one either");
        assert_eq!(balance(&test.db, account).await, 5);
    })
    .await;
}

#[tokio::test]
async fn sixty_four_parallel_posts_of_one_reference_are_one() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let mut posts = JoinSet::new();
        for _ in 0..64 {
            let db = test.db.clone();
            posts.spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let posted = SeaLedger.post(&mut tx, grant(account, "payment:1", 5)).await.unwrap();
                tx.commit().await.unwrap();
                posted
            });
        }
        let posted = posts.join_all().await;
        assert_eq!(posted.iter().filter(|posted| !posted.replayed).count(), 1);
        assert!(posted.iter().all(|it| it.posting == posted[0].posting), "all learn of the one");
        assert_eq!(balance(&test.db, account).await, 5);
        assert_eq!(test.number("SELECT COUNT(*) FROM ledger_posting").await, 1);
    })
    .await;
}

#[tokio::test]
async fn transactions_that_begin_and_lock_the_same_books_in_any_order_all_commit() {
    for_each_engine(|test| async move {
        let mut writers = JoinSet::new();
        for writer in 0..48_u128 {
            let db = test.db.clone();
            writers.spawn(async move {
                // Each takes three of seven books, in an order of its own.
                let accounts = [1, 3, 5].map(|step| organization((writer * step + step) % 7));
                in_books(&db, &accounts, |books| {
                    let distinct: std::collections::BTreeSet<_> = accounts.into_iter().collect();
                    for account in distinct {
                        books.charge(charge(account, &format!("writer:{writer}"), &[1_000]))?;
                    }
                    Ok(())
                })
                .await
                .unwrap();
            });
        }
        writers.join_all().await;
        let postings = test.number("SELECT COUNT(*) FROM ledger_posting").await;
        assert_eq!(test.number("SELECT CAST(-SUM(balance) AS BIGINT) FROM ledger_book").await, postings);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_batch_of_any_size_is_written_whole() {
    for_each_engine(|test| async move {
        let accounts: Vec<_> = (0..40).map(organization).collect();
        in_books(&test.db, &accounts, |books| {
            for number in 0..2_000 {
                let account = accounts[number % accounts.len()];
                books.grant(grant(account, &format!("payment:{number}"), 3))?;
                books.charge(charge(account, &format!("event:{number}"), &[2_000]))?;
            }
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(test.number("SELECT COUNT(*) FROM ledger_posting").await, 4_000);
        assert_eq!(test.number("SELECT CAST(SUM(balance) AS BIGINT) FROM ledger_book").await, 2_000);
        in_books(&test.db, &accounts, |books| {
            for (number, account) in accounts.iter().enumerate() {
                books.charge(charge(*account, &format!("last:{number}"), &[50_000]))?;
            }
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(test.number("SELECT COUNT(*) FROM ledger_lot WHERE closed_at IS NULL").await, 0);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_postings_follow_one_another_from_the_newest() {
    for_each_engine(|test| async move {
        let account = organization(1);
        for number in 0..5 {
            granted(&test.db, grant(account, &format!("payment:{number}"), 1)).await;
            granted(&test.db, grant(organization(2), &format!("payment:{number}"), 1)).await;
            if number % 2 == 0 {
                test.clock.advance(Duration::from_secs(1));
            }
        }
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = Page::new(Some(2), after);
            let slice = SeaLedger.postings(test.db.reader(), account.id(), page).await.unwrap();
            seen.extend(slice.items.into_iter().map(|posting| posting.reference));
            after = slice.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["payment:4", "payment:3", "payment:2", "payment:1", "payment:0"]);
    })
    .await;
}
