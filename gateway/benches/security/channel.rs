//! (4) The invalidation channel of one node cut, and nothing else of it: keys that the other node ends
//! are good for as long as they are remembered and no longer. When the channel is back, what was
//! missed is forgotten.

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
    proxy::{Gate, Proxy},
    revocation::{HEARD_WITHIN, Pace, Revocation},
    stage::Stage,
    watch::Watch,
};

/// How long a node remembers a key.
const MAX_AGE: Duration = Duration::from_secs(10);
/// For how long after its end such a key is watched.
const WATCHED: Duration = Duration::from_secs(12);
/// Keys that are ended once the channel is back.
const FRESH: usize = 5;
/// Well before the age of the key that was missed could be the reason.
const FLUSH_LIMIT: Duration = Duration::from_secs(4);

pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let proxy = Proxy::before(&stage.socket).await;
    let nodes = [Node::start(&stage.url).await, Node::start(&stage.url_by(proxy.port)).await];
    let [here, there] = [nodes[0].address, nodes[1].address];
    stage.until_listened_by(2).await;
    let owner = Arc::new(Owner::sign_up(here, "unheard").await);

    proxy.set(Gate::WithoutChannel);
    stage.until_listened_by(1).await;
    // The node reads each key for the first time now, so that its age is nearly all before it.
    let pace = Pace { every: options.every, hot: Duration::from_millis(100), after: WATCHED };
    let ended = all_at_once(options.unheard, &owner, [here, there], pace).await;
    let hot = ended.iter().filter(|one| one.was_hot()).count();
    figures.add(
        "(4) keys ended unheard that were good on both nodes",
        hot as f64,
        "",
        Bar::AtLeast(ended.len() as f64),
        "",
    );
    let late: usize = ended.iter().map(|one| one.late_there(MAX_AGE)).sum();
    figures.none_of("(4) channel cut: valid on B, asked later than 10 s after", late, "");
    let delays: Times = ended.iter().map(Revocation::delay).collect();
    figures.add(
        "(4) channel cut: last valid on B, longest",
        delays.ms(1000),
        "ms",
        Bar::AtMost(10_000.0),
        delays.summary(),
    );
    figures.none_of(
        "(4) channel cut: valid on A, asked after the end",
        ended.iter().map(Revocation::late_here).sum(),
        "",
    );
    let failures: usize = ended.iter().map(Revocation::failures).sum();
    figures.none_of("(4) channel cut: answers other than 200", failures, "connections of the pool go on");

    flush(stage, &owner, [here, there], &proxy, options, figures).await;

    let ended = all_at_once(FRESH, &owner, [here, there], Pace::heard(options)).await;
    let late: usize = ended.iter().map(|one| one.late_there(HEARD_WITHIN)).sum();
    let delays: Times = ended.iter().map(Revocation::delay).collect();
    figures.none_of("(4) channel back: valid on B, asked later than 1 s after", late, delays.summary());
}

async fn all_at_once(many: usize, owner: &Arc<Owner>, nodes: [SocketAddr; 2], pace: Pace) -> Vec<Revocation> {
    let [here, there] = nodes;
    let keys: Vec<_> = (0..many)
        .map(|_| {
            let owner = owner.clone();
            tokio::spawn(async move { Revocation::run(&owner, here, there, pace).await })
        })
        .collect();
    let mut ended = Vec::with_capacity(many);
    for key in keys {
        ended.push(key.await.expect("a revocation does not panic"));
    }
    ended
}

/// Ends a key unheard, lets the channel come back, and looks when the other node refuses the key: it
/// is young, so that nothing but its being forgotten can be the reason.
async fn flush(
    stage: &Stage,
    owner: &Owner,
    nodes: [SocketAddr; 2],
    proxy: &Proxy,
    options: &Options,
    figures: &mut Figures,
) {
    let [here, there] = nodes;
    let mut connection = Connection::open(here).await;
    let key = owner.key(&mut connection).await;
    let watch = Watch::begin(there, owner, &key.secret, options.every);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let deleted = owner.delete(&mut connection, &key).await;
    tokio::time::sleep(HEARD_WITHIN).await;
    let opened = Instant::now();
    proxy.set(Gate::Open);
    stage.until_listened_by(2).await;
    tokio::time::sleep(FLUSH_LIMIT.saturating_sub(opened.elapsed())).await;
    let seen = watch.end().await;
    let missed =
        seen.iter().filter(|seen| seen.is_valid && seen.sent > deleted && seen.sent < opened).count();
    let last = seen.iter().filter(|seen| seen.is_valid).map(|seen| seen.sent).max();
    let flushed = last.map_or(Duration::ZERO, |last| last.saturating_duration_since(opened));
    let note = format!("{missed} valid answers of it before");
    figures.add(
        "(4) channel back: what was missed is forgotten after",
        flushed.as_secs_f64() * 1000.0,
        "ms",
        Bar::AtMost(1000.0),
        note,
    );
    let is_stale = seen.last().is_some_and(|seen| seen.is_valid);
    figures.none_of("(4) channel back: keys missed that are still valid", usize::from(is_stale), "");
}
