//! What the ledger's tests say in one word.

use bursar_billing_ledger::{
    Charge, Charged, EntryAccount, Grant, Ledger as _, LockedBooks, Posted, PostingId, PostingKind, Refund,
    Reversal, SeaLedger,
};
use bursar_kernel::{Account, Amount, CostNanos, Db, OrganizationId, Page, Result};
use uuid::Uuid;

pub(crate) fn organization(number: u128) -> Account {
    Account::Organization(OrganizationId::from_uuid(Uuid::from_u128(number)))
}

pub(crate) fn micros(micros: i64) -> Amount {
    Amount::from_micros(micros)
}

pub(crate) fn grant(account: Account, reference: &str, amount: i64) -> Grant {
    Grant {
        account,
        kind: PostingKind::Topup,
        reference: reference.to_owned(),
        amount: micros(amount),
        promotional: false,
        priority: 0,
        expires_at: None,
        description: "Credits".to_owned(),
        actor: "stripe".to_owned(),
    }
}

pub(crate) fn charge(account: Account, reference: &str, nanos: &[i64]) -> Charge {
    Charge {
        account,
        kind: PostingKind::Usage,
        reference: reference.to_owned(),
        costs: nanos.iter().map(|&nanos| CostNanos::new(nanos).unwrap()).collect(),
        tokens: 3,
        traffic_source: Some("platform".to_owned()),
        description: "Usage".to_owned(),
        actor: "system".to_owned(),
    }
}

/// One transaction over some books.
pub(crate) async fn in_books<T>(
    db: &Db,
    accounts: &[Account],
    decide: impl FnOnce(&mut LockedBooks) -> Result<T>,
) -> Result<T> {
    let mut tx = db.begin().await?;
    let mut books = SeaLedger.lock(&mut tx, accounts).await?;
    let decided = decide(&mut books)?;
    SeaLedger.write(&mut tx, books).await?;
    tx.commit().await?;
    Ok(decided)
}

pub(crate) async fn granted(db: &Db, grant: Grant) -> PostingId {
    in_books(db, &[grant.account], |books| books.grant(grant)).await.unwrap()
}

pub(crate) async fn charged(db: &Db, charge: Charge) -> Charged {
    in_books(db, &[charge.account], |books| books.charge(charge)).await.unwrap()
}

pub(crate) async fn balance(db: &Db, account: Account) -> i64 {
    SeaLedger.book(db.reader(), account.id()).await.unwrap().unwrap().balance.micros()
}

pub(crate) async fn assert_proved(db: &Db) {
    assert_eq!(SeaLedger.verify(db.reader()).await.unwrap().differences, []);
}

pub(crate) fn reversal(account: Account, posting: PostingId, reference: &str) -> Reversal {
    Reversal {
        account,
        posting,
        reference: reference.to_owned(),
        description: "Not delivered".to_owned(),
        actor: "system".to_owned(),
    }
}

/// Of all that is left to refund.
pub(crate) fn refund(account: Account, grant: PostingId, reference: &str) -> Refund {
    Refund {
        account,
        grant,
        amount: None,
        reference: reference.to_owned(),
        description: "Refunded".to_owned(),
        actor: "stripe".to_owned(),
    }
}

pub(crate) async fn reverse(db: &Db, reversal: Reversal) -> Result<Posted> {
    let mut tx = db.begin().await?;
    let posted = SeaLedger.reverse(&mut tx, reversal).await?;
    tx.commit().await?;
    Ok(posted)
}

pub(crate) async fn refunded(db: &Db, refund: Refund) -> Result<Posted> {
    let mut tx = db.begin().await?;
    let posted = SeaLedger.refund(&mut tx, refund).await?;
    tx.commit().await?;
    Ok(posted)
}

/// What is left of each open lot, in burn order.
pub(crate) async fn left(db: &Db, account: Account) -> Vec<i64> {
    let lots = SeaLedger.lots(db.reader(), account.id()).await.unwrap();
    lots.iter().map(|lot| lot.remaining.micros()).collect()
}

/// The newest posting: why, and its lines on credits in their order.
pub(crate) async fn newest(db: &Db, account: Account) -> (PostingKind, Vec<i64>) {
    let page = SeaLedger.postings(db.reader(), account.id(), Page::new(Some(1), None)).await.unwrap();
    let lines = page.items[0].entries.lines().iter();
    let credits = lines.filter(|line| line.account == EntryAccount::Credits);
    (page.items[0].kind, credits.map(|line| line.amount.micros()).collect())
}
