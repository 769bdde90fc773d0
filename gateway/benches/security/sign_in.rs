//! (1) Whether the time of a refusal tells who has an account: known people with a wrong password and
//! people whom nobody knows, at random from a seed, one at a time.

use std::time::Instant;

use bursar_kernel::Entropy;
use bursar_testkit::SeededEntropy;

use crate::{
    Options,
    figure::{Bar, Figures, Times},
    http::Connection,
    node::Node,
    people::{known, sign_in, unknown},
    stage::Stage,
};

/// Where the order comes from.
const SEED: u64 = 0x05ee_d0f5_1611;
/// Tries that do not count: connections, statements and memory come first.
const WARM_UP: usize = 20;
/// How far the medians may be apart, in percent.
const APART_PERCENT: f64 = 5.0;

pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let node = Node::start(&stage.url).await;
    let mut connection = Connection::open(node.address).await;
    for number in 0..WARM_UP {
        connection.send(&sign_in(&known(number))).await;
        connection.send(&sign_in(&unknown(number))).await;
    }
    let (mut of_known, mut of_unknown, mut others) = (Times::default(), Times::default(), 0);
    for (is_known, number) in shuffled(options.sign_ins) {
        let request = sign_in(&if is_known { known(number) } else { unknown(number) });
        let sent = Instant::now();
        let answer = connection.send(&request).await;
        if is_known { &mut of_known } else { &mut of_unknown }.push(sent.elapsed());
        others += usize::from(answer.status != 401);
    }
    let note = format!("known: {}; unknown: {}", of_known.summary(), of_unknown.summary());
    figures.add(
        "(1) sign-in refused: medians apart",
        apart(&of_known, &of_unknown, 500),
        "%",
        Bar::AtMost(APART_PERCENT),
        note,
    );
    figures.add(
        "(1) sign-in refused: 95th percentiles apart",
        apart(&of_known, &of_unknown, 950),
        "%",
        Bar::None,
        "",
    );
    figures.add("(1) sign-in refused: median of known people", of_known.ms(500), "ms", Bar::None, "");
    figures.add("(1) sign-in refused: median of unknown people", of_unknown.ms(500), "ms", Bar::None, "");
    figures.none_of("(1) answers other than 401", others, "");
}

/// Each kind of so many, in an order that is the same in every run.
fn shuffled(many: usize) -> Vec<(bool, usize)> {
    let entropy: &dyn Entropy = &SeededEntropy::new(SEED);
    let mut tries: Vec<(bool, usize)> =
        (0..many).flat_map(|number| [(true, number), (false, number)]).collect();
    tries.sort_by_cached_key(|_| entropy.bytes::<8>());
    tries
}

/// How far two are apart, in percent of the second.
fn apart(one: &Times, other: &Times, per_mille: usize) -> f64 {
    (one.ms(per_mille) / other.ms(per_mille) - 1.0).abs() * 100.0
}
