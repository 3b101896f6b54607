use super::{Found, Subject};
use crate::documents::choose::Choose;

/// Of two orders that cost the same, the one with fewer promotions is best. An automatic promotion that takes nothing
/// off is therefore never in it. (A code that was typed and only counts is not weighed.)
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let weighs = subject.policy.choose == Choose::Best;
    if weighs && subject.promo.automatic && subject.promo.takes().is_none() {
        let message =
            format!("{} takes nothing off, so it never applies by itself: choose is best", subject.code);
        found.say(subject.at("automatic"), message);
    }
}

#[test]
fn only_where_the_best_is_chosen() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |percent, automatic, choose| {
        let promo = fixture::promo(json!({"discount_percent": percent, "automatic": automatic}));
        fixture::found_in(Problem::NeverBest, json!({"promos": [promo], "policy": {"choose": choose}}))
    };
    assert_eq!(found(0, true, "best"), ["promos[0].automatic"]);
    assert!(found(0, true, "entered").is_empty());
    assert!(found(0, false, "best").is_empty());
    assert!(found(10, true, "best").is_empty());
}
