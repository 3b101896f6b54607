//! Random orders with automatic promotions, judged as entered and for the best.

use proptest::collection::vec;
use proptest::prelude::*;
use redeemable::{Choose, Decision, Policy, Promo, Status, Usage, ValidateRequest};
use redeemable::{usage_keys, validate_redemption};

use crate::Check;
use crate::book;
use crate::codes::{CODES, PROMOTED};
use crate::coverage::Coverage;
use crate::documents::{policy, promo};
use crate::scenario::{Purchase, START, TICK, int, name, purchase, time};

/// An order: the documents, what the buyer wants, and random numbers for all else.
pub type Drawn = (Vec<Promo>, Policy, Purchase, Vec<u64>, u64);

pub fn orders() -> impl Strategy<Value = Drawn> {
    (vec(promo(), 2..=PROMOTED), policy(), purchase(), vec(0..=9_u64, 40), any::<u64>())
}

fn request((promos, policy, purchase, used, random): &Drawn) -> ValidateRequest {
    let mut promos = promos.clone();
    for (index, promo) in promos.iter_mut().enumerate() {
        promo.code = CODES[index].1[0].to_owned();
        promo.id = promo.id.take().map(|_| name(&format!("promo/{index}")));
        promo.automatic = random >> index & 1 == 1;
        if promo.automatic {
            (promo.unlocks, promo.lifts) = (None, None);
        }
        if random >> 12 & 3 > 0 {
            // Most orders meet the conditions, so that there is something to choose.
            promo.active = true;
            (promo.only_for, promo.only_if, promo.requires, promo.weekly) = (None, None, None, None);
            (promo.starts_at_ms, promo.ends_at_ms, promo.events) = (None, None, None);
        }
    }
    let choose = if random >> 8 & 1 == 1 { Choose::Best } else { Choose::Entered };
    let mut request = ValidateRequest {
        codes: purchase.typed(promos.len()),
        promos,
        policy: Policy { choose, ..policy.clone() },
        order: purchase.order(Some("order"), START),
        usage: Usage::default(),
        now_ms: time(START + TICK * (random >> 9 & 3)),
    };
    let keys = usage_keys(&request.clone().into()).unwrap();
    for (key, used) in keys.into_iter().zip(used) {
        let used = if key.contains("/spend/") { used * 300 } else { used.saturating_sub(4) };
        request.usage.counters.insert(key, int(used));
    }
    request
}

/// Checks one order against the second reading, which tries every set.
pub fn check(drawn: &Drawn, coverage: &mut Coverage) -> Check {
    let request = request(drawn);
    let decision = validate_redemption(&request).map_err(|error| error.to_string())?;
    saw(&request, &decision, coverage);
    book::order_is_judged_by_the_book(&request, &decision)?;
    let keys = usage_keys(&request.clone().into()).unwrap();
    for op in &decision.ops {
        let redeemable::Op::Insert { redemption } = op else { continue };
        let unread = redemption.charges.iter().find(|charge| !keys.contains(&charge.key));
        ensure!(unread.is_none(), "charges a counter that is not read: {unread:?}");
        let typed = |code: &String| redemption.codes.contains(code);
        let unlimited = redemption
            .charges
            .iter()
            .find(|charge| charge.limit.is_none() && charge.code.as_ref().is_some_and(|code| !typed(code)));
        ensure!(unlimited.is_none(), "charges what nobody typed and nothing limits: {unlimited:?}");
    }
    // What nobody typed refuses nothing.
    let mut without = request.clone();
    without.policy.choose = Choose::Entered;
    without.order.max_total = None;
    let with = validate_redemption(&without).map_err(|error| error.to_string())?;
    without.promos.iter_mut().for_each(|promo| promo.automatic = false);
    let without = validate_redemption(&without).map_err(|error| error.to_string())?;
    ensure!(with.violations == without.violations, "refuses for what nobody typed: {:?}", with.violations);
    ensure!(with.quote.total <= without.quote.total, "is dearer: {:?}", with.quote);
    Ok(())
}

fn saw(request: &ValidateRequest, decision: &Decision, coverage: &mut Coverage) {
    let accepted = decision.status == Status::Accepted;
    let mode = if request.policy.choose == Choose::Best { "best" } else { "entered" };
    coverage.saw(&format!("{mode} {}", if accepted { "accepted" } else { "rejected" }));
    coverage.saw_if(accepted && decision.applied.len() > 1, &format!("{mode} of several"));
    for passed in &decision.passed_over {
        coverage.saw(&format!("{mode} passed over {}", crate::choice::name(passed.reason)));
    }
    coverage.saw_if(!decision.quote.not_needed.is_empty(), &format!("{mode} not needed"));
}

/// What must happen now and then.
pub const INTERESTING: &[&str] = &[
    "best accepted",
    "best rejected",
    "best of several",
    "best not needed",
    "best passed over better_offer",
    "best passed over uses_exhausted",
    "entered accepted",
    "entered of several",
    "entered not needed",
    "entered passed over nothing_left",
    "entered passed over cannot_combine",
    "entered passed over better_offer",
    "entered passed over uses_exhausted",
    "entered passed over free_tickets_exhausted",
];
