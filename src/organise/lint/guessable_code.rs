use super::{Found, Subject};
use crate::documents::discount::Discount;

/// 50 percent, in ten-thousandths of a percent.
const HALF: u32 = 500_000;

/// The code is so short that fewer than 100 000 such codes exist, and it takes half of the price or more off or unlocks
/// a ticket type, for anybody.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    if subject.promo.automatic {
        return; // there is nothing to guess
    }
    let half =
        |discount: &Discount| discount.percent().is_some_and(|percent| percent.ten_thousandths() >= HALF);
    let takes = subject.promo.takes();
    let worth = takes.makes_free() || subject.discounts().iter().any(|(_, discount)| half(discount));
    let unlocks = subject.promo.unlocks.iter().flatten().any(|name| subject.policy.locks(Some(name)));
    let digits = subject.code.chars().all(|c| c.is_ascii_digit());
    // 36 letters and digits: 36^3 = 46 656; 10^4 = 10 000.
    let short = subject.code.chars().count() <= if digits { 4 } else { 3 };
    if (worth || unlocks) && short && subject.promo.only_for.is_none() {
        let gives = if worth { "takes half of the price or more off" } else { "unlocks a ticket type" };
        let message = format!("{} is short enough to be found by trying, and {gives}", subject.code);
        found.say(subject.at("code"), message);
    }
}

#[test]
fn short_and_worth_it() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |code: &str, percent| {
        fixture::found(Problem::GuessableCode, json!({"code": code, "discount_percent": percent}))
    };
    assert_eq!(found(" vip ", 50.0), ["promos[0].code"]);
    assert_eq!(found("2026", 100.0), ["promos[0].code"]);
    assert!(found("VIP", 49.9).is_empty());
    assert!(found("CREW", 100.0).is_empty());
    assert!(found("20266", 100.0).is_empty());
    let listed = json!({"code": "VIP", "discount_percent": 100, "only_for": {"account": ["ann"]}});
    assert!(fixture::found(Problem::GuessableCode, listed).is_empty());
    let locked = |locked| {
        let promo = fixture::promo(json!({"code": "VIP", "unlocks": ["vip"]}));
        let request = json!({"promos": [promo], "policy": {"locked_ticket_types": [locked]}});
        fixture::found_in(Problem::GuessableCode, request)
    };
    assert_eq!(locked("vip"), ["promos[0].code"]);
    assert!(locked("crew").is_empty());
}
