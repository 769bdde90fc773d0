//! Does to the ledger and to its reference the same, and compares them.

use std::time::Duration;

use bursar_billing_ledger::{Grant, Ledger as _, Posted, SeaLedger};
use bursar_kernel::{Account, Amount, Clock as _, OrganizationId, Result, UnixTimestamp};
use bursar_testkit::TestDb;
use proptest::{sample::Index, test_runner::TestCaseError};
use uuid::Uuid;

use crate::{
    compare::{failed, same},
    reference,
    request::{Done, Outcome, Request},
    step::{BOOKS, Happens, Move, Step},
};

const REUSED: &str = "reference_reused";

/// Books of one sequence of steps, and what they should hold.
pub(crate) struct World<'a> {
    pub(crate) test: &'a TestDb,
    pub(crate) accounts: Vec<Account>,
    pub(crate) expected: Vec<reference::Book>,
    pub(crate) done: Vec<Done>,
    pub(crate) references: u64,
}

impl<'a> World<'a> {
    /// Books that nobody has used; `number` tells them from those of other sequences.
    pub(crate) fn new(test: &'a TestDb, number: u64) -> Self {
        let account = |book: usize| {
            let number = u128::from(number) << 8 | book as u128;
            Account::Organization(OrganizationId::from_uuid(Uuid::from_u128(number)))
        };
        Self {
            test,
            accounts: (0..BOOKS).map(account).collect(),
            expected: vec![reference::Book::default(); BOOKS],
            done: Vec::new(),
            references: 0,
        }
    }

    pub(crate) async fn run(mut self, steps: Vec<Step>) -> Result<(), TestCaseError> {
        for Step { happens, breaks_at } in steps {
            match happens {
                Happens::Wait { hours, sweep } => {
                    self.test.clock.advance(Duration::from_hours(hours));
                    if sweep {
                        self.sweep(breaks_at).await?;
                    }
                }
                Happens::Post(book, grant) => {
                    let grant = self.grant(book, &grant);
                    self.ask(book, Request::Grant(grant), breaks_at).await?;
                }
                Happens::Batch(moves) => self.batch(moves, breaks_at).await?,
                Happens::Again { which, other } => self.again(which, other, breaks_at).await?,
                Happens::Reverse { which } => {
                    let charges = |done: &&Done| matches!(done.request, Request::Charge(_));
                    if let Some(charge) = self.pick(which, charges) {
                        let reversal = self.reversal(charge.book, charge.posting);
                        self.ask(charge.book, Request::Reverse(reversal), breaks_at).await?;
                    }
                }
                Happens::Refund { which, amount } => {
                    let grants = |done: &&Done| matches!(done.request, Request::Grant(_));
                    if let Some(grant) = self.pick(which, grants) {
                        let refund = self.refund(grant.book, grant.posting, amount);
                        self.ask(grant.book, Request::Refund(refund), breaks_at).await?;
                    }
                }
            }
        }
        self.sweep(None).await?;
        self.prove().await
    }

    /// Asks for one thing in a transaction of its own. One that breaks off has done nothing, and is
    /// asked for once more.
    async fn ask(
        &mut self,
        book: usize,
        request: Request,
        breaks_at: Option<u64>,
    ) -> Result<(), TestCaseError> {
        let mut expected = self.expected[book].clone();
        let (outcome, index) = self.foresee(book, &mut expected, &request);
        let mut posted = self.perform(request.clone(), breaks_at).await;
        if breaks_at.is_some() && broke_off(&posted) {
            self.compare(book).await?;
            posted = self.perform(request.clone(), None).await;
        }
        same(&Outcome::of(&posted), &outcome, &request)?;
        // What was refused or replayed is not written, and with it no expiry.
        if let (Ok(Posted { posting, replayed: false }), Some(index)) = (posted, index) {
            self.expected[book] = expected;
            self.done.push(Done { book, request, posting, index });
        }
        self.compare(book).await
    }

    /// What should come of a request under a new reference, done to the reference.
    fn foresee(
        &self,
        book: usize,
        expected: &mut reference::Book,
        request: &Request,
    ) -> (Outcome, Option<usize>) {
        let now = self.now();
        expected.expire(now);
        let made_by = |posting| self.done.iter().find(|done| done.posting == posting).map(|done| done.index);
        match request {
            Request::Grant(grant) => (Outcome::Posted, Some(grant_to(expected, grant))),
            Request::Charge(_) => (Outcome::Refused(REUSED), None),
            Request::Reverse(reversal) => {
                let charge = made_by(reversal.posting).unwrap_or_default();
                if expected.reverse(charge, now) {
                    return (Outcome::Posted, Some(charge));
                }
                let first = self.done.iter().find(|done| {
                    done.book == book
                        && matches!(&done.request, Request::Reverse(it) if it.posting == reversal.posting)
                });
                (first.map_or(Outcome::Posted, |first| Outcome::Replayed(first.posting)), None)
            }
            Request::Refund(refund) => {
                let lot = made_by(refund.grant).unwrap_or_default();
                match expected.refund(lot, refund.amount.map(Amount::micros)) {
                    Ok(()) => (Outcome::Posted, Some(lot)),
                    Err(refused) => (Outcome::Refused(refused), None),
                }
            }
        }
    }

    /// Asks for something under a reference that is used: the same is answered as the first time,
    /// anything else is refused. Neither changes anything.
    async fn again(
        &mut self,
        which: Index,
        other: bool,
        breaks_at: Option<u64>,
    ) -> Result<(), TestCaseError> {
        let Some(Done { book, mut request, posting, .. }) = self.pick(which, |_| true) else { return Ok(()) };
        let mut changed = other;
        match &mut request {
            Request::Grant(grant) if other => grant.priority += 1,
            // What comes to nothing posts nothing, and so meets no reference.
            Request::Charge(charge) if charge.costs.iter().all(|cost| cost.nanos() < 1_000) => return Ok(()),
            Request::Charge(charge) if other => charge.tokens += 1,
            Request::Refund(refund) if other => {
                let asked = refund.amount.map_or(0, Amount::micros);
                refund.amount = Some(Amount::from_micros(asked + 1));
            }
            Request::Reverse(reversal) if other => {
                let another = |done: &&Done| {
                    done.book == book
                        && done.posting != reversal.posting
                        && matches!(done.request, Request::Charge(_))
                };
                match self.pick(which, another) {
                    Some(another) => reversal.posting = another.posting,
                    None => changed = false,
                }
            }
            _ => {}
        }
        // A batch knows its references before it is decided, so that a charge is never replayed.
        let outcome = if changed || matches!(request, Request::Charge(_)) {
            Outcome::Refused(REUSED)
        } else {
            Outcome::Replayed(posting)
        };
        let mut posted = self.perform(request.clone(), breaks_at).await;
        if breaks_at.is_some() && broke_off(&posted) {
            posted = self.perform(request.clone(), None).await;
        }
        same(&Outcome::of(&posted), &outcome, &request)?;
        self.compare(book).await
    }

    async fn perform(&self, request: Request, breaks_at: Option<u64>) -> Result<Posted> {
        self.test.db.faults().arm(breaks_at.unwrap_or(0));
        let posted = request.perform(&self.test.db).await;
        self.test.db.faults().disarm();
        posted
    }

    async fn batch(
        &mut self,
        moves: Vec<(usize, Move)>,
        breaks_at: Option<u64>,
    ) -> Result<(), TestCaseError> {
        let requests = self.requests(moves);
        self.test.db.faults().arm(breaks_at.unwrap_or(0));
        let mut decided = self.decide(&requests).await;
        self.test.db.faults().disarm();
        if breaks_at.is_some() && broke_off(&decided) {
            for book in 0..BOOKS {
                self.compare(book).await?;
            }
            decided = self.decide(&requests).await;
        }
        let (expected, done) = decided.map_err(failed)??;
        self.expected = expected;
        self.done.extend(done);
        for book in 0..BOOKS {
            self.compare(book).await?;
        }
        Ok(())
    }

    /// Decides everything in memory, comparing after each move, and writes it.
    async fn decide(
        &self,
        requests: &[(usize, Request)],
    ) -> Result<Result<(Vec<reference::Book>, Vec<Done>), TestCaseError>> {
        let (mut expected, mut done) = (self.expected.clone(), Vec::<Done>::new());
        let accounts: Vec<_> = requests.iter().map(|(book, _)| self.accounts[*book]).collect();
        let mut tx = self.test.db.begin().await?;
        let mut books = SeaLedger.lock(&mut tx, &accounts).await?;
        for (book, _) in requests {
            expected[*book].expire(self.now());
        }
        for (book, request) in requests {
            let (account, reference) = (self.accounts[*book].id(), &mut expected[*book]);
            let is_used =
                done.iter().any(|done| done.book == *book && done.request.reference() == request.reference());
            let (posting, index) = match request.clone() {
                Request::Grant(grant) => {
                    let index = grant_to(reference, &grant);
                    (Some(books.grant(grant)?), Some(index))
                }
                Request::Charge(charge) if is_used => {
                    let refused = books.charge(charge).map_err(|refused| refused.code());
                    if let Err(difference) = same(&refused.err(), &Some(REUSED), request) {
                        return Ok(Err(difference));
                    }
                    (None, None)
                }
                Request::Charge(charge) => {
                    let nanos: Vec<_> = charge.costs.iter().map(|cost| cost.nanos()).collect();
                    let (amounts, index) = reference.charge(&nanos);
                    let charged = books.charge(charge)?;
                    let came_to: Vec<_> = charged.amounts.iter().map(|amount| amount.micros()).collect();
                    if let Err(difference) = same(&came_to, &amounts, request) {
                        return Ok(Err(difference));
                    }
                    (charged.posting, index)
                }
                Request::Reverse(_) | Request::Refund(_) => (None, None),
            };
            let book_now = books.book(account).map(|book| (book.balance.micros(), book.remainder.nanos()));
            if let Err(difference) = same(
                &book_now,
                &Some((reference.balance(), reference.remainder)),
                request,
            )
            .and(same(&posting.is_some(), &index.is_some(), request))
            {
                return Ok(Err(difference));
            }
            if let (Some(posting), Some(index)) = (posting, index) {
                done.push(Done { book: *book, request: request.clone(), posting, index });
            }
        }
        SeaLedger.write(&mut tx, books).await?;
        tx.commit().await?;
        Ok(Ok((expected, done)))
    }

    /// Closes what has expired, whoever's it is; what breaks off is begun again.
    async fn sweep(&mut self, breaks_at: Option<u64>) -> Result<(), TestCaseError> {
        self.test.db.faults().arm(breaks_at.unwrap_or(0));
        let swept = self.close_expired().await;
        self.test.db.faults().disarm();
        if breaks_at.is_none() || !broke_off(&swept) {
            swept.map_err(failed)?;
        } else {
            self.close_expired().await.map_err(failed)?;
        }
        let now = self.now();
        for book in 0..BOOKS {
            self.expected[book].expire(now);
            self.compare(book).await?;
        }
        Ok(())
    }

    async fn close_expired(&self) -> Result<()> {
        const LIMIT: u64 = 3;
        loop {
            let mut tx = self.test.db.begin().await?;
            let closed = SeaLedger.expire(&mut tx, LIMIT).await?;
            tx.commit().await?;
            if closed < LIMIT {
                return Ok(());
            }
        }
    }

    fn pick(&self, which: Index, of: impl Fn(&&Done) -> bool) -> Option<Done> {
        let found: Vec<_> = self.done.iter().filter(of).collect();
        (!found.is_empty()).then(|| (*which.get(&found)).clone())
    }

    fn now(&self) -> i64 {
        self.test.clock.now().micros()
    }
}

fn grant_to(expected: &mut reference::Book, grant: &Grant) -> usize {
    let expires_at = grant.expires_at.map_or(reference::NEVER, UnixTimestamp::micros);
    expected.grant(grant.amount.micros(), grant.priority, expires_at, grant.promotional)
}

fn broke_off<T>(outcome: &Result<T>) -> bool {
    outcome.as_ref().is_err_and(|error| error.code() == "internal")
}
