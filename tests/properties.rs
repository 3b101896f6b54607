//! Properties that hold in every scenario, whatever buyers, hosts and organisers do, in any order.
//!
//! A scenario is a handful of codes, a policy and a sequence of steps. proptest draws it, and the test plays it against
//! a host with two tables in memory. After each step every property is checked, with a naive second implementation of
//! the specification. `REDEEMABLE_SCENARIOS` is the number of scenarios, `REDEEMABLE_SEED` the seed that draws them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking, and its figures are small"
)]

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::sync::OnceLock;

/// Ends a check with this message, unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

#[path = "properties/book.rs"]
mod book;
#[path = "properties/checks.rs"]
mod checks;
#[path = "properties/choice.rs"]
mod choice;
#[path = "properties/clock.rs"]
mod clock;
#[path = "properties/codes.rs"]
mod codes;
#[path = "properties/conditions.rs"]
mod conditions;
#[path = "properties/coverage.rs"]
mod coverage;
#[path = "properties/documents.rs"]
mod documents;
#[path = "properties/groups.rs"]
mod groups;
#[path = "properties/invariance.rs"]
mod invariance;
#[path = "properties/keeping.rs"]
mod keeping;
#[path = "properties/ledger.rs"]
mod ledger;
#[path = "properties/limits.rs"]
mod limits;
#[path = "properties/locks.rs"]
mod locks;
#[path = "properties/naive.rs"]
mod naive;
#[path = "properties/older.rs"]
mod older;
#[path = "properties/orders.rs"]
mod orders;
#[path = "properties/payments.rs"]
mod payments;
#[path = "properties/plan.rs"]
mod plan;
#[path = "properties/prices.rs"]
mod prices;
#[path = "properties/scenario.rs"]
mod scenario;
#[path = "properties/settle.rs"]
mod settle;
#[path = "properties/store.rs"]
mod store;
#[path = "properties/world.rs"]
mod world;

use coverage::Coverage;

/// The outcome of a check. An error begins with the name of the broken property.
pub type Check = Result<(), String>;

/// The number of generators that share the work. It is fixed, so that every machine plays the same scenarios.
const SHARES: u32 = 8;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// Runs one share of the cases; proptest shrinks a failing one to the smallest that still fails.
fn run<S: Strategy>(
    share: u32,
    cases: u32,
    seed: u64,
    strategy: &S,
    check: impl Fn(S::Value, &mut Coverage) -> Check,
) -> Coverage {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..12].copy_from_slice(&share.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None, // the seed repeats a failure; nothing is written beside the tests
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let coverage = RefCell::new(Coverage::default());
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(strategy, |case| check(case, &mut coverage.borrow_mut()).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => coverage.into_inner(),
        Err(TestError::Fail(reason, case)) => {
            panic!("seed {seed}, share {share}: {}\nin\n{case:#?}", reason.message())
        }
        Err(TestError::Abort(reason)) => panic!("aborted: {}", reason.message()),
    }
}

/// Runs all cases, each share in a thread of its own.
fn all(cases: u64, each: impl Fn(u32, u32) -> Coverage + Sync) -> (u64, Coverage) {
    let of_share = u32::try_from(cases.div_ceil(u64::from(SHARES))).unwrap();
    let mut all = Coverage::default();
    std::thread::scope(|scope| {
        let each = &each;
        let shares: Vec<_> = (0..SHARES).map(|share| scope.spawn(move || each(share, of_share))).collect();
        for share in shares {
            match share.join() {
                Ok(coverage) => all.add(&coverage),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    (u64::from(of_share) * u64::from(SHARES), all)
}

/// Plays all scenarios, and counts what happened in them.
fn played() -> &'static (u64, Coverage) {
    static PLAYED: OnceLock<(u64, Coverage)> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let seed = setting("REDEEMABLE_SEED", 1);
        all(setting("REDEEMABLE_SCENARIOS", 10_000), |share, cases| {
            run(share, cases, seed, &scenario::scenarios(), |scenario, coverage| {
                world::play(&scenario, coverage)
            })
        })
    })
}

#[test]
fn every_invariant_holds_in_every_scenario() {
    let (scenarios, coverage) = played();
    println!("{scenarios} scenarios\n{coverage}");
}

/// Scenarios in which nothing happens would break no property, so each event must happen often enough.
#[test]
fn everything_interesting_happens() {
    let (scenarios, coverage) = played();
    let rare = coverage.rarer_than(scenarios / 500);
    assert!(rare.is_empty(), "of {scenarios} scenarios too few had: {rare:?}");
}

/// Each order, with automatic promotions and as entered or for the best, is what a second reading finds that tries
/// every set. `REDEEMABLE_ORDERS` is the number of orders.
#[test]
fn the_choice_is_what_brute_force_finds() {
    let seed = setting("REDEEMABLE_SEED", 1);
    let (orders, coverage) = all(setting("REDEEMABLE_ORDERS", 16_000), |share, cases| {
        run(share, cases, seed, &orders::orders(), |order, coverage| orders::check(&order, coverage))
    });
    println!("{orders} orders\n{coverage}");
    let rare: Vec<_> =
        orders::INTERESTING.iter().filter(|what| coverage.times(what) < (orders / 10_000).max(1)).collect();
    assert!(rare.is_empty(), "of {orders} orders too few had: {rare:?}");
}
