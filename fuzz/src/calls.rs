//! Makes a scenario of `tests/properties` from the bytes and plays it. After each step, the naive second implementation
//! is compared with what the engine did.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use redeemable::ReleaseReason;

use crate::codes::{CODES, PROMOTED};
use crate::coverage::Coverage;
use crate::draw::Draw;
use crate::scenario::{
    BUYERS, Edit, GivenBack, Lapsed, Paid, Purchase, Read, Report, Said, Scenario, Step, TICK, TYPES, name,
};
use crate::{documents, world};

const MOST_STEPS: usize = 24;

pub fn run(bytes: &[u8]) {
    let scenario = scenario(&mut Draw::new(bytes));
    if let Err(found) = world::play(&scenario, &mut Coverage::default()) {
        panic!("{found}\nin\n{scenario:#?}");
    }
}

/// A document drawn as in `tests/properties`. Two bytes seed it, so there are 65 536 of each kind.
fn document<T>(of: impl Strategy<Value = T>, draw: &mut Draw) -> T {
    let mut seed = [0; 32];
    seed[..2].copy_from_slice(&[draw.byte(), draw.byte()]);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let tree = of.new_tree(&mut TestRunner::new_with_rng(Config::default(), rng));
    tree.unwrap().current()
}

fn scenario(draw: &mut Draw) -> Scenario {
    let policy = document(documents::policy(), draw);
    let mut promos = Vec::new();
    for (index, (_, ways)) in CODES.iter().enumerate().take(2 + draw.below(4)) {
        let mut promo = document(documents::promo(), draw);
        promo.code = ways[0].to_owned();
        promo.id = promo.id.map(|_| name(&format!("promo/{index}")));
        promos.push(promo);
    }
    let count = promos.len();
    let mut steps = Vec::new();
    while steps.len() < MOST_STEPS && !draw.is_empty() {
        steps.push(step(count, draw));
    }
    Scenario { promos, policy, steps }
}

fn step(promos: usize, draw: &mut Draw) -> Step {
    match draw.below(17) {
        0..=4 => Step::Buy(purchase(promos, draw), draw.one_in(4).then(|| nth(draw)), read(draw)),
        5 => Step::Preview(purchase(promos, draw), read(draw)),
        6 => Step::Again(nth(draw), small(draw, 3), read(draw)),
        7 => Step::Resize(nth(draw), 1 + small(draw, 4), read(draw)),
        8 => Step::Pass(1 + small(draw, 4)),
        9 => Step::Sweep,
        10 | 11 => {
            let paid = draw.of(&[Paid::Right, Paid::Right, Paid::Unchecked, Paid::Wrong]);
            let (nth, over_limit) = (nth(draw), draw.one_in(3));
            let currency = draw.of(&[Said::Same, Said::Same, Said::Capitals, Said::Other, Said::Nothing]);
            let (payment, dry) = (small(draw, 3), draw.one_in(5));
            Step::Confirm(nth, Report { payment, paid, currency, over_limit, dry }, read(draw))
        }
        12 | 13 => {
            let tickets = draw.one_in(2).then(|| (0..=draw.below(3)).map(|_| small(draw, 7)).collect());
            let (nth, reason) = (nth(draw), draw.of(&ReleaseReason::ALL));
            let release = draw.one_in(2).then(|| small(draw, 2));
            Step::Release(nth, GivenBack { release, reason, tickets }, read(draw))
        }
        14 => Step::Edit(small(draw, 5), edit(draw)),
        15 => Step::HoldFor(draw.of(&[None, Some(60_000), Some(TICK), Some(9 * TICK)])),
        _ => Step::Retry(small(draw, 3)),
    }
}

fn small(draw: &mut Draw, count: usize) -> u8 {
    u8::try_from(draw.below(count)).unwrap()
}

/// The index of an earlier order, counted back from the latest.
fn nth(draw: &mut Draw) -> u8 {
    small(draw, 6)
}

fn purchase(promos: usize, draw: &mut Draw) -> Purchase {
    // One code in 32 is unknown or blank.
    let code = |draw: &mut Draw| {
        let code = if draw.one_in(32) {
            PROMOTED + draw.below(CODES.len() - PROMOTED + 1)
        } else {
            draw.below(promos)
        };
        (code.min(CODES.len()), draw.below(3))
    };
    Purchase {
        buyer: draw.below(BUYERS.len()),
        event: usize::from(draw.one_in(8)),
        currency: usize::from(draw.one_in(8)),
        codes: (0..draw.below(4)).map(|_| code(draw)).collect(),
        lines: (0..=draw.below(2)).map(|_| (draw.below(TYPES.len()), 1 + draw.up_to(2))).collect(),
        hold: draw.up_to(4),
    }
}

fn read(draw: &mut Draw) -> Read {
    let lapsed = draw.of(&[Lapsed::None, Lapsed::None, Lapsed::All, Lapsed::Anything]);
    Read { age: draw.below(8).saturating_sub(3), lapsed }
}

fn edit(draw: &mut Draw) -> Edit {
    let most = |draw: &mut Draw, most: u64| (!draw.one_in(5)).then(|| draw.up_to(most));
    match draw.below(7) {
        0 | 1 => Edit::MaxUses(most(draw, 12)),
        2 => Edit::MaxUsesPerIdentity(most(draw, 4)),
        3 => Edit::Budget(most(draw, 9000)),
        4 => Edit::PoolUses(most(draw, 12)),
        5 => Edit::Active(draw.one_in(2)),
        _ if draw.one_in(3) => Edit::Delete,
        _ => Edit::Release(document(documents::release(), draw)),
    }
}
