//! (2) A flood of sign-ins, of unknown people and with wrong passwords, beside a steady load of
//! verifications of one key: passwords are hashed by few at a time, and what waits has a bound.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bursar_gateway::config::Config;

use crate::{
    Options,
    figure::{Bar, Figures, Times},
    http::Connection,
    node::Node,
    owner::Owner,
    people::{known, sign_in, unknown},
    stage::Stage,
    watch::{Seen, Watch, per_second},
};

/// Connections of the verifications, each with a question in so many milliseconds: 500 a second.
const WATCHES: usize = 4;
const EVERY: Duration = Duration::from_millis(8);
/// How long it is quiet before each wave, and after the last one.
const QUIET: Duration = Duration::from_secs(3);
/// What a connection with a request in it may take beside the hashes.
const CONNECTION_KIB: usize = 64;

pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let node = Node::start(&stage.url).await;
    let owner = Owner::sign_up(node.address, "flooded").await;
    let key = owner.key(&mut Connection::open(node.address).await).await;
    let watches = Watch::several(WATCHES, node.address, &owner, &key.secret, EVERY);
    // The first answers warm what the later ones find.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = node.resident_mib();
    let (mut quiet, mut floods, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.waves {
        quiet.push(Span::of(tokio::time::sleep(QUIET)).await.0);
        let (span, wave) = Span::of(wave(&node, options.flood)).await;
        floods.push(span);
        answers.extend(wave);
    }
    let highest = node.highest_mib();
    tokio::time::sleep(QUIET).await;
    let after = node.resident_mib();
    let seen = Watch::end_all(watches).await;

    verifications(&seen, &quiet, &floods, figures);
    signed_in(options, &answers, figures);
    let config = Config::development().expect("the defaults are good").sign_in;
    let permitted = config.password_permits as f64 * f64::from(config.password_memory_kib) / 1024.0;
    let allowed = permitted + (options.flood * CONNECTION_KIB) as f64 / 1024.0;
    let note = format!(
        "{before:.0} MiB before, {highest:.0} at its highest; {} permits of {} KiB are {permitted:.0} MiB, \
         {CONNECTION_KIB} KiB for each connection",
        config.password_permits, config.password_memory_kib
    );
    figures.add("(2) memory that the flood took", highest - before, "MiB", Bar::AtMost(allowed), note);
    figures.add(
        "(2) memory after it, beside before",
        after - before,
        "MiB",
        Bar::None,
        format!("{after:.0} MiB after"),
    );
}

/// From when to when.
struct Span(Instant, Instant);

impl Span {
    async fn of<T>(work: impl Future<Output = T>) -> (Self, T) {
        let began = Instant::now();
        let done = work.await;
        (Self(began, Instant::now()), done)
    }

    fn holds(&self, instant: Instant) -> bool {
        (self.0..self.1).contains(&instant)
    }
}

/// One answer to a sign-in.
struct Answered {
    status: u16,
    says_when: bool,
    took: Duration,
}

/// So many sign-ins at once, each over a connection of its own; every other one of somebody known.
async fn wave(node: &Node, many: usize) -> Vec<Answered> {
    let address = node.address;
    let tries: Vec<_> = (0..many)
        .map(|number| {
            tokio::spawn(async move {
                let email = if number % 2 == 0 { known(number) } else { unknown(number) };
                let mut connection = Connection::open(address).await;
                let sent = Instant::now();
                let answer = connection.send(&sign_in(&email)).await;
                let says_when = answer.has_header("retry-after");
                Answered { status: answer.status, says_when, took: sent.elapsed() }
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(many);
    for one in tries {
        answers.push(one.await.expect("a try does not panic"));
    }
    answers
}

fn verifications(seen: &[Seen], quiet: &[Span], floods: &[Span], figures: &mut Figures) {
    let times = |spans: &[Span]| -> Times {
        let within = |seen: &&Seen| spans.iter().any(|span| span.holds(seen.sent));
        seen.iter().filter(within).map(Seen::took).collect()
    };
    let (without, with) = (times(quiet), times(floods));
    let flooded_ms: f64 = floods.iter().map(|span| (span.1 - span.0).as_secs_f64() * 1000.0).sum();
    let ratio = with.ms(990) / without.ms(990);
    let note = format!("with: {}; without: {}", with.summary(), without.summary());
    figures.add("(2) verification, p99 with the flood / without", ratio, "×", Bar::Below(2.0), note);
    let note = format!("{} waves, {flooded_ms:.0} ms together", floods.len());
    figures.add("(2) verification, p99 with the flood", with.ms(990), "ms", Bar::None, note);
    figures.add(
        "(2) verifications a second all the while",
        per_second(seen),
        "1/s",
        Bar::None,
        "asked for: 500",
    );
    let refused = seen.iter().filter(|seen| !seen.is_valid).count();
    figures.none_of("(2) verifications that did not say valid", refused, format!("of {}", seen.len()));
}

fn signed_in(options: &Options, answers: &[Answered], figures: &mut Figures) {
    let mut statuses = BTreeMap::<u16, usize>::new();
    for answer in answers {
        *statuses.entry(answer.status).or_default() += 1;
    }
    let statuses: Vec<String> =
        statuses.iter().map(|(status, count)| format!("{status} × {count}")).collect();
    let others = answers.iter().filter(|answer| !matches!(answer.status, 401 | 503)).count();
    let note = format!("{} of {} at once", statuses.join(", "), options.flood);
    figures.none_of("(2) sign-ins answered other than 401 and 503", others, note);
    let silent = answers.iter().filter(|answer| answer.status == 503 && !answer.says_when).count();
    figures.none_of("(2) sign-ins answered 503 without Retry-After", silent, "");
    let times: Times = answers.iter().map(|answer| answer.took).collect();
    figures.add("(2) longest answer to a sign-in", times.ms(1000), "ms", Bar::None, times.summary());
}
