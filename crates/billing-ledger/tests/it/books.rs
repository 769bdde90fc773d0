//! What the ledger's tests say in one word.

use bursar_billing_ledger::{Charge, Charged, Grant, Ledger as _, LockedBooks, PostingKind, SeaLedger};
use bursar_kernel::{Account, Amount, CostNanos, Db, OrganizationId, Result};
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

pub(crate) async fn granted(db: &Db, grant: Grant) {
    in_books(db, &[grant.account], |books| books.grant(grant)).await.unwrap();
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
