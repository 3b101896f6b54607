//! Checks the public view: a browser that has only the view decides like the server, and the view holds no secrets.
//!
//! A scene is a handful of codes, a policy, what is used, and one buyer at one instant. For many orders, the decision
//! from the scene's view is compared with the server's, and the view is searched for everything that it must not hold.
//! `REDEEMABLE_VIEWS` is the number of orders, `REDEEMABLE_SEED` the seed that draws them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking, and its figures are small"
)]

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Ends a check with this message, unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

#[path = "properties/clock.rs"]
#[allow(dead_code, reason = "written for the properties, of which a view needs less")]
mod clock;
#[path = "properties/codes.rs"]
mod codes;
#[path = "properties/conditions.rs"]
#[allow(dead_code, reason = "as above")]
mod conditions;
#[path = "properties/documents.rs"]
#[allow(dead_code, reason = "as above")]
mod documents;
#[path = "properties/groups.rs"]
#[allow(dead_code, reason = "as above")]
mod groups;
#[path = "properties/prices.rs"]
#[allow(dead_code, reason = "as above")]
mod prices;
#[path = "properties/scenario.rs"]
#[allow(dead_code, reason = "as above")]
mod scenario;
#[path = "view/scene.rs"]
mod scene;
#[path = "view/secrets.rs"]
mod secrets;

use redeemable::{
    Decision, PublicReason, PublicView, Status, ToQualify, Usage, ValidateRequest, json, public_view,
    validate_redemption,
};
use scene::Scene;

/// The outcome of a check. An error begins with the name of the broken property.
pub type Check = Result<(), String>;

/// How often each event happened.
pub type Coverage = BTreeMap<&'static str, u64>;

/// The number of generators that share the work. It is fixed, so that every machine draws the same scenes.
const SHARES: u32 = 4;
/// The number of orders that are compared for each view.
const ORDERS: u64 = 20;
/// What is counted once for each view, or happens seldom.
const RARE: [&str; 4] = [
    "incomplete",
    "complete with automatic promotions",
    "a promotion that ends",
    "a code that is not needed",
];

/// The browser's request: it has only the view, the order and the time.
fn in_browser(view: &PublicView, server: &ValidateRequest) -> Result<Decision, String> {
    let PublicView { codes, promos, policy, .. } = view.clone();
    let request = ValidateRequest { codes, promos, policy, usage: Usage::default(), ..server.clone() };
    validate_redemption(&request).map_err(|error| format!("the view is refused: {error}"))
}

/// The public reasons, each once per code.
fn reasons(decision: &Decision) -> Vec<(Option<&str>, PublicReason)> {
    let mut reasons = Vec::new();
    for violation in &decision.violations {
        let reason = (violation.code.as_deref(), violation.public_reason);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// The changes that the buyer is told.
fn changes(decision: &Decision) -> Vec<&ToQualify> {
    decision.violations.iter().filter_map(|violation| violation.to_qualify.as_ref()).collect()
}

fn same(server: &Decision, browser: &Decision) -> Check {
    ensure!(server.status == browser.status, "another status: {server:?}, {browser:?}");
    ensure!(server.quote == browser.quote, "another quote: {server:?}, {browser:?}");
    let reasons = (reasons(server), reasons(browser));
    ensure!(reasons.0 == reasons.1, "other public reasons: {reasons:?}");
    let changes = (changes(server), changes(browser));
    ensure!(changes.0 == changes.1, "other changes: {changes:?} in {server:?}, {browser:?}");
    let applied = |decision: &Decision| {
        let what = |a: &redeemable::Applied| (a.code.clone(), a.tickets, a.uses, a.discount, a.partial);
        decision.applied.iter().map(what).collect::<Vec<_>>()
    };
    ensure!(applied(server) == applied(browser), "another effect: {server:?}, {browser:?}");
    Ok(())
}

fn check(scene: &Scene, coverage: &RefCell<Coverage>) -> Check {
    let coverage = &mut *coverage.borrow_mut();
    let asked = scene.view_request();
    let view = public_view(&asked).map_err(|error| error.to_string())?;
    let text = serde_json::to_string(&view).unwrap();
    secrets::none_in(&text, &asked)?;
    secrets::hidden_changes_nothing(&asked, &text, coverage)?;
    lasts(&asked, &view, coverage)?;
    let automatic = view.promos.iter().filter(|promo| promo.automatic).count();
    if !view.complete {
        // The page asks the server.
        *coverage.entry("incomplete").or_default() += 1;
        ensure!(automatic > 0 && view.promos.len() > 1, "incomplete for nothing: {text}");
        return Ok(());
    }
    if automatic > 0 {
        *coverage.entry("complete with automatic promotions").or_default() += 1;
    }
    for nth in 0..ORDERS {
        let request = scene.request(scene.quantities(nth));
        let server = validate_redemption(&request).map_err(|error| error.to_string())?;
        same(&server, &in_browser(&view, &request)?)?;
        saw(&request, &view, &server, coverage);
    }
    // The view, as JSON text, is a document that the engine accepts.
    let mut sent: serde_json::Value = serde_json::from_str(&text).unwrap();
    let order = scene.request(scene.quantities(0));
    for name in ["complete", "valid_until_ms"] {
        sent.as_object_mut().unwrap().remove(name);
    }
    sent["order"] = serde_json::to_value(&order.order).unwrap();
    sent["now_ms"] = scene.now.into();
    let read: ValidateRequest =
        json::read(sent.to_string().as_bytes()).map_err(|error| format!("unreadable: {error}"))?;
    let (read, typed) = (validate_redemption(&read).unwrap(), in_browser(&view, &order)?);
    ensure!(read == typed, "as text it is another view: {text}");
    Ok(())
}

/// Until `valid_until_ms` the promotions of the view stay in view, and then one of them ends.
fn lasts(asked: &redeemable::ViewRequest, view: &PublicView, coverage: &mut Coverage) -> Check {
    let seen = |ms: u64| {
        let asked = redeemable::ViewRequest { now_ms: scenario::time(ms), ..asked.clone() };
        public_view(&asked).unwrap().promos
    };
    let has = |promos: &[redeemable::Promo], code: &str| promos.iter().any(|promo| promo.code == code);
    let end = view.valid_until_ms.map_or(scenario::START + 1000 * scenario::TICK, |end| end.get());
    ensure!(end > asked.now_ms.get(), "it ends before it begins: {view:?}");
    let last = seen(end - 1);
    let gone = view.promos.iter().find(|promo| !has(&last, &promo.code));
    ensure!(gone.is_none(), "{gone:?} ends before {end}");
    if view.valid_until_ms.is_some() {
        let promo =
            |seen: &redeemable::Promo| asked.promos.iter().find(|own| own.canonical_code() == seen.code);
        let of_period = view.promos.iter().filter_map(promo).any(|promo| !promo.per_period.is_empty());
        let then = seen(end);
        let ends = view.promos.iter().any(|promo| !has(&then, &promo.code));
        ensure!(ends || of_period, "nothing ends at {end}: {view:?}");
        *coverage.entry("a promotion that ends").or_default() += 1;
    }
    Ok(())
}

fn saw(request: &ValidateRequest, view: &PublicView, server: &Decision, coverage: &mut Coverage) {
    let mut saw = |what| *coverage.entry(what).or_default() += 1;
    let told = reasons(server);
    let by_code = |reason| told.iter().any(|(code, told)| code.is_some() && *told == reason);
    for (what, seen) in [
        ("accepted at a lower price", server.status == Status::Accepted && server.quote.discount.get() > 0),
        ("accepted, cut short", server.applied.iter().any(|applied| applied.partial)),
        ("accepted without a code", server.status == Status::Accepted && server.applied.is_empty()),
        ("not accepted", by_code(PublicReason::NotAccepted)),
        ("used up", by_code(PublicReason::UsedUp)),
        ("not eligible", by_code(PublicReason::OrderNotEligible)),
        ("nobody named", by_code(PublicReason::IdentityRequired)),
        ("an automatic promotion that cannot apply", {
            let shown = view.promos.iter().filter(|promo| promo.automatic).count();
            request.promos.iter().filter(|promo| promo.automatic).count() > shown
        }),
        ("an automatic promotion that applies", {
            let applies =
                |code: &String| view.promos.iter().any(|promo| promo.automatic && promo.code == *code);
            server.applied.iter().any(|applied| applies(&applied.code))
        }),
        ("several that apply, one of them automatic", {
            server.applied.len() > 1 && view.promos.iter().any(|promo| promo.automatic)
        }),
        ("a code that is not needed", !server.quote.not_needed.is_empty()),
        ("the best with an automatic promotion", {
            request.policy.choose == redeemable::Choose::Best
                && view.promos.iter().any(|promo| promo.automatic)
        }),
        ("several reasons", told.len() > 1),
        ("something to change", !changes(server).is_empty()),
        ("a cap of the event", told.contains(&(None, PublicReason::UsedUp))),
        ("a cap of the event without anybody", told.contains(&(None, PublicReason::IdentityRequired))),
        (
            "a locked ticket",
            server.violations.iter().any(|v| v.reason == redeemable::Reason::LockedTicketType),
        ),
        ("a locked ticket that a code unlocks", {
            let locked = request.policy.locked_ticket_types.iter().flatten();
            let ordered = |name: &redeemable::Name| {
                request.order.lines.iter().any(|line| line.ticket_type.as_ref() == Some(name))
            };
            server.status == Status::Accepted && locked.into_iter().any(ordered)
        }),
        ("a locked type that the view does not name", {
            let locked = request.policy.locked_ticket_types.iter().flatten();
            let shown = |name| view.policy.locked_ticket_types.iter().flatten().any(|seen| seen == name);
            !locked.into_iter().all(shown)
        }),
        ("holds have lapsed", !request.usage.lapsed.is_empty()),
        ("a limit was left out", {
            let limited = |promo: &redeemable::Promo| promo.max_uses().is_some() || promo.budget.is_some();
            request.promos.iter().any(limited) && view.promos.iter().any(|promo| !limited(promo))
        }),
    ] {
        if seen {
            saw(what);
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// Compares one share of the scenes; proptest shrinks a failing scene to the smallest one that still fails.
fn compare(share: u32, scenes: u32, seed: u64) -> Coverage {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..12].copy_from_slice(&share.to_le_bytes());
    let config = Config { cases: scenes, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let coverage = RefCell::new(Coverage::new());
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(&scene::scenes(), |scene| check(&scene, &coverage).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => coverage.into_inner(),
        Err(TestError::Fail(reason, scene)) => {
            panic!("seed {seed}, share {share}: {}\nin\n{scene:#?}", reason.message())
        }
        Err(TestError::Abort(reason)) => panic!("aborted: {}", reason.message()),
    }
}

/// Compares all orders, and counts what happened in them.
fn compared() -> &'static (u64, Coverage) {
    static COMPARED: OnceLock<(u64, Coverage)> = OnceLock::new();
    COMPARED.get_or_init(|| {
        let orders = setting("REDEEMABLE_VIEWS", 40_000);
        let seed = setting("REDEEMABLE_SEED", 1);
        let scenes = u32::try_from(orders.div_ceil(ORDERS * u64::from(SHARES))).unwrap();
        let mut all = Coverage::new();
        std::thread::scope(|scope| {
            let shares: Vec<_> =
                (0..SHARES).map(|share| scope.spawn(move || compare(share, scenes, seed))).collect();
            for share in shares {
                match share.join() {
                    Ok(coverage) => coverage.iter().for_each(|(what, n)| *all.entry(what).or_default() += n),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        (u64::from(scenes) * u64::from(SHARES) * ORDERS, all)
    })
}

#[test]
fn the_browser_decides_like_the_server_and_sees_no_secrets() {
    let (orders, coverage) = compared();
    println!("{orders} orders\n{coverage:#?}");
}

/// If nothing happened, the comparison would find no difference, so each event must happen often enough.
#[test]
fn everything_interesting_happens() {
    let (orders, coverage) = compared();
    assert_eq!(coverage.len(), 26, "{coverage:?}");
    let rare: Vec<_> = coverage
        .iter()
        .filter(|(what, n)| **n < orders / if RARE.contains(what) { 10_000 } else { 500 })
        .collect();
    assert!(rare.is_empty(), "of {orders} orders too few had: {rare:?}");
}
