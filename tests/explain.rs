//! Explains random refusals: every fix is made and decided again, one less is refused, and a search of all single
//! changes of small orders finds what the numbers of the violations miss. `REDEEMABLE_REFUSALS` is the number of
//! refusals.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking, and its figures are small"
)]

/// Ends a check with this message, unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

#[path = "explain/draw.rs"]
mod draw;
#[path = "explain/fixes.rs"]
mod fixes;

use draw::Draw;
use fixes::{explanation, resized, total};
use redeemable::{
    Explanation, Integer, OrderChange, Positive, Reason, Status, ValidateRequest, explain_redemption,
    validate_redemption,
};
use std::collections::BTreeMap;

/// The most tickets that the search adds to a line.
const MOST: i64 = 12;

/// How often a line can be mended by tickets, and how often the answer says so.
#[derive(Debug, Default)]
struct Seen {
    mendable: u64,
    mended: u64,
    fixes: BTreeMap<&'static str, u64>,
    incomplete: u64,
    without_fix: u64,
}

fn kind(change: &OrderChange) -> &'static str {
    match change {
        OrderChange::LeaveOutCode { .. } => "leave out a code",
        OrderChange::WaitUntil { .. } => "wait",
        OrderChange::NameIdentity { .. } => "name an identity",
        OrderChange::AddTickets { .. } => "add tickets",
        OrderChange::RemoveTickets { .. } => "remove tickets",
    }
}

/// Searches every number of tickets that can be added to a line or removed from it.
fn search(request: &ValidateRequest, answer: &Explanation, seen: &mut Seen) {
    for index in 0..request.order.lines.len() {
        let line = Integer::new(u64::try_from(index).unwrap()).unwrap();
        for sign in [1, -1] {
            let accepted = |by: &i64| {
                let order = resized(&request.order, line.get(), sign * by);
                let with = |order| ValidateRequest {
                    order,
                    ..fixes::changed(request, &OrderChange::LeaveOutCode { code: String::new() }, 1).remove(0)
                };
                order.is_some_and(|order| total(&with(order)).is_some())
            };
            if (1..=MOST).any(|by| accepted(&by)) {
                seen.mendable += 1;
                let is = |change: &OrderChange| match change {
                    OrderChange::AddTickets { line: of, .. } => *of == line && sign == 1,
                    OrderChange::RemoveTickets { line: of, .. } => *of == line && sign == -1,
                    OrderChange::LeaveOutCode { .. }
                    | OrderChange::WaitUntil { .. }
                    | OrderChange::NameIdentity { .. } => false,
                };
                seen.mended += u64::from(answer.fixes.iter().any(|fix| is(&fix.change)));
                if std::env::var_os("REDEEMABLE_SHOW").is_some()
                    && !answer.fixes.iter().any(|fix| is(&fix.change))
                {
                    println!("missed: line {index} {sign} of {}\n", serde_json::to_string(request).unwrap());
                }
            }
        }
    }
}

#[test]
fn every_fix_is_accepted_and_one_less_is_refused() {
    let refusals = std::env::var("REDEEMABLE_REFUSALS").map_or(3000, |count| count.parse::<u64>().unwrap());
    let (mut seen, mut draw, mut refused) = (Seen::default(), Draw::new(1), 0);
    while refused < refusals {
        let request = draw.request();
        // An order that is accepted must say how long it is held.
        let decision = validate_redemption(&request);
        let answer = match explain_redemption(&request) {
            Ok(answer) => answer,
            Err(error) => {
                assert_eq!(decision, Err(error));
                continue;
            }
        };
        if let Err(broken) = explanation(&request, &answer) {
            panic!("{broken}\nin {}", serde_json::to_string(&request).unwrap());
        }
        if answer.status == Status::Accepted {
            continue;
        }
        refused += 1;
        for fix in &answer.fixes {
            *seen.fixes.entry(kind(&fix.change)).or_default() += 1;
        }
        seen.incomplete += u64::from(!answer.complete);
        seen.without_fix += u64::from(answer.fixes.is_empty());
        let again = answer.unfixed.iter().any(|one| one.reason == Reason::AlreadyConfirmed);
        if refused % 3 == 0 && !again {
            search(&request, &answer, &mut seen);
        }
    }
    println!("{refused} refusals: {seen:?}");
    assert_eq!(seen.fixes.len(), 5, "{seen:?}");
    assert!(seen.fixes.values().all(|times| *times >= refusals / 100), "{seen:?}");
    assert!(seen.without_fix >= refusals / 100, "{seen:?}");
    // What the numbers cannot say: a discount that grows in steps, or a code before it that takes more.
    assert!(seen.mended * 100 >= seen.mendable * 80, "{seen:?}");
}

#[test]
fn no_answer_takes_more_than_32_decisions() {
    let lines: Vec<_> = (0..100).map(|_| serde_json::json!({"unit_price": 1000, "quantity": 2})).collect();
    let request = serde_json::json!({
        "codes": ["FOUR"], "promos": [{"code": "FOUR", "discount_percent": 10, "min_tickets": 204}],
        "order": {"event_id": "gala", "currency": "EUR", "lines": lines}, "now_ms": 1800000000000_u64,
    });
    let request = redeemable::json::read(request.to_string().as_bytes()).unwrap();
    let answer = explain_redemption(&request).unwrap();
    assert_eq!((answer.decisions.get(), answer.complete), (32, false));
    // The order itself, the order without the code, and two for each of 15 lines.
    assert_eq!(answer.fixes.len(), 1 + 15);
    let four = |change: &OrderChange| match change {
        OrderChange::AddTickets { tickets, .. } => *tickets == Positive::new(4).unwrap(),
        _ => false,
    };
    assert!(answer.fixes.iter().skip(1).all(|fix| four(&fix.change)));
    assert_eq!(explanation(&request, &answer), Ok(()));
}
