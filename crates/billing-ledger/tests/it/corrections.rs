use std::time::Duration;

use bursar_billing_ledger::{Grant, Ledger as _, PostingId, PostingKind, Refund, SeaLedger};
use bursar_kernel::{Clock as _, Db, Page};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::books::{
    assert_proved, balance, charge, charged, grant, granted, left, micros, newest, organization, refund,
    refunded, reversal, reverse,
};

/// Charges the first organization that many micro-USD.
async fn used(db: &Db, reference: &str, micros: i64) -> PostingId {
    charged(db, charge(organization(1), reference, &[micros * 1_000])).await.posting.unwrap()
}

#[tokio::test]
async fn a_reversed_charge_opens_the_lots_that_it_took_again_and_an_expired_one_expires_at_once() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let [soon, later] = [1, 2].map(|hours| test.clock.now().after(Duration::from_hours(hours)));
        let gift = Grant { expires_at: Some(soon), promotional: true, ..grant(account, "gift", 10) };
        granted(&test.db, gift).await;
        granted(&test.db, Grant { expires_at: Some(later), ..grant(account, "payment:1", 20) }).await;
        granted(&test.db, grant(account, "payment:2", 30)).await;
        let usage = used(&test.db, "event:1", 35).await;
        assert_eq!(left(&test.db, account).await, [25]);
        test.clock.set(soon);
        assert!(!reverse(&test.db, reversal(account, usage, "reversal:1")).await.unwrap().replayed);
        assert_eq!(left(&test.db, account).await, [20, 30], "in their old order, each what it had");
        assert_eq!(balance(&test.db, account).await, 50);
        let page = Page::new(Some(2), None);
        let page = SeaLedger.postings(test.db.reader(), account.id(), page).await.unwrap().items;
        let [expiry, reversed] = page.as_slice() else { panic!("{page:?}") };
        assert_eq!((reversed.kind, reversed.reverses), (PostingKind::Refund, Some(usage)));
        assert_eq!((reversed.entries.credits(), reversed.tokens), (micros(35), -3));
        assert_eq!((expiry.kind, expiry.entries.credits()), (PostingKind::Expiry, micros(-10)));
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_lot_that_expired_may_get_credits_back_again_and_again() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let soon = test.clock.now().after(Duration::from_hours(1));
        granted(&test.db, Grant { expires_at: Some(soon), ..grant(account, "payment:1", 10) }).await;
        let usages = [used(&test.db, "event:1", 2).await, used(&test.db, "event:2", 3).await];
        test.clock.set(soon);
        // The first finds the lot open, though its time is over; the second finds it closed.
        for usage in usages {
            reverse(&test.db, reversal(account, usage, &format!("reversal:{usage}"))).await.unwrap();
            assert_eq!(balance(&test.db, account).await, 0);
        }
        assert_eq!(test.number("SELECT COUNT(*) FROM ledger_posting WHERE kind = 'expiry'").await, 3);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_charged_beyond_the_lots_lowers_the_overdraft_or_comes_back_as_a_lot() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let first = used(&test.db, "event:1", 10).await;
        let second = used(&test.db, "event:2", 7).await;
        reverse(&test.db, reversal(account, first, "reversal:1")).await.unwrap();
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (-7, vec![]));
        granted(&test.db, grant(account, "payment:1", 5)).await;
        reverse(&test.db, reversal(account, second, "reversal:2")).await.unwrap();
        assert_eq!(newest(&test.db, account).await, (PostingKind::Refund, vec![5, 2]));
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (5, vec![5]));
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_lot_that_is_open_again_repays_what_others_were_charged_beyond_the_lots() {
    for_each_engine(|test| async move {
        let account = organization(1);
        granted(&test.db, grant(account, "payment:1", 10)).await;
        let usage = used(&test.db, "event:1", 10).await;
        used(&test.db, "event:2", 4).await;
        reverse(&test.db, reversal(account, usage, "reversal:1")).await.unwrap();
        assert_eq!(newest(&test.db, account).await, (PostingKind::Refund, vec![10, -4, 4]));
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (6, vec![6]));
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_charge_is_reversed_once_whatever_the_reference() {
    for_each_engine(|test| async move {
        let account = organization(1);
        granted(&test.db, grant(account, "payment:1", 10)).await;
        let usage = used(&test.db, "event:1", 4).await;
        let other = used(&test.db, "event:2", 1).await;
        let first = reverse(&test.db, reversal(account, usage, "reversal:1")).await.unwrap();
        for reference in ["reversal:1", "reversal:2"] {
            let again = reverse(&test.db, reversal(account, usage, reference)).await.unwrap();
            assert_eq!((again.posting, again.replayed), (first.posting, true), "{reference}");
        }
        for reference in ["reversal:1", "payment:1", "event:1"] {
            let refused = reverse(&test.db, reversal(account, other, reference)).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("reference")), ("reference_reused", Some(reference)));
        }
        assert_eq!(balance(&test.db, account).await, 9);
        let twice = "INSERT INTO ledger_posting (account_id, id, kind, reference, content_hash, description, \
             actor, tokens, reverses, created_at) SELECT account_id, account_id, kind, 'another', content_hash, \
             description, actor, tokens, reverses, created_at FROM ledger_posting WHERE kind = 'refund'";
        assert!(test.execute(twice).await.is_err(), "the database refuses a second one too");
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn sixty_four_parallel_reversals_of_one_charge_are_one() {
    for_each_engine(|test| async move {
        let account = organization(1);
        granted(&test.db, grant(account, "payment:1", 10)).await;
        let usage = used(&test.db, "event:1", 12).await;
        let mut reversals = JoinSet::new();
        for number in 0..64 {
            let db = test.db.clone();
            reversals.spawn(async move {
                let reversal = reversal(account, usage, &format!("reversal:{}", number % 8));
                reverse(&db, reversal).await.unwrap()
            });
        }
        let posted = reversals.join_all().await;
        assert_eq!(posted.iter().filter(|posted| !posted.replayed).count(), 1);
        assert!(posted.iter().all(|it| it.posting == posted[0].posting), "all learn of the one");
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (10, vec![10]));
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_takes_what_is_left_of_the_payment_and_charges_the_rest() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let untouched = granted(&test.db, grant(account, "payment:1", 10)).await;
        refunded(&test.db, refund(account, untouched, "refund:1")).await.unwrap();
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (0, vec![]));

        let spent = granted(&test.db, grant(account, "payment:2", 10)).await;
        used(&test.db, "event:1", 6).await;
        granted(&test.db, grant(account, "payment:3", 5)).await;
        refunded(&test.db, refund(account, spent, "refund:2")).await.unwrap();
        assert_eq!(newest(&test.db, account).await, (PostingKind::PaymentRefund, vec![-4, -5, -1]));
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (-1, vec![]));
        granted(&test.db, grant(account, "payment:4", 3)).await;
        assert_eq!(left(&test.db, account).await, [2], "the next payment repays it");
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn refunds_of_one_payment_are_never_more_than_it_granted() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let paid = granted(&test.db, grant(account, "payment:1", 10)).await;
        let part =
            |amount, reference| Refund { amount: Some(micros(amount)), ..refund(account, paid, reference) };
        let first = refunded(&test.db, part(3, "refund:1")).await.unwrap();
        assert_eq!(left(&test.db, account).await, [7]);
        let again = refunded(&test.db, part(3, "refund:1")).await.unwrap();
        assert_eq!((again.posting, again.replayed), (first.posting, true));
        let refused = refunded(&test.db, part(4, "refund:1")).await.unwrap_err();
        assert_eq!(refused.code(), "reference_reused");
        let refused = refunded(&test.db, part(8, "refund:2")).await.unwrap_err();
        assert_eq!((refused.code(), refused.get("refundable")), ("refund_exceeds_payment", Some("7")));
        for amount in [0, -1] {
            let refused = refunded(&test.db, part(amount, "refund:2")).await.unwrap_err();
            assert_eq!(refused.get("field"), Some("amount"));
        }
        refunded(&test.db, refund(account, paid, "refund:2")).await.unwrap();
        for rest in [refund(account, paid, "refund:3"), part(1, "refund:3")] {
            let refused = refunded(&test.db, rest).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("refundable")), ("refund_exceeds_payment", Some("0")));
        }
        assert_eq!(balance(&test.db, account).await, 0);
        assert_proved(&test.db).await;
    })
    .await;
}

#[tokio::test]
async fn sixty_four_parallel_refunds_of_a_tenth_are_ten() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let paid = granted(&test.db, grant(account, "payment:1", 10)).await;
        let mut refunds = JoinSet::new();
        for number in 0..64 {
            let db = test.db.clone();
            let part =
                Refund { amount: Some(micros(1)), ..refund(account, paid, &format!("refund:{number}")) };
            refunds.spawn(async move { refunded(&db, part).await.is_ok() });
        }
        let done = refunds.join_all().await.into_iter().filter(|done| *done).count();
        assert_eq!((done, balance(&test.db, account).await), (10, 0));
        assert_proved(&test.db).await;
    })
    .await;
}

/// Paid 10, used 6, refunded all of it: 6 are owed. Without the use nothing is.
#[tokio::test]
async fn a_refund_and_a_reversal_of_what_spent_it_leave_nothing_and_owe_nothing() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let paid = granted(&test.db, grant(account, "payment:1", 10)).await;
        let usage = used(&test.db, "event:1", 6).await;
        refunded(&test.db, refund(account, paid, "refund:1")).await.unwrap();
        assert_eq!(balance(&test.db, account).await, -6);
        reverse(&test.db, reversal(account, usage, "reversal:1")).await.unwrap();
        assert_eq!(newest(&test.db, account).await, (PostingKind::Refund, vec![6, -6, 6]));
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (0, vec![]));
        assert_eq!(cash_and_revenue(&test).await, (0, 0));
        // The other way round it comes to the same.
        let paid = granted(&test.db, grant(account, "payment:2", 10)).await;
        let usage = used(&test.db, "event:2", 6).await;
        reverse(&test.db, reversal(account, usage, "reversal:2")).await.unwrap();
        refunded(&test.db, refund(account, paid, "refund:2")).await.unwrap();
        assert_eq!((balance(&test.db, account).await, left(&test.db, account).await), (0, vec![]));
        assert_eq!(cash_and_revenue(&test).await, (0, 0));
        assert_proved(&test.db).await;
    })
    .await;
}

async fn cash_and_revenue(test: &TestDb) -> (i64, i64) {
    let sum = async |account: &str| {
        let sum = "SELECT CAST(SUM(amount) AS BIGINT) FROM ledger_entry WHERE account";
        test.number(&format!("{sum} = '{account}'")).await
    };
    (sum("cash").await, sum("revenue").await)
}

#[tokio::test]
async fn only_charges_are_reversed_and_only_payments_refunded_each_in_its_own_book() {
    for_each_engine(|test| async move {
        let (account, stranger) = (organization(1), organization(2));
        let paid = granted(&test.db, grant(account, "payment:1", 10)).await;
        let gift = Grant { kind: PostingKind::Voucher, promotional: true, ..grant(account, "gift", 10) };
        let gift = granted(&test.db, gift).await;
        let up = Grant { kind: PostingKind::Adjustment, ..grant(account, "adjustment:1", 1) };
        let up = granted(&test.db, up).await;
        let usage = used(&test.db, "event:1", 4).await;
        let reversed = reverse(&test.db, reversal(account, usage, "reversal:1")).await.unwrap().posting;
        let paid_back = refunded(&test.db, refund(account, paid, "refund:1")).await.unwrap().posting;
        let before = test.dump().await;
        for no_charge in [paid, gift, up, reversed, paid_back] {
            let refused = reverse(&test.db, reversal(account, no_charge, "wrong")).await.unwrap_err();
            assert_eq!(refused.code(), "posting_not_reversible");
        }
        for no_payment in [gift, up, usage, reversed, paid_back] {
            let refused = refunded(&test.db, refund(account, no_payment, "wrong")).await.unwrap_err();
            assert_eq!(refused.code(), "posting_not_refundable");
        }
        let foreign = reverse(&test.db, reversal(stranger, usage, "wrong")).await.unwrap_err();
        assert_eq!(foreign.code(), "posting_not_found");
        let foreign = refunded(&test.db, refund(stranger, paid, "wrong")).await.unwrap_err();
        assert_eq!(foreign.code(), "posting_not_found");
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_correction_that_fails_at_any_statement_leaves_nothing() {
    for_each_engine(|test| async move {
        let account = organization(1);
        let soon = test.clock.now().after(Duration::from_hours(1));
        granted(&test.db, Grant { expires_at: Some(soon), ..grant(account, "payment:1", 10) }).await;
        let paid = granted(&test.db, grant(account, "payment:2", 10)).await;
        let first = used(&test.db, "event:1", 25).await;
        granted(&test.db, grant(account, "payment:3", 9)).await;
        test.clock.set(soon);
        // A lot of its own, one opened again, one expired again: every table is written.
        let steps =
            count_steps(&test, async || reverse(&test.db, reversal(account, first, "it")).await).await;
        assert_eq!(steps, 14, "two to find, six under the lock, five to write, one to commit");
        let steps =
            count_steps(&test, async || refunded(&test.db, refund(account, paid, "that")).await).await;
        assert_eq!(steps, 12, "nothing is granted and no closed lot is looked for");
        assert_proved(&test.db).await;
    })
    .await;
}

/// Fails each statement in turn until it succeeds; the database is as before after each failure.
async fn count_steps<T>(test: &TestDb, correct: impl AsyncFn() -> bursar_kernel::Result<T>) -> u64 {
    let before = test.dump().await;
    for failed in 1.. {
        test.db.faults().arm(failed);
        let outcome = correct().await;
        test.db.faults().disarm();
        if outcome.is_ok() {
            return failed - 1;
        }
        assert_eq!(test.dump().await, before, "statement {failed}");
    }
    unreachable!("a transaction has an end")
}
