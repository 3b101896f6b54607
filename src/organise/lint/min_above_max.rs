use super::{Found, Subject, written};
use crate::base::money::Integer;
use crate::documents::order::MAX_TICKETS;

/// `min_tickets` is more than the code allows, or than a person or any order may have; or the least subtotal is above
/// the largest one.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let both = subject.promo.min_subtotal.as_ref().zip(subject.promo.max_subtotal.as_ref());
    let contradict = both.and_then(|(least, most)| least.beside(most, |least, most| most < least));
    if let Some((currency, least, most)) = contradict {
        let (least, most) = (written(least, currency), written(most, currency));
        let message =
            format!("{} needs a subtotal of at least {least}, and it allows at most {most}", subject.code);
        found.say(subject.at("min_subtotal"), message);
    }
    let Some(least) = subject.promo.min_tickets else { return };
    let [_, per_person] = subject.policy.lifted(subject.promo.lifts.unwrap_or_default());
    for (most, of) in [
        (subject.promo.max_tickets, "it allows"),
        (per_person, "a person may have"),
        (Integer::new(MAX_TICKETS), "an order may have"),
    ] {
        // A limit of 0 refuses everything: that is the problem `zero_refuses`.
        if let Some(most) = most.filter(|most| *most > Integer::ZERO && *most < least) {
            let message = format!(
                "{} needs at least {} tickets, and {of} at most {}",
                subject.code,
                least.get(),
                most.get()
            );
            found.say(subject.at("min_tickets"), message);
        }
    }
}

#[test]
fn the_same_subtotal_as_both_bounds_is_possible() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |least, most| {
        fixture::found(Problem::MinAboveMax, json!({"min_subtotal": least, "max_subtotal": most}))
    };
    assert_eq!(found(501, 500), ["promos[0].min_subtotal"]);
    assert!(found(500, 500).is_empty());
}

#[test]
fn each_bound_by_itself() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |least: u64, most, person| {
        let promo = json!({"code": "X", "discount_percent": 20, "min_tickets": least, "max_tickets": most});
        let policy = json!({"max_tickets_per_identity": person});
        fixture::found_in(Problem::MinAboveMax, json!({"promos": [promo], "policy": policy})).len()
    };
    assert_eq!(found(4, json!(3), json!(3)), 2);
    assert_eq!(found(4, json!(4), json!(4)), 0);
    assert_eq!(found(1000, json!(null), json!(null)), 0);
    assert_eq!(found(1001, json!(null), json!(null)), 1);
    assert_eq!(found(4, json!(0), json!(0)), 0);
}
