use bursar_billing_ledger::{Compared, Grant, Ledger as _, PostingKind, SeaLedger};
use bursar_kernel::{Clock as _, Page};
use bursar_testkit::for_each_engine;

use crate::books::{assert_proved, balance, charge, charged, grant, granted, in_books, organization};

#[tokio::test]
async fn a_projection_that_was_tampered_with_is_found() {
    for_each_engine(|test| async move {
        let account = organization(1);
        granted(&test.db, grant(account, "payment:1", 10)).await;
        charged(&test.db, charge(account, "event:1", &[4_000])).await;
        granted(&test.db, grant(organization(2), "payment:1", 10)).await;
        assert_proved(&test.db).await;
        let tampered = [
            ("UPDATE ledger_book SET balance = 7 WHERE balance = 6", Compared::Balance, 7, 6),
            ("UPDATE ledger_book SET outstanding = 1 WHERE balance = 6", Compared::Outstanding, 1, 0),
            ("UPDATE ledger_lot SET remaining = 5 WHERE remaining = 6", Compared::Lot, 5, 6),
        ];
        let lot = SeaLedger.lots(test.db.reader(), account.id()).await.unwrap()[0].id.to_string();
        let restored = "UPDATE ledger_book SET balance = 6, outstanding = 0 WHERE balance IN (6, 7)";
        for (sql, compared, recorded, expected) in tampered {
            assert_eq!(test.execute(sql).await, Ok(1));
            let found = SeaLedger.verify(test.db.reader()).await.unwrap();
            let [difference] = found.differences.as_slice() else { panic!("{sql}: {found:?}") };
            assert_eq!((difference.account, difference.compared), (account.id(), compared));
            assert_eq!((difference.recorded, difference.expected), (recorded, expected));
            assert_eq!(difference.subject.as_ref() == Some(&lot), compared == Compared::Lot);
            assert_eq!((found.books, found.entries), (2, 6));
            test.execute(restored).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn lines_that_were_slipped_in_are_found() {
    for_each_engine(|test| async move {
        granted(&test.db, grant(organization(1), "payment:1", 10)).await;
        let slipped = "INSERT INTO ledger_entry (account_id, posting_id, position, account, amount) \
             SELECT account_id, id, 9, 'revenue', 4 FROM ledger_posting";
        assert_eq!(test.execute(slipped).await, Ok(1));
        let orphan = "INSERT INTO ledger_entry (account_id, posting_id, position, account, amount) \
             SELECT account_id, account_id, 0, 'revenue', 0 FROM ledger_posting";
        assert_eq!(test.execute(orphan).await, Ok(1));
        let found = SeaLedger.verify(test.db.reader()).await.unwrap().differences;
        let found: Vec<_> = found.iter().map(|it| (it.compared, it.recorded, it.expected)).collect();
        assert_eq!(found, [(Compared::Posting, 4, 0), (Compared::Lines, 0, 1)]);
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_delete_what_was_posted() {
    for_each_engine(|test| async move {
        granted(&test.db, grant(organization(1), "payment:1", 10)).await;
        let before = test.dump().await;
        for (table, column) in [("ledger_posting", "description"), ("ledger_entry", "account")] {
            for sql in [
                format!("UPDATE {table} SET {column} = 'cash'"),
                format!("DELETE FROM {table}"),
                format!("DELETE FROM {table} WHERE account_id IS NOT NULL"),
            ] {
                let refused = test.execute(&sql).await.unwrap_err();
                assert!(refused.contains(&format!("{table} is append-only")), "{sql}: {refused}");
            }
        }
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn money_that_does_not_fit_is_refused_and_what_was_decided_before_it_stands() {
    for_each_engine(|test| async move {
        let account = organization(1);
        granted(&test.db, grant(account, "payment:1", i64::MAX - 1)).await;
        in_books(&test.db, &[account], |books| {
            books.charge(charge(account, "event:1", &[9_000]))?;
            books.grant(grant(account, "payment:2", 9))?;
            let before = books.book(account.id()).cloned();
            let refused = books.grant(grant(account, "payment:3", 2)).unwrap_err();
            assert_eq!(refused.code(), "amount_out_of_range");
            let refused = books.charge(charge(account, "event:2", &[999, i64::MAX])).unwrap_err();
            assert_eq!(refused.code(), "amount_out_of_range");
            assert_eq!(books.book(account.id()).cloned(), before);
            books.grant(grant(account, "payment:3", 1))
        })
        .await
        .unwrap();
        assert_eq!(balance(&test.db, account).await, i64::MAX);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_grant_and_no_charge_is_refused_by_name() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let now = test.clock.now();
        in_books(&test.db, &[account], |books| {
            for (wrong, field) in [
                (grant(account, "wrong", 0), "amount"),
                (grant(account, "wrong", -1), "amount"),
                (Grant { expires_at: Some(now), ..grant(account, "wrong", 1) }, "expiresAt"),
            ] {
                assert_eq!(books.grant(wrong).unwrap_err().get("field"), Some(field));
            }
            let usage = Grant { kind: PostingKind::Usage, ..grant(account, "wrong", 1) };
            assert_eq!(books.grant(usage).unwrap_err().code(), "internal");
            let stranger = grant(organization(2), "wrong", 1);
            assert_eq!(books.grant(stranger).unwrap_err().code(), "internal", "its book is not locked");
            books.grant(grant(account, "right", 1))?;
            assert_eq!(books.grant(grant(account, "right", 1)).unwrap_err().code(), "reference_reused");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(balance(&test.db, account).await, 1);
        let page = Page::new(None, None);
        let strangers = SeaLedger.postings(test.db.reader(), organization(2).id(), page).await.unwrap();
        assert!(strangers.items.is_empty());
        assert_eq!(SeaLedger.book(test.db.reader(), organization(2).id()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_failure_of_any_statement_leaves_the_ledger_as_it_was() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let soon = test.clock.now().after(std::time::Duration::from_secs(1));
        granted(&test.db, Grant { expires_at: Some(soon), ..grant(account, "gift", 10) }).await;
        granted(&test.db, grant(account, "payment:1", 10)).await;
        test.clock.set(soon);
        let before = test.dump().await;
        let mut failed = 0;
        loop {
            test.db.faults().arm(failed + 1);
            let outcome = in_books(&test.db, &[account, organization(2)], |books| {
                books.charge(charge(account, "event:1", &[4_000]))?;
                books.grant(grant(organization(2), "payment:1", 10))
            })
            .await;
            test.db.faults().disarm();
            if outcome.is_ok() {
                break;
            }
            assert_eq!(test.dump().await, before, "statement {}", failed + 1);
            failed += 1;
        }
        assert_eq!(failed, 9, "three to lock, five to write, one to commit");
        assert_proved(&test.db).await;
    })
    .await;
}
