//! What is asked of the ledger, and what came of it.

use std::time::Duration;

use bursar_billing_ledger::{
    Charge, Grant, Ledger as _, Posted, PostingId, PostingKind, Refund, Reversal, SeaLedger,
};
use bursar_kernel::{Amount, Clock as _, CostNanos, Db, DomainError, Result};

use crate::{
    step::{self, Move},
    world::World,
};

/// What is asked of the ledger, with the reference under which it is asked.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Grant(Grant),
    Charge(Charge),
    Reverse(Reversal),
    Refund(Refund),
}

/// What was done.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) book: usize,
    pub(crate) request: Request,
    pub(crate) posting: PostingId,
    /// Which of the reference's lots or charges.
    pub(crate) index: usize,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Posted,
    Replayed(PostingId),
    Refused(&'static str),
}

/// How it is asked: each time under a reference of its own.
impl World<'_> {
    pub(crate) fn requests(&mut self, moves: Vec<(usize, Move)>) -> Vec<(usize, Request)> {
        let mut requests: Vec<(usize, Request)> = Vec::new();
        for (book, it) in moves {
            let request = match it {
                Move::Grant(grant) => Request::Grant(self.grant(book, &grant)),
                Move::Charge(nanos) => Request::Charge(self.charge(book, nanos)),
                Move::ChargeAgain(nanos) => {
                    let mut charge = self.charge(book, nanos);
                    if let Some((_, before)) = requests.last() {
                        before.reference().clone_into(&mut charge.reference);
                    }
                    Request::Charge(charge)
                }
            };
            requests.push((book, request));
        }
        requests
    }

    pub(crate) fn grant(&mut self, book: usize, grant: &step::Grant) -> Grant {
        let expires_at =
            grant.expires_in_hours.map(|hours| self.test.clock.now().after(Duration::from_hours(hours)));
        Grant {
            account: self.accounts[book],
            kind: if grant.promotional { PostingKind::Voucher } else { PostingKind::Topup },
            reference: self.reference(),
            amount: Amount::from_micros(grant.amount),
            promotional: grant.promotional,
            priority: grant.priority,
            expires_at,
            description: String::new(),
            actor: "system".to_owned(),
        }
    }

    fn charge(&mut self, book: usize, nanos: Vec<i64>) -> Charge {
        Charge {
            account: self.accounts[book],
            kind: PostingKind::Usage,
            reference: self.reference(),
            costs: nanos.into_iter().map(|nanos| CostNanos::new(nanos).unwrap()).collect(),
            tokens: 1,
            traffic_source: None,
            description: String::new(),
            actor: "system".to_owned(),
        }
    }

    pub(crate) fn reversal(&mut self, book: usize, posting: PostingId) -> Reversal {
        Reversal {
            account: self.accounts[book],
            posting,
            reference: self.reference(),
            description: String::new(),
            actor: "system".to_owned(),
        }
    }

    pub(crate) fn refund(&mut self, book: usize, grant: PostingId, amount: Option<i64>) -> Refund {
        Refund {
            account: self.accounts[book],
            grant,
            amount: amount.map(Amount::from_micros),
            reference: self.reference(),
            description: String::new(),
            actor: "system".to_owned(),
        }
    }

    fn reference(&mut self) -> String {
        self.references += 1;
        self.references.to_string()
    }
}

impl Outcome {
    pub(crate) fn of(posted: &Result<Posted>) -> Self {
        match posted {
            Ok(posted) if posted.replayed => Self::Replayed(posted.posting),
            Ok(_) => Self::Posted,
            Err(refused) => Self::Refused(refused.code()),
        }
    }
}

impl Request {
    pub(crate) fn reference(&self) -> &str {
        match self {
            Self::Grant(grant) => &grant.reference,
            Self::Charge(charge) => &charge.reference,
            Self::Reverse(reversal) => &reversal.reference,
            Self::Refund(refund) => &refund.reference,
        }
    }
    /// In a transaction of its own.
    pub(crate) async fn perform(self, db: &Db) -> Result<Posted> {
        let mut tx = db.begin().await?;
        let posted = match self {
            Self::Grant(grant) => SeaLedger.post(&mut tx, grant).await?,
            Self::Reverse(reversal) => SeaLedger.reverse(&mut tx, reversal).await?,
            Self::Refund(refund) => SeaLedger.refund(&mut tx, refund).await?,
            Self::Charge(charge) => {
                let mut books = SeaLedger.lock(&mut tx, &[charge.account]).await?;
                let charged = books.charge(charge)?;
                SeaLedger.write(&mut tx, books).await?;
                let posting = charged.posting.ok_or_else(|| DomainError::internal("charged nothing"))?;
                Posted { posting, replayed: false }
            }
        };
        tx.commit().await?;
        Ok(posted)
    }
}
