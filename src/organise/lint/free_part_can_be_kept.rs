use super::{Found, Subject};
use crate::documents::group::Spread;

/// The discount of a group stays on its discounted tickets: a buyer can give the others back, and keep these.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let takes = subject.promo.takes();
    let Some(kind) = takes.groups() else { return };
    let all = kind.size.is_some_and(|size| size.get() == kind.discounted.get());
    if kind.spread == Spread::Discounted && !all {
        let message = "leaves its discount on the discounted tickets, \
                       and a buyer who gives back the others of the group keeps it";
        found.say(subject.at("discount.spread"), format!("{} {message}", subject.code));
    }
}

#[test]
fn unless_the_group_shares_it_or_all_of_it_is_discounted() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |spread: &str, discounted: u64| {
        let discount = json!({"kind": "per_group", "size": 3, "discounted": discounted, "spread": spread});
        fixture::found(Problem::FreePartCanBeKept, json!({"discount": discount}))
    };
    assert_eq!(found("discounted", 1), ["promos[0].discount.spread"]);
    assert!(found("discounted", 3).is_empty());
    assert!(found("group", 1).is_empty());
}
