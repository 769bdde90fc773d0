//! (3) Keys that are ended on one of two nodes while both are asked about them and about a hot one.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Options,
    figure::{Bar, Figures, Times},
    http::Connection,
    node::Node,
    owner::Owner,
    stage::Stage,
    watch::{Seen, Watch, per_second},
};

/// Keys that are on their way to their end at once.
const LANES: usize = 8;
/// Connections that ask each node about the hot key, each in so many milliseconds: 667 a second.
const WATCHES: usize = 4;
const EVERY: Duration = Duration::from_millis(6);
/// The least that a node is to be asked in a second about the hot key.
const HOT_PER_SECOND: f64 = 500.0;
/// From when on the other node must have heard of it.
pub(crate) const HEARD_WITHIN: Duration = Duration::from_secs(1);

/// How long one key is watched, and how closely.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) every: Duration,
    /// Before its end.
    pub(crate) hot: Duration,
    /// After it.
    pub(crate) after: Duration,
}

impl Pace {
    /// While the channel is up.
    pub(crate) fn heard(options: &Options) -> Self {
        let (hot, after) = (Duration::from_millis(150), HEARD_WITHIN + Duration::from_millis(300));
        Self { every: options.every, hot, after }
    }
}

/// A key that was ended on one node, and what two said of it before and after.
pub(crate) struct Revocation {
    deleted: Instant,
    here: Vec<Seen>,
    there: Vec<Seen>,
}

impl Revocation {
    /// Makes a key, watches it on both nodes, and ends it on the first.
    pub(crate) async fn run(owner: &Owner, here: SocketAddr, there: SocketAddr, pace: Pace) -> Self {
        let mut connection = Connection::open(here).await;
        let key = owner.key(&mut connection).await;
        let [here, there] = [here, there].map(|node| Watch::begin(node, owner, &key.secret, pace.every));
        tokio::time::sleep(pace.hot).await;
        let deleted = owner.delete(&mut connection, &key).await;
        tokio::time::sleep(pace.after).await;
        Self { deleted, here: here.end().await, there: there.end().await }
    }

    /// Whether both nodes knew it as a good key before.
    pub(crate) fn was_hot(&self) -> bool {
        [&self.here, &self.there].into_iter().all(|seen| seen.iter().any(|seen| seen.is_valid))
    }

    /// How often the node that ended it called it good when asked after the end was answered.
    pub(crate) fn late_here(&self) -> usize {
        self.late(&self.here, Duration::ZERO)
    }

    /// How often the other one did when asked later than `bound` after that.
    pub(crate) fn late_there(&self, bound: Duration) -> usize {
        self.late(&self.there, bound)
    }

    fn late(&self, seen: &[Seen], bound: Duration) -> usize {
        self.after(seen, bound).filter(|seen| seen.is_valid).count()
    }

    fn after<'a>(&self, seen: &'a [Seen], bound: Duration) -> impl Iterator<Item = &'a Seen> {
        let from = self.deleted + bound;
        seen.iter().filter(move |seen| seen.sent > from)
    }

    /// How long after the end the other node was asked for the last time that it called it good.
    pub(crate) fn delay(&self) -> Duration {
        let last = self.there.iter().filter(|seen| seen.is_valid).map(|seen| seen.sent).max();
        last.map_or(Duration::ZERO, |last| last.saturating_duration_since(self.deleted))
    }

    /// Answers that were none.
    pub(crate) fn failures(&self) -> usize {
        self.here.iter().chain(&self.there).filter(|seen| seen.status != 200).count()
    }
}

pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let nodes = [Node::start(&stage.url).await, Node::start(&stage.url).await];
    let [here, there] = [nodes[0].address, nodes[1].address];
    stage.until_listened_by(2).await;
    let owner = Arc::new(Owner::sign_up(here, "revoking").await);
    let hot = owner.key(&mut Connection::open(here).await).await;
    let hot = [here, there].map(|node| Watch::several(WATCHES, node, &owner, &hot.secret, EVERY));
    let (began, pace) = (Instant::now(), Pace::heard(options));
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| {
            let (owner, many) = (owner.clone(), (options.revocations + lane) / LANES);
            tokio::spawn(async move {
                let mut ended = Vec::with_capacity(many);
                for _ in 0..many {
                    ended.push(Revocation::run(&owner, here, there, pace).await);
                }
                ended
            })
        })
        .collect();
    let mut ended = Vec::new();
    for lane in lanes {
        ended.extend(lane.await.expect("a lane does not panic"));
    }
    let took = began.elapsed();
    let [mut hot_here, mut hot_there] = [Vec::new(), Vec::new()];
    for (watches, seen) in hot.into_iter().zip([&mut hot_here, &mut hot_there]) {
        *seen = Watch::end_all(watches).await;
    }
    report(&ended, took, pace, figures);
    for (node, seen) in [("A", &hot_here), ("B", &hot_there)] {
        let times: Times = seen.iter().map(Seen::took).collect();
        let name = format!("(3) hot key, verifications a second on {node}");
        figures.add(&name, per_second(seen), "1/s", Bar::AtLeast(HOT_PER_SECOND), times.summary());
    }
    let refused = hot_here.iter().chain(&hot_there).filter(|seen| !seen.is_valid).count();
    figures.none_of("(3) hot key, answers that did not say valid", refused, "");
}

fn report(ended: &[Revocation], took: Duration, pace: Pace, figures: &mut Figures) {
    let hot = ended.iter().filter(|one| one.was_hot()).count();
    let note = format!("in {:.0} s, {LANES} at a time", took.as_secs_f64());
    figures.add(
        "(3) keys ended that were good on both nodes before",
        hot as f64,
        "",
        Bar::AtLeast(ended.len() as f64),
        note,
    );
    let late: usize = ended.iter().map(Revocation::late_here).sum();
    let asked: usize = ended.iter().map(|one| one.after(&one.here, Duration::ZERO).count()).sum();
    figures.none_of("(3) valid on A, asked after the end", late, format!("of {asked}"));
    let late: usize = ended.iter().map(|one| one.late_there(HEARD_WITHIN)).sum();
    let asked: usize = ended.iter().map(|one| one.after(&one.there, HEARD_WITHIN).count()).sum();
    figures.none_of("(3) valid on B, asked later than 1 s after it", late, format!("of {asked}"));
    let delays: Times = ended.iter().map(Revocation::delay).collect();
    figures.add(
        "(3) last valid on B after the end, median",
        delays.ms(500),
        "ms",
        Bar::None,
        delays.summary(),
    );
    let note = format!("asked every {} ms; 0 is before the end was answered", pace.every.as_millis());
    figures.add("(3) last valid on B after the end, p99", delays.ms(990), "ms", Bar::None, note);
    figures.add("(3) last valid on B after the end, longest", delays.ms(1000), "ms", Bar::AtMost(1000.0), "");
    figures.none_of("(3) answers other than 200", ended.iter().map(Revocation::failures).sum(), "");
}
