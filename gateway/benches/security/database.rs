//! (5) The database cut off from a node: it says that it does not know, and never that a key is good
//! which it cannot look up. When the database is back, so is the node.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    Options,
    figure::{Bar, Figures, Times},
    http::Connection,
    node::Node,
    owner::Owner,
    proxy::{Gate, Proxy},
    stage::Stage,
    watch::{self, Seen},
};

/// How often it is asked. Each question may wait as long as a request waits for a connection, five
/// seconds, so that a hundred wait at once.
const EVERY: Duration = Duration::from_millis(50);
/// How long a node remembers a key.
const MAX_AGE: Duration = Duration::from_secs(10);
/// How long all goes well before: no whole number of seconds, so that the balance, which is remembered
/// for one, is not just due.
const BEFORE: Duration = Duration::from_millis(2_500);
/// How long a node is given to come back; as long as a request waits for a connection.
const RECOVERY: Duration = Duration::from_secs(5);

pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let proxy = Proxy::before(&stage.socket).await;
    let node = Node::start(&stage.url_by(proxy.port)).await;
    stage.until_listened_by(1).await;
    let owner = Owner::sign_up(node.address, "cut-off").await;
    let key = owner.key(&mut Connection::open(node.address).await).await;
    let duration = BEFORE + options.away + RECOVERY * 2;
    let asking = watch::unanswered(node.address, &owner, &key.secret, EVERY, duration);
    let cutting = async {
        tokio::time::sleep(BEFORE).await;
        let cut = Instant::now();
        proxy.set(Gate::Shut);
        tokio::time::sleep(options.away).await;
        let back = Instant::now();
        proxy.set(Gate::Open);
        (cut, back)
    };
    let (seen, (cut, back)) = tokio::join!(asking, cutting);

    for line in by_second(&seen, cut, back) {
        eprintln!("      {line}");
    }
    away(&seen, cut, back, figures);
    recovered(&seen, back, figures);
}

/// While the database was away.
fn away(seen: &[Seen], cut: Instant, back: Instant, figures: &mut Figures) {
    // What is asked at the very end may be answered by a database that is there again.
    let old: Vec<&Seen> =
        seen.iter().filter(|seen| seen.sent > cut + MAX_AGE && seen.answered < back).collect();
    let valid = old.iter().filter(|seen| seen.is_valid).count();
    figures.none_of(
        "(5) database away: valid, asked later than 10 s after",
        valid,
        format!("of {}", old.len()),
    );
    let others = old.iter().filter(|seen| seen.status != 503).count();
    figures.none_of("(5) database away: answers other than 503, as late", others, "");
    figures.add("(5) database away: answers, as late", old.len() as f64, "", Bar::AtLeast(1.0), "");
    let all = || seen.iter().filter(|seen| seen.sent > cut && seen.answered < back);
    let silent = all().filter(|seen| seen.status == 503 && !seen.says_when).count();
    figures.none_of("(5) database away: 503 without Retry-After", silent, "");
    let strange = all().filter(|seen| seen.status != 503 && !seen.is_valid).count();
    figures.none_of("(5) database away: neither valid nor 503", strange, "");
    let last = all().filter(|seen| seen.is_valid).map(|seen| seen.sent - cut).max().unwrap_or_default();
    figures.add(
        "(5) database away: last valid, asked after the cut",
        last.as_secs_f64() * 1000.0,
        "ms",
        Bar::AtMost(10_000.0),
        "",
    );
    let times: Times = all().map(Seen::took).collect();
    figures.add("(5) database away: longest answer", times.ms(1000), "ms", Bar::None, times.summary());
}

/// Once it was there again.
fn recovered(seen: &[Seen], back: Instant, figures: &mut Figures) {
    let ms = |instant: Option<Instant>, never: f64| {
        instant.map_or(never, |at| at.saturating_duration_since(back).as_secs_f64() * 1000.0)
    };
    let (allowed, never) = (RECOVERY.as_secs_f64() * 1000.0, f64::INFINITY);
    let first =
        seen.iter().filter(|seen| seen.is_valid && seen.answered > back).map(|seen| seen.answered).min();
    figures.add(
        "(5) database back: first valid answer after",
        ms(first, never),
        "ms",
        Bar::AtMost(allowed),
        "",
    );
    let last =
        seen.iter().filter(|seen| !seen.is_valid && seen.answered > back).map(|seen| seen.answered).max();
    figures.add("(5) database back: last failure after", ms(last, 0.0), "ms", Bar::AtMost(allowed), "");
    let is_well = seen.iter().max_by_key(|seen| seen.answered).is_some_and(|seen| seen.is_valid);
    figures.none_of("(5) database back: nodes that do not answer", usize::from(!is_well), "");
}

/// What was answered to what was asked in each second after the cut.
fn by_second(seen: &[Seen], cut: Instant, back: Instant) -> Vec<String> {
    let mut seconds = BTreeMap::<u64, BTreeMap<&str, usize>>::new();
    for seen in seen.iter().filter(|seen| seen.sent > cut) {
        let said = match seen.status {
            200 if seen.is_valid => "valid",
            200 => "200, not valid",
            503 => "503",
            _ => "another status",
        };
        *seconds.entry((seen.sent - cut).as_secs()).or_default().entry(said).or_default() += 1;
    }
    let back = (back - cut).as_secs();
    let line = |(second, said): (&u64, &BTreeMap<&str, usize>)| {
        let said: Vec<String> = said.iter().map(|(said, count)| format!("{said} × {count}")).collect();
        let database = if *second < back { "away" } else { "back" };
        format!("{second:>3} s, {database}: {}", said.join(", "))
    };
    seconds.iter().map(line).collect()
}
