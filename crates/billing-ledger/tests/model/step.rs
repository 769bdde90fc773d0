//! What may happen to books, at random.

use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::Index,
};

/// How many books there are: few enough that they are used again and again.
pub(crate) const BOOKS: usize = 3;

/// One thing that happens, and perhaps the statement at which it breaks off.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) happens: Happens,
    pub(crate) breaks_at: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Happens {
    /// Time passes; perhaps lots whose time is over are closed without anybody using them.
    Wait { hours: u64, sweep: bool },
    /// A grant in a transaction of its own.
    Post(usize, Grant),
    /// Grants and charges in one transaction over several books.
    Batch(Vec<(usize, Move)>),
    /// Something that was done is asked for again, perhaps with other content.
    Again { which: Index, other: bool },
    /// A charge is taken back.
    Reverse { which: Index },
    /// A payment is taken back.
    Refund { which: Index, amount: Option<i64> },
}

#[derive(Clone, Debug)]
pub(crate) enum Move {
    Grant(Grant),
    /// Costs in nano-USD.
    Charge(Vec<i64>),
    /// Under the reference of the move before it.
    ChargeAgain(Vec<i64>),
}

#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) amount: i64,
    pub(crate) promotional: bool,
    pub(crate) priority: i64,
    pub(crate) expires_in_hours: Option<u64>,
}

impl Step {
    pub(crate) fn operations(&self) -> u64 {
        match &self.happens {
            Happens::Batch(moves) => moves.len() as u64,
            _ => 1,
        }
    }
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..120)
}

fn step() -> impl Strategy<Value = Step> {
    // Later than any statement, now and then: nothing breaks off then.
    let breaks_at = option::weighted(0.2, 1_u64..18);
    (happens(), breaks_at).prop_map(|(happens, breaks_at)| Step { happens, breaks_at })
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        2 => (0_u64..4, any::<bool>()).prop_map(|(hours, sweep)| Happens::Wait { hours, sweep }),
        4 => (0..BOOKS, grant()).prop_map(|(book, grant)| Happens::Post(book, grant)),
        6 => vec((0..BOOKS, one_move()), 1..6).prop_map(Happens::Batch),
        3 => (any::<Index>(), any::<bool>()).prop_map(|(which, other)| Happens::Again { which, other }),
        3 => any::<Index>().prop_map(|which| Happens::Reverse { which }),
        3 => (any::<Index>(), option::weighted(0.7, amount()))
            .prop_map(|(which, amount)| Happens::Refund { which, amount }),
    ]
}

fn one_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        2 => grant().prop_map(Move::Grant),
        5 => costs().prop_map(Move::Charge),
        1 => costs().prop_map(Move::ChargeAgain),
    ]
}

fn grant() -> impl Strategy<Value = Grant> {
    (amount(), any::<bool>(), 0_i64..3, option::of(1_u64..7)).prop_map(
        |(amount, promotional, priority, expires_in_hours)| Grant {
            amount,
            promotional,
            priority,
            expires_in_hours,
        },
    )
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![9 => 1_i64..200, 1 => 1_i64..1_000_000_000_000]
}

fn costs() -> impl Strategy<Value = Vec<i64>> {
    vec(prop_oneof![2 => Just(150_i64), 7 => 0_i64..90_000, 1 => 0_i64..10_000_000_000_000], 0..5)
}
